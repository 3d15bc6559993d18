#!/usr/bin/env python3
"""Installs the Debian package in a bare system with systemd, where it runs as a service; upgrades it,
and purges it: a changed configuration survives the upgrade, and nothing of it is left at the end.

    package.py INFEROMETER BUILD_FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile

from containers import Engine, skip_unless_possible

SYSTEM = "localhost/inferometer-system:test"

# What it depends on is there before, and so is systemd: only its own files count.
SYSTEM_FILE = """FROM {base}
COPY inferometer.deb /
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends systemd procps \
 $(dpkg-deb -f /inferometer.deb Depends | sed 's/([^)]*)//g; s/,//g') && rm /inferometer.deb
"""

# In the container. What dpkg and systemd keep for themselves may differ at the end.
LIFE = r"""
set -eux
export DEBIAN_FRONTEND=noninteractive
files() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /packages -o -path /tmp -o -path /run \
    -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \) -prune -o -print | sort; }
wait_for() { for _ in $(seq 300); do if "$@"; then return; fi; sleep 0.1; done; echo "in vain: $*"; return 1; }
is_stopped() { ! systemctl is-active --quiet inferometer; }
restarts() { systemctl show inferometer --property=NRestarts --value; }
has_restarted() { [ "$(restarts)" -gt 0 ] && systemctl is-active --quiet inferometer; }
install() { apt-get install -qq -y --no-install-recommends "$@" >/dev/null; }

files >/tmp/before
install /packages/old/*.deb
inferometer --version
inferometer --config.file=/etc/inferometer/inferometer.yml --config.check
systemctl is-enabled inferometer
systemctl is-active inferometer
inferometer healthcheck
[ "$(ps -o user= -C inferometer)" != root ]

systemctl reload inferometer
systemctl is-active inferometer

mkdir -p /run/systemd/system/inferometer.service.d
printf '[Service]\nWatchdogSec=2s\nRestartSec=0\n' >/run/systemd/system/inferometer.service.d/soon.conf
systemctl daemon-reload
systemctl restart inferometer
systemctl kill --signal=STOP inferometer
wait_for has_restarted   # the watchdog found it hung

systemctl stop inferometer
systemctl start inferometer.socket   # from here on, a client starts it
is_stopped
inferometer healthcheck
systemctl is-active inferometer
systemctl stop inferometer.socket inferometer
systemctl start inferometer

echo '# mine' >>/etc/inferometer/inferometer.yml
before=$(systemctl show inferometer --property=MainPID --value)
install /packages/new/*.deb
[ "$(dpkg-query -W -f '${Version}' inferometer)" = 999 ]
grep -q '# mine' /etc/inferometer/inferometer.yml
systemctl is-active inferometer
[ "$(systemctl show inferometer --property=MainPID --value)" != "$before" ]

apt-get remove -qq -y inferometer >/dev/null
is_stopped
[ -e /etc/inferometer/inferometer.yml ]
apt-get purge -qq -y inferometer >/dev/null
files >/tmp/after
diff /tmp/before /tmp/after
"""


def make_packages(build_folder):
    """One of this version and one of a later one, in folders of their own."""
    packages = build_folder / "packages"
    for name, version in (("old", ()), ("new", ("-D", "CPACK_PACKAGE_VERSION=999"))):
        folder = packages / name
        folder.mkdir(parents=True, exist_ok=True)
        for package in folder.glob("*.deb"):
            package.unlink()
        subprocess.run(["cpack", "--config", build_folder / "CPackConfig.cmake", *version, "-B", folder],
                       check=True, stdout=subprocess.DEVNULL)
    return packages


def make_system(engine, base, package):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "Dockerfile").write_text(SYSTEM_FILE.format(base=base))
        (folder / "inferometer.deb").write_bytes(package.read_bytes())
        engine.run("buildah", "bud", "--layers", "--isolation=chroot", f"--tag={SYSTEM}", name)


def main():
    skip_unless_possible()
    build_folder = pathlib.Path(sys.argv[2])
    engine = Engine(build_folder / "containers")
    base = engine.import_base()
    engine.skip_unless_containers_run(base)
    packages = make_packages(build_folder)
    make_system(engine, base, next((packages / "old").glob("*.deb")))
    name = engine.podman("run", "--detach", "--systemd=always", "--privileged",
                         f"--volume={packages}:/packages:ro", "--network=none", SYSTEM,
                         "/lib/systemd/systemd")
    try:
        done = engine.run("podman", "exec", name, "sh", "-c",
                          "until systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; "
                          "do sleep 0.1; done; " + LIFE, check=False, stderr=subprocess.STDOUT)
        print(done.stdout)
        if done.returncode != 0:
            print(engine.podman("exec", name, "journalctl", "--no-pager", "--lines=50"))
        assert done.returncode == 0
    finally:
        engine.run("podman", "rm", "--force", name, check=False)


if __name__ == "__main__":
    main()
