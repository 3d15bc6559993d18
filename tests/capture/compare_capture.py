#!/usr/bin/env python3
"""Compares what `inferometer probe` reports with what tcpdump captured of the same attempts.

    compare_capture.py INFEROMETER URL ATTEMPTS [ARGUMENT-OF-PROBE...]
    compare_capture.py build/release/src/inferometer http://127.0.0.1:8080/v1 200 --model any

The server, which may be a real one such as llama-server, is on 127.0.0.1 and speaks openai-chat over
HTTP/1.1 in clear text; nobody else talks to it meanwhile. Needs tcpdump, and root for it.

From the packets alone this finds when the request's first segment came by, and for each event with text
the segment that holds its last byte. The time to first token, the gaps between texts and the time per
output token follow from that. Only differences of tcpdump's stamps count, not its clock.

Prints how far each figure that Inferometer keeps lies from the captured one, in microseconds: `off`.
Where Inferometer gives the figure an error bound, `beyond` is off less that bound. The exit status is 1
if a figure is beyond by more than 50 us, if the two do not agree on the number of texts or connections,
or if nothing was compared.

On loopback tcpdump and the socket have a stamp each, taken one after the other while the kernel delivers
the segment. On a busy virtual machine an interruption between the two can take more than 50 us, with any
program: run this on an idle one.
"""

import bisect
import collections
import itertools
import json
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

ALLOWED_US = 50.0
SAME_MOMENT_US = 10.0  # what two stamps of one segment differ by, as a rule
PCAP_HEADER_BYTES = 24
FLUSH_SECONDS = 2  # tcpdump reads its ring once a second

Segment = collections.namedtuple("Segment", "time_ns source target sequence opens payload")
Difference = collections.namedtuple("Difference", "off_us bound_us")


class NotComparable(Exception):
    """An attempt that says nothing, and why."""


def capture(port, work):
    """What `work` returns, and the segments that passed on loopback meanwhile."""
    options = ["-i", "lo", "-s", "0", "-B", "65536", "--time-stamp-precision=nano", "-w", "-"]
    with tempfile.TemporaryFile() as file:
        tcpdump = subprocess.Popen(["tcpdump", *options, f"ip and tcp port {port}"], stdout=file,
                                   stderr=subprocess.PIPE, text=True)
        said = tcpdump.stderr.readline()
        if "listening on" not in said:
            sys.exit(said)
        try:
            result = work()
            time.sleep(FLUSH_SECONDS)
        finally:
            tcpdump.send_signal(signal.SIGINT)
        if "\n0 packets dropped by kernel" not in tcpdump.communicate()[1]:
            sys.exit("tcpdump lost packets")
        file.seek(PCAP_HEADER_BYTES)
        return result, list(read_segments(file))


def read_segments(file):
    while head := file.read(16):
        seconds, nanoseconds, captured, _ = struct.unpack("=IIII", head)
        yield segment_of(file.read(captured), seconds * 10**9 + nanoseconds)


def segment_of(frame, time_ns):
    ip = 14
    tcp = ip + (frame[ip] & 15) * 4
    end = ip + int.from_bytes(frame[ip + 2 : ip + 4], "big")
    source, target, sequence, _, head, flags = struct.unpack_from("!HHIIBB", frame, tcp)
    opens = flags & 0x12 == 0x02  # SYN without ACK
    return Segment(time_ns, source, target, sequence, opens, frame[tcp + (head >> 4) * 4 : end])


def connections_of(segments, port):
    """The segments with data of each connection, in the order in which they were opened."""
    connections, current = [], {}
    for segment in segments:
        client = segment.source if segment.target == port else segment.target
        if segment.opens:
            connections.append([])
            current[client] = connections[-1]
        if segment.payload and client in current:
            current[client].append(segment)
    return connections


def reassembled(segments):
    """The bytes of one direction, and the time of each."""
    stream, times = bytearray(), []
    for segment in segments:
        offset = (segment.sequence - segments[0].sequence) % 2**32
        if offset > len(stream):
            raise NotComparable("segments are missing or out of order")
        fresh = segment.payload[len(stream) - offset :]
        stream += fresh
        times += [segment.time_ns] * len(fresh)
    return stream, times


def without_chunks(stream, times):
    """The body of the answer, and the time of each of its bytes."""
    at = stream.index(b"\r\n\r\n") + 4
    if b"transfer-encoding: chunked" not in stream[:at].lower():
        raise NotComparable("the answer is not chunked")
    body, body_times = bytearray(), []
    while True:
        begin = stream.index(b"\r\n", at) + 2
        end = begin + int(stream[at:begin].split(b";")[0], 16)
        if begin == end:
            return body, body_times
        body += stream[begin:end]
        body_times += times[begin:end]
        at = end + 2


