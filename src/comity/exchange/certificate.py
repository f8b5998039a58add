"""A node's own certificate: self-signed, P-256, pinned by the digest of its public key.

P-256 because every TLS library has it; nothing else is taken from the certificate but its
key, so one without an authority is as good as any. TLS 1.3 (RFC 8446) proves in each
handshake that the other side has the private key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.signed import SPKI, Public, Random, Secret, spki_digest

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsKey:
    """A node's TLS key, with the certificate in DER that partners pin."""

    secret: Secret = field(repr=False)
    certificate: bytes = field(repr=False)

    @property
    def public(self) -> Public:
        """The pin, as a key list has it."""
        return Public(SPKI, spki_digest(self.certificate))

    def pem(self, password: bytes) -> bytes:
        """Return key and certificate as OpenSSL reads them, the key under a password."""
        key = _private(self.secret).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )
        shown = x509.load_der_x509_certificate(self.certificate)
        return key + shown.public_bytes(Encoding.PEM)


def make_tls_key(random: Random, since: int, before: int) -> TlsKey:
    """Return a new key and its certificate; the dates are those of the key list.

    The certificate names nobody: partners know from the list whose it is.
    """
    # FIPS 186-5, A.2.1: 64 bits more than the order has, so that no scalar is likelier.
    scalar = int.from_bytes(random(40), "big") % (_ORDER - 1) + 1
    secret = Secret(scalar.to_bytes(32, "big"))
    key = _private(secret)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    words = f"comity {identifier.digest.hex()}"  # OpenSSL finds a certificate by its name
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(random(16), "big") >> 1 | 1)
        .not_valid_before(datetime.fromtimestamp(since, UTC))
        .not_valid_after(datetime.fromtimestamp(before - 1, UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS_ONLY, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return TlsKey(secret=secret, certificate=certificate.public_bytes(Encoding.DER))


_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _private(secret: Secret) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret.seed, "big"), ec.SECP256R1())
