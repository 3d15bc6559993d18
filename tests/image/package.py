#!/usr/bin/env python3
"""Installs the Debian package in a bare system, upgrades it, and purges it: it runs, a changed
configuration survives the upgrade, and nothing of it is left at the end.

    package.py INFEROMETER BUILD_FOLDER
"""

import pathlib
import subprocess
import sys

from containers import Engine, skip_unless_possible

# In the container: what dpkg and apt keep for themselves may differ at the end, and so may caches.
LIFE = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive
files() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /packages -o -path /tmp \
    -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \) -prune -o -print | sort; }
apt-get update -qq
# What it depends on stays installed: only its own files count.
depends=$(dpkg-deb -f /packages/old/*.deb Depends | sed 's/([^)]*)//g; s/,//g')
apt-get install -qq -y --no-install-recommends $depends >/dev/null
files >/tmp/before
apt-get install -qq -y --no-install-recommends /packages/old/*.deb >/dev/null
inferometer --version
inferometer --config.file=/etc/inferometer/inferometer.yml --config.check
test -e /etc/systemd/system/multi-user.target.wants/inferometer.service  # enabled
echo '# mine' >>/etc/inferometer/inferometer.yml
apt-get install -qq -y --no-install-recommends /packages/new/*.deb >/dev/null
test "$(dpkg-query -W -f '${Version}' inferometer)" = 999
grep -q '# mine' /etc/inferometer/inferometer.yml
apt-get remove -qq -y inferometer >/dev/null
test -e /etc/inferometer/inferometer.yml
apt-get purge -qq -y inferometer >/dev/null
files >/tmp/after
diff /tmp/before /tmp/after
"""


def main():
    skip_unless_possible()
    build_folder = pathlib.Path(sys.argv[2])
    engine = Engine(build_folder / "containers")
    base = engine.import_base()
    engine.skip_unless_containers_run(base)
    packages = build_folder / "packages"
    for name, version in (("old", ()), ("new", ("-D", "CPACK_PACKAGE_VERSION=999"))):
        folder = packages / name
        folder.mkdir(parents=True, exist_ok=True)
        for package in folder.glob("*.deb"):
            package.unlink()
        subprocess.run(["cpack", "--config", build_folder / "CPackConfig.cmake", *version, "-B", folder],
                       check=True, stdout=subprocess.DEVNULL)
    print(engine.podman("run", "--rm", "--network=host", f"--volume={packages}:/packages:ro", base,
                        "sh", "-c", LIFE))


if __name__ == "__main__":
    main()
