"""One stem, three places: include/heloguard/ROOM/x.h, src/core/ROOM/x.cc, tests/unit/core/ROOM/x_test.cc."""
import pathlib
import re

HEADER_NAME = re.compile(r"[\w/]+\.h\b")


def findings(tree):
    return sources_without_header(tree) + headers_without_room(tree) + misplaced_tests(tree)


def sources_without_header(tree):
    """Sources of core that have no header of their stem, and whose head comment names none that they include."""
    found = []
    for path in tree.files("src/core"):
        source = pathlib.PurePosixPath(path)
        if source.suffix != ".cc":
            continue
        room = source.parent.relative_to("src/core")
        if any(tree.exists(home / room / f"{source.stem}.h") for home in HOMES):
            continue
        included = [name for name, _ in tree.includes(path)]
        named = HEADER_NAME.findall(tree.head(path))
        if not any(include.endswith("/" + name) or include == name for name in named for include in included):
            found.append(f"{path}: no header of its stem, and the head comment names none that it implements")
    return found


def headers_without_room(tree):
    found = []
    for path in tree.files("include/heloguard"):
        room = pathlib.PurePosixPath(path).parent.relative_to("include/heloguard")
        if not tree.exists("src/core" / room):
            found.append(f"{path}: src/core/{room} does not exist")
    return found


def misplaced_tests(tree):
    """Unit tests that are not named after a source or header of the folder they mirror, as x_test or x_ASPECT_test."""
    found = []
    for path in tree.files("tests/unit"):
        if not path.endswith("_test.cc"):
            continue
        test = pathlib.PurePosixPath(path)
        folder = test.parent.relative_to("tests/unit")
        name = test.name[: -len("_test.cc")] + "_"
        if not any(name.startswith(stem + "_") for stem in stems_of(tree, folder)):
            found.append(f"{path}: no stem of src/{folder} begins its name")
    return found


def stems_of(tree, folder):
    homes = [pathlib.PurePosixPath("src") / folder]
    if folder.parts[:1] == ("core",):
        homes.append(pathlib.PurePosixPath("include/heloguard", *folder.parts[1:]))
    return {pathlib.PurePosixPath(path).stem for home in homes for path in tree.glob(f"{home}/*.*")
            if path.endswith((".cc", ".h"))}


HOMES = (pathlib.PurePosixPath("include/heloguard"), pathlib.PurePosixPath("src/core"))
