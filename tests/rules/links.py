"""What may link what: nothing runs up, nothing runs in a circle, libraries of others stay where they are used."""

# Box to the boxes it may link. Adapters know no other adapter but their own parent folder.
ARROWS = {
    "app": {"adapters", "replay", "audit", "tables", "engine", "os", "core"},
    "adapters": {"engine", "os", "core"},
    "replay": {"core"},
    "audit": {"core"},
    "tables": {"core"},
    "engine": {"os", "core"},
    "os": {"core"},
    "core": set(),
}
# An adapter that is linked with one more box.
ADAPTER_ARROWS = {("adapters/toml", "tables")}


def findings(graph):
    return forbidden_arrows(graph) + circles(graph) + handed_on(graph)


def forbidden_arrows(graph):
    return [f"{start} links {end}: {graph.box(start)} -> {graph.box(end)}"
            for start, end in graph.arrows() if not allowed(graph.box(start), graph.box(end))]


def allowed(start, end):
    if start == end == "app" or (start, end) in ADAPTER_ARROWS:
        return True
    if start.startswith(end + "/"):
        return True
    return end.split("/")[0] in ARROWS.get(start.split("/")[0], set())


def circles(graph):
    """Targets that reach themselves, whatever their boxes."""
    links = {}
    for start, end in graph.arrows():
        links.setdefault(start, set()).add(end)
    found = []
    for target in links:
        reached, waiting = set(), list(links[target])
        while waiting:
            library = waiting.pop()
            if library not in reached:
                reached.add(library)
                waiting += links.get(library, ())
        if target in reached:
            found.append(f"{target} links itself in a circle")
    return found


def handed_on(graph):
    """Libraries of others that are linked PUBLIC: their headers can then be included anywhere above."""
    return [f"{target} hands {library} on" for target, library in graph.third_party()]
