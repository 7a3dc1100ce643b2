"""Who may include what: only what is linked, no later room of core, and a library's headers only where it is at home."""
import fnmatch
import posixpath

# Rooms of core in their order. Headers of no room (session.h, settings.h) come behind all of them.
ROOMS = ("base", "dns", "facts", "policy", "judge")

# Headers of other people's libraries, and the files that may see them.
THIRD_PARTY = {
    "CLI/*": ("src/app/*",),
    "event2/*": ("src/adapters/metrics/*", "src/adapters/unbound/*"),
    "idn2.h": ("src/core/base/a_label.cc",),
    "libmilter/*": ("src/adapters/milter/*",),
    "libpsl.h": ("src/core/base/public_suffix.cc",),
    "nlohmann/*": ("src/adapters/maillog/heloguard/decision_line_reader.cc", "src/app/shared/json_writer.h"),
    "prometheus/*": ("src/adapters/metrics/*",),
    "re2/*": ("src/core/policy/pattern.cc",),
    "spdlog/*": ("src/adapters/log/*",),
    "systemd/sd-daemon.h": ("src/app/serve/process.cc",),
    "systemd/sd-journal.h": ("src/adapters/log/journal_sink.cc",),
    "toml++/*": ("src/adapters/toml/*",),
    "unbound*.h": ("src/adapters/unbound/*",),
    "zlib.h": ("src/adapters/maillog/frames/*",),
    "zstd.h": ("src/adapters/maillog/frames/*",),
}
# Headers of the system (POSIX, Linux, BSD), and the boxes that may touch it.
SYSTEM = ("sys/*", "netinet/*", "arpa/*", "net/*", "dirent.h", "fcntl.h", "grp.h", "ifaddrs.h", "netdb.h", "poll.h", "pthread.h",
          "pwd.h", "signal.h", "sysexits.h", "syslog.h", "unistd.h")
SYSTEM_HOMES = ("src/os/*", "src/adapters/*", "src/app/*")


def findings(tree, graph):
    owners = graph.owners()
    found = []
    for path in tree.files("src", "include"):
        if not path.endswith((".cc", ".h")):
            continue
        if path.endswith(".cc") and not owners[path]:
            found.append(f"{path}: no target compiles it")
            continue
        targets = targets_of(path, tree, owners)
        for name, _ in tree.includes(path):
            header = our_header(tree, name)
            if header is None:
                found += foreign_header(path, name)
                continue
            if not any(graph.reach(target) & targets_of(header, tree, owners) for target in targets):
                found.append(f"{path}: includes {name}, whose target is not linked")
            if rank(path) is not None and (rank(header) or 0) > rank(path):
                found.append(f"{path}: includes {name}, of a later room")
    return found


def our_header(tree, name):
    """The path of the header that `#include name` finds in our tree, or None."""
    return next((home + name for home in ("include/", "src/") if tree.exists(home + name)), None)


def targets_of(path, tree, owners):
    """A source's targets. A header's are those of the source of its stem; one that has none belongs to all targets of
    its folder, or to those of the nearest folder above that has any."""
    if path.endswith(".cc"):
        return owners[path]
    if path.startswith("include/heloguard/"):
        inner = path.removeprefix("include/heloguard/").removesuffix(".h")
        homes = [f"src/core/{inner}.cc"] if "/" in inner else [source for source in owners
                                                               if posixpath.basename(source) == f"{inner}.cc"]
        named = set().union(*(owners[home] for home in homes if home in owners))
        return named or below("src/core", owners)
    source = path.removesuffix(".h") + ".cc"
    if owners[source]:
        return owners[source]
    folder = posixpath.dirname(path)
    while folder and not below(folder, owners):
        folder = posixpath.dirname(folder)
    return below(folder, owners)


def below(folder, owners):
    return set().union(*(targets for source, targets in owners.items() if source.startswith(folder + "/")))


def rank(path):
    """Where in the order of rooms a file of core stands; None if it is none of core's."""
    for home in ("src/core/", "include/heloguard/"):
        if path.startswith(home):
            room = path.removeprefix(home).split("/")[0]
            return ROOMS.index(room) if room in ROOMS else len(ROOMS)
    return None


def foreign_header(path, name):
    for pattern, homes in (*THIRD_PARTY.items(), *((system, SYSTEM_HOMES) for system in SYSTEM)):
        if fnmatch.fnmatchcase(name, pattern):
            return [] if any(fnmatch.fnmatchcase(path, home) for home in homes) else [
                f"{path}: includes <{name}>, which is not at home there"]
    if "." in name or "/" in name:
        return [f"{path}: includes <{name}>, which no table knows"]
    return []
