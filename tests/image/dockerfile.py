#!/usr/bin/env python3
"""Builds the image of the Dockerfile and runs it as a cluster would: root file system read-only, no
capability, not root, little memory, the configuration mounted as Kubernetes mounts a ConfigMap.

    dockerfile.py INFEROMETER BUILD_FOLDER
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from fakes.processes import free_port

from containers import ROOT, Engine, skip_unless_possible

IMAGE = "localhost/inferometer:test"
MOST_ADDED = 60 * 10**6  # bytes above the base
GRACE_PERIOD = 10

CONFIGURATION = """
providers:
  - {{name: simulated, protocol: openai-chat, base_url: "http://127.0.0.1:{sim}/v1", models: [{models}]}}
workloads: [{{name: chat, input_tokens: 16, output_tokens: 8}}]
probes: [{{providers: [simulated], workloads: [chat], interval: 1s}}]
"""

LOCKED_IN = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=128m",
             "--network=host"]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return reply.read().decode()


def wait_for(condition, what, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if condition():
                return
        time.sleep(0.1)
    raise RuntimeError(f"waited in vain: {what}")


class ConfigMap:
    """A folder as kubelet makes it of a ConfigMap: files are links into a folder that is swapped."""

    def __init__(self, folder):
        self.folder = folder
        self._version = 0
        self.folder.mkdir()
        (self.folder / "inferometer.yml").symlink_to("..data/inferometer.yml")

    def write(self, text):
        self._version += 1
        data = self.folder / f"..version_{self._version}"
        data.mkdir()
        (data / "inferometer.yml").write_text(text)
        new = self.folder / "..data_tmp"
        new.symlink_to(data.name)
        new.rename(self.folder / "..data")


@contextlib.contextmanager
def running(*command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: get(port, "/metrics"), f"{command[0]} listens")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def build(engine):
    base = engine.import_base()
    engine.skip_unless_containers_run(base)
    # Only Docker's own format has a health check.
    engine.run("buildah", "bud", "--layers", "--format=docker", "--isolation=chroot",
               f"--build-arg=BASE={base}", "--build-arg=REVISION=tested", f"--tag={IMAGE}", str(ROOT))
    added = engine.size(IMAGE) - engine.size(base)
    print(f"image: {added / 1e6:.1f} MB above its base")
    assert added <= MOST_ADDED



def check_description(engine):
    image = json.loads(engine.podman("image", "inspect", IMAGE))[0]
    assert image["User"] == "65532:65532", image["User"]
    assert image["Config"]["Entrypoint"] == ["/usr/bin/inferometer"]
    assert image["Healthcheck"]["Test"] == ["CMD", "/usr/bin/inferometer", "healthcheck"]
    labels = image["Labels"]
    for label in ("title", "description", "licenses", "revision"):
        assert labels[f"org.opencontainers.image.{label}"], label
    version = engine.podman("run", "--rm", *LOCKED_IN, IMAGE, "--version")
    assert "revision: tested" in version, version
    demo = engine.podman("run", "--rm", *LOCKED_IN, IMAGE, "demo", "--run-for=3s",
                         f"--web.listen-address=127.0.0.1:{free_port()}")
    assert "gpt-4o" in demo, demo


def check_life(engine, binary, folder):
    """Scraped by Prometheus, reloaded by a swapped ConfigMap, asked for its health, stopped."""
    simulator, daemon, prometheus = free_port(), free_port(), free_port()
    config_map = ConfigMap(folder / "config")
    config_map.write(CONFIGURATION.format(sim=simulator, models="one"))
    scraping = folder / "prometheus.yml"
    scraping.write_text(f"scrape_configs: [{{job_name: inferometer, scrape_interval: 1s, "
                        f"static_configs: [{{targets: ['127.0.0.1:{daemon}']}}]}}]")

    def value(query):
        found = json.loads(get(prometheus, f"/api/v1/query?query={query}"))["data"]["result"]
        return float(found[0]["value"][1]) if found else 0

    with running(binary, "sim", f"--listen=127.0.0.1:{simulator}", port=simulator), \
            running("prometheus", f"--config.file={scraping}", f"--storage.tsdb.path={folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{prometheus}", port=prometheus):
        name = engine.podman("run", "--detach", *LOCKED_IN, f"--volume={config_map.folder}:/etc/inferometer:ro",
                             IMAGE, "--config.file=/etc/inferometer/inferometer.yml",
                             "--config.auto-reload-interval=1s", f"--web.listen-address=127.0.0.1:{daemon}",
                             f"--shutdown.grace-period={GRACE_PERIOD}s")
        try:
            wait_for(lambda: value("llm_probe_success") == 1, "Prometheus has the success of a probe")
            engine.podman("exec", name, "/usr/bin/inferometer", "healthcheck",
                          f"--url=http://127.0.0.1:{daemon}/-/healthy")
            config_map.write(CONFIGURATION.format(sim=simulator, models="one, two"))
            wait_for(lambda: value("count(llm_probe_success)") == 2, "the new target is scraped")
            begun = time.monotonic()
            engine.podman("stop", f"--time={2 * GRACE_PERIOD}", name)
            took = time.monotonic() - begun
            status = engine.podman("inspect", "--format={{.State.ExitCode}}", name)
            print(f"stopped in {took:.1f} s with status {status}")
            assert status == "0" and took < GRACE_PERIOD
        except BaseException:
            print(engine.run("podman", "logs", name, check=False, stderr=subprocess.STDOUT).stdout)
            raise
        finally:
            engine.run("podman", "rm", "--force", name, check=False)


def check_pods(engine, build_folder, folder):
    """The pods of deploy/kubernetes: their limits, users and mounts."""
    daemon, simulator = free_port(), free_port()
    pods = folder / "pods.yml"
    pods.write_text(subprocess.run(
        ["node", ROOT / "tests" / "deploy" / "pods.mjs", IMAGE, str(daemon), str(simulator)],
        env={**os.environ, "DEPLOY_TOOLS": str(build_folder / "tests" / "deploy" / "tools")},
        check=True, capture_output=True, text=True).stdout)
    engine.podman("kube", "play", str(pods))
    try:
        wait_for(lambda: get(daemon, "/metrics").count("llm_probe_success{") == 4
                 and "llm_probe_success{provider=\"openai\"" in get(daemon, "/metrics"),
                 "the pod probes the simulator's pod")
        names = engine.podman("ps", "--format={{.Names}}", "--filter=name=inferometer").split()
        name = next(each for each in names if each.endswith("-inferometer"))
        status = engine.podman("inspect", "--format={{.State.Pid}}", name)
        kernel = pathlib.Path(f"/proc/{status}/status").read_text()
        for line in ("Uid:\t65532", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"):
            assert line in kernel, (line, kernel)
    finally:
        engine.podman("kube", "down", str(pods))


def main():
    skip_unless_possible()
    binary, build_folder = sys.argv[1:]
    engine = Engine(pathlib.Path(build_folder) / "containers")
    build(engine)
    check_description(engine)
    # Open to the user that the container has.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        check_life(engine, binary, pathlib.Path(folder))
        check_pods(engine, pathlib.Path(build_folder), pathlib.Path(folder))


if __name__ == "__main__":
    main()
