"""Reports as `heloguard replay --format json` prints them, made up the same way each time."""
import copy
import datetime
import random

START = datetime.datetime(2026, 11, 20)
VERDICTS = ("accept", "tempfail", "reject")
RULES = [
    ("bare-ip", "reject", 171),
    ("own-name", "reject", 96),
    ("score-reject", "score", 402),
    ("no-rdns", "score", 388),
    ("generic-helo", "score", 251),
    ("spelled-out-ip", "reject", 44),
    ("bad-syntax", "reject", 31),
    ("foreign-literal", "score", 63),
    ("dns-trouble", "tempfail", 57),
    ("printer-2nd-floor", "accept", 12),
    ("underscore", "note", 25),
]
UNMATCHED = [("exempt", "accept", 0), ("trusted", "accept", 0)]
# client, rdns, rdns_status, helo, was, verdict, rule, sessions, mta, from
CLIENTS = [
    (
        "192.0.2.14",
        "mail.partner.example",
        "fail",
        "partner-exchange",
        "accept",
        "reject",
        "score-reject",
        9,
        "accepted",
        "orders@partner.example",
    ),
    (
        "198.51.100.77",
        None,
        "permerror",
        "198.51.100.77",
        "accept",
        "reject",
        "bare-ip",
        6,
        "accepted",
        "scan@copier.example",
    ),
    (
        "2001:db8:40::25",
        "mx1.insurance.example",
        "fail",
        "insurance.local",
        "accept",
        "reject",
        "score-reject",
        4,
        "accepted",
        "claims@insurance.example",
    ),
    (
        "203.0.113.201",
        "pool-201.isp.example",
        "pass",
        "pool-201.isp.example",
        "accept",
        "reject",
        "score-reject",
        2,
        "accepted",
        "owner@florist.example",
    ),
    (
        "192.0.2.90",
        "newsletter.shop.example",
        "temperror",
        "newsletter.shop.example",
        "accept",
        "tempfail",
        "dns-trouble",
        3,
        "accepted",
        "bounce@shop.example",
    ),
    (
        "203.0.113.8",
        "host8.rented.example",
        "pass",
        "mail.bakery.example",
        "reject",
        "accept",
        None,
        14,
        "refused",
        "info@bakery.example",
    ),
    (
        "203.0.113.60",
        "mx.school.example",
        "pass",
        "mx.school.example",
        "reject",
        "accept",
        None,
        31,
        "refused",
        "office@school.example",
    ),
    (
        "2001:db8:7::9",
        "out.hosting.example",
        "pass",
        "out.hosting.example",
        "tempfail",
        "accept",
        None,
        5,
        "deferred",
        None,
    ),
    (
        "198.51.100.130",
        None,
        "permerror",
        "localhost.localdomain",
        "tempfail",
        "reject",
        "score-reject",
        22,
        "deferred",
        None,
    ),
    (
        "198.51.100.131",
        None,
        "permerror",
        "[198.51.100.131]",
        "tempfail",
        "reject",
        "score-reject",
        7,
        "deferred",
        None,
    ),
]


