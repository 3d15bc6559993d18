#!/usr/bin/env python3
"""Knocks at the daemon's door: TLS, client certificates and passwords with curl and real Prometheus,
10,000 wrong passwords in a row, and certificates that are renewed, broken and expired.

    locked_door.py INFEROMETER

The exit status is 1 if somebody is let in who should not be, or kept out who should, or if the attack
reaches the probes or the health checks. The figures are printed.
"""

import base64
import contextlib
import http.client
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from fakes.processes import free_port, start

ATTEMPTS = 10_000
ATTEMPTS_BY_TLS = 2_000
# More than wait to be checked: most are refused at once and come again.
ATTACKERS = 64

# What an orchestrator waits for an answer by default.
PATIENCE = 1.0
# How late probes may become by the attack, at the 99th percentile. The attackers and the simulator take both
# CPUs of a small machine, so that any thread waits for some milliseconds; a probe that waited for a password to be
# checked would wait for longer than this.
LATENESS = 0.05

# Of "secret", with the cost that htpasswd's documentation has.
HASH = "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"

CONFIGURATION = """
defaults: {{interval: 100ms, max_in_flight: 4}}
providers: [{{name: p, protocol: openai-chat, base_url: "{sim}/v1", models: [a, b, c, d]}}]
workloads: [{{name: w, input_tokens: 16, output_tokens: 4}}]
probes: [{{providers: [p], workloads: [w]}}]
"""

ANY_SERVER = ssl._create_unverified_context()

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print(("ok: " if condition else "FAILED: ") + what, flush=True)


