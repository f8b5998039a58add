"""TLS 1.3 between partners, each side's certificate pinned by its key list.

No authority vouches for a node: its partner's key list has the certificate, and with it the
digest of its public key (RFC 7469, 2.4). Both sides look it up before a byte of HTTP counts.
OpenSSL proves that the other side has the key; whether the key counts now is asked of the
list and the node's own clock, and not of the machine's: a certificate's dates are not looked at.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.errors import ComityError
from comity.exchange.certificate import TlsKey
from comity.exchange.listener import Guarded
from comity.signed import Random, Ring, Use, spki_digest

PEER: Final = "comity.peer"
"""The key of an ASGI scope that has the digest of the peer's public key."""

_NO_CHECK_TIME: Final = 0x200000  # X509_V_FLAG_NO_CHECK_TIME; Python has no name for it


class NoPin(ComityError):
    """The other side's certificate is not the one that its key list has for now."""


def certificates(ring: Ring, party: str, at: int) -> tuple[bytes, ...]:
    """Return the certificates of a party's node that count at a time."""
    listed = ring.keys(party, Use.TLS, at)
    return tuple(key.certificate for key in listed if key.certificate is not None)


def server_context(
    key: TlsKey, partners: Iterable[bytes], random: Random
) -> ssl.SSLContext:
    """Return the context of a node that takes connections.

    A handshake succeeds with a certificate that is among those of ``partners``, or was added
    by `admit`. Whose it is, and whether it counts still, is asked for each request: see
    `peer_of`.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, key, random)
    context.num_tickets = 0  # every connection shows its certificate anew
    admit(context, partners)
    return context


def admit(context: ssl.SSLContext, partners: Iterable[bytes]) -> None:
    """Let further certificates connect, from now on and without a restart."""
    for certificate in partners:
        pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
        context.load_verify_locations(cadata=pem.decode("ascii"))


def client_context(key: TlsKey, partner: Iterable[bytes], random: Random) -> ssl.SSLContext:
    """Return the context for connections to one partner, which shows one of these."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, key, random)
    admit(context, partner)
    return context


class Connection(http.client.HTTPSConnection):
    """A connection to one partner, pinned before the first byte of HTTP.

    It goes to the address that it was given and nowhere else: `http.client` follows no
    redirect and reads no proxy from the environment.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        context: ssl.SSLContext,
        counts: Callable[[bytes], bool],
        timeout: float,
    ) -> None:
        """Take what to connect to, and what says whether a key's digest is the partner's now."""
        super().__init__(host, port, context=context, timeout=timeout)
        self._pins = context
        self._counts = counts

    def connect(self) -> None:
        """Connect and look at the other side's key.

        Raises:
            NoPin: it is another than the partner's key list has for now.
            OSError: no connection, or no handshake.
        """
        plain = socket.create_connection((self.host, self.port), self.timeout)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock = self._pins.wrap_socket(plain)
        except BaseException:
            plain.close()
            raise
        found = _digest(sock.getpeercert(binary_form=True))
        if found is None or not self._counts(found):
            sock.close()
            _no_pin(self.host, self.port)
        self.sock = sock


class Pinned(Guarded):
    """The endpoint's protocol, with the digest of the peer's key in each scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the peer's certificate once; the handshake has proved that it has the key."""
        super().connection_made(transport)
        found: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        peer = _digest(found.getpeercert(binary_form=True)) if found else None
        app: ASGIApp = self.app

        async def with_peer(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, PEER: peer}, receive, send)

        self.app = with_peer


def peer_of(scope: Scope, ring: Ring, at: int) -> str | None:
    """Return the party on the other side of a request; none for a stranger.

    The ring is asked for each request, so that a revoked key ends also where a connection is
    open.
    """
    digest = scope.get(PEER)
    return ring.party_of_tls(digest, at) if isinstance(digest, bytes) else None


def _context(protocol: int, key: TlsKey, random: Random) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the pin says who it is, and a name says nothing
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    _load(context, key, random)
    return context


def _load(context: ssl.SSLContext, key: TlsKey, random: Random) -> None:
    """Give a context its key. Python takes a file alone: so one under a password of a moment."""
    password = random(32).hex()
    with tempfile.NamedTemporaryFile(prefix="comity-") as file:
        _ = file.write(key.pem(password.encode()))
        file.flush()
        context.load_cert_chain(file.name, password=password)


def _digest(certificate: bytes | None) -> bytes | None:
    return spki_digest(certificate) if certificate else None


def _no_pin(host: str, port: int) -> NoReturn:
    raise NoPin(
        f"the node at `{host}` port {port} shows another key than its key list has",
        hint="nothing was sent; ask the partner whether its list has a newer version",
        code="no-pin",
    )
