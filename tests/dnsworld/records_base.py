"""The ordinary world: clients with good, missing, wrong and broken reverse DNS, and names for HELO."""

from zone_kinds import (EXPIRED, OPTOUT, REFUSED, SERVFAIL, SIGNED, SILENT, Table, UNSIGNED, WRONG_DS)

_ZONES = {
    ".": SIGNED,
    "com.": SIGNED,
    "net.": SIGNED,
    "org.": SIGNED,
    "arpa.": SIGNED,
    "in-addr.arpa.": SIGNED,
    "ip6.arpa.": SIGNED,
    "127.in-addr.arpa.": SIGNED,
    # forward
    "goodcorp.com.": SIGNED,
    "customer.com.": SIGNED,
    "isp-access.net.": SIGNED,
    "plainhost.net.": UNSIGNED,
    "nullmx.org.": SIGNED,
    "brokensig.org.": SIGNED,
    "oldsigs.org.": EXPIRED,
    "wrongds.org.": WRONG_DS,
    "silentdns.net.": SILENT,
    "refused-dns.net.": REFUSED,
    "servfail-dns.org.": SERVFAIL,
    # reverse
    "192.0.2.0/24": SIGNED,
    "192.0.2.66/32": SILENT,
    "192.0.2.67/32": REFUSED,
    "192.0.2.68/32": SERVFAIL,
    "128/25.2.0.192.in-addr.arpa.": SIGNED,
    "96/27.2.0.192.in-addr.arpa.": UNSIGNED,
    "198.51.100.0/24": UNSIGNED,
    "203.0.113.0/24": EXPIRED,
    "2001:db8::/32": SIGNED,
    "2001:db8:2::/48": UNSIGNED,
    "2001:db8:3::/48": EXPIRED,
    "2001:db8:4::/48": OPTOUT,
    "2001:db8:5::/48": SILENT,
}

