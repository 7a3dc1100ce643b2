"""Makes the zone files of the DNS test world: keys, signatures, and what zones.py wants broken. Needs ldnsutils."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import zones as zone_tables

_DAY = 86400
_HERE = pathlib.Path(__file__).resolve().parent
_HEAD = "$TTL 300\n@ 300 IN SOA ns1.nameservice.net. hostmaster.nameservice.net. 1 3600 600 86400 60\n" \
        "@ 300 IN NS ns1.nameservice.net.\n"


class DnsWorldError(RuntimeError):
    """The world could not be started; the message says what is missing."""


def tool(name):
    """The path of a program that the world needs."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise DnsWorldError(f"{name} not found: apt-get install nsd ldnsutils")
    return path


def _run(arguments, cwd):
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DnsWorldError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def file_of(zone):
    """The file name of a zone."""
    return ("root" if zone == "." else zone.rstrip(".").replace("/", "-")) + ".zone"


def _date(offset):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + offset))


def _delegations(zone, names):
    """The zones delegated from `zone` itself: those whose closest enclosing zone it is."""
    for child in names:
        if child not in (".", zone) and zone_tables.zone_of(zone_tables.parent(child), names) == zone:
            yield child


def _spoiled(line, zone):
    """One line of a signed zone, broken or left out as `zone` says. ldns writes: owner TTL class type rdata."""
    fields = line.split("\t", 4)
    if len(fields) != 5:
        return line
    if fields[3] != "TXT":
        fields = [field.replace('"', r"\034") for field in fields]  # ldns leaves quotes in names as they are
    owner, _, _, rrtype, rdata = fields
    signed_type = rdata.split()[0] if rrtype == "RRSIG" else None
    if rrtype in zone.kind.dropped or signed_type in zone.kind.dropped:
        return None
    if signed_type in zone.kind.damaged or zone.damage.get((owner, signed_type)) == "signature":
        head, signature = rdata.rsplit(None, 1)
        rdata = f"{head} {signature[:8][::-1].swapcase() + signature[8:]}"
    if zone.damage.get((owner, rrtype)) == "forge":
        rdata = {"A": "192.0.2.66", "AAAA": "2001:db8::66"}[rrtype]
    return "\t".join(fields[:4] + [rdata])


def _make_key(folder, name):
    """A key for the zone `name`; returns the files' base name, which ldns takes from the owner, slashes and all."""
    stand_in = name.replace("/", "-")
    key = _run([tool("ldns-keygen"), "-a", "ECDSAP256SHA256", "-k", stand_in], folder)
    public = folder / f"{key}.key"
    public.write_text(public.read_text().replace(stand_in, name, 1))
    return key


def _sign(folder, name, zone, key):
    """Signs the zone file in `folder` and spoils what is to be spoiled."""
    plain = folder / file_of(name)
    signed = folder / (file_of(name) + ".signed")
    inception, expiration = zone.kind.days
    _run([tool("ldns-signzone"), *zone.kind.options, "-i", _date(inception * _DAY), "-e", _date(expiration * _DAY),
          "-o", name, "-f", str(signed), str(plain), key], folder)
    lines = (_spoiled(line, zone) for line in signed.read_text().splitlines())
    plain.write_text("\n".join(line for line in lines if line is not None) + "\n")


def _make_zone(folder, name, zones, ds_of):
    """Writes the zone file `name` into `folder`, signed as its kind says. Returns its parent's DS record, if any."""
    zone = zones[name]
    lines = [f"$ORIGIN {name}\n", _HEAD]
    lines += [f"{owner} 300 IN {rrtype} {rdata}\n" for owner, rrtype, rdata in zone.records]
    for child in _delegations(name, zones):
        lines.append(f"{child} 300 IN NS ns1.nameservice.net.\n")
        if child in ds_of:
            lines.append(ds_of[child] + "\n")
    (folder / file_of(name)).write_text("".join(lines))
    if zone.kind.ds is None:
        return None
    key = _make_key(folder, name)
    if zone.kind.signed:
        _sign(folder, name, zone, key)
    return zone.kind.ds(_run([tool("ldns-key2ds"), "-n", "-2", f"{key}.key"], folder))


def _make_zones(folder):
    zones = zone_tables.build()
    ds_of = {}
    for name in sorted(zones, key=lambda n: n.count(".") if n != "." else 0, reverse=True):  # children first
        if zones[name].kind.loaded:
            ds = _make_zone(folder, name, zones, ds_of)
            if ds:
                ds_of[name] = ds
    (folder / "root.anchor").write_text(ds_of["."] + "\n")


def _version():
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def prepare_zones(build_dir):
    """The folder with the signed zones and the anchor, made if it is missing, old or of another version."""
    build_dir = pathlib.Path(build_dir).resolve()
    build_dir.mkdir(parents=True, exist_ok=True)
    with open(build_dir / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        current = sorted(build_dir.glob(f"zones-{_version()}-*"))
        if current and time.time() - current[-1].stat().st_mtime < _DAY:
            return current[-1]
        fresh = pathlib.Path(tempfile.mkdtemp(prefix="making-", dir=build_dir))
        _make_zones(fresh)
        # A running world may still read an older folder: those go when they are two days old.
        for old in list(build_dir.glob("zones-*")) + list(build_dir.glob("making-*")):
            if time.time() - old.stat().st_mtime > 2 * _DAY:
                shutil.rmtree(old, ignore_errors=True)
        fresh.chmod(0o755)
        final = build_dir / f"zones-{_version()}-{int(time.time())}"
        fresh.rename(final)
        return final
