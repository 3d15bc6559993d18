#!/usr/bin/env python3
"""Runs the daemon with simulated providers beside Prometheus and Alertmanager, as the examples in
deploy/prometheus have them, until Ctrl-C.

    stack.py INFEROMETER [--run-for SECONDS]

One provider becomes slow for two minutes of every four; what Alertmanager sends of it is printed. Needs
the programs prometheus and prometheus-alertmanager in the PATH. Their data is in a temporary folder,
which is removed at the end.
"""

import argparse
import contextlib
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "prometheus"

DAEMON, PROMETHEUS, ALERTMANAGER, WEBHOOK, SIMULATOR, DEGRADING = 9840, 9090, 9093, 9095, 9850, 9851

# Seconds, and the time to first token that the degrading provider has for as long.
TIMETABLE = [(120, "300ms"), (120, "4s")]


class Programs:
    """What runs beside this program, and ends with it."""

    def __init__(self, output=None):
        self._running = []
        self._output = output

    def start(self, *command, port):
        """Returns once the program listens on the port."""
        process = subprocess.Popen(command, stdout=self._output or subprocess.DEVNULL,
                                   stderr=subprocess.STDOUT)
        self._running.append(process)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with status {process.returncode}{self._log()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return process
            time.sleep(0.05)
        raise RuntimeError(f"{command[0]} does not listen on port {port}")

    def _log(self):
        """The end of what the programs have written, if that is kept."""
        if self._output is None:
            return ""
        return ":\n" + pathlib.Path(self._output.name).read_text()[-2000:]

    def end_one(self, process):
        self._running.remove(process)
        process.terminate()
        process.wait(timeout=30)

    def end(self):
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)


def serve_webhook(port, take):
    """Calls `take` with the path and each alert that Alertmanager sends to a webhook."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                take(self.path, alert)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def tell(path, alert):
    say(f"{path.strip('/')} {alert['status']}: {alert['labels']['alertname']}: "
        f"{alert['annotations']['summary']}")


def refuse_what_is_missing(binary):
    for program in (binary, "prometheus", "prometheus-alertmanager"):
        if shutil.which(program) is None:
            sys.exit(f"stack: there is no program {program}: ./dev stack installs and builds what it needs")


def refuse_taken_ports():
    for port in (DAEMON, PROMETHEUS, ALERTMANAGER, WEBHOOK, SIMULATOR, DEGRADING):
        with contextlib.closing(socket.socket()) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                sys.exit(f"stack: port {port} cannot be had: {error.strerror}: end what listens there")


def start_degrading(programs, binary, ttft):
    return programs.start(binary, "sim", f"--listen=127.0.0.1:{DEGRADING}", f"--set=ttft={ttft}",
                          port=DEGRADING)


def start_all(programs, binary, folder):
    rules = subprocess.run([binary, "rules", f"--config.file={HERE / 'inferometer.yml'}"],
                           capture_output=True, check=False)
    if rules.returncode != 0:
        raise RuntimeError(f"{binary} rules failed: {rules.stderr.decode()}")
    (folder / "slos.yml").write_bytes(rules.stdout)
    for example in EXAMPLES.glob("*.yml"):
        shutil.copy(example, folder)
    programs.start(binary, "sim", f"--listen=127.0.0.1:{SIMULATOR}", port=SIMULATOR)
    programs.start(binary, f"--config.file={HERE / 'inferometer.yml'}", port=DAEMON)
    programs.start("prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}",
                   f"--storage.path={folder / 'alertmanager'}", "--cluster.listen-address=",
                   f"--web.listen-address=127.0.0.1:{ALERTMANAGER}", port=ALERTMANAGER)
    programs.start("prometheus", f"--config.file={folder / 'prometheus.yml'}",
                   f"--storage.tsdb.path={folder / 'prometheus'}",
                   "--enable-feature=native-histograms,exemplar-storage",
                   f"--web.listen-address=127.0.0.1:{PROMETHEUS}", port=PROMETHEUS)


def degrade(programs, binary, end):
    """Goes through the timetable again and again, until the time `end`."""
    process = None
    while True:
        for seconds, ttft in TIMETABLE:
            if process is not None:
                programs.end_one(process)
            process = start_degrading(programs, binary, ttft)
            say(f"the provider \"degrading\" has a time to first token of {ttft}")
            time.sleep(max(0, min(seconds, end - time.monotonic())))
            if time.monotonic() >= end:
                return


def main():
    parser = argparse.ArgumentParser(description="The daemon beside Prometheus and Alertmanager")
    parser.add_argument("binary", help="the program inferometer")
    parser.add_argument("--run-for", type=float, default=float("inf"), metavar="SECONDS")
    options = parser.parse_args()
    refuse_what_is_missing(options.binary)
    refuse_taken_ports()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as cleanup:
        folder = pathlib.Path(name)
        programs = Programs(cleanup.enter_context((folder / "log").open("w")))
        cleanup.callback(programs.end)
        serve_webhook(WEBHOOK, tell)
        start_all(programs, options.binary, folder)
        print(f"status page   http://127.0.0.1:{DAEMON}/\n"
              f"Prometheus    http://127.0.0.1:{PROMETHEUS}/alerts\n"
              f"Alertmanager  http://127.0.0.1:{ALERTMANAGER}/\n"
              "What Alertmanager sends is printed here; Ctrl-C ends it all.", flush=True)
        degrade(programs, options.binary, time.monotonic() + options.run_for)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # which the programs would take for a reload
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        say("ended")
    except (RuntimeError, OSError) as error:
        sys.exit(f"stack: {error}")