_RECORDS = r"""
; --- the clean server, all links signed
192.0.2.10                    PTR   mail.goodcorp.com.
2001:db8::10                  PTR   mail.goodcorp.com.
2001:db8:2::10                PTR   mail.goodcorp.com.
2001:db8:3::10                PTR   mail.goodcorp.com.
2001:db8:4::10                PTR   mail.goodcorp.com.
goodcorp.com.                 MX    10 mail.goodcorp.com.
goodcorp.com.                 A     192.0.2.10
mail.goodcorp.com.            A     192.0.2.10
mail.goodcorp.com.            AAAA  2001:db8::10
mail.goodcorp.com.            AAAA  2001:db8:2::10
mail.goodcorp.com.            AAAA  2001:db8:3::10
mail.goodcorp.com.            AAAA  2001:db8:4::10

; --- signed PTR, unsigned forward zone
192.0.2.11                    PTR   mx1.plainhost.net.
2001:db8::11                  PTR   mx1.plainhost.net.
mx1.plainhost.net.            A     192.0.2.11
mx1.plainhost.net.            AAAA  2001:db8::11

; --- bogus forward, bogus PTR
192.0.2.12                    PTR   mail.brokensig.org.
2001:db8::12                  PTR   mail.brokensig.org.
mail.brokensig.org.           A     192.0.2.12
mail.brokensig.org.           AAAA  2001:db8::12
192.0.2.13                    PTR   mail.goodcorp.com.
2001:db8::13                  PTR   mail.goodcorp.com.
192.0.2.28                    PTR   mail.oldsigs.org.
mail.oldsigs.org.             A     192.0.2.28
192.0.2.29                    PTR   mail.wrongds.org.
mail.wrongds.org.             A     192.0.2.29

; --- no PTR: .14 and ::14 do not exist, .15 and ::15 hold something else
192.0.2.15                    TXT   "no PTR here"
2001:db8::15                  TXT   "no PTR here"

; --- names that lead elsewhere or nowhere
192.0.2.16                    PTR   mail.goodcorp.com.
2001:db8::16                  PTR   mail.goodcorp.com.
192.0.2.21                    PTR   gone.goodcorp.com.
192.0.2.22                    PTR   v6only.goodcorp.com.
v6only.goodcorp.com.          AAAA  2001:db8::2222
2001:db8::22                  PTR   v4only.goodcorp.com.
v4only.goodcorp.com.          A     192.0.2.222
192.0.2.23                    PTR   mail.silentdns.net.
2001:db8::23                  PTR   mail.silentdns.net.
192.0.2.24                    PTR   mail.refused-dns.net.
192.0.2.30                    PTR   mail.servfail-dns.org.

; --- several PTR records: the match sorts first, last, in between dead names, and over the cap of ten
192.0.2.17                    PTR   a1.goodcorp.com.
192.0.2.17                    PTR   elsewhere1.goodcorp.com.
192.0.2.17                    PTR   elsewhere2.goodcorp.com.
2001:db8::17                  PTR   a1.goodcorp.com.
2001:db8::17                  PTR   elsewhere1.goodcorp.com.
2001:db8::17                  PTR   elsewhere2.goodcorp.com.
a1.goodcorp.com.              A     192.0.2.17
a1.goodcorp.com.              AAAA  2001:db8::17
192.0.2.18                    PTR   elsewhere1.goodcorp.com.
192.0.2.18                    PTR   elsewhere2.goodcorp.com.
192.0.2.18                    PTR   z1.goodcorp.com.
2001:db8::18                  PTR   elsewhere1.goodcorp.com.
2001:db8::18                  PTR   elsewhere2.goodcorp.com.
2001:db8::18                  PTR   z1.goodcorp.com.
z1.goodcorp.com.              A     192.0.2.18
z1.goodcorp.com.              AAAA  2001:db8::18
elsewhere1.goodcorp.com.      A     192.0.2.201
elsewhere2.goodcorp.com.      A     192.0.2.202
192.0.2.31                    PTR   mail.silentdns.net.
192.0.2.31                    PTR   mail.brokensig.org.
192.0.2.31                    PTR   m31.goodcorp.com.
m31.goodcorp.com.             A     192.0.2.31
192.0.2.32                    PTR   mail.silentdns.net.
192.0.2.32                    PTR   elsewhere1.goodcorp.com.
v19-01.goodcorp.com.          A     192.0.2.19
v19-01.goodcorp.com.          AAAA  2001:db8::19
v20-12.goodcorp.com.          A     192.0.2.20
v20-12.goodcorp.com.          AAAA  2001:db8::20

; --- hostile bytes in the PTR name: CR LF, a NUL, blanks and a dot inside one label, a per cent sign, 8-bit
192.0.2.25                    PTR   evil\032x\.y\013\010X-Header:\032a\000%s\200.goodcorp.com.
2001:db8::25                  PTR   evil\032x\.y\013\010X-Header:\032a\000%s\200.goodcorp.com.
192.0.2.33                    PTR   .
192.0.2.34                    PTR   mailserver.
192.0.2.35                    PTR   localhost.
192.0.2.36                    PTR   mail.office.lan.

; --- wildcard and CNAME
192.0.2.26                    PTR   host26.wild.goodcorp.com.
2001:db8::26                  PTR   host26.wild.goodcorp.com.
*.wild.goodcorp.com.          A     192.0.2.26
*.wild.goodcorp.com.          AAAA  2001:db8::26
192.0.2.27                    PTR   alias.goodcorp.com.
alias.goodcorp.com.           CNAME m27.goodcorp.com.
2001:db8::27                  PTR   alias.goodcorp.com.
m27.goodcorp.com.             A     192.0.2.27
m27.goodcorp.com.             AAAA  2001:db8::27
192.0.2.37                    PTR   hosted.goodcorp.com.
hosted.goodcorp.com.          CNAME shared.plainhost.net.
shared.plainhost.net.         A     192.0.2.37
192.0.2.38                    PTR   mx.renamed.goodcorp.com.
renamed.goodcorp.com.         DNAME moved.customer.com.
mx.moved.customer.com.        A     192.0.2.38

; --- dynamic pools
192.0.2.40                    PTR   dsl-192-0-2-40.pool.isp-access.net.
dsl-192-0-2-40.pool.isp-access.net. A 192.0.2.40
192.0.2.41                    PTR   dsl-192-0-2-41.pool.isp-access.net.
198.51.100.40                 PTR   198-51-100-40.dynamic.isp-access.net.
198-51-100-40.dynamic.isp-access.net. A 198.51.100.40
198.51.100.41                 PTR   198-51-100-41.dynamic.isp-access.net.

; --- RFC 2317: signed, unsigned, and one that leads nowhere
192.0.2.130                   CNAME 130.128/25.2.0.192.in-addr.arpa.
130.128/25.2.0.192.in-addr.arpa. PTR mail.customer.com.
mail.customer.com.            A     192.0.2.130
customer.com.                 MX    10 mail.customer.com.
192.0.2.131                   CNAME 131.128/25.2.0.192.in-addr.arpa.
192.0.2.100                   CNAME 100.96/27.2.0.192.in-addr.arpa.
100.96/27.2.0.192.in-addr.arpa. PTR smtp.customer.com.
smtp.customer.com.            A     192.0.2.100

; --- an unsigned reverse zone
198.51.100.10                 PTR   mx2.goodcorp.com.
mx2.goodcorp.com.             A     198.51.100.10
198.51.100.11                 PTR   mail.plainhost.net.
plainhost.net.                MX    10 mail.plainhost.net.
mail.plainhost.net.           A     198.51.100.11
198.51.100.12                 PTR   mail2.brokensig.org.
mail2.brokensig.org.          A     198.51.100.12
198.51.100.15                 TXT   "no PTR here"
198.51.100.16                 PTR   mail.plainhost.net.
198.51.100.21                 PTR   gone.plainhost.net.
2001:db8:2::11                PTR   mail.plainhost.net.
mail.plainhost.net.           AAAA  2001:db8:2::11
2001:db8:2::16                PTR   mail.plainhost.net.

; --- a reverse zone whose signatures ran out
203.0.113.10                  PTR   mx3.goodcorp.com.
mx3.goodcorp.com.             A     203.0.113.10

; --- mail exchangers and names for HELO
nullmx.org.                   MX    0 .
nullmx.org.                   A     192.0.2.50
txtonly.goodcorp.com.         TXT   "neither address nor MX"

; --- loopback
127.0.0.1                     PTR   localhost.
"""
for _i in range(1, 13):
    _RECORDS += f"192.0.2.19 PTR v19-{_i:02}.goodcorp.com.\n192.0.2.20 PTR v20-{_i:02}.goodcorp.com.\n"
    _RECORDS += f"2001:db8::19 PTR v19-{_i:02}.goodcorp.com.\n2001:db8::20 PTR v20-{_i:02}.goodcorp.com.\n"

_DAMAGE = {
    ("mail.brokensig.org.", "A"): "forge",
    ("mail.brokensig.org.", "AAAA"): "forge",
    ("mail2.brokensig.org.", "A"): "signature",
    ("192.0.2.13", "PTR"): "signature",
    ("2001:db8::13", "PTR"): "signature",
}

TABLE = Table(_ZONES, _RECORDS, _DAMAGE)
