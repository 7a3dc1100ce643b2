"""Reads what `heloguard reference PAGE` prints, for the manual pages and the shell completions.

A page is Markdown of a fixed kind: a head, texts, tables, `## ` headings. Nothing else is understood, and anything
else is an error, so that a page that changes its kind is noticed here.
"""
import re
import subprocess


class Section:
    """What stands below one heading: texts (a list of lines each) before and after a table, and the table's rows."""

    def __init__(self, title):
        self.title, self.before, self.rows, self.after = title, [], [], []

    def add_text(self, lines):
        (self.after if self.rows else self.before).append(lines)


def _cells(line):
    inside = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inside)]


def parse(text):
    """The sections of a page; the first has the page's own title, and no note about who printed it."""
    sections = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.splitlines()
        heading = re.fullmatch(r"#{1,2} (.+)", lines[0])
        if heading:
            if len(lines) != 1:
                raise ValueError(f"text directly below a heading: {lines[1]}")
            sections.append(Section(heading[1]))
        elif lines[0].startswith("|"):
            if sections[-1].rows or not re.fullmatch(r"\|(-+\|)+", lines[1]):
                raise ValueError(f"a second table, or one without a head: {lines[0]}")
            sections[-1].rows = [_cells(line) for line in lines[2:]]
        elif not lines[0].startswith("This page is printed by the program"):
            sections[-1].add_text(lines)
    return sections


def read(program, page):
    """The page as `program` prints it, parsed."""
    ran = subprocess.run([program, "reference", page], capture_output=True, text=True, check=True)
    return parse(ran.stdout)


class Option:
    """A row of the page "commands"."""

    def __init__(self, row):
        names, value, self.help = row
        self.names = re.findall(r"`([^`]+)`", names)
        self.value = value.strip("`")
        self.is_word = self.names[0].startswith("-")

    def choices(self):
        """The words it takes, if its help names them: "one of: text, json"."""
        listed = re.search(r"one of: ([a-z0-9_, -]+)", self.help)
        return [word.strip() for word in listed[1].split(",")] if listed else []

    def takes_path(self):
        return bool(re.search(r"FILE|PATH|TABLE|LOG|DIR", self.value if self.is_word else self.names[0]))


def commands(program):
    """[(name, Section, [Option])], the program itself first, under the name ""."""
    found = [(section.title, section, [Option(row) for row in section.rows]) for section in read(program, "commands")]
    return [("", found[0][1], found[0][2])] + found[1:]
