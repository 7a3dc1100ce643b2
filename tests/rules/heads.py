"""Head comments tell the truth: the files they name exist, and every source names its tests."""
import pathlib
import re

FILE_NAME = re.compile(r"(?<![\w/.*-])[\w./*-]*[\w*]\.(?:h|cc|py)\b|(?<![\w/.])(?:tests|src|include|docs)/[\w./*-]*[\w*/]")
TESTS = re.compile(r"\bTests:\s+(\S.*)", re.DOTALL)
LABEL = re.compile(r"the ctest label (\w+)")


def findings(tree):
    sources = tree.files("src", "include")
    names = {pathlib.PurePosixPath(path).name for path in tree.files("src", "include", "tests", "packaging")}
    found = []
    for path in sources:
        if path.endswith((".cc", ".h")):
            found += names_of_nothing(tree, path, names)
        if path.endswith(".cc") and not names_tests(tree.head(path)):
            found.append(f"{path}: the head comment names no tests (Tests: PATH)")
    return found


def names_of_nothing(tree, path, names):
    """What the head comment of `path` names as a file although there is none. A name alone may be any file's, or that
    of a system header the file includes; a path is looked for from the root, from src/ and from include/."""
    system = {name for name, angled in tree.includes(path) if angled}
    return [f"{path}: names {name}, which does not exist" for name in FILE_NAME.findall(tree.head(path))
            if name not in system and name not in names and not is_path(tree, name) and not is_pattern(tree, name, names)]


def is_path(tree, name):
    return "/" in name and any(tree.glob(home + name.rstrip("/")) for home in ("", "src/", "include/"))


def is_pattern(tree, name, names):
    return "/" not in name and "*" in name and any(pathlib.PurePosixPath(other).match(name) for other in names)


def names_tests(head):
    match = TESTS.search(head)
    return bool(match) and bool(FILE_NAME.search(match[1]) or LABEL.search(match[1]))
