"""The package that was built, and one like it of a later version."""
import os
import pathlib
import re
import shutil
import subprocess

SOURCE = pathlib.Path(os.environ["HELOGUARD_SOURCE_DIR"])
FOLDER = pathlib.Path(os.environ["HELOGUARD_DEB_DIR"])
VERSION = re.match(r"heloguard \((\S+)\)", (SOURCE / "debian" / "changelog").read_text())[1]
ARCHITECTURE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
DEB = FOLDER / f"heloguard_{VERSION}_{ARCHITECTURE}.deb"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def field(name):
    return output("dpkg-deb", "-f", DEB, name).strip()


def unpack(target):
    subprocess.run(["dpkg-deb", "-R", DEB, target], check=True)


def later_version(folder, change):
    """A package of version VERSION+later, its unpacked tree handed to `change` before it is packed."""
    tree = folder / "later"
    unpack(tree)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {VERSION}+later", control.read_text()))
    change(tree)
    made = folder / "later.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return made
