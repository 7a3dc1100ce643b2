"""The clients there are, and the DNS that says so: good ones with a PTR record whose name leads back, others without.

Every kind is drawn from in order, so that a client that nobody has seen before is always at hand.
"""

ZONE = "outage.example"
REVERSE = "10.in-addr.arpa"
TTL = 3600
_GOOD = 2000


def _address(base, number):
    """Four networks are in use at once, so that none is over its share of the lookups when nothing is answered."""
    network = number % 4 + number // 1000 * 4
    return "10.%d.%d.%d" % (base + (network >> 8), network & 255, number // 4 % 250)


def good_hosts():
    """(address, name) of all that have reverse DNS."""
    for number in range(_GOOD):
        yield _address(1, number), "host-%d.%s" % (number, ZONE)


def hosts_without_ptr():
    """More than anybody asks for."""
    for number in range(1_000_000):
        yield _address(2, number)


def reverse_name(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


def zone_files():
    """{zone: text of its master file}."""
    head = "$TTL %d\n@ SOA ns root 1 3600 600 86400 %d\n@ NS ns\nns A 127.0.0.1\n" % (TTL, TTL)
    forward, reverse = [head], [head]
    for address, name in good_hosts():
        forward.append("%s. A %s\n" % (name, address))
        reverse.append("%s. PTR %s.\n" % (reverse_name(address), name))
    return {ZONE: "".join(forward), REVERSE: "".join(reverse)}


def table():
    """The same for nameserver.NameServer."""
    records = {(ZONE, "A"): ["127.0.0.1"]}
    for address, name in good_hosts():
        records[name, "A"] = [address]
        records[reverse_name(address), "PTR"] = [name]
    return records
