#!/usr/bin/env python3
"""What a daemon costs by the number of its probes: the table in docs/operations.md. Probes the simulator,
each target every 30 s, with streams of 64 tokens.

    benchmarks/sizing.py build/release/src/inferometer [PROBES...]
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from fakes.processes import free_port

INTERVAL = 30
MEASURED = 60  # seconds, after each target has been asked once

CONFIGURATION = """
defaults: {{interval: {interval}s}}
providers:
  - {{name: simulated, protocol: openai-chat, base_url: "http://127.0.0.1:{sim}/v1", models: [{models}]}}
workloads: [{{name: chat, input_tokens: 64, output_tokens: 64}}]
probes: [{{providers: [simulated], workloads: [chat]}}]
histograms: {{classic: {classic}}}
web: {{listen: ["127.0.0.1:{port}"]}}
"""


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as reply:
        return reply.read().decode()


def value(metrics, name):
    return float(re.search(rf"(?m)^{name} (\S+)$", metrics)[1])


def wait_for(port, ready):
    deadline = time.monotonic() + 4 * INTERVAL
    while time.monotonic() < deadline:
        try:
            if ready(scrape(port)):
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError("the daemon does not get ready")


def measure(binary, probes, classic, folder):
    sim, port = free_port(), free_port()
    file = folder / "inferometer.yml"
    file.write_text(CONFIGURATION.format(interval=INTERVAL, sim=sim, port=port, classic=classic,
                                         models=",".join(f"m{i}" for i in range(probes))))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([binary, "sim", f"--listen=127.0.0.1:{sim}"], **quiet) as simulator, \
            subprocess.Popen([binary, f"--config.file={file}"], **quiet) as daemon:
        try:
            wait_for(port, lambda text: text.count("llm_probe_success{") == probes
                     and len(re.findall(r"(?m)^llm_probe_success\{[^}]*\} 1$", text)) > probes * 0.9)
            before = scrape(port)
            time.sleep(MEASURED)
            after = scrape(port)
            lines = sum(not line.startswith("#") for line in after.splitlines())
            # A native histogram is one series, and three lines of this page.
            return {
                "series": lines if classic == "true" else lines - 2 * after.count("_bucket{"),
                "page": len(after) / 1e6,
                "resident": value(after, "process_resident_memory_bytes") / 2**20,
                "cpu": (value(after, "process_cpu_seconds_total")
                        - value(before, "process_cpu_seconds_total")) / MEASURED,
            }
        finally:
            daemon.terminate()
            simulator.terminate()


def main():
    binary, *counts = sys.argv[1:]
    print("| probes, each 30 s | histograms | series | page | resident | CPU |\n|---|---|---|---|---|---|")
    for probes in [int(each) for each in counts] or (10, 100, 1000):
        for classic, name in (("true", "classic"), ("false", "native only")):
            with tempfile.TemporaryDirectory() as folder:
                cost = measure(binary, probes, classic, pathlib.Path(folder))
            print(f"| {probes:,} | {name} | {cost['series']:,} | {cost['page']:.1f} MB "
                  f"| {cost['resident']:.0f} MiB | {cost['cpu']:.1%} of a CPU |", flush=True)


if __name__ == "__main__":
    main()
