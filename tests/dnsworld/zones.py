"""All zones and records of the DNS test world, put together from the tables. What each is there for: README.md.

A zone is named, or is the network whose reverse zone it is. A record is one line: owner, type, data. Owners are
absolute; an address stands for its PTR owner, as it does in a CNAME's data. "@N" stands for 192.0.2.N and 2001:db8::N,
and the type ADDR for the A or AAAA record of either. A record belongs to the longest zone that holds its owner.

Each record about a TEST-NET address is doubled for its loopback twin (192.0.2.N is 127.0.2.N, 198.51.100.N is
127.0.100.N, 203.0.113.N is 127.0.113.N), so that a client which can only bind to 127/8 meets the same situations.
Nothing here does I/O.
"""

import ipaddress
import re
from typing import NamedTuple

import records_base
import records_chains
import records_dnssec
import records_faults
import records_names
import records_spf
from zone_kinds import Kind

_TABLES = [module.TABLE for module in
           (records_base, records_dnssec, records_chains, records_faults, records_names, records_spf)]
_TWIN_NETS = {"192.0.2.": "127.0.2.", "198.51.100.": "127.0.100.", "203.0.113.": "127.0.113."}
_TWIN_ZONES = {"2.0.192.in-addr.arpa.": "2.0.127.in-addr.arpa.", "100.51.198.in-addr.arpa.": "100.0.127.in-addr.arpa.",
               "113.0.203.in-addr.arpa.": "113.0.127.in-addr.arpa."}
_FIRST_LABEL = re.compile(r"(?:\\\d{3}|\\.|[^.\\])+\.")  # a dot behind a backslash is part of the label


class Zone(NamedTuple):
    kind: Kind
    records: list  # (owner, type, rdata) as in a master file
    damage: dict   # (owner, type) -> how


def parent(name):
    """The name (absolute) without its first label."""
    return name[_FIRST_LABEL.match(name).end():] or "."


def zone_of(name, zones):
    """The longest zone of `zones` that holds `name` (absolute)."""
    while name not in zones:
        name = parent(name)
    return name


def _zone_name(text):
    """A zone's name; for a network its reverse zone."""
    if text.endswith("."):
        return text
    network = ipaddress.ip_network(text)
    labels = network.network_address.reverse_pointer.split(".")
    bits_per_label = 8 if network.version == 4 else 4
    return ".".join(labels[(network.max_prefixlen - network.prefixlen) // bits_per_label:]) + "."


def _owner(text):
    return text if text.endswith(".") else ipaddress.ip_address(text).reverse_pointer + "."


def _twin_address(address):
    for net, twin in _TWIN_NETS.items():
        if address.startswith(net):
            return twin + address[len(net):]
    return address


def _twin_name(name):
    for zone, twin in _TWIN_ZONES.items():
        if name == zone or name.endswith("." + zone):
            return name[:-len(zone)] + twin
    return name


def _both_families(line):
    """The line, once for each address that an "@N" in it stands for."""
    if "@" not in line:
        return [line]
    return [re.sub(r"@(\d+)\b", rf"{net}\1", line) for net in ("192.0.2.", "2001:db8::")]


def _records(text):
    for written in text.splitlines():
        if not written or written.startswith(";"):
            continue
        for line in _both_families(written):
            owner, rrtype, rdata = line.split(None, 2)
            if rrtype == "ADDR":
                rrtype = "AAAA" if ":" in rdata else "A"
            yield _owner(owner), rrtype, _owner(rdata) if rrtype == "CNAME" else rdata


def _with_twin(owner, rrtype, rdata):
    return {(owner, rrtype, rdata),
            (_twin_name(owner), rrtype, _twin_address(rdata) if rrtype == "A" else _twin_name(rdata))}


def kinds():
    """All zones, without their records: {name: Kind}."""
    found = {}
    for table in _TABLES:
        for name, kind in table.zones.items():
            found[_zone_name(name)] = found[_twin_name(_zone_name(name))] = kind
    return found


def build():
    """All zones with their records: {name: Zone}."""
    zones = {name: Zone(kind, [], {}) for name, kind in kinds().items()}
    for table in _TABLES:
        for line in _records(table.records):
            for record in sorted(_with_twin(*line)):
                zones[zone_of(record[0], zones)].records.append(record)
        for (owner, rrtype), how in table.damage.items():
            for name in {_owner(owner), _twin_name(_owner(owner))}:
                zones[zone_of(name, zones)].damage[(name, rrtype)] = how
    return zones
