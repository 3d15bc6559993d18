#!/usr/bin/env python3
"""Loses segments of an answer on purpose, and checks when `inferometer probe` says that its texts came.

    lost_segments.py INFEROMETER

Plays the server's TCP by hand, on a TUN device in a network namespace of its own, so that each segment
goes out when and in what order the case says. TCP hands over in order: a text has come when the last
segment before it has. The exit status is 1 if a text is reported more than 20 ms off, and 77 if this system
allows no such device.
"""

import fcntl
import json
import os
import re
import select
import struct
import subprocess
import sys
import time

SKIPPED = 77
ALLOWED_SECONDS = 0.02  # this program may be held up between its clock and a send
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SYN, ACK, PUSH_ACK, FIN_ACK = 0x02, 0x10, 0x18, 0x11
OURS, THEIRS, PORT = bytes([10, 77, 0, 2]), bytes([10, 77, 0, 1]), 8000

# What goes out: the number of a segment, or a pause in milliseconds after it. 0 is the head, 1 to 5 are
# texts, 6 is the end.
CASES = {
    "one text is lost and sent again": [(0, 20), (2, 200), (1, 30), (3, 30), (4, 30), (5, 30), (6, 0)],
    "two texts of one flight are lost": [(0, 20), (2, 10), (4, 170), (1, 60), (3, 90), (5, 30), (6, 0)],
    "the last text is lost": [(0, 20), (1, 20), (2, 20), (3, 20), (4, 20), (6, 230), (5, 0)],
    "a text overtakes another": [(0, 20), (1, 20), (3, 40), (2, 20), (4, 20), (5, 20), (6, 0)],
}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Peer:
    """The server's end of one TCP connection, without any retransmission of its own."""

    def __init__(self):
        try:
            self.tun = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH", b"lossy", IFF_TUN | IFF_NO_PI))
        except OSError as error:
            print(f"no TUN device: {error}")
            sys.exit(SKIPPED)
        for command in ("addr add 10.77.0.1/24 dev lossy", "link set lossy up"):
            subprocess.run(["ip", *command.split()], check=True)
        self.port = 0
        self.acknowledged = 0

    def send(self, sequence, flags, data=b"", options=b""):
        header = struct.pack("!HHIIBBHHH", PORT, self.port, sequence, self.acknowledged,
                             (20 + len(options)) // 4 << 4, flags, 65000, 0, 0) + options
        pseudo = OURS + THEIRS + struct.pack("!BBH", 0, 6, len(header) + len(data))
        header = header[:16] + struct.pack("!H", checksum(pseudo + header + data)) + header[18:]
        size = 20 + len(header) + len(data)
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0x4000, 64, 6, 0, OURS, THEIRS)
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        os.write(self.tun, ip + header + data)

    def receive(self, seconds):
        """The next segment for us as (port, sequence, flags, data), or None."""
        if not select.select([self.tun], [], [], seconds)[0]:
            return None
        packet = os.read(self.tun, 70000)
        if packet[0] >> 4 != 4 or packet[9] != 6:
            return None
        tcp = packet[(packet[0] & 15) * 4:]
        port, _, sequence, _, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
        return port, sequence, flags, tcp[(offset >> 4) * 4:]

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.receive(left)

    def take_request(self):
        """Accepts the next connection and reads its request; returns the next sequence number."""
        while True:
            segment = self.receive(5)
            if segment and segment[2] & SYN:
                break
        self.port, self.acknowledged = segment[0], segment[1] + 1
        sequence = 1000
        selective_acknowledgements = b"\x02\x04\x05\xb4\x01\x01\x04\x02"
        self.send(sequence, SYN | ACK, options=selective_acknowledgements)
        request = b""
        while not is_whole(request):
            segment = self.receive(5)
            if segment and segment[0] == self.port and segment[3]:
                request += segment[3]
                self.acknowledged = segment[1] + len(segment[3])
                self.send(sequence + 1, ACK)
        return sequence + 1


def is_whole(request):
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head.lower())
    return length is not None and len(body) >= int(length.group(1))


def event(text, finish_reason=None):
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def segments():
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    texts = [event(text) for text in ("one ", "two ", "three ", "four ", "five ")]
    return [head, *texts, event("", "stop") + b"data: [DONE]\n\n"]


def play(peer, case):
    """Answers one request; returns when each text could be read, since the first segment went out."""
    sequence = peer.take_request()
    pieces, starts = segments(), []
    for piece in pieces:
        starts.append(sequence)
        sequence += len(piece)
    sent = {}
    for number, pause_ms in case:
        sent[number] = time.monotonic()
        peer.send(starts[number], PUSH_ACK, pieces[number])
        peer.wait(pause_ms / 1000)
    peer.send(sequence, FIN_ACK)
    readable = [max(sent[before] for before in range(number + 1)) for number in range(1, 6)]
    return sorted({moment - sent[0] for moment in readable})


def check(peer, binary, name, case):
    command = [binary, "probe", "--url=http://10.77.0.2:8000/v1", "--model=m", "--json",
               "--timeout.total=10s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as probe:
        true = play(peer, case)
        peer.wait(0.2)
        report = json.loads(probe.communicate(timeout=20)[0])
    began = report["timeline"]["headers"]
    seen = [arrival - began for arrival in report["content_arrivals"]]
    good = len(seen) == len(true) and all(
        abs(one - other) <= ALLOWED_SECONDS for one, other in zip(seen, true))
    good = good and report["connection"]["tcp"]["out_of_order"] > 0
    print(f"{'good' if good else 'WRONG'}: {name}: shown {listed(seen)}; true {listed(true)} ms", flush=True)
    return good


def listed(moments):
    return ", ".join(f"{moment * 1000:.1f}" for moment in moments)


def main():
    if "--inside" not in sys.argv:
        namespace = ["unshare", "--net", "--map-root-user"]
        if subprocess.run([*namespace, "true"], check=False).returncode != 0:
            namespace = ["unshare", "--net"]
        if subprocess.run([*namespace, "true"], check=False).returncode != 0:
            print("no network namespace of one's own")
            sys.exit(SKIPPED)
        os.execvp(namespace[0], [*namespace, sys.executable, __file__, *sys.argv[1:], "--inside"])
    peer = Peer()
    results = [check(peer, sys.argv[1], name, case) for name, case in CASES.items()]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
