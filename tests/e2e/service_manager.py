#!/usr/bin/env python3
"""Stands in for systemd: what the daemon says by sd_notify(3), and a socket that it is handed over.

    service_manager.py INFEROMETER
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

CONFIGURATION = "providers: []\nworkloads: []\nprobes: []\n"
PATIENCE = 30

# Its process' number must be in the environment before it starts: a shell knows it and stays the same
# process.
EXEC_WITH_PID = 'export LISTEN_PID=$$ WATCHDOG_PID=$$; exec "$@"'


class Manager:
    """Starts the daemon with a notification socket, and takes what it says."""

    def __init__(self, binary, folder, environment, sockets=()):
        path = folder / "notify"
        path.unlink(missing_ok=True)
        self._notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notifications.bind(str(path))
        self._notifications.settimeout(PATIENCE)
        self.configuration = folder / "inferometer.yml"
        self.configuration.write_text(CONFIGURATION)
        # What is handed over is number 3, wherever this program has it.
        redirections = "".join(f" {3 + i}<&{each.fileno()}" for i, each in enumerate(sockets))
        self.process = subprocess.Popen(
            ["sh", "-c", EXEC_WITH_PID + redirections, "sh", binary,
             f"--config.file={self.configuration}", "--web.listen-address=127.0.0.1:0"],
            env={**os.environ, "NOTIFY_SOCKET": str(path), **environment},
            pass_fds=[each.fileno() for each in sockets])

    def next(self):
        return self._notifications.recv(4096).decode()

    def next_but_watchdog(self):
        while (said := self.next()) == "WATCHDOG=1":
            pass
        return said

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        said = self.next_but_watchdog()
        assert said == "STOPPING=1", said
        assert self.process.wait(PATIENCE) == 0


def says_how_it_fares(binary, folder):
    manager = Manager(binary, folder, {"WATCHDOG_USEC": "400000"})
    assert manager.next() == "READY=1"
    assert [manager.next() for _ in range(3)] == ["WATCHDOG=1"] * 3
    for content in (CONFIGURATION, "nonsense"):  # a file that is refused ends the reload as well
        manager.configuration.write_text(content)
        manager.process.send_signal(signal.SIGHUP)
        began = manager.next_but_watchdog()
        assert began.startswith("RELOADING=1\nMONOTONIC_USEC="), began
        assert int(began.rpartition("=")[2]) > 0
        assert manager.next_but_watchdog() == "READY=1"
    manager.end()


def serves_on_a_socket_that_it_is_handed_over(binary, folder):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        manager = Manager(binary, folder, {"LISTEN_FDS": "1"}, [listener])
        # A client that comes before the daemon is ready waits.
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/-/healthy"
        assert urllib.request.urlopen(url, timeout=PATIENCE).status == 200
        assert manager.next() == "READY=1"
        manager.end()


def refuses_what_is_no_listening_socket(binary, folder):
    with socket.socket(socket.AF_UNIX) as useless:
        manager = Manager(binary, folder, {"LISTEN_FDS": "1"}, [useless])
        assert manager.process.wait(PATIENCE) == 1


def ignores_what_is_meant_for_another_process(binary, folder):
    environment = {**os.environ, "NOTIFY_SOCKET": "", "LISTEN_PID": "1", "LISTEN_FDS": "9"}
    process = subprocess.Popen(
        [binary, f"--config.file={folder / 'inferometer.yml'}", "--web.listen-address=127.0.0.1:0"],
        env=environment, stderr=subprocess.PIPE, text=True)
    assert any("msg=serving" in line for line in process.stderr)
    process.terminate()
    assert process.wait(PATIENCE) == 0


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for test in (says_how_it_fares, serves_on_a_socket_that_it_is_handed_over,
                     refuses_what_is_no_listening_socket,
                     ignores_what_is_meant_for_another_process):
            print(test.__name__, flush=True)
            test(binary, pathlib.Path(folder))


main()
