#!/usr/bin/env python3
"""Looks at the status page in Chromium, behind a proxy that serves it below a path.

    status_page.py INFEROMETER

Checks that its script may run and replaces rows in place, that the filter works while one types and
survives a reload, that ticks lead to timelines below the path, that a phone shows it without
scrolling sideways, and that it says when the daemon is gone. The exit status is 1 if it does not, and 77
where there is no Chromium.
"""

import http.server
import pathlib
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import chromium

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from fakes.processes import start

SKIPPED = 77
PREFIX = "/inferometer"

CONFIGURATION = """
defaults: {{interval: 200ms, max_in_flight: 4}}
providers:
  - {{name: steady, protocol: openai-chat, base_url: "{sim}/v1", models: [a, b]}}
  - name: broken
    protocol: openai-chat
    base_url: "{sim}/v1"
    headers: {{X-Sim-Fault: status_500}}
    models: [meta-llama/Llama-3.3-70B-Instruct-with-a-name-that-does-not-fit-on-a-phone]
workloads: [{{name: chat-short, input_tokens: 64, output_tokens: 4}}]
probes: [{{providers: [steady, broken], workloads: [chat-short]}}]
"""


def serve_below_a_path(origin):
    """A reverse proxy that knows only what is below PREFIX, and takes it off."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if not self.path.startswith(PREFIX + "/"):
                self.send_error(404)
                return
            request = urllib.request.Request(origin + self.path[len(PREFIX):],
                                             headers={"Accept": self.headers["Accept"] or "*/*"})
            try:
                with urllib.request.urlopen(request, timeout=5) as reply:
                    body = reply.read()
                    self.send_response(reply.status)
                    for name in ("Content-Type", "Content-Security-Policy"):
                        self.send_header(name, reply.headers[name])
            except urllib.error.URLError:
                self.send_error(502)
                return
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}{PREFIX}/"


def expect(good, what):
    print(("ok: " if good else "FAILED: ") + what)
    if not good:
        sys.exit(1)


def check_refresh(browser, url):
    browser.open(url)
    browser.wait("document.documentElement.classList.contains('scripted')")
    browser.wait("document.querySelectorAll('tbody tr').length === 3")
    expect(browser.evaluate("document.querySelector('tbody b').textContent") == "broken",
           "the failing target comes first")
    browser.evaluate("window.mark = document.querySelector('table')")
    attempts = "Number(document.querySelector('td.attempts').textContent)"
    before = browser.evaluate(attempts)
    browser.wait(f"{attempts} > {before}")
    expect(browser.evaluate("window.mark === document.querySelector('table')"),
           "rows are replaced within the table")


def check_filter(browser):
    browser.evaluate("""(() => {
        const input = document.querySelector('input[name=filter]');
        input.value = 'STEADY a';
        input.dispatchEvent(new Event('input'));
    })()""")
    shown = "[...document.querySelectorAll('tbody tr')].filter((row) => !row.hidden).length"
    expect(browser.evaluate(shown) == 2, "rows are filtered while one types")
    expect(browser.evaluate("location.search") == "?filter=STEADY%20a", "the filter can be linked")
    browser.wait("document.querySelectorAll('tbody tr').length === 2")
    browser.call("Page.reload")
    browser.wait("document.readyState === 'complete' && document.querySelectorAll('tr').length === 3")
    expect(browser.evaluate("document.querySelector('input[name=filter]').value") == "STEADY a",
           "the filter survives a reload")


def check_links(browser, url):
    links = browser.evaluate("""Promise.all([...document.querySelectorAll('nav a, .ticks a, td a')]
        .slice(0, 40).map(async (a) => [a.href, (await fetch(a.href)).status]))""")
    expect(len(links) > 10, "the ticks are links")
    expect(all(href.startswith(url) and status == 200 for href, status in links),
           "every link leads somewhere below the path")


def check_phone(browser, url):
    browser.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2,
                 mobile=True)
    for page in (url, url + "api/v1/measurements?outcome=failed"):
        browser.open(page)
        expect(browser.evaluate("document.documentElement.scrollWidth") <= 390,
               f"{page} is as wide as a phone")


def check_silence(browser, url, daemon):
    browser.open(url)
    browser.complaints.clear()
    daemon.terminate()
    browser.wait("document.body.classList.contains('stale')", 40)
    expect(browser.evaluate("document.getElementById('live').textContent").startswith("no answer"),
           "a daemon that is gone is told from one with nothing new")


def main():
    if not chromium.find():
        print("no Chromium")
        return SKIPPED
    inferometer = sys.argv[1]
    simulator, sim = start([inferometer, "sim", "--listen=127.0.0.1:0"])
    daemon = None
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(CONFIGURATION.format(sim=sim))
            file.flush()
            daemon, origin = start([inferometer, f"--config.file={file.name}",
                                    "--web.listen-address=127.0.0.1:0"])
            url = serve_below_a_path(origin)
            with chromium.Chromium() as browser:
                check_refresh(browser, url)
                check_filter(browser)
                check_links(browser, url)
                check_phone(browser, url)
                expect(not browser.complaints, f"Chromium complains of nothing: {browser.complaints}")
                check_silence(browser, url, daemon)
    finally:
        for process in (daemon, simulator):
            if process:
                process.kill()
                process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
