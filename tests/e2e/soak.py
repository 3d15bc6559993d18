#!/usr/bin/env python3
"""A soak of the daemon: 100 probes at 1 s on the simulator, a third of them with faults, a reload of
a changed configuration each minute, and 64 clients that read /metrics slowly. One line a minute shows
what must stay flat (memory, descriptors, series) and what must add up (attempts + skips = ticks). The
exit status is 1 if something does not: a tick was lost, the series changed, or memory or descriptors at
the end are over 1.2 times the most of minutes 5 to 10.

usage: soak.py BINARY [MINUTES]
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PORT, SIMULATOR_PORT = 19840, 19850
PROBES, CLIENTS = 100, 64
FAULTS = ["status_500", "hang_before_headers", "status_429", "garbage", "html", "json_error_200",
          "status_401", "status_503"]


def configuration(generation):
    lines = ["providers:"]
    for probe in range(PROBES):
        headers = f"X-Sim-Ttft: 50ms, X-Sim-Itl: 5ms, X-Generation: \"{generation}\""
        if probe % 3 == 0:
            headers += f", X-Sim-Fault: {FAULTS[probe // 3 % len(FAULTS)]}"
        lines.append(f"  - {{name: p{probe}, protocol: openai-chat, models: [gpt-4o], headers: {{{headers}}}, "
                     f"base_url: \"http://127.0.0.1:{SIMULATOR_PORT}/gpt-4o/v1\"}}")
    names = ", ".join(f"p{probe}" for probe in range(PROBES))
    lines.append("workloads: [{name: w, input_tokens: 32, output_tokens: 16}]")
    lines.append(f"probes: [{{providers: [{names}], workloads: [w], interval: 1s, "
                 "timeouts: {total: 5s}}]")
    return "\n".join(lines) + "\n"


def read_slowly(stopping):
    while not stopping.is_set():
        try:
            with socket.create_connection(("127.0.0.1", PORT), timeout=5) as client:
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                end = time.monotonic() + 20
                while time.monotonic() < end and client.recv(512):
                    if stopping.wait(0.5):
                        return
        except OSError:
            stopping.wait(0.5)


def fetch(path, method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def total(page, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
               if line.startswith((name + "{", name + " ")))


def report(minute, page):
    """Prints the figures of a minute, and returns those that are judged."""
    attempts, skips, open_now = (total(page, f"llm_probe_{name}")
                                 for name in ("attempts_total", "skipped_total", "in_flight"))
    figures = {"mebibytes": total(page, "process_resident_memory_bytes") / 2**20,
               "descriptors": total(page, "process_open_fds"),
               "series": sum(1 for line in page.splitlines() if not line.startswith("#")),
               "ticks": attempts + skips + open_now,
               "seconds": time.time() - total(page, "process_start_time_seconds")}
    print(f"minute {minute}: {figures['mebibytes']:.1f} MiB, {figures['descriptors']:.0f} descriptors, "
          f"{figures['series']} series, "
          f"{attempts:.0f} attempts ({total(page, 'llm_probe_failures_total'):.0f} failed, "
          f"{total(page, 'llm_probe_suspect_total'):.0f} suspect) + {skips:.0f} skips + "
          f"{open_now:.0f} open = {figures['ticks']:.0f} ticks in {figures['seconds']:.1f} s",
          flush=True)
    return figures


def problems(minutes):
    """What did not stay flat or add up in the figures of all minutes."""
    last, settled = minutes[-1], minutes[4:10] or minutes
    found = [f"{name} grew from {most:.1f} to {last[name]:.1f}" for name in ("mebibytes", "descriptors")
             if last[name] > 1.2 * (most := max(figures[name] for figures in settled))]
    if any(figures["series"] != last["series"] for figures in minutes[1:]):
        found.append("the number of series changed")
    # The first tick of a probe is within an interval of the start, which takes up to two seconds.
    missing = PROBES * last["seconds"] - last["ticks"]
    if not 0 <= missing <= 3 * PROBES:
        found.append(f"{missing:.0f} ticks are missing")
    return found


def main():
    binary, minutes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    stopping = threading.Event()
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "inferometer.yml"
        file.write_text(configuration(0))
        simulator = subprocess.Popen(
            [binary, "sim", f"--listen=127.0.0.1:{SIMULATOR_PORT}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon = subprocess.Popen(
            [binary, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{PORT}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(CLIENTS):
                threading.Thread(target=read_slowly, args=(stopping,), daemon=True).start()
            for minute in range(1, minutes + 1):
                time.sleep(60)
                if simulator.poll() is not None:
                    raise RuntimeError("the simulator has ended")
                seen.append(report(minute, fetch("/metrics")))
                file.write_text(configuration(minute))
                fetch("/-/reload", "POST")
        finally:
            stopping.set()
            begin = time.monotonic()
            daemon.terminate()
            status = daemon.wait(60)
            simulator.terminate()
            print(f"exit status {status} {time.monotonic() - begin:.1f} s after SIGTERM")
    found = problems(seen) + ([f"exit status {status}"] if status != 0 else [])
    for problem in found:
        print(f"PROBLEM: {problem}")
    return 1 if found else 0


sys.exit(main())
