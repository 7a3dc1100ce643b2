"""SPF records of HELO names (RFC 7208), in every DNSSEC state. The clients are 198.18.90.1 and 2001:db8:90::1."""

from zone_kinds import Table

_RECORDS = r"""
spf-a.goodcorp.com.           TXT   "v=spf1 a -all"
spf-a.goodcorp.com.           ADDR  198.18.90.1
spf-a.goodcorp.com.           ADDR  2001:db8:90::1
spf-a.plainhost.net.          TXT   "v=spf1 a -all"
spf-a.plainhost.net.          A     198.18.90.1
spf-soft.goodcorp.com.        TXT   "some-verification=1234"
spf-soft.goodcorp.com.        TXT   "v=spf1 ip6:2001:db8:90::/48 ~all"
spf-empty.goodcorp.com.       TXT   "v=spf1"
; --- one record in several strings; two records; two that read alike
spf-split.goodcorp.com.       TXT   "v=spf1 ip4:198.18" ".90.1" "" " -all"
spf-two.goodcorp.com.         TXT   "v=spf1 a -all"
spf-two.goodcorp.com.         TXT   "v=spf1 +all"
spf-alike.goodcorp.com.       TXT   "v=spf1 +all"
spf-alike.goodcorp.com.       TXT   "v=spf1 " "+all"
spf-bytes.goodcorp.com.       TXT   "v=spf1 \000\200\013\010 -all"
; --- what a record leads to
spf-mx.goodcorp.com.          TXT   "v=spf1 mx -all"
spf-mx.goodcorp.com.          MX    10 elsewhere1.goodcorp.com.
spf-mx.goodcorp.com.          MX    20 spf-a.goodcorp.com.
spf-include.goodcorp.com.     TXT   "v=spf1 include:spf-a.plainhost.net -all"
spf-ptr.goodcorp.com.         TXT   "v=spf1 ptr:goodcorp.com -all"
spf-alias.goodcorp.com.       CNAME spf-a.goodcorp.com.
*.spf-wild.goodcorp.com.      TXT   "v=spf1 exists:%{ir}.%{v}._spf.goodcorp.com -all"
1.90.18.198.in-addr._spf.goodcorp.com. A 127.0.0.2
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9.0.0.8.b.d.0.1.0.0.2.ip6._spf.goodcorp.com. A 127.0.0.2
spf-loop.goodcorp.com.        TXT   "v=spf1 redirect=spf-loop.goodcorp.com"
spf-void.goodcorp.com.        TXT   "v=spf1 a:u.gone.goodcorp.com a:v.gone.goodcorp.com a:w.gone.goodcorp.com -all"
; --- bogus, at the first step or later
spf-bogus.goodcorp.com.       TXT   "v=spf1 -all"
spf-bogus-a.goodcorp.com.     TXT   "v=spf1 a:bad-a.goodcorp.com -all"
spf-bogus-include.goodcorp.com. TXT "v=spf1 include:spf-bogus.goodcorp.com -all"
spf.expired-grid.net.         TXT   "v=spf1 -all"
; --- servers at fault
mail.tcp-only-server.net.     TXT   "v=spf1 a -all"
mail.late-server.net.         TXT   "v=spf1 -all"
spf-silent.goodcorp.com.      TXT   "v=spf1 a:mail.silentdns.net -all"
"""
# 2,000 octets: more than UDP carries unsigned. 60 KB: over dns.max_answer.
_STRINGS = " ".join(f'" ip4:10.{_i // 10}.{_i % 10}.0/24"' for _i in range(120))
_RECORDS += f'spf-long.goodcorp.com. TXT "v=spf1" {_STRINGS} " ip4:198.18.90.1 -all"\n'
for _i in range(240):
    _RECORDS += f'spf.big.net. TXT "{_i:04}{"x" * 246}"\n'
_RECORDS += 'spf.big.net. TXT "v=spf1 -all"\n'

_DAMAGE = {("spf-bogus.goodcorp.com.", "TXT"): "signature"}
TABLE = Table({}, _RECORDS, _DAMAGE)