def stamp(hours):
    return (START + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def client(row, hours=30):
    address, rdns, status, helo, was, verdict, rule, sessions, mta, sender = row
    reply = {
        "reject": "550 5.7.1 your HELO name does not fit your server; see https://postmaster.example/helo",
        "tempfail": "450 4.7.25 your reverse DNS cannot be looked up just now",
    }.get(verdict)
    return {
        "client": address,
        "rdns": rdns,
        "rdns_status": status,
        "helo": helo,
        "verdict": verdict,
        "was": was,
        "rule": rule,
        "mode": "enforce",
        "score": 6.5 if rule == "score-reject" else 0.0,
        "reply": reply,
        "sessions": sessions,
        "first": stamp(hours - 20),
        "last": stamp(hours),
        "mta": mta,
        "from": sender,
        "unknown": ["helo.address", "spf.helo"] if rdns is None else [],
    }


def buckets(hours):
    chance = random.Random(5321)
    rows = []
    for hour in range(hours):
        busy = 2 if 6 <= hour % 24 <= 18 else 1
        by_rule = {name: chance.randint(0, weight * busy // 40) for name, _, weight in RULES[:9]}
        if hour == 33:
            by_rule["bare-ip"] += 35
        by_rule = {name: sessions for name, sessions in by_rule.items() if sessions}
        deferred = by_rule.get("dns-trouble", 0)
        rows.append(
            {
                "start": stamp(hour),
                "accept": chance.randint(60, 120) * busy,
                "tempfail": deferred,
                "reject": sum(by_rule.values()) - deferred,
                "by_rule": by_rule,
            }
        )
    return rows


def answers(cross, sessions):
    """What the mail server did with all: those of `cross`, which were judged, and the others, where no mail came."""
    mta = {"accepted": 0, "unknown": 0, **{mta: sum(row.values()) for mta, row in cross.items()}}
    mta["no_mail"] += sessions - sum(mta.values())
    return mta


def sample():
    """Two days at a small site."""
    over_time = buckets(48)
    verdicts = {verdict: sum(bucket[verdict] for bucket in over_time) for verdict in VERDICTS}
    judged = sum(verdicts.values())
    cross = {
        "accepted": {"accept": judged - 1900, "tempfail": 3, "reject": 21},
        "refused": {"accept": 45, "tempfail": 20, "reject": verdicts["reject"] - 80},
        "deferred": {"accept": 5, "tempfail": verdicts["tempfail"] - 23, "reject": 29},
        "no_mail": {"accept": 0, "tempfail": 0, "reject": 30},
    }
    cross["no_mail"]["accept"] = verdicts["accept"] - sum(row["accept"] for row in cross.values())
    clients = [client(row, 30 + at) for at, row in enumerate(CLIENTS)]
    kinds = {}
    for row in clients:
        kind = kinds.setdefault(
            (row["was"], row["verdict"]), {"from": row["was"], "to": row["verdict"], "sessions": 0, "clients": 0}
        )
        kind["sessions"] += row["sessions"]
        kind["clients"] += 1
    return {
        "heloguard": "0.4.0",
        "generated": stamp(54),
        "policy": {
            "file": "/etc/heloguard/policies/default.toml",
            "name": "default",
            "hash": "9f31c07a55b1e2d4",
            "mode": "enforce",
            "percent": None,
            "judged_as": "enforce",
        },
        "against": None,
        "logs": [
            {
                "file": "/var/log/mail.log.1.gz",
                "bytes": 10485760,
                "lines": 91820,
                "skipped_lines": 3,
                "first": stamp(0),
                "last": stamp(24),
            },
            {
                "file": "/var/log/mail.log",
                "bytes": 5242880,
                "lines": 48211,
                "skipped_lines": 0,
                "first": stamp(24),
                "last": stamp(47.99),
            },
        ],
        "exact": False,
        "cannot_tell": [
            "A default Postfix log names HELO only where mail was refused: the others are not judged.",
            "DNSSEC states, SPF and the addresses of the HELO name are not in the log: rules on them were not decided.",
        ],
        "totals": {
            "sessions": judged + 640,
            "judged": judged,
            "without_helo": 640,
            "clients": 2104,
            "networks": 1377,
            "verdicts": verdicts,
            "mta": answers(cross, judged + 640),
            "cross": cross,
        },
        "changes": {
            "against": "mta",
            "total": sum(kind["sessions"] for kind in kinds.values()),
            "uncertain": 0,
            "kinds": list(kinds.values()),
        },
        "rules": [
            {
                "rule": name,
                "action": action,
                "mode": "observe" if name == "underscore" else "enforce",
                "sessions": weight,
                "decided": 0 if action == "note" or name in ("no-rdns", "generic-helo") else weight * 9 // 10,
                "clients": weight // 3,
                "changed": sum(row["sessions"] for row in clients if row["rule"] == name),
            }
            for name, action, weight in [*sorted(RULES, key=lambda rule: -rule[2]), *UNMATCHED]
        ],
        "over_time": {"bucket_seconds": 3600, "buckets": over_time},
        "networks": [
            {"network": network, "sessions": sessions, "judged": judged, "refused": refused, "changed": changed}
            for network, sessions, judged, refused, changed in [
                ("198.51.100.0/24", 310, 300, 296, 35),
                ("203.0.113.0/24", 190, 180, 41, 47),
                ("192.0.2.0/24", 120, 100, 9, 12),
                ("2001:db8:40::/64", 40, 8, 4, 4),
                ("2001:db8:7::/64", 12, 12, 0, 5),
            ]
        ],
        "networks_more": 0,
        "networks_more_sessions": 0,
        "clients": clients,
        "clients_more_sessions": 0,
    }


def fine():
    """Nothing would change."""
    report = sample()
    report["changes"] = {"against": "mta", "total": 0, "uncertain": 0, "kinds": []}
    report["totals"]["cross"]["accepted"] = {
        "accept": sum(report["totals"]["cross"]["accepted"].values()),
        "tempfail": 0,
        "reject": 0,
    }
    report["totals"]["cross"]["refused"]["accept"] = 0
    report["clients"] = []
    for rule in report["rules"]:
        rule["changed"] = 0
    return report


def hardly_judged():
    """A Postfix log as it is out of the box: of most accepted sessions it names no HELO."""
    report = fine()
    report["totals"]["mta"]["accepted"] += 600
    report["totals"]["mta"]["no_mail"] -= 600
    return report


def two_policies():
    report = sample()
    report["against"] = {
        "file": "/etc/heloguard/policies/old.toml",
        "name": "old",
        "hash": "0011223344556677",
        "mode": "enforce",
        "percent": None,
        "judged_as": "enforce",
    }
    report["changes"]["against"] = "policy"
    report["exact"], report["cannot_tell"] = True, []
    return report


def own_log():
    """heloguard's own lines, read back under another policy."""
    report = sample()
    report["changes"]["against"] = "heloguard"
    report["exact"], report["cannot_tell"] = True, []
    report["totals"]["undecided"] = 17
    cross = report["totals"]["cross"]
    cross["unknown"] = cross.pop("accepted")
    report["totals"]["mta"] = answers(cross, report["totals"]["sessions"])
    for client in report["clients"]:
        client["mta"] = "unknown" if client["mta"] == "accepted" else client["mta"]
    return report


def many(clients=5000):
    """As many clients, networks and buckets as a report may have."""
    report = sample()
    report["clients"] = []
    for at in range(clients):
        row = list(CLIENTS[at % len(CLIENTS)])
        row[0] = f"10.{at // 65536}.{at // 256 % 256}.{at % 256}"
        row[1] = f"host-{at}.example.net"
        report["clients"].append(client(row))
    report["clients_more_sessions"] = 123
    report["networks"] = [
        {"network": f"10.0.{at}.0/24", "sessions": at + 1, "judged": at + 1, "refused": at // 2, "changed": 1}
        for at in range(256)
    ]
    report["networks_more"], report["networks_more_sessions"] = 7, 19
    report["over_time"]["buckets"] = buckets(400)
    return report


def spoiled(value, payload):
    """The report with `payload` in every string and every key that is a rule's name."""
    if isinstance(value, str):
        return payload + value
    if isinstance(value, list):
        return [spoiled(item, payload) for item in value]
    if isinstance(value, dict):
        return {
            key: {payload + rule: sessions for rule, sessions in item.items()}
            if key == "by_rule"
            else spoiled(item, payload)
            for key, item in value.items()
        }
    return copy.copy(value)
