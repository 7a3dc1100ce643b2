"""What is in the package: files, modes, control data; what lintian and systemd-analyze say of it.

files.txt holds mode, owner and path of all but the policies and the documentation, which have to be those of the
source, sorted by path. Where a change is meant: `dpkg-deb -c` shows how it is now, and a failing test what to write.
"""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from deb_package import DEB, FOLDER, SOURCE, VERSION, field, output, unpack

GOLDEN = pathlib.Path(__file__).with_name("files.txt")
POLICIES, DOCS = "/usr/share/heloguard/policies/", "/usr/share/doc/heloguard/"
# In the documentation, beside what contrib/ and docs/ bring.
DEBIAN_DOCS = {"changelog.gz", "changelog.Debian.gz", "copyright"}
NOT_DOCS = ("etc", "systemd", "logrotate")  # of contrib/: they go where they belong
# What lintian finds in one release and in the next does not know, so that an override of it would be an error there. The
# daemon stays in the foreground and tells systemd when it is ready; other supervisors need one line, no script.
ONE_RELEASES_TAGS = {"package-supports-alternative-init-but-no-init.d-script"}
FOR_DEVELOPERS = {"architecture.md", "performance.md"}  # of docs/


def contents():
    """[(mode and owner, path)] of the package; a link says where it leads. Sorted; what is in /lib is named in /usr/lib,
    which is the same folder: the unit's place in the package depends on the release."""
    listed = []
    for line in output("dpkg-deb", "-c", DEB).splitlines():
        mode, owner, _, _, _, path = line.split(None, 5)
        path = re.sub("^/lib/", "/usr/lib/", path.removeprefix("."))
        listed.append((f"{mode} {owner}", path))
    return sorted(set(listed), key=lambda entry: entry[1])


def below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


class Package(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name) / "root"
        unpack(cls.root)
        cls.unit = next(cls.root.glob("**/lib/systemd/system/heloguard.service"))

    def test_files_and_modes(self):
        listed = [f"{how} {path}" for how, path in contents() if not path.startswith((POLICIES, DOCS))]
        self.assertEqual("\n".join(listed), GOLDEN.read_text().rstrip("\n"))

    def test_policies_are_those_of_the_source(self):
        self.assertEqual(below(self.root / POLICIES.strip("/")), below(SOURCE / "policies"))
        self.assertEqual(output("diff", "-r", self.root / POLICIES.strip("/"), SOURCE / "policies"), "")

    def test_documentation(self):
        contrib = {name for name in below(SOURCE / "contrib") if not name.startswith(tuple(f"{n}/" for n in NOT_DOCS))}
        pages = {path.name for path in (SOURCE / "docs").glob("*.md")} - FOR_DEVELOPERS
        self.assertEqual(below(self.root / DOCS.strip("/")), contrib | pages | DEBIAN_DOCS)

    def test_nothing_but_plain_modes_below_share(self):
        for how, path in contents():
            if path.startswith((POLICIES, DOCS)):
                self.assertEqual(how, "drwxr-xr-x root/root" if path.endswith("/") else "-rw-r--r-- root/root", path)

    def test_control(self):
        project = re.search(r"project\(heloguard VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        self.assertEqual(VERSION.rpartition("-")[0], project)
        conffiles = (self.root / "DEBIAN" / "conffiles").read_text().split()
        self.assertEqual(sorted(conffiles), ["/etc/heloguard/heloguard.toml", "/etc/logrotate.d/heloguard"])
        depends = field("Depends")
        for package in ("libmilter", "libunbound", "libre2", "libc6 (>=", "dns-root-data", "publicsuffix", "systemd"):
            self.assertIn(package, depends)

    def test_the_program_says_its_version(self):
        ran = output(self.root / "usr/bin/heloguard", "--version")
        self.assertEqual(ran, f"heloguard {VERSION.rpartition('-')[0]}\n")

    def test_no_path_of_the_build_is_left(self):
        for path in self.root.rglob("*"):
            if path.is_file():
                self.assertFalse(bytes(SOURCE) + b"/" in path.read_bytes(), path)

    def test_manual_and_completions(self):
        self.assertIn(b"heloguard check", subprocess.run(["zcat", self.root / "usr/share/man/man1/heloguard.1.gz"],
                                                         capture_output=True, check=True).stdout)
        self.assertIn("complete -F _heloguard", (self.root / "usr/share/bash-completion/completions/heloguard").read_text())

    def test_paths_in_the_configuration(self):
        text = "".join(path.read_text() for path in (
            self.root / "etc/heloguard/heloguard.toml", self.root / "usr/share/heloguard/local.toml", self.unit))
        self.assertEqual(re.findall(r"@[A-Z_]+@", text), [])
        for path in set(re.findall(r"/usr/[\w/.-]*[\w/-]", text)):
            self.assertTrue((self.root / path.lstrip("/")).exists(), path)

    @unittest.skipUnless(shutil.which("lintian"), "no lintian")
    def test_lintian(self):
        tags = ONE_RELEASES_TAGS & set(output("lintian-explain-tags", "--list-tags").split())
        accepted = ["--suppress-tags", ",".join(tags)] if tags else []
        for made in (DEB, next(FOLDER.glob(f"heloguard_{VERSION}_*.changes"))):
            ran = subprocess.run(["lintian", "--info", "--pedantic", "--display-info", "--no-tag-display-limit", "--allow-root",
                                  *accepted, made], capture_output=True, text=True, check=False)
            self.assertEqual((ran.returncode, ran.stdout), (0, ""))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_rating_of_the_unit(self):
        ran = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", self.unit],
                             capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
