"""Zones behind servers with a fault (scripted_server.py): reverse DNS whose forward or whose reverse link is one.

192.0.2.N has a sound PTR record and a name behind the fault; 2001:db8:N::10 has its reverse zone behind it and a sound
name. All hold the right records: who took them from the faulty answer would let the client pass.
"""

from zone_kinds import SIGNED, Table, UNSIGNED

FAULTY = (  # number, fault, how its zones are signed
    (42, "slow", SIGNED),
    (43, "late", UNSIGNED),
    (44, "tcp-only", SIGNED),
    (45, "tcp-broken", UNSIGNED),
    (46, "tcp-silent", UNSIGNED),
    (47, "wrong-id", UNSIGNED),
    (48, "other-question", UNSIGNED),
    (49, "garbage", UNSIGNED),
    (51, "pointer-loop", UNSIGNED),
    (52, "cut", UNSIGNED),
    (53, "lame", UNSIGNED),
    (54, "upward", UNSIGNED),
    (55, "aaaa-servfail", UNSIGNED),
    (56, "aaaa-nxdomain", UNSIGNED),
    (57, "empty", UNSIGNED),
)

_zones = {}
_records = ""
for _number, _fault, _kind in FAULTY:
    _zones[f"{_fault}-server.net."] = _kind.behind(_fault)
    _zones[f"2001:db8:{_number}::/48"] = _kind.behind(_fault)
    _records += (f"192.0.2.{_number} PTR mail.{_fault}-server.net.\n"
                 f"mail.{_fault}-server.net. A 192.0.2.{_number}\n"
                 f"mail.{_fault}-server.net. AAAA 2001:db8::{_number}\n"
                 f"2001:db8:{_number}::10 PTR {_fault}.goodcorp.com.\n"
                 f"{_fault}.goodcorp.com. AAAA 2001:db8:{_number}::10\n")

TABLE = Table(_zones, _records)
