"""A certificate made by ourselves, so that phones on the same network get camera and offline use.

Browsers give a page its camera, position and service worker only over HTTPS or on the machine
itself. A public deployment has a real certificate in front; a demonstration in a meeting room has
this one: its fingerprint is said at the start, to be compared on the phone (docs/adr/176).
"""

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from huanxin.project import state

_LIFE = timedelta(days=397)  # browsers refuse longer ones
_RENEWED_BEFORE = timedelta(days=30)
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where it lies, what it is for, and its SHA-256 in the form that browsers show."""

    certificate: Path
    key: Path
    names: tuple[str, ...]
    fingerprint: str
    until: datetime


def certificate_for(home: Path, host: str) -> Certificate:
    """The certificate of this folder for that listening address; made anew when it is needed.

    It is kept as long as it names where we listen and does not end within thirty days, so that a
    phone which trusts it goes on trusting it.
    """
    folder = state.make_folder(home / "tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = names_of(host)
    if certificate.exists() and key.exists():
        kept = _read(certificate, key)
        if set(names) <= set(kept.names) and kept.until - _RENEWED_BEFORE > datetime.now(UTC):
            return kept
    _make(certificate, key, names)
    return _read(certificate, key)


def names_of(host: str) -> tuple[str, ...]:
    """What the certificate must name: this machine for itself, and for its network."""
    names = ["localhost", "127.0.0.1"]
    names.append(lan_address() if host in _EVERYWHERE else host)
    return tuple(dict.fromkeys(names))


def lan_address() -> str:
    """The address under which others on the network reach this machine; else the loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the interface
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _make(certificate: Path, key: Path, names: tuple[str, ...]) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Huanxin")])
    began = datetime.now(UTC) - timedelta(hours=1)  # a phone's clock may be slow
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    private = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    state.write_private(key, private.decode())
    state.write_private(certificate, made.public_bytes(serialization.Encoding.PEM).decode())


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(certificate: Path, key: Path) -> Certificate:
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    named = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = [*named.get_values_for_type(x509.DNSName)]
    names += [str(address) for address in named.get_values_for_type(x509.IPAddress)]
    digest = read.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(certificate, key, tuple(names), digest, read.not_valid_after_utc)
