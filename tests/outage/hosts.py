"""The clients there are, and the DNS that says so: good ones with a PTR record whose name leads back, others without.

Every kind is drawn from in order, so that a client that nobody has seen before is always at hand.
"""

ZONE = "outage.example"
REVERSE = "10.in-addr.arpa"
TTL = 3600
_GOOD = 2000


def good_hosts():
    """(address, name) of all that have reverse DNS: 10.1.0.0, 10.1.0.1, ..."""
    for number in range(_GOOD):
        yield "10.1.%d.%d" % divmod(number, 256), "host-%d.%s" % (number, ZONE)


def hosts_without_ptr():
    """10.2.0.0, 10.2.0.1, ...: more than anybody asks for."""
    for number in range(2 << 16, 256 << 16):
        yield "10.%d.%d.%d" % (number >> 16, number >> 8 & 255, number & 255)


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
