"""Starts programs for a test, and learns on which port they listen."""

import re
import socket
import subprocess
import threading

LISTENING = r"msg=s\w+ing .*?(?:port=|address=\S*:)(\d+)"


def free_port():
    """A port on loopback that nothing listens on now."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return reserved.getsockname()[1]


def start(command, saying=LISTENING):
    """The process and the address that it says it listens on."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = ""
    for line in process.stdout:
        said += line
        found = re.search(saying, line)
        if found:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, f"http://127.0.0.1:{found[1]}"
    raise RuntimeError(f"{command} did not start: {said}")
