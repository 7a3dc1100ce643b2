"""Wildcards, DNAME and CNAME chains, in the reverse tree and in front of PTR names; answers too large for UDP."""

import ipaddress

from zone_kinds import Table, UNSIGNED

_ZONES = {
    "198.18.61.0/24": UNSIGNED,
    # Answers of 60 KB: not signed, since that would take seconds.
    "big.net.": UNSIGNED,
    "192.0.2.85/32": UNSIGNED,
    "2001:db8::85/128": UNSIGNED,
}

_RECORDS = r"""
; --- PTR behind a CNAME chain: all links signed, one unsigned, one expired, expired behind unsigned
@70                           CNAME a70.chain.goodcorp.com.
a70.chain.goodcorp.com.       CNAME b70.chain.customer.com.
b70.chain.customer.com.       CNAME c70.chain.isp-access.net.
c70.chain.isp-access.net.     PTR   m70.goodcorp.com.
m70.goodcorp.com.             ADDR  @70
@71                           CNAME a71.chain.goodcorp.com.
a71.chain.goodcorp.com.       CNAME b71.chain.plainhost.net.
b71.chain.plainhost.net.      CNAME c71.chain.customer.com.
c71.chain.customer.com.       PTR   m71.goodcorp.com.
m71.goodcorp.com.             ADDR  @71
@72                           CNAME a72.chain.goodcorp.com.
a72.chain.goodcorp.com.       CNAME b72.chain.oldsigs.org.
b72.chain.oldsigs.org.        CNAME c72.chain.customer.com.
c72.chain.customer.com.       PTR   m72.goodcorp.com.
m72.goodcorp.com.             ADDR  @72
@73                           CNAME a73.chain.plainhost.net.
a73.chain.plainhost.net.      CNAME b73.chain.oldsigs.org.
b73.chain.oldsigs.org.        PTR   m73.goodcorp.com.
m73.goodcorp.com.             ADDR  @73

; --- loops and a chain that is too long
@74                           CNAME a74.chain.goodcorp.com.
a74.chain.goodcorp.com.       CNAME b74.chain.customer.com.
b74.chain.customer.com.       CNAME a74.chain.goodcorp.com.
192.0.2.75                    CNAME 192.0.2.75
2001:db8::75                  CNAME 2001:db8::75
@76                           CNAME l01.chain.goodcorp.com.
l16.chain.goodcorp.com.       PTR   m76.goodcorp.com.
m76.goodcorp.com.             ADDR  @76
@77                           PTR   a77.goodcorp.com.
a77.goodcorp.com.             CNAME b77.customer.com.
b77.customer.com.             CNAME a77.goodcorp.com.

; --- PTR names that are aliases: across an unsigned zone, out of one, into an expired one, into nothing
@78                           PTR   a78.goodcorp.com.
a78.goodcorp.com.             CNAME b78.plainhost.net.
b78.plainhost.net.            CNAME c78.customer.com.
c78.customer.com.             ADDR  @78
@79                           PTR   a79.plainhost.net.
a79.plainhost.net.            CNAME m79.goodcorp.com.
m79.goodcorp.com.             ADDR  @79
@80                           PTR   a80.goodcorp.com.
a80.goodcorp.com.             CNAME b80.oldsigs.org.
b80.oldsigs.org.              ADDR  @80
@81                           PTR   a81.goodcorp.com.
a81.goodcorp.com.             CNAME gone81.customer.com.
@82                           PTR   a82.goodcorp.com.
a82.goodcorp.com.             CNAME gone82.plainhost.net.
@93                           PTR   a93.plainhost.net.
a93.plainhost.net.            CNAME b93.oldsigs.org.
b93.oldsigs.org.              ADDR  @93
@94                           PTR   mx94.faraway.goodcorp.com.
faraway.goodcorp.com.         DNAME faraway.plainhost.net.
mx94.faraway.plainhost.net.   ADDR  @94
@95                           PTR   m95.goodcorp.com.
@95                           PTR   m95.plainhost.net.
m95.goodcorp.com.             ADDR  @95
m95.plainhost.net.            ADDR  @95

; --- 200 PTR names, the match first and last; answers of 60 KB
p83-001.goodcorp.com.         ADDR  @83
p84-200.goodcorp.com.         ADDR  @84
@86                           PTR   m86.big.net.
m86.big.net.                  ADDR  @86

; --- wildcard PTR: signed, unsigned, NSEC3 with opt-out
*.60.18.198.in-addr.arpa.     PTR   roaming.goodcorp.com.
*.61.18.198.in-addr.arpa.     PTR   roaming.goodcorp.com.
*.6.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR roaming.goodcorp.com.
*.1.0.0.0.4.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR roaming.goodcorp.com.
roaming.goodcorp.com.         A     198.18.60.7
roaming.goodcorp.com.         A     198.18.61.7
roaming.goodcorp.com.         AAAA  2001:db8:6::7
roaming.goodcorp.com.         AAAA  2001:db8:4:1::7

; --- DNAME in the reverse tree: signed, into an unsigned zone, into an expired one, with a damaged signature
62.18.198.in-addr.arpa.       DNAME v4.moved.customer.com.
63.18.198.in-addr.arpa.       DNAME v4.moved.plainhost.net.
64.18.198.in-addr.arpa.       DNAME v4.moved.oldsigs.org.
65.18.198.in-addr.arpa.       DNAME v4.moved.customer.com.
7.v4.moved.customer.com.      PTR   moved.goodcorp.com.
7.v4.moved.plainhost.net.     PTR   moved.goodcorp.com.
7.v4.moved.oldsigs.org.       PTR   moved.goodcorp.com.
7.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. DNAME v6.moved.customer.com.
8.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. DNAME v6.moved.plainhost.net.
moved.goodcorp.com.           A     198.18.62.7
moved.goodcorp.com.           A     198.18.63.7
moved.goodcorp.com.           A     198.18.64.7
moved.goodcorp.com.           A     198.18.65.7
moved.goodcorp.com.           AAAA  2001:db8:7::7
moved.goodcorp.com.           AAAA  2001:db8:8::7
"""

