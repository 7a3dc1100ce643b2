"""debian/ against the rest of the tree: what has to be said twice is said alike."""
import re
import unittest

from harness import SOURCE


class Recipe(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.control = (SOURCE / "debian" / "control").read_text()

    def test_the_version(self):
        project = re.search(r"project\(heloguard VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        self.assertRegex((SOURCE / "debian" / "changelog").read_text(), rf"\Aheloguard \({re.escape(project)}-\d+\) ")
        self.assertIn(f"\n## {project}", (SOURCE / "CHANGELOG.md").read_text())

    def test_build_dependencies_are_those_of_bootstrap(self):
        listed = re.search(r"(?m)^build=\(([^)]*)\)", (SOURCE / "script" / "bootstrap").read_text())[1].split()
        libraries = {package for package in listed if package.endswith("-dev")}
        self.assertGreater(len(libraries), 10)
        ours = re.search(r"Build-Depends:\n((?: .*\n)+)", self.control)[1]
        self.assertEqual({name for name in re.findall(r"(?m)^ ([\w+.-]+)", ours) if name.endswith("-dev")}, libraries)

    def test_the_licence(self):
        ours = (SOURCE / "debian" / "copyright").read_text().partition("License: MIT\n\nLicense: MIT\n")[2]
        text = re.sub(r"(?m)^ \.?", "", ours)
        whole = (SOURCE / "LICENSE").read_text()
        self.assertEqual(text, whole[whole.index("Permission is"):])
        self.assertIn(re.search(r"Copyright \(c\) (.*)", whole)[1], (SOURCE / "debian" / "copyright").read_text())


if __name__ == "__main__":
    unittest.main()
