#!/usr/bin/env python3
"""Pages somebody: the daemon, real Prometheus and real Alertmanager with the rules of
`inferometer rules` and the example of deploy/prometheus, whose times are all shortened by FACTOR.

    alerts.py INFEROMETER

A provider that is down from the start, one that answers 429 only, and one that becomes slow must each
reach the pager's webhook within the time that its burn rate predicts, and the last one must be resolved
after it is fast again. A healthy provider pages nobody. The stock alerts are there too, as they are.
Prometheus ingests native histograms, which promtool's tests cannot have.
"""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

DEPLOY = pathlib.Path(__file__).resolve().parent.parent.parent / "deploy" / "prometheus"
sys.path.append(str(DEPLOY.parent / "stack"))
from stack import Programs, serve_webhook

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from fakes.processes import free_port

FACTOR = 60

# A probe each second stands for one a minute. An SLO of 99 % pages when 14.4 % of an hour are bad: nine
# attempts, or fewer while Prometheus knows less than six hours.
CONFIGURATION = """
defaults: {{interval: 1s, max_in_flight: 4, timeouts: {{connect: 500ms, first_token: 900ms, total: 2s}}}}
providers:
  - {{name: healthy, protocol: openai-chat, base_url: "http://127.0.0.1:{sim}/v1", models: [m]}}
  - {{name: changing, protocol: openai-chat, base_url: "http://127.0.0.1:{changing}/v1", models: [m]}}
  - {{name: down, protocol: openai-chat, base_url: "http://127.0.0.1:{closed}/v1", models: [m]}}
  - name: limited
    protocol: openai-chat
    base_url: "http://127.0.0.1:{sim}/v1"
    models: [m]
    headers: {{X-Sim-Fault: status_429}}
workloads: [{{name: chat, input_tokens: 16, output_tokens: 4}}]
probes: [{{providers: [healthy, changing, down, limited], workloads: [chat]}}]
slos:
  - {{name: ttft, objective: 99, sli: {{ttft_below: 250ms}}}}
"""

ATTEMPTS = 9

# What may pass between the last attempt that it takes and the webhook: a scrape, two evaluations, the wait
# for a group, and the machine.
SLACK = 15


