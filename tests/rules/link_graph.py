"""The link graph that cmake/LinkGraph.cmake writes, and the boxes our targets belong to."""
import collections
import posixpath

OURS = "heloguard_"
# Carry flags, no code.
FLAGS = {"heloguard_options", "heloguard_warnings"}


class LinkGraph:
    """Targets by name. `text` is what CMake wrote. Only targets below src/ are kept."""

    def __init__(self, text):
        self.folders, self.sources = {}, collections.defaultdict(list)
        self.links, self.public = collections.defaultdict(list), collections.defaultdict(list)
        for line in text.splitlines():
            word, target, *rest = line.split("\t")
            if word == "target" and rest[1].startswith("src/"):
                self.folders[target] = rest[1]
            elif word == "source":
                self.sources[target].append(rest[0])
            elif word == "link" and rest[0] not in FLAGS:
                self.links[target].append(rest[0])
            elif word == "interface" and rest[0] not in FLAGS and not rest[0].startswith("$<LINK_ONLY:"):
                self.public[target].append(rest[0])

    def box(self, target):
        """`core`, `os`, `app`, ... or `adapters/NAME[/PART]`."""
        return self.folders[target].removeprefix("src/")

    def arrows(self):
        """(from, to) for each of our targets that links another one of ours."""
        return [(target, library) for target in self.folders for library in self.links[target]
                if library in self.folders]

    def third_party(self):
        """(target, library) for each library of others that whoever links the target gets as well."""
        return [(target, library) for target in self.folders for library in self.public[target]
                if library not in self.folders]

    def reach(self, target):
        """The targets whose headers `target` may include: itself, what it links, and what that hands on."""
        reached, waiting = {target}, list(self.links[target])
        while waiting:
            library = waiting.pop()
            if library in self.folders and library not in reached:
                reached.add(library)
                waiting += self.public[library]
        return reached

    def owners(self):
        """Source path to the targets it is compiled into."""
        owners = collections.defaultdict(set)
        for target, folder in self.folders.items():
            for source in self.sources[target]:
                owners[posixpath.join(folder, source)].add(target)
        return owners
