"""PTR names that only look like relay.goodcorp.com, names of the greatest length, and names for HELO."""

from zone_kinds import Table

# 198.18.50.N and 2001:db8:50::N, N from 1, have the PTR name; the name has both addresses, so it is verified.
LOOKALIKES = (
    r"relay\.goodcorp.com.",                 # a dot inside a label
    r"relay.goodcorp\.com.",
    r"relay\.goodcorp\.com.",
    r"relay.goodcorp.com\000.",              # what ends a C string
    r"relay.goodcorp.com\000.goodcorp.com.",
    r"relay.goodcorp.com\..",                # a trailing dot that is none
    r"relay.goodcorp.com\032.",
    r"relay.goodcorp.com\013\010.",
    r"\"relay.goodcorp.com\".",
    r"\\114elay.goodcorp.com.",              # an escape as text
    r"r\233lay.goodcorp.com.",               # 8-bit, no UTF-8
    r"relay.goodcorp.com.x%s\010.goodcorp.com.",
    r"\114\101\108\097\121.goodcorp.com.",   # from here on the name itself: written with escapes, in capitals
    r"RELAY.GoodCorp.COM.",
)
# 255 octets on the wire, all in use. 198.18.50.100 and 2001:db8:50::100.
LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 48, "goodcorp.com."])

_RECORDS = r"""
; --- names for HELO, in any state. The clients are 198.18.90.1 and 2001:db8:90::1.
bad-a.goodcorp.com.           A     198.18.90.1
bad-a.goodcorp.com.           AAAA  2001:db8:90::1
bad-aaaa.goodcorp.com.        A     198.18.90.1
bad-aaaa.goodcorp.com.        AAAA  2001:db8:90::1
only-a.no-denial-grid.net.    A     198.18.90.1
only-aaaa.no-denial-grid.net. AAAA  2001:db8:90::1
helo.optout.org.              A     198.18.90.1
helo.optout.org.              AAAA  2001:db8:90::1
only-a.optout.org.            A     198.18.90.1
txtonly.plainhost.net.        TXT   "neither address nor MX"
crossing.goodcorp.com.        CNAME crossing.plainhost.net.
crossing.plainhost.net.       CNAME helo.secure-grid.net.
helo.aaaa-servfail-server.net. A    198.18.90.1
helo.aaaa-servfail-server.net. AAAA 2001:db8:90::1
helo.aaaa-nxdomain-server.net. A    198.18.90.1
helo.aaaa-nxdomain-server.net. AAAA 2001:db8:90::1
"""
for _zone in ("secure", "insecure", "bad-signature", "expired", "wrong-ds"):
    _RECORDS += f"helo.{_zone}-grid.net. A 198.18.90.1\nhelo.{_zone}-grid.net. AAAA 2001:db8:90::1\n"
for _n, _name in (*enumerate(LOOKALIKES, 1), (100, LONGEST)):
    _owner = "relay.goodcorp.com." if _n in (len(LOOKALIKES) - 1, len(LOOKALIKES)) else _name
    _RECORDS += (f"198.18.50.{_n} PTR {_name}\n2001:db8:50::{_n} PTR {_name}\n"
                 f"{_owner} A 198.18.50.{_n}\n{_owner} AAAA 2001:db8:50::{_n}\n")

_DAMAGE = {("bad-a.goodcorp.com.", "A"): "signature", ("bad-aaaa.goodcorp.com.", "AAAA"): "signature"}
TABLE = Table({}, _RECORDS, _DAMAGE)
