"""Certificates for a clinic's own network: an authority made once on this machine, and what it vouches for.

The authority's key never leaves `$FIFTEEN_HOME/clinic/tls`; it may only vouch for names and addresses of a network of
one's own, so that a device that trusts it trusts nothing else by it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fifteen.kernel.errors import AskedWrongly

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DAYS = 397  # the longest life that browsers accept of a server's certificate
RENEW = timedelta(days=30)
_AUTHORITY = timedelta(days=3650)
_EARLY = timedelta(hours=1)  # a tablet whose clock is a little behind

# Names and networks that nobody owns on the internet.
_DOMAINS = ("localhost", "local", "internal", "home.arpa")
_NETWORKS = (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class Certified(msgspec.Struct, frozen=True):
    """A certificate and its key, as files, the names it is for, and when it ends."""

    certificate: Path
    key: Path
    names: tuple[str, ...]
    ends: datetime


def plain_name(name: str) -> str:
    """A host name or address in small letters; `AskedWrongly` where it is neither."""
    wanted = name.strip().rstrip(".").lower().removeprefix("[").removesuffix("]")
    if address := address_in(wanted):
        return str(address)
    if wanted and len(wanted) <= 253 and all(_LABEL.fullmatch(each) for each in wanted.split(".")):
        return wanted
    raise AskedWrongly(
        f"{name!r} is no name of a host: letters, digits, hyphens and dots make one; "
        "give it as devices will type it, such as clinic.local."
    )


def address_in(name: str) -> Address | None:
    """The address that this text is; None where it is a name."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def authority(folder: Path, wanted: Sequence[str], at: datetime) -> x509.Certificate:
    """The authority of this installation; made where there is none, for private names and the `wanted` ones."""
    held = _held_authority(folder) or _make_authority(folder, wanted, at)
    if held.not_valid_after_utc - at < RENEW:
        raise AskedWrongly(
            f"the certificate authority in {folder} ends on {held.not_valid_after_utc:%Y-%m-%d}; "
            "remove that folder, start again, and install the new certificate on each device."
        )
    return held


def server(folder: Path, wanted: Sequence[str], found: Sequence[str], at: datetime) -> Certified:
    """A certificate for the names asked for and those found on this machine; the one held while it still does."""
    ca = authority(folder, [*wanted, *found], at)
    if refused := [name for name in wanted if not _permits(ca, name)]:
        raise AskedWrongly(
            f"the certificate authority in {folder} was not made for {', '.join(refused)}; leave the name out, or "
            "remove that folder, start again with every name, and install the new certificate on each device."
        )
    names = tuple(sorted({*wanted, *(name for name in found if _permits(ca, name))}))
    certificate, key = folder / "server.crt", folder / "server.key"
    held = _pair(certificate, key)
    if held is None or not _still_good(held, ca, names, at):
        held = _make_server(folder, ca, names, at)
    return Certified(certificate, key, names, held.not_valid_after_utc)


def given(certificate: Path, key: Path, wanted: Sequence[str], at: datetime) -> Certified:
    """A certificate made elsewhere: readable, with its key, in force, and for every name asked for."""
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError):
        raise AskedWrongly(
            f"--certificate {certificate} cannot be read as a certificate; give a PEM file, the server's own "
            "certificate first."
        ) from None
    try:
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        raise AskedWrongly(f"--key {key} cannot be read as a key; give a PEM file without a password.") from None
    leaf = chain[0]
    if _public(secret.public_key()) != _public(leaf.public_key()):
        raise AskedWrongly(f"--key {key} is not the key of {certificate}; give the two that were made together.")
    if not leaf.not_valid_before_utc <= at < leaf.not_valid_after_utc:
        raise AskedWrongly(
            f"--certificate {certificate} is in force from {leaf.not_valid_before_utc:%Y-%m-%d} to "
            f"{leaf.not_valid_after_utc:%Y-%m-%d} and not today; give one that is."
        )
    names = names_of(leaf)
    if not names:
        raise AskedWrongly(f"--certificate {certificate} names no host; give one with a subject alternative name.")
    if missing := [name for name in wanted if not any(_matches(name, each) for each in names)]:
        raise AskedWrongly(
            f"--certificate {certificate} is for {', '.join(names)} and not for {', '.join(missing)}; "
            "give one that names it, or leave the name out."
        )
    return Certified(certificate, key, names, leaf.not_valid_after_utc)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses that a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = [name.lower() for name in found.get_values_for_type(x509.DNSName)]
    return tuple(sorted([*names, *map(str, found.get_values_for_type(x509.IPAddress))]))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as devices show it: pairs of hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def in_der(certificate: x509.Certificate) -> bytes:
    """The form that every kind of device installs."""
    return certificate.public_bytes(serialization.Encoding.DER)


