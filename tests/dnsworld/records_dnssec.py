"""Every state of the reverse link beside every state of the forward link, and further ways to be bogus or insecure.

The grid: client 198.18.R.F and its sister 2001:db8:100R::F, R and F the numbers in LINKS of their reverse and their
forward zone. The PTR name is from-REVERSE.FORWARD-grid.net and has both addresses. Where the link is "no-denial", there
is no record: the client has no PTR, or the name no address, and the zone cannot prove it.
"""

from zone_kinds import (BAD_SIGNATURES, EXPIRED, NO_DENIALS, NO_SIGNATURES, NOT_YET, OPTOUT, SIGNED, Table,
                        UNKNOWN_ALGORITHM, UNSIGNED, WRONG_DS)

LINKS = {
    "secure": SIGNED,
    "insecure": UNSIGNED,
    "bad-signature": BAD_SIGNATURES,
    "expired": EXPIRED,
    "wrong-ds": WRONG_DS,
    "no-denial": NO_DENIALS,
}

_ZONES = {
    "198.18.0.0/16": SIGNED,
    # the further ways: forward, and reverse
    "notyet.org.": NOT_YET,
    "ds-alone.org.": NO_SIGNATURES,
    "newalgorithm.org.": UNKNOWN_ALGORITHM,
    "optout.org.": OPTOUT,
    "2001:db8:b::/48": NOT_YET,
    "2001:db8:c::/48": NO_SIGNATURES,
    "2001:db8:d::/48": UNKNOWN_ALGORITHM,
}

_RECORDS = r"""
@87                           PTR   mail.notyet.org.
mail.notyet.org.              ADDR  @87
@88                           PTR   mail.ds-alone.org.
mail.ds-alone.org.            ADDR  @88
@89                           PTR   mail.newalgorithm.org.
mail.newalgorithm.org.        ADDR  @89
2001:db8:b::10                PTR   mail.secure-grid.net.
2001:db8:c::10                PTR   mail.secure-grid.net.
2001:db8:d::10                PTR   mail.secure-grid.net.
mail.secure-grid.net.         AAAA  2001:db8:b::10
mail.secure-grid.net.         AAAA  2001:db8:c::10
mail.secure-grid.net.         AAAA  2001:db8:d::10

; --- denials that cannot be proven, beside answers that can
@90                           PTR   host90.wild.no-denial-grid.net.
*.wild.no-denial-grid.net.    ADDR  @90
@91                           PTR   m91.no-denial-grid.net.
m91.no-denial-grid.net.       TXT   "no address here"
@92                           PTR   m92.no-denial-grid.net.
m92.no-denial-grid.net.       ADDR  @92
198.18.6.15                   TXT   "no PTR here"
2001:db8:1006::15             TXT   "no PTR here"
198.18.6.10                   PTR   m10.secure-grid.net.
2001:db8:1006::10             PTR   m10.secure-grid.net.
m10.secure-grid.net.          A     198.18.6.10
m10.secure-grid.net.          AAAA  2001:db8:1006::10
"""

for _r, (_reverse, _reverse_kind) in enumerate(LINKS.items(), 1):
    _ZONES[f"198.18.{_r}.0/24"] = _reverse_kind
    _ZONES[f"2001:db8:100{_r}::/48"] = _reverse_kind
    _ZONES[f"{_reverse}-grid.net."] = _reverse_kind
    for _f, _forward in enumerate(LINKS, 1):
        _name = f"from-{_reverse}.{_forward}-grid.net."
        for _client, _type in ((f"198.18.{_r}.{_f}", "A"), (f"2001:db8:100{_r}::{_f}", "AAAA")):
            if _reverse != "no-denial":
                _RECORDS += f"{_client} PTR {_name}\n"
            if _forward != "no-denial":
                _RECORDS += f"{_name} {_type} {_client}\n"

TABLE = Table(_ZONES, _RECORDS)
