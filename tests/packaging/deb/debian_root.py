"""A Debian to install into: made once by debootstrap; each test has a layer of its own above it, which is gone afterwards
whatever happens.

The pristine one is kept in the build folder, with what the package depends on already in it, so that dpkg alone installs
the package. HELOGUARD_MIRROR names another mirror.
"""
import ctypes
import functools
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

from deb_package import FOLDER, field

# The package's dependencies are this machine's libraries.
SUITE = platform.freedesktop_os_release()["VERSION_CODENAME"]
MIRROR = os.environ.get("HELOGUARD_MIRROR", "http://deb.debian.org/debian")
# A system that boots, beside the dependencies.
BESIDES = "systemd-sysv, dbus, logrotate"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}

libc = ctypes.CDLL(None, use_errno=True)
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2
CLONE_NEWNS = 0x20000


@functools.cache
def _private_mounts():
    """What this process mounts from here on nobody else sees, and it is gone when the process is."""
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "cannot have mounts of my own")


def mount(what, target, kind, options=""):
    if libc.mount(what.encode(), bytes(target), kind.encode(), 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount {target}")


def unmount(target):
    """At once as far as anybody new sees, in the end when the last user has gone."""
    libc.umount2(bytes(target), MNT_DETACH)


def _in_root(root, *command, **more):
    return subprocess.run(["chroot", root, *command], env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=True, **more)


def _make_base(made):
    """debootstrap, then the dependencies by apt."""
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        root = pathlib.Path(folder) / "root"
        quiet = {"stdout": subprocess.DEVNULL}
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, root, MIRROR], check=True, **quiet)
        no_start = root / "usr/sbin/policy-rc.d"
        no_start.write_text("#!/bin/sh\nexit 101\n")
        no_start.chmod(0o755)
        shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
        mount("proc", root / "proc", "proc")
        try:
            _in_root(root, "apt-get", "satisfy", "-q", "-y", "--no-install-recommends", f"{field('Depends')}, {BESIDES}",
                     stderr=subprocess.DEVNULL, **quiet)
        finally:
            unmount(root / "proc")
        _in_root(root, "apt-get", "clean")
        no_start.unlink()
        root.rename(made)


def base():
    """A folder with a Debian and the dependencies. Skips the tests where it cannot be made."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root can make a Debian to install into")
    if shutil.which("debootstrap") is None:
        raise unittest.SkipTest("no debootstrap")
    _private_mounts()
    wanted = hashlib.sha256(f"{SUITE} {field('Depends')} {BESIDES}".encode()).hexdigest()[:12]
    made = FOLDER / f"base-{wanted}"
    if not made.exists():
        _make_base(made)
    return made


def layer(folder):
    """folder/root, a Debian of its own that starts as the pristine one. To be unmounted."""
    root, upper, work = (folder / name for name in ("root", "upper", "work"))
    for made in (root, upper, work):
        made.mkdir(mode=0o755)
    try:
        mount("overlay", root, "overlay", f"lowerdir={base()},upperdir={upper},workdir={work}")
    except OSError:  # no layers above layers: a container's own root may be one
        subprocess.run(["cp", "-a", f"{base()}/.", root], check=True)
    return root


class DebianTest(unittest.TestCase):
    """self.root is a fresh Debian with /proc, without the package."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        base()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="heloguard-deb.")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.root = layer(self.folder)
        self.addCleanup(unmount, self.root)
        mount("proc", self.root / "proc", "proc")
        self.addCleanup(unmount, self.root / "proc")

    def run_in(self, *command, user=None, status=0):
        as_user = [f"--userspec={user}"] if user else []
        ran = subprocess.run(["chroot", *as_user, self.root, *command], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, status, f"{command}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def path(self, name):
        return self.root / name.lstrip("/")

    def install(self, deb, *options):
        shutil.copyfile(deb, self.path("/root/package.deb"))
        return self.run_in("dpkg", *options, "-i", "/root/package.deb")
