#!/usr/bin/env python3
"""Asks a real Prometheus everything that the dashboards ask.

    queries.py INFEROMETER

Two servers of Prometheus, one with classic histograms and one with native ones, scrape a daemon that meets
every fault, and the demo. Each expression of each panel must give data in both, or be on the lists below with
the reason; so must the queries of variables and annotations. Names with quotes, braces, backslashes and
letters of other alphabets must choose what they name. The exit status is 1 if something does not.
"""

import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(TESTS))
from fakes.processes import free_port, start

PATIENCE = 45  # seconds until all that can have data must have some

# What has no data, as "dashboard: panel, target", and why: in the demo alone, in the daemon of this test as well,
# and what may have some or not.
EMPTY_IN_DEMO = {
    "provider: What is left of the rate limits, A": "the simulated providers tell no limits",
    "provider: Held for, A": "no simulated provider names a time before which not to ask again",
    "provider: Time to the first reasoning, A": "no simulated model reasons",
    "provider: Time to the first reasoning, B": "no simulated model reasons",
    "self-hosted: Tokens in the KV cache, A": "the simulated vLLM tells neither use nor capacity",
    "self-hosted: Tokens in the KV cache, B": "the simulated vLLM tells neither use nor capacity",
}
EMPTY = {
    "provider: Certificate expires in, A": "the simulator speaks no TLS",
    "provider: Where the time goes before the first byte, C": "the simulator speaks no TLS",
    "instrument: Measurement error, A": "it is measured every five minutes",
    "instrument: Measurement error, B": "it is measured every five minutes",
}
DEPENDS = {
    "provider: Failures by reason, A": "the demo draws its failures at random: there may be none yet",
    "instrument: Throttled, A": "only where a control group with a CPU controller is visible",
    "instrument: Stopped by CPU quotas, A": "only where a control group has a CPU quota",
    "instrument: Stopped by CPU quotas, B": "only where a control group with a CPU controller is visible",
}

ODD_NAMES = ["we\"ird {x} \\ ünï 'q' a|b (c)", "光.*+?^$[1]/"]


def configuration(simulator, vllm, sglang):
    providers = [
        {"name": ODD_NAMES[0], "base_url": f"{simulator}/deepseek-v3/v1", "headers": {"X-Sim-Rate-Limits": "on"}},
        {"name": ODD_NAMES[1], "base_url": f"{simulator}/gpt-4o/v1"},
        {"name": "down", "base_url": "http://127.0.0.1:9"},
        {"name": "limited", "base_url": f"{simulator}/deepseek-v3/v1",
         "headers": {"X-Sim-Rate-Limits": "on", "X-Sim-Fault-Rate": "rate_limit_seconds=0.5"}},
        {"name": "reasons", "base_url": f"{simulator}/vllm-h100/v1", "headers": {"X-Sim-Reasoning-Tokens": "2"}},
        {"name": "vllm", "base_url": f"{vllm}/vllm-h100/v1",
         "server_metrics": {"kind": "vllm", "url": f"{vllm}/vllm-h100/metrics", "interval": "1s"}},
        {"name": "sglang", "base_url": f"{sglang}/vllm-h100/v1",
         "server_metrics": {"kind": "sglang", "url": f"{sglang}/vllm-h100/metrics", "interval": "1s"}},
    ]
    names = [provider["name"] for provider in providers]
    text = json.dumps({  # which is YAML, too
        "defaults": {"interval": "500ms", "max_in_flight": 4},
        "providers": [{"protocol": "openai-chat", "models": ["m \"1\""], **each} for each in providers],
        "workloads": [{"name": "chat \\ short", "input_tokens": 64, "output_tokens": 8}],
        "probes": [{"providers": names, "workloads": ["chat \\ short"]}],
        "slos": [  # named as the demo's: the rules are for both
            {"name": "availability", "objective": 97, "sli": {"availability": True}},
            {"name": "ttft", "objective": 90, "sli": {"ttft_below": "500ms"}},
        ],
    })
    return text.replace("$", "$$")  # else the name of a variable follows