_HOST_LABELS = ".".join(ipaddress.ip_address("::7").reverse_pointer.split(".")[:20])  # those below a /48
_RECORDS += f"{_HOST_LABELS}.v6.moved.customer.com. PTR moved.goodcorp.com.\n"
_RECORDS += f"{_HOST_LABELS}.v6.moved.plainhost.net. PTR moved.goodcorp.com.\n"
# With 20 labels in front, a name below this target has more than 255 octets. With fewer labels there is such a name:
# that one does not exist would be a proof that there is nothing below it either (RFC 8020).
_LONG_TARGET = ".".join(["w" * 20, "x" * 63, "y" * 63, "z" * 63, "goodcorp.com."])
_RECORDS += f"9.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. DNAME {_LONG_TARGET}\n*.{_LONG_TARGET} TXT \"any\"\n"
for _i in range(1, 16):
    _RECORDS += f"l{_i:02}.chain.goodcorp.com. CNAME l{_i + 1:02}.chain.goodcorp.com.\n"
for _i in range(1, 201):
    _RECORDS += f"@83 PTR p83-{_i:03}.goodcorp.com.\n@84 PTR p84-{_i:03}.goodcorp.com.\n"
for _i in range(1, 769):  # 60 KB compressed; libunbound's own form of it is larger and has to stay below 64 KB
    _RECORDS += f"@85 PTR n{_i:03}-{'x' * 58}.big.net.\n"
for _i in range(1, 2001):  # a compression pointer each, of which libunbound follows 2,048
    _RECORDS += f"m86.big.net. A 10.86.{_i // 256}.{_i % 256}\n"
for _i in range(1, 2001):
    _RECORDS += f"m86.big.net. AAAA 2001:db8:86::{_i:x}\n"

TABLE = Table(_ZONES, _RECORDS, {("65.18.198.in-addr.arpa.", "DNAME"): "signature"})