def eventually(condition, patience=30):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Certificates:
    """An authority of its own in a folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self.authority = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        self.openssl("req", "-x509", *self.new_key(self.key), "-days", "2", "-subj", f"/CN={name}",
                     "-out", self.authority)

    @staticmethod
    def new_key(file):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file]

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def issue(self, name, alternative_name, days=2):
        """Certificate and key; with days=0 the certificate ends the moment that it begins."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.crt.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative_name}\n")
        self.openssl("req", *self.new_key(key), "-subj", f"/CN={name}", "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.key,
                     "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key


class Site:
    """The daemon with a web configuration."""

    def __init__(self, stack, inferometer, folder, simulator, web):
        self.tls = "tls_server_config" in web
        (folder / "inferometer.yml").write_text(CONFIGURATION.format(sim=simulator))
        (folder / "web.yml").write_text(web)
        self.process, url = start([inferometer, f"--config.file={folder / 'inferometer.yml'}",
                                   f"--web.config.file={folder / 'web.yml'}",
                                   "--web.listen-address=127.0.0.1:0"])
        stack.callback(lambda: (self.process.terminate(), self.process.wait()))
        self.port = urllib.parse.urlparse(url).port

    def curl(self, path, *arguments):
        """The status as curl has it: 000 without an answer."""
        done = subprocess.run(["curl", "--silent", "--max-time", "20", "--output", "/dev/null", "--write-out",
                               "%{http_code}", *map(str, arguments), f"https://localhost:{self.port}{path}"],
                              capture_output=True, text=True)
        return done.stdout

    def get(self, path, user="alice", password="secret"):
        """Status, body and seconds of a request on a connection of its own; the server is not verified."""
        begin = time.monotonic()
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=ANY_SERVER)
                      if self.tls else http.client.HTTPConnection("127.0.0.1", self.port, timeout=20))
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        connection.request("GET", path, headers={"Authorization": f"Basic {token}"} if user else {})
        reply = connection.getresponse()
        body = reply.read().decode()
        connection.close()
        return reply.status, body, time.monotonic() - begin

    def sample(self, series):
        found = re.search(rf"^{re.escape(series)} (\S+)", self.get("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else None

    def lateness(self):
        """The buckets of the probes' lateness: upper bound to count."""
        page = self.get("/metrics")[1]
        return {float(bound): float(count) for bound, count in re.findall(
            r'^inferometer_schedule_lateness_seconds_bucket\{le="([^"]+)"\} (\S+)', page, re.MULTILINE)}


def percentile(before, after, quantile):
    """The upper bound of the bucket that holds the quantile of what came between, and how many came."""
    counts = {bound: after[bound] - before.get(bound, 0) for bound in after}
    total = max(counts.values())
    return min(bound for bound in sorted(counts) if counts[bound] >= quantile * total), total


def test_who_is_let_in(stack, inferometer, folder, simulator):
    authority, others = Certificates(folder, "authority"), Certificates(folder, "others")
    server = authority.issue("server", "DNS:localhost,IP:127.0.0.1")
    good = authority.issue("prometheus", "DNS:prometheus.example")
    wrong_name = authority.issue("somebody", "DNS:somebody.example")
    wrong_authority = others.issue("foreign", "DNS:prometheus.example")
    site = Site(stack, inferometer, folder, simulator, f"""
tls_server_config:
  cert_file: {server[0].name}
  key_file: {server[1].name}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: {authority.authority.name}
  client_allowed_sans: [prometheus.example]
basic_auth_users: {{alice: {HASH}}}
http_server_config: {{headers: {{X-Frame-Options: deny}}}}
""")

    def curl(path, certificate, *more):
        own = ["--cert", certificate[0], "--key", certificate[1]] if certificate else []
        return site.curl(path, "--cacert", authority.authority, *own, *more)

    right = ["--user", "alice:secret"]
    check(curl("/metrics", good, *right) == "200", "curl with a certificate and a password is let in")
    check(curl("/", good, *right, "--header", "Accept: text/html") == "200", "the status page is there")
    check(curl("/metrics", None, *right) == "000", "no client certificate ends the handshake")
    check(curl("/metrics", wrong_authority, *right) == "000", "a certificate of another authority does")
    check(curl("/metrics", wrong_name, *right) == "000", "a certificate of another name does")
    check(curl("/metrics", good, *right, "--tls-max", "1.1") == "000", "TLS 1.1 does")
    check(curl("/metrics", good, "--user", "alice:wrong") == "401", "a wrong password is a 401")
    check(curl("/metrics", good, "--user", "bob:secret") == "401", "an unknown user is a 401")
    check(curl("/metrics", good) == "401", "no password is a 401")
    check(curl("/-/healthy", good) == "200", "health needs no password")
    check(curl("/-/healthy", None) == "000", "but the certificate")
    check(curl("/-/reload", good, *right, "--request", "POST") == "200", "a reload is let in")
    check(curl("/-/reload", good, *right, "--request", "POST", "--header", "Origin: https://evil.example")
          == "403", "a reload that a foreign page asks for is not")

    port = free_port()
    (folder / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: inferometer
    scheme: https
    basic_auth: {{username: alice, password: secret}}
    tls_config:
      ca_file: {authority.authority}
      cert_file: {good[0]}
      key_file: {good[1]}
      server_name: localhost
    static_configs: [{{targets: ["127.0.0.1:{site.port}"]}}]
""")
    prometheus = subprocess.Popen(
        [shutil.which("prometheus"), f"--config.file={folder / 'prometheus.yml'}",
         f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(lambda: (prometheus.terminate(), prometheus.wait()))

    def scraped():
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/api/v1/query?query=up")
            return b'"1"]' in connection.getresponse().read()
        return False

    check(eventually(scraped, 60), "Prometheus scrapes with certificate and password")


def attack(site, attempts):
    """Asks with one wrong password after the other; the statuses and how often each came."""
    statuses, lock, numbers = {}, threading.Lock(), iter(range(attempts))

    def knock():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                status = site.get("/metrics", f"user{number % 3}" if number % 2 else "alice", f"wrong{number}")[0]
            except OSError:
                status = "no answer"
            with lock:
                statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=knock) for _ in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    return threads, statuses


def test_wrong_passwords(stack, inferometer, folder, simulator):
    """In clear text, where they come fastest."""
    knock_at(Site(stack, inferometer, folder, simulator, f"basic_auth_users: {{alice: {HASH}}}\n"), ATTEMPTS)


def test_wrong_passwords_by_tls(stack, inferometer, folder, simulator):
    server = Certificates(folder, "authority").issue("server", "DNS:localhost")
    knock_at(Site(stack, inferometer, folder, simulator, f"""
tls_server_config: {{cert_file: {server[0].name}, key_file: {server[1].name}}}
basic_auth_users: {{alice: {HASH}}}
"""), ATTEMPTS_BY_TLS)


def knock_at(site, attempts):
    before = site.lateness()
    time.sleep(15)
    rest = site.lateness()
    at_rest, count = percentile(before, rest, 0.99)
    print(f"at rest: lateness p99 <= {at_rest * 1000:g} ms of {count:g} attempts", flush=True)

    begin = time.monotonic()
    threads, statuses = attack(site, attempts)
    health, scrapes = [], []
    while any(thread.is_alive() for thread in threads):
        for path in ("/-/healthy", "/-/ready"):
            status, _, seconds = site.get(path, user="")
            health.append(seconds if status == 200 else float("inf"))
        status, _, seconds = site.get("/metrics")
        scrapes.append(seconds if status == 200 else float("inf"))
        time.sleep(0.1)
    elapsed = time.monotonic() - begin
    under_attack, count = percentile(rest, site.lateness(), 0.99)
    print(f"under attack: {attempts} passwords in {elapsed:.0f} s: {statuses}; lateness p99 <= "
          f"{under_attack * 1000:g} ms of {count:g} attempts; health at most {max(health) * 1000:.0f} ms of "
          f"{len(health)}; scrapes with the right password at most {max(scrapes) * 1000:.0f} ms of {len(scrapes)}")
    check(sum(statuses.values()) == attempts and set(statuses) <= {401, 503}, "no wrong password is let in")
    check(max(health) < PATIENCE, "health is answered in time meanwhile")
    check(max(scrapes) < 10, "who is known is let in meanwhile")
    check(under_attack <= max(LATENESS, 2 * at_rest), "probes are not late by it")
    check(site.sample('inferometer_web_refused_total{reason="busy"}') +
          site.sample('inferometer_web_refused_total{reason="unauthorized"}') == attempts, "each one is counted")


def test_changing_files(stack, inferometer, folder, simulator):
    authority = Certificates(folder, "authority")
    server = authority.issue("server", "DNS:localhost")
    site = Site(stack, inferometer, folder, simulator, f"""
tls_server_config: {{cert_file: {server[0].name}, key_file: {server[1].name}}}
basic_auth_users: {{alice: {HASH}}}
""")
    expiry = "inferometer_web_certificate_expiry_timestamp_seconds"
    reloaded = "inferometer_web_config_last_reload_successful"

    def shown():
        return ssl.get_server_certificate(("127.0.0.1", site.port))

    first = shown()
    check(site.sample(expiry) > time.time() + 86400, "the certificate's end is shown")
    authority.issue("server", "DNS:localhost", days=20)
    check(eventually(lambda: shown() != first, 5), "a renewed certificate is served without a restart")
    check(eventually(lambda: site.sample(expiry) > time.time() + 19 * 86400, 5), "and its end is shown")
    second = shown()
    (folder / "server.crt").write_text("garbage")
    check(eventually(lambda: site.sample(reloaded) == 0, 5), "a broken certificate shows")
    check(shown() == second, "and keeps the last good one")
    authority.issue("server", "DNS:localhost", days=0)
    check(eventually(lambda: site.sample(reloaded) == 1 and site.sample(expiry) <= time.time() + 1, 5),
          "an expired certificate is served and shows")
    web = (folder / "web.yml").read_text()
    (folder / "web.yml").write_text(web.replace("alice", "carol"))
    check(eventually(lambda: site.get("/metrics")[0] == 401, 5), "a user who was removed is kept out")
    check(site.get("/metrics", user="carol")[0] == 200, "and the new one is let in")


def main():
    inferometer = sys.argv[1]
    tests = [test_who_is_let_in, test_changing_files, test_wrong_passwords, test_wrong_passwords_by_tls]
    for test in tests:
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            process, simulator = start([inferometer, "sim", "--listen=127.0.0.1:0"])
            stack.callback(lambda process=process: (process.terminate(), process.wait()))
            test(stack, inferometer, folder, simulator)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
