#!/usr/bin/env python3
"""Makes the manual pages: prose from docs/man/*.in, tables from the program's own reference.

usage: manual.py --program PROGRAM --output FOLDER

In a page, a line @NAME@ stands for a table (TABLES below); @VERSION@ and @DATE@ stand for what they say. So an option,
a setting, a fact or a metric that the program has is in the manual of the same build.
"""
import argparse
import datetime
import os
import pathlib
import re
import subprocess

import reference_pages

TEMPLATES = pathlib.Path(__file__).resolve().parent.parent / "docs" / "man"


def escape(text):
    """Plain text as roff: no escape, no request at the start of a line, hyphens that can be searched for."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti")
    return "\\&" + text if text.startswith(".") else text


def inline(markdown):
    """One paragraph of Markdown: `code` becomes bold, *word* italic."""
    parts = re.split(r"(`[^`]+`|\*[^*\s]+\*)", markdown)
    fonts = {"`": "\\fB{}\\fR", "*": "\\fI{}\\fR"}
    text = "".join(fonts[p[0]].format(escape(p[1:-1])) if p[:1] in fonts and len(p) > 1 else escape(p) for p in parts)
    return "\\&" + text if text.startswith((".", "'")) else text


def entry(term, lines):
    """A tagged paragraph; what stands in `lines` follows, a line each, separated by .br."""
    return [".TP", term] + [part for number, line in enumerate(lines) for part in ([".br"] if number else []) + [line]]


def paragraph(lines):
    """A text below a table; where a line is indented, as it stands."""
    if any(line.startswith(" ") for line in lines):
        return [".PP", ".EX"] + [inline(line) for line in lines] + [".EE"]
    return [".PP"] + [inline(line) for line in lines]


def option_entries(options):
    roff = []
    for option in options:
        term = ", ".join(f"\\fB{escape(name)}\\fR" if option.is_word else f"\\fI{escape(name)}\\fR"
                         for name in option.names)
        if option.value:
            term += f" \\fI{escape(option.value)}\\fR"
        roff += entry(term, [inline(option.help)])
    return roff


def commands_table(program):
    roff = []
    for name, section, options in reference_pages.commands(program)[1:]:
        roff += [f'.SS "heloguard {escape(name)}"']
        for lines in section.before:
            roff += [inline(lines[0][:1].upper() + lines[0][1:])] + [inline(line) for line in lines[1:]]
        roff += option_entries([option for option in options if "--help" not in option.names])
        for lines in section.after:
            roff += paragraph(lines)
    return roff


def general_options(program):
    return option_entries(reference_pages.commands(program)[0][2])


def settings_table(program):
    roff = []
    for section in reference_pages.read(program, "settings")[1:]:
        roff += [f'.SS "{escape(section.title)}"']
        for key, default, values, reload, text in section.rows:
            more = "A reload applies it." if reload == "yes" else "Needs a restart."
            roff += entry(f"{inline(key)} = {escape(default.strip('`'))}",
                          [inline(text), f"Takes: {inline(values)}. {more}"])
    return roff


def facts_table(program):
    roff = []
    for fact, kind, values, known_from, needs, text in reference_pages.read(program, "facts")[0].rows:
        cost = "" if needs == "-" else f", needs {inline(needs)}"
        roff += entry(inline(fact), [inline(text), f"{inline(kind)}, known from {known_from}{cost}: {inline(values)}"])
    return roff


def actions_table(program):
    return [line for action, _, _, text in reference_pages.read(program, "actions")[0].rows
            for line in entry(inline(action), [inline(text)])]


def metrics_table(program):
    roff = []
    for name, kind, labels, text in reference_pages.read(program, "metrics")[0].rows:
        roff += entry(inline(name), [inline(text), inline(kind) + (f", labels {inline(labels)}" if labels else "")])
    return roff


TABLES = {"COMMANDS": commands_table, "OPTIONS": general_options, "SETTINGS": settings_table, "FACTS": facts_table,
          "ACTIONS": actions_table, "METRICS": metrics_table}


def page(template, program, words):
    roff = []
    for line in template.splitlines():
        table = re.fullmatch(r"@([A-Z]+)@", line)
        if table:
            roff += TABLES[table[1]](program)
        else:
            roff.append(re.sub(r"@([A-Z]+)@", lambda word: words[word[1]], line))
    return "\n".join(roff) + "\n"


def build_date():
    """That of the package's newest changelog entry where a package is built, so that two builds are alike."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch else now
    return day.strftime("%Y-%m-%d")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    options = parser.parse_args()
    version = subprocess.run([options.program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    words = {"VERSION": version, "DATE": build_date()}
    options.output.mkdir(parents=True, exist_ok=True)
    for template in sorted(TEMPLATES.glob("*.in")):
        text = page(template.read_text(encoding="utf-8"), options.program, words)
        (options.output / template.name.removesuffix(".in")).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