def _make_authority(folder: Path, wanted: Sequence[str], at: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # The number tells two installations apart in a device's list.
    name = _name(f"Fifteen of this clinic {serial % 16**6:06x}")
    own = [address for each in wanted if (address := address_in(each))]
    domains = dict.fromkeys([*_DOMAINS, *(each for each in wanted if not address_in(each))])
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = [ipaddress.ip_network(each) for each in _NETWORKS]
    networks += [ipaddress.ip_network(address) for address in own if not any(address in each for each in networks)]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), serial, at - _EARLY, at + _AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.NameConstraints([*map(x509.DNSName, domains), *map(x509.IPAddress, networks)], None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _keep(folder, "ca", made, key)
    return made


def _make_server(folder: Path, ca: x509.Certificate, names: Sequence[str], at: datetime) -> x509.Certificate:
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = [(name, address_in(name)) for name in names]
    alternatives = [x509.IPAddress(address) if address else x509.DNSName(name) for name, address in addresses]
    start = at - _EARLY
    ends = min(start + timedelta(days=DAYS) - timedelta(seconds=1), ca.not_valid_after_utc)
    made = (
        x509.CertificateBuilder(
            ca.subject, _name("Fifteen"), key.public_key(), x509.random_serial_number(), start, ends
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _keep(folder, "server", made, key)
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _still_good(held: x509.Certificate, ca: x509.Certificate, names: Iterable[str], at: datetime) -> bool:
    try:
        held.verify_directly_issued_by(ca)
    except Exception:  # of another authority, by whatever it shows
        return False
    return held.not_valid_before_utc <= at < held.not_valid_after_utc - RENEW and set(names_of(held)) == set(names)


def _permits(ca: x509.Certificate, name: str) -> bool:
    """May this authority vouch for the name? Outside of its constraints no device would believe it."""
    trees = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    address = address_in(name)
    if address:
        networks = [ipaddress.ip_network(str(tree.value)) for tree in trees if isinstance(tree, x509.IPAddress)]
        return any(address in each for each in networks)
    domains = [tree.value for tree in trees if isinstance(tree, x509.DNSName)]
    return any(name == each or name.endswith(f".{each}") for each in domains)


def _matches(name: str, pattern: str) -> bool:
    """A star stands for one label at the front, as browsers read it."""
    first, _, rest = name.partition(".")
    return name == pattern or (bool(first and rest) and not address_in(name) and pattern == f"*.{rest}")


def _held_authority(folder: Path) -> x509.Certificate | None:
    """The authority that was made; None where there is none, `AskedWrongly` where it is broken or open to others."""
    certificate, key = folder / "ca.crt", folder / "ca.key"
    if not certificate.exists():  # a key alone is of a start that was cut short: no device knows it
        return None
    held = _pair(certificate, key)
    if held is None:
        raise AskedWrongly(
            f"{certificate} and ca.key beside it are not a certificate and its key, whole and readable; restore both "
            "from a backup, or remove both, start again, and install the new certificate on each device."
        )
    if key.stat().st_mode & 0o077:
        raise AskedWrongly(f"others on this machine can read {key}; give it to its owner only, with `chmod 600`.")
    return held


def _pair(certificate: Path, key: Path) -> x509.Certificate | None:
    """The certificate, where it can be read and the key is its own."""
    try:
        held = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return None
    return held if _public(secret.public_key()) == _public(held.public_key()) else None


def _public(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _keep(folder: Path, stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Both files whole or neither in use: the certificate, which makes a pair of them, comes last."""
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        for each in (folder.parent, folder):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / f"{stem}.key", secret, 0o600)
        _write(folder / f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    except OSError as error:
        raise AskedWrongly(
            f"a certificate cannot be kept in {folder}: {error.strerror or error}; "
            "give its owner the right to write there, or choose another FIFTEEN_HOME."
        ) from None


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
