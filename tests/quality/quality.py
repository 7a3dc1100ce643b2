#!/usr/bin/env python3
"""What the shipped policies do to labelled sessions, by era, and whether default.toml is as good as it has to be.

Usage: quality.py BINARY [SESSIONS.tsv]     without a file, the one that HELOGUARD_SESSIONS names

SESSIONS.tsv has a heading and the columns label (ham, spam), client, helo, rdns (a name, none, or - for not recorded),
rdns_status (pass, fail, permerror, or - for not recorded) and era (old, recent); others are passed over. Judged is what
was recorded, without DNS. Refused is a reject or a tempfail; scored, what came through with a score above zero. The
area under the ROC curve is the chance that a spam session ranks above a ham session, a tie counting half: the refused
rank highest, the others by score. Sessions whose reverse DNS was not recorded are left out of it.

Exit status: 0 all bounds kept, 1 default.toml misses one, 2 no figures, 77 no sessions named.
"""
import bisect
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys

POLICIES = pathlib.Path(__file__).resolve().parents[2] / "policies"
COLUMNS = ("label", "client", "helo", "rdns", "rdns_status", "era")
KEPT, MISSED, NO_FIGURES, SKIPPED = 0, 1, 2, 77

# What default.toml must reach: (era, what is measured, bound, whether it is the least allowed).
BOUNDS = (
    ("recent", "ham refused, sessions", 2, False),
    ("old", "ham refused, %", 1.0, False),
    ("recent", "spam refused, %", 5.5, True),
    ("old", "spam refused, %", 28.0, True),
    ("recent", "area", 0.78, True),
    ("old", "area", 0.90, True),
)


class NoFigures(Exception):
    pass


class Group:
    """The sessions of one label in one era."""

    def __init__(self):
        self.total = self.refused = self.scored = 0
        self.ranks = []

    def add(self, verdict, rdns_recorded):
        refused, score = verdict["verdict"] != "accept", verdict["score"]
        self.total += 1
        self.refused += refused
        self.scored += not refused and score > 0
        if rdns_recorded:
            self.ranks.append(float("inf") if refused else score)

    def percent(self, count):
        return 100.0 * count / self.total


def area(ham, spam):
    """The area under the ROC curve of two lists of ranks; None if one is empty."""
    if not ham or not spam:
        return None
    below = sorted(ham)
    wins = sum(bisect.bisect_left(below, rank) + bisect.bisect_right(below, rank) for rank in spam)
    return wins / (2 * len(ham) * len(spam))


def read_sessions(path):
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            sessions = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise NoFigures(f"{path}: {error.strerror}") from error
    for number, session in enumerate(sessions, start=2):
        if any(session.get(column) is None for column in COLUMNS) or session["label"] not in ("ham", "spam"):
            raise NoFigures(f"{path}:{number}: not a session; the columns are {', '.join(COLUMNS)}")
    if not sessions:
        raise NoFigures(f"{path}: no sessions")
    return sessions


def judge(binary, policy, sessions):
    """One verdict a session, in order."""
    columns = ("client", "helo", "rdns", "rdns_status")
    table = "".join("\t".join(session[column] for column in columns) + "\n" for session in sessions)
    ran = subprocess.run([binary, "check", "--batch", "-", "--offline", "--format", "json", "--policy", str(policy)],
                         input=table.encode("utf-8", "surrogateescape"), stdout=subprocess.PIPE, check=False)
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    if ran.returncode != 0 or len(verdicts) != len(sessions):
        raise NoFigures(f"{policy}: {len(sessions)} sessions in, {len(verdicts)} verdicts out, "
                        f"exit status {ran.returncode}")
    return verdicts


def measure(binary, policy, sessions):
    """{era: {label: Group}}"""
    groups = collections.defaultdict(lambda: collections.defaultdict(Group))
    for session, verdict in zip(sessions, judge(binary, policy, sessions)):
        groups[session["era"]][session["label"]].add(verdict, session["rdns_status"] != "-")
    return groups


def era_area(groups):
    return area(groups["ham"].ranks, groups["spam"].ranks)


def print_policy(name, eras):
    for era in sorted(eras):
        cells = [f"{name:16}{era:8}"]
        for label in ("ham", "spam"):
            group = eras[era][label]
            if group.total == 0:
                cells.append(f"no {label}")
                continue
            cells.append(f"{label} {group.refused:5} of {group.total:5} refused {group.percent(group.refused):6.2f} %, "
                         f"scored {group.percent(group.scored):6.2f} %")
        value = era_area(eras[era])
        cells.append("area -" if value is None else f"area {value:.3f}")
        print("   ".join(cells))


def figure(groups, what):
    """What a row of BOUNDS measures; None where there is nothing to measure it on."""
    if what == "area":
        return era_area(groups)
    group = groups[what.split(" ")[0]]
    if group.total == 0:
        return None
    return group.refused if what.endswith("sessions") else group.percent(group.refused)


def missed_bounds(eras):
    missed = []
    for era, what, bound, least in BOUNDS:
        value = figure(eras[era], what)
        if value is None:
            missed.append(f"{era}: {what}: nothing to measure it on")
        elif value < bound if least else value > bound:
            missed.append(f"{era}: {what}: {value:.3f}, {'at least' if least else 'at most'} {bound} is wanted")
    return missed


def run(binary, path):
    sessions = read_sessions(path)
    missed = ["there is no such policy"]
    for policy in sorted(POLICIES.glob("*.toml")):
        eras = measure(binary, policy, sessions)
        print_policy(policy.name, eras)
        if policy.name == "default.toml":
            missed = missed_bounds(eras)
    print("default.toml keeps every bound" if not missed else "default.toml misses\n  " + "\n  ".join(missed))
    return MISSED if missed else KEPT


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return NO_FIGURES
    path = arguments[1] if len(arguments) == 2 else os.environ.get("HELOGUARD_SESSIONS", "")
    if not path:
        print("skipped: HELOGUARD_SESSIONS names no file")
        return SKIPPED
    try:
        return run(arguments[0], path)
    except NoFigures as error:
        print(f"quality: {error}", file=sys.stderr)
        return NO_FIGURES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
