"""How a zone of the DNS test world is made and served, as values. Nothing here does I/O."""

from typing import Callable, NamedTuple, Optional


def _other_key(ds):
    """The same DS with another digest: it names a key that does not exist."""
    head, digest = ds.rsplit(None, 1)
    return f"{head} {digest[::-1]}" if digest != digest[::-1] else f"{head} {'0' * len(digest)}"


def _unknown_algorithm(ds):
    """The same DS with an algorithm number that nobody has been given."""
    fields = ds.split()
    return " ".join(fields[:-3] + ["200"] + fields[-2:])


class Kind(NamedTuple):
    """One way to make and serve a zone. The default is a properly signed one with a DS in its parent."""
    signed: bool = True                  # signed before it is served
    ds: Optional[Callable] = str         # what of its DS record goes into the parent; None: no DS, which is proven
    days: tuple = (-2, 14)               # inception and expiration of the signatures, from today
    options: tuple = ()                  # of ldns-signzone
    damaged: tuple = ()                  # types whose signatures are damaged
    dropped: tuple = ()                  # types taken out after signing, with their signatures
    loaded: bool = True                  # False: the server knows of the zone, but has no data: SERVFAIL
    fault: str = ""                      # served by the scripted server with this fault; "": by nsd

    def behind(self, fault):
        return self._replace(fault=fault)


SIGNED = Kind()                                           # NSEC
OPTOUT = Kind(options=("-n", "-p"))                       # NSEC3: positive answers are secure, some denials are not
EXPIRED = Kind(days=(-30, -2))                            # bogus, RFC 4035 5.3.1
NOT_YET = Kind(days=(2, 14))                              # bogus, RFC 4035 5.3.1
WRONG_DS = Kind(ds=_other_key)                            # bogus, RFC 4035 5.2
NO_SIGNATURES = Kind(signed=False)                        # bogus: the DS says there is a key
UNKNOWN_ALGORITHM = Kind(ds=_unknown_algorithm)           # insecure, RFC 4035 5.2
BAD_SIGNATURES = Kind(damaged=("A", "AAAA", "PTR", "TXT"))  # bogus, RFC 4035 5.3.3
NO_DENIALS = Kind(dropped=("NSEC",))                      # positive answers are secure, denials bogus, RFC 4035 5.4
UNSIGNED = Kind(signed=False, ds=None)                    # insecure: the parent proves that there is no DS
SERVFAIL = Kind(signed=False, ds=None, loaded=False)
SILENT = UNSIGNED.behind("silent")
REFUSED = UNSIGNED.behind("refused")


class Table(NamedTuple):
    """Zones, records as text lines, and what is broken in them: see zones.py."""
    zones: dict          # name -> Kind
    records: str
    damage: dict = {}    # (owner, type) -> "forge" (another address in the record) or "signature" (a broken RRSIG)
