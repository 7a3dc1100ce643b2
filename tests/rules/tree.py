"""The files of a source tree as the rules see them: paths, head comments, includes, and exceptions with a reason."""
import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


class Tree:
    """A source tree. Paths are relative to its root, with slashes, in order."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def files(self, *tops):
        """All files below the folders `tops`, hidden ones and Python's caches left out."""
        found = []
        for top in tops:
            for path in (self.root / top).rglob("*"):
                parts = path.relative_to(self.root).parts
                if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
                    found.append("/".join(parts))
        return sorted(found)

    def exists(self, path):
        return (self.root / path).exists()

    def glob(self, pattern):
        return [path.relative_to(self.root).as_posix() for path in self.root.glob(pattern)]

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def head(self, path):
        """The comment a C++ file begins with, without its slashes; empty if it begins with something else."""
        lines = []
        for line in self.text(path).splitlines():
            if not line.startswith("//"):
                break
            lines.append(line[2:].strip())
        return "\n".join(lines)

    def includes(self, path):
        """(name, whether in angle brackets) of each #include."""
        return [(own or other, bool(other)) for own, other in INCLUDE.findall(self.text(path))]


def left_over(findings, exceptions):
    """The findings without those that `exceptions` (finding to reason) lists, and the exceptions nothing needs."""
    stale = [f"no longer needed as an exception: {finding}" for finding in exceptions if finding not in findings]
    return [finding for finding in findings if finding not in exceptions] + stale
