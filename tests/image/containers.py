"""Images and containers without a registry and without a daemon: podman and buildah, on a base that
debootstrap makes of the release that runs here."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = ("podman", "buildah", "debootstrap", "runc")

# Where containers are nested in another one, as on CI, the defaults of limits and cgroups are refused.
SETTINGS = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
"""

SKIPPED = 77

# What a container needs not to bring along.
LEFT_OUT = ("./proc/*", "./sys/*", "./dev/*", "./var/cache/apt/archives/*.deb", "./var/lib/apt/lists/*")


def skip_unless_possible():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        print(f"skipped: not root, or these are missing: {' '.join(missing) or 'none'}")
        sys.exit(SKIPPED)


def release():
    """The codename of this machine's Debian."""
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"]


class Engine:
    """podman and buildah with a store of their own in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "containers.conf"
        settings.write_text(SETTINGS)
        self._environment = {**os.environ, "CONTAINERS_CONF": str(settings)}
        self._options = ["--root", str(folder / "store"), "--runroot", str(folder / "run"),
                         "--storage-driver", "overlay"]

    def run(self, program, *arguments, check=True, **options):
        done = subprocess.run([program, *self._options, *arguments], env=self._environment,
                              text=True, check=False, stdout=subprocess.PIPE, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)}: status {done.returncode}\n{done.stdout}")
        return done

    def podman(self, *arguments, **options):
        return self.run("podman", *arguments, **options).stdout.strip()

    def import_base(self):
        """An image of this release of Debian, made once for all tests. Skips where none can be."""
        name = f"localhost/debian:{release()}"
        if self.run("podman", "image", "exists", name, check=False).returncode == 0:
            return name
        self._skip_unless_images_unpack()
        base = self.folder / "base"
        shutil.rmtree(base, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", release(), base], check=True,
                       stdout=subprocess.DEVNULL)
        archive = subprocess.Popen(
            ["tar", "-C", base, *(f"--exclude={each}" for each in LEFT_OUT), "-c", "."],
            stdout=subprocess.PIPE)
        self.podman("import", "-", name, stdin=archive.stdout)
        assert archive.wait() == 0
        shutil.rmtree(base)
        return name

    def _skip_unless_images_unpack(self):
        """As in a chroot, whose root is no mount point."""
        name = "localhost/empty"
        with tempfile.NamedTemporaryFile(suffix=".tar") as file:
            tarfile.open(file.name, "w").close()
            done = self.run("podman", "import", file.name, name, check=False, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            print(f"skipped: images cannot be unpacked here: {done.stdout}")
            sys.exit(SKIPPED)
        self.podman("image", "rm", name)

    def skip_unless_containers_run(self, image):
        """As in a chroot, which has no control groups."""
        done = self.run("podman", "run", "--rm", "--network=host", image, "true", check=False,
                        stderr=subprocess.STDOUT)
        if done.returncode != 0:
            print(f"skipped: containers cannot run here: {done.stdout}")
            sys.exit(SKIPPED)

    def size(self, image):
        return int(self.podman("image", "inspect", "--format", "{{.Size}}", image))