def text_times(body, times):
    """The time of the last byte of each event with text."""
    found, begin = [], 0
    while (end := body.find(b"\n\n", begin)) >= 0:
        data = body[begin:end].removeprefix(b"data:").strip()
        begin = end + 2
        if data.startswith(b"{") and any(c["delta"].get("content") for c in json.loads(data)["choices"]):
            found.append(times[end + 1])
    return found


def captured_texts(connection, port):
    """When each text came, in us after the request's first segment."""
    begin = next(segment.time_ns for segment in connection if segment.target == port)
    answer = reassembled([segment for segment in connection if segment.source == port])
    return [(at - begin) / 1e3 for at in text_times(*without_chunks(*answer))]


def grouped(texts, arrivals):
    """The captured times of the texts in each of the reported arrivals, which may hold several."""
    if len(texts) == len(arrivals):
        return [[text] for text in texts]
    groups = [[] for _ in arrivals]
    for text in texts:
        groups[min(bisect.bisect_left(arrivals, text - SAME_MOMENT_US), len(arrivals) - 1)].append(text)
    if not all(groups):
        raise NotComparable("arrivals too close to each other to tell which text was in which")
    return groups


def differences(report, texts):
    """(figure, Difference) of each figure that Inferometer keeps of this attempt."""
    bounds, limit_us = report["error_bounds_seconds"], report["max_error_seconds"] * 1e6
    yield "TTFT", Difference(report["ttft_seconds"] * 1e6 - texts[0], bounds["ttft"] * 1e6)

    begin = report["timeline"]["request_begin"]
    arrivals = [(at - begin) * 1e6 for at in report["content_arrivals"]]
    slacks = report.get("content_arrival_slacks", [(0.0, 0.0)] * len(arrivals))
    gaps = []
    ends = zip(arrivals, grouped(texts, arrivals), slacks, strict=True)
    for (at, group, (_, slack)), (next_at, next_group, (next_slack, _)) in itertools.pairwise(ends):
        gap = Difference(next_at - at - (next_group[0] - group[-1]), (slack + next_slack) * 1e6)
        if gap.bound_us <= limit_us:
            gaps.append(("ITL", gap))
    if len(arrivals) - 1 - len(gaps) == report["gaps_lost"]:  # else too many are lost to keep any
        yield from gaps

    if "time_per_output_token_seconds" in report and bounds["text_span"] * 1e6 <= limit_us:
        gaps_of_tokens = report["usage"]["output"] - 1
        off_us = report["time_per_output_token_seconds"] * 1e6 - (texts[-1] - texts[0]) / gaps_of_tokens
        yield "TPOT", Difference(off_us, bounds["text_span"] * 1e6 / gaps_of_tokens)


def compared(report, connection, port):
    if report["outcome"] != "success":
        raise NotComparable(f"{report['outcome']}: {report['detail']}")
    for flag in ("suspect", "buffered"):
        if report[flag]:
            raise NotComparable(flag)
    texts = captured_texts(connection, port)
    if len(texts) != report["content_events"]:
        sys.exit(f"{report['id']}: {report['content_events']} texts reported, {len(texts)} captured")
    return list(differences(report, texts))


def beyond_us(difference):
    return max(abs(difference.off_us) - difference.bound_us, 0.0)


def print_table(table):
    print("figure         n  off p50      p99      max  bounded  beyond max  too far")
    for figure, each in table.items():
        off = sorted(abs(one.off_us) for one in each)
        p99 = off[int(0.99 * (len(off) - 1))]
        bounded = sum(one.bound_us > 0 for one in each)
        too_far = sum(beyond_us(one) > ALLOWED_US for one in each)
        print(f"{figure:6}{len(off):10}{statistics.median(off):9.1f}{p99:9.1f}{off[-1]:9.1f}{bounded:9}"
              f"{max(map(beyond_us, each)):12.1f}{too_far:9}")


def main():
    program, url, attempts, *arguments = sys.argv[1:]
    command = [program, "probe", "--json", "--url", url, *arguments]
    port = urllib.parse.urlsplit(url).port

    def probe():
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)

    reports, segments = capture(port, lambda: [probe() for _ in range(int(attempts))])
    table, left_out = collections.defaultdict(list), collections.Counter()
    for report, connection in zip(reports, connections_of(segments, port), strict=True):
        try:
            for figure, difference in compared(report, connection, port):
                table[figure].append(difference)
        except NotComparable as reason:
            left_out[str(reason)] += 1
    print_table(table)
    for reason, count in left_out.items():
        print(f"{count} attempts left out: {reason}")
    far = any(beyond_us(one) > ALLOWED_US for each in table.values() for one in each)
    return 1 if far or not table else 0


sys.exit(main())