def shorten(text):
    """Every duration of the rules' windows, and of an example's settings, by FACTOR."""
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}

    def shorter(found):
        value = max(1, int(found[2]) * seconds[found[3]] // FACTOR)
        return f"{found[1]}{value}s{found[4]}"

    text = re.sub(r"(\[)(\d+)([smhd])(\])", shorter, text)
    return re.sub(r"((?:wait|interval|for): \"?)(\d+)([smhd])()", shorter, text)


class Webhook:
    """Takes the pager's and the tracker's notifications, with their times."""

    def __init__(self):
        self.received = []
        self.port = serve_webhook(0, self.take).server_port

    def take(self, path, alert):
        self.received.append((time.monotonic(), path, alert))

    def of_slos(self):
        """The stock alerts have a test of their own, and their times are not shortened here."""
        return [each for each in list(self.received)
                if each[2]["labels"]["alertname"].startswith("InferometerSLO")]

    def wait_for(self, provider, status, since, patience, path="/page"):
        """Seconds from `since` until such a notification came; fails the test without one."""
        while time.monotonic() < since + patience:
            for at, where, alert in self.of_slos():
                if (at >= since and where == path and alert["status"] == status
                        and alert["labels"].get("provider") == provider):
                    return at - since
            time.sleep(0.1)
        sys.exit(f"FAILED: {provider} is not {status} within {patience} s: {self.received}")


def write_files(folder, binary, ports, webhook):
    (folder / "inferometer.yml").write_text(CONFIGURATION.format(**ports))
    rules = subprocess.run([binary, "rules", f"--config.file={folder / 'inferometer.yml'}"],
                           check=True, capture_output=True, text=True).stdout
    (folder / "slos.yml").write_text(shorten(rules))
    prometheus = shorten((DEPLOY / "prometheus.yml").read_text())
    prometheus = prometheus.replace("scrape_interval: 1s", "scrape_interval: 500ms")
    for default, port in (("9093", ports["alertmanager"]), ("9840", ports["daemon"])):
        prometheus = prometheus.replace(f"localhost:{default}", f"127.0.0.1:{port}")
    (folder / "prometheus.yml").write_text(prometheus)
    shutil.copy(DEPLOY / "alerts.yml", folder)
    alertmanager = shorten((DEPLOY / "alertmanager.yml").read_text())
    (folder / "alertmanager.yml").write_text(
        alertmanager.replace("localhost:9095", f"127.0.0.1:{webhook.port}"))
    for file in ("prometheus.yml", "slos.yml", "alerts.yml"):
        kind = "config" if file == "prometheus.yml" else "rules"
        subprocess.run(["promtool", "check", kind, folder / file], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["amtool", "check-config", DEPLOY / "alertmanager.yml"], check=True,
                   stdout=subprocess.DEVNULL)


def start_all(programs, folder, binary, ports):
    programs.start(binary, "sim", f"--listen=127.0.0.1:{ports['sim']}", "--set=ttft=20ms",
                   "--set=itl=5ms", port=ports["sim"])
    programs.start("prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}",
                   f"--storage.path={folder / 'alertmanager'}", "--cluster.listen-address=",
                   f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
                   port=ports["alertmanager"])
    programs.start("prometheus", f"--config.file={folder / 'prometheus.yml'}",
                   f"--storage.tsdb.path={folder / 'prometheus'}",
                   "--enable-feature=native-histograms",
                   f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
                   port=ports["prometheus"])
    changing = start_changing(programs, binary, ports, "20ms")
    programs.start(binary, f"--config.file={folder / 'inferometer.yml'}",
                   f"--web.listen-address=127.0.0.1:{ports['daemon']}", port=ports["daemon"])
    return changing


def start_changing(programs, binary, ports, ttft):
    return programs.start(binary, "sim", f"--listen=127.0.0.1:{ports['changing']}",
                          f"--set=ttft={ttft}", "--set=itl=5ms", port=ports["changing"])


def ask(ports, path):
    url = f"http://127.0.0.1:{ports['prometheus']}/api/v1/{path}"
    with urllib.request.urlopen(url, timeout=5) as reply:
        return json.load(reply)["data"]


def wait_for_events(ports, provider, count):
    """Until Prometheus knows of so many events of the provider."""
    query = f"query?query=sum(llm_probe_slo_events_total%7Bprovider%3D%22{provider}%22%7D)"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        result = ask(ports, query)["result"]
        if result and float(result[0]["value"][1]) >= count:
            return
        time.sleep(0.2)
    sys.exit(f"FAILED: {provider} has too few events")


def check_recordings(ports):
    """Each recording rule of the SLOs has a series of each provider."""
    for group in ask(ports, "rules")["groups"]:
        for rule in group["rules"]:
            if rule["type"] == "recording" and group["name"].startswith("sloth-"):
                series = ask(ports, f"query?query={urllib.parse.quote(rule['name'])}")["result"]
                providers = {each["metric"]["provider"] for each in series}
                assert providers == {"healthy", "changing", "down", "limited"}, (rule["name"], series)


def check_stock_alerts(ports):
    """They work on the series that the daemon really has, and TTFT on native histograms."""
    rules = [rule for group in ask(ports, "rules")["groups"] for rule in group["rules"]]
    bad = [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"]
    assert not bad, bad
    down = {alert["labels"]["provider"] for alert in ask(ports, "alerts")["alerts"]
            if alert["labels"]["alertname"] == "InferometerTargetDown"}
    assert down == {"down", "limited"}, down
    means = {each["metric"]["provider"]: float(each["value"][1]) for each in
             ask(ports, "query?query=llm_probe:ttft_seconds:mean1h")["result"]}
    assert 0.02 <= means["healthy"] < 0.1, means


def main(binary):
    webhook = Webhook()
    programs = Programs()
    ports = {name: free_port()
             for name in ("sim", "changing", "closed", "daemon", "prometheus", "alertmanager")}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as cleanup:
        cleanup.callback(programs.end)
        folder = pathlib.Path(name)
        write_files(folder, binary, ports, webhook)
        changing = start_all(programs, folder, binary, ports)
        started = time.monotonic()
        # Down since the start: there is nothing healthy in its windows, so the third failure is enough.
        for provider, attempts, interval in (("down", 3, 1), ("limited", 3, 3)):
            took = webhook.wait_for(provider, "firing", started, attempts * interval + 30 + SLACK)
            print(f"{provider} paged after {took:.1f} s")
        wait_for_events(ports, "changing", 45)
        programs.end_one(changing)
        changing = start_changing(programs, binary, ports, "600ms")
        slow_since = time.monotonic()
        took = webhook.wait_for("changing", "firing", slow_since, ATTEMPTS + SLACK)
        print(f"changing paged {took:.1f} s after it became slow")
        programs.end_one(changing)
        start_changing(programs, binary, ports, "20ms")
        took = webhook.wait_for("changing", "resolved", time.monotonic(), 30 + SLACK)
        print(f"changing was resolved {took:.1f} s after it was fast again")
        paged = {alert["labels"].get("provider") for _, _, alert in webhook.of_slos()}
        assert paged == {"down", "limited", "changing"}, paged
        check_recordings(ports)
        check_stock_alerts(ports)


if __name__ == "__main__":
    main(sys.argv[1])