class Prometheus:
    def __init__(self, folder, form, features, targets):
        self.form = form
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        file = folder / f"{form}.yml"
        file.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(folder / "rules.yml")],
            "scrape_configs": [{"job_name": "inferometer", "static_configs": [{"targets": targets}]}],
        }))
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / form}",
             f"--enable-feature={features}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])

    def get(self, path, **parameters):
        url = f"{self.origin}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as reply:
                return json.load(reply)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def wait(self):
        limit = time.monotonic() + 20
        while True:
            try:
                return urllib.request.urlopen(f"{self.origin}/-/ready", timeout=5).close()
            except urllib.error.URLError:  # it does not listen yet, or says that it is not ready
                if time.monotonic() > limit:
                    raise
                time.sleep(0.1)


def escaped(values):
    """Several values, as Grafana's format `regex` writes them."""
    each = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value) for value in values]
    return each[0] if len(each) == 1 else f"({'|'.join(each)})"


def seconds(interval):
    return int(interval[:-1]) * {"s": 1, "m": 60}[interval[-1]]


def substitute(text, variables):
    """The text as Grafana sends it; a variable that there is not is an error."""
    return re.sub(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))", lambda found: variables[found[1] or found[2]], text)


def has_data(series):
    """Whether a series of an answer has a number, or a histogram with samples."""
    if "histogram" in series or "histograms" in series:
        return any(float(value["count"]) > 0 for _, value in series.get("histograms", [series.get("histogram")]))
    return any(not math.isnan(float(value)) for _, value in series.get("values", [series.get("value")]))


def ask(prometheus, panel, target, chosen):
    """The series with data that a target of a panel gets."""
    now = time.time()
    step = seconds(panel.get("interval", "5s"))
    variables = {**chosen, "window": "5m", "__range": "300s", "__interval": f"{step}s",
                 "__rate_interval": f"{max(step, 60)}s"}
    expression = substitute(target["expr"], variables)
    if target.get("instant"):
        answer = prometheus.get("query", query=expression, time=now)
    else:
        answer = prometheus.get("query_range", query=expression, start=now - 10 * step, end=now, step=step)
    return [series["metric"] for series in answer["result"] if has_data(series)]


def targets_of(dashboard):
    """Each target of a dashboard, by the name that the lists above give it."""
    name = dashboard["uid"].removeprefix("inferometer-")
    return {f"{name}: {panel['title']}, {target['refId']}": (panel, target)
            for panel in dashboard["panels"] if panel["type"] != "row" for target in panel["targets"]}


def everything(dashboards):
    return {name: asked for dashboard in dashboards for name, asked in targets_of(dashboard).items()}


def all_of(instance, provider=".*"):
    return {"provider": provider, "model": ".*", "workload": ".*", "slo": ".*", "instance": escaped([instance])}


def check_panels(servers, dashboards, daemons):
    """What is wrong with the panels, once all that can have data have had the time to get some."""
    asked = everything(dashboards)
    unknown = [f"{name}: there is no such target" for name in {**EMPTY, **EMPTY_IN_DEMO, **DEPENDS}
               if name not in asked]
    waiting = {(server, daemon, name) for server in servers for daemon in daemons for name in asked
               if name not in DEPENDS}
    expected = {(server, daemon, name) for server, daemon, name in waiting
                if name in EMPTY or (daemon == "demo" and name in EMPTY_IN_DEMO)}
    limit = time.monotonic() + PATIENCE
    while not waiting <= expected and time.monotonic() < limit:
        time.sleep(1)
        waiting = {(server, daemon, name) for server, daemon, name in waiting
                   if not ask(server, *asked[name], all_of(daemons[daemon]))}
    for name in DEPENDS:
        for server in servers:
            ask(server, *asked[name], all_of(daemons["daemon"]))
    return (unknown
            + [f"{name}: no data from the {daemon}, {server.form}" for server, daemon, name in waiting - expected]
            + [f"{name}: has data from the {daemon}, {server.form}: take it off the list"
               for server, daemon, name in expected - waiting])


def check_names(servers, dashboards, instance):
    """Whether odd names choose what they name, one alone and two together."""
    wrong = []
    compare = next(each for each in dashboards if each["uid"] == "inferometer-compare")
    for server in servers:
        for names in (ODD_NAMES[:1], ODD_NAMES[1:], ODD_NAMES):
            for what, (panel, target) in targets_of(compare).items():
                found = {series["provider"]
                         for series in ask(server, panel, target, all_of(instance, escaped(names)))}
                if found != set(names):
                    wrong.append(f"{what}: {names} chose {found}, {server.form}")
    return wrong


def check_exemplars(server, dashboards, instance):
    """Whether the points of a panel lead to measurements."""
    panel, target = everything(dashboards)["provider: TTFT percentiles, A"]
    expression = substitute(target["expr"], {**all_of(instance), "window": "5m"})
    found = server.get("query_exemplars", query=expression, start=time.time() - 60, end=time.time())
    ids = {exemplar["labels"].get("measurement_id") for series in found for exemplar in series["exemplars"]}
    url = f"http://{instance}/api/v1/measurements/{ids.pop()}" if ids else None
    if not panel["targets"][0]["exemplar"] or not url or urllib.request.urlopen(url).status != 200:
        return [f"{panel['title']}: no exemplar leads to a measurement"]
    return []


def check_variables_and_annotations(server, dashboards, instance):
    wrong = []
    for dashboard in dashboards:
        chosen = all_of(instance)
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                query = substitute(variable["query"]["query"], chosen)
                metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
                if not server.get(f"label/{label}/values", **{"match[]": metric}):
                    wrong.append(f"{dashboard['uid']}: the variable {variable['name']} has no values")
        for annotation in dashboard["annotations"]["list"]:
            times = [float(series["value"][1]) / 1000
                     for series in server.get("query", query=annotation["expr"])["result"]]
            if not all(abs(time.time() - when) < 300 for when in times):
                wrong.append(f"{dashboard['uid']}: {annotation['name']} at {times}")
            if annotation["name"] == "Inferometer started" and not times:
                wrong.append(f"{dashboard['uid']}: {annotation['name']} has no data")
    return wrong


def check_forms(servers):
    """Whether the one server has classic histograms alone, and the other native ones alone."""
    wrong = []
    for server in servers:
        for metric, form in (("llm_probe_ttft_seconds", "native"), ("llm_probe_ttft_seconds_bucket", "classic")):
            if bool(server.get("query", query=metric)["result"]) != (form == server.form):
                wrong.append(f"{metric} in the server with {server.form} histograms")
    return wrong


def run(inferometer, folder, processes):
    def started(*arguments):
        process, origin = start([inferometer, *arguments])
        processes.append(process)
        return origin

    simulators = [started("sim", "--listen=127.0.0.1:0", *more)
                  for more in ([], ["--slots=2"], ["--metrics.kind=sglang"])]
    (folder / "inferometer.yml").write_text(configuration(*simulators))
    daemon = started(f"--config.file={folder / 'inferometer.yml'}", "--web.listen-address=127.0.0.1:0")
    process, demo = start([inferometer, "demo", "--web.listen-address=127.0.0.1:0"], r"http://127.0.0.1:(\d+)/")
    processes.append(process)

    daemons = {name: urllib.parse.urlsplit(origin).netloc for name, origin in (("daemon", daemon), ("demo", demo))}
    rules = subprocess.run([inferometer, "rules", f"--config.file={folder / 'inferometer.yml'}"], check=True,
                           stdout=subprocess.PIPE)
    # Else Prometheus takes up to two minutes until it knows what is left of the budget.
    (folder / "rules.yml").write_bytes(rules.stdout.replace(b"interval: 2m", b"interval: 1s"))
    servers = [Prometheus(folder, "classic", "exemplar-storage", list(daemons.values())),
               Prometheus(folder, "native", "native-histograms", list(daemons.values()))]
    processes += [server.process for server in servers]
    for server in servers:
        server.wait()

    dashboards = [json.loads(file.read_text()) for file in sorted((TESTS.parent / "dashboards").glob("*.json"))]
    began = time.monotonic()
    wrong = check_panels(servers, dashboards, daemons)
    print(f"{len(everything(dashboards))} expressions, asked of two servers about two daemons, "
          f"had their data after {time.monotonic() - began:.0f} s")
    wrong += check_forms(servers)
    wrong += check_names(servers, dashboards, daemons["daemon"])
    wrong += check_exemplars(servers[0], dashboards, daemons["daemon"])
    wrong += check_variables_and_annotations(servers[0], dashboards, daemons["daemon"])
    return wrong


def main():
    processes = []
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            wrong = run(sys.argv[1], pathlib.Path(folder), processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    print("\n".join(sorted(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
