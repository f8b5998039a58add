"""A node's keys at rest, under a passphrase, and at work, as functions.

What a node needs of keys is `Keyring`: signers and openers by what they are for, the keys
chosen by the party's own key list. A hardware module may give such a ring of its own. The
file is described in ``docs/formats/keystore.md``; officers' keys are in files of their own,
never in a node's folder.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from comity.errors import InvalidInput, NotKnown
from comity.exchange import files
from comity.exchange.certificate import TlsKey, make_tls_key
from comity.exchange.secretfile import (
    COST,
    LIMIT,
    open_secrets,
    seal_secrets,
    unwrap,
    wrap,
)
from comity.exchange.vault import Vault
from comity.signed import (
    ED25519,
    MLDSA65,
    X25519,
    XWING,
    Key,
    Officer,
    Public,
    Random,
    Ring,
    Secret,
    Signer,
    Use,
    generate,
    signer,
    text,
)
from comity.signed.algorithms import SIGNING, public_of
from comity.signed.officers import make_officer, officer_signers
from comity.wire.seal import Opener, opener

NODE: Final = "node"
OFFICER: Final = "officer"

NEW: Mapping[Use, tuple[str, ...]] = {
    Use.ENVELOPE: (ED25519,),
    Use.RECORD: (ED25519, MLDSA65),
    Use.LOG: (ED25519,),
    Use.COSIGN: (ED25519,),
    Use.SEAL: (XWING, X25519),
}
"""Which keys a node makes for a use, beside the one for TLS."""

_KEPT = b"comity/kept/1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A private key of a node, and what it is for."""

    use: Use
    public: Public
    secret: Secret = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSecrets:
    """Every secret of a node but its term keys: what its file of keys holds.

    Attributes:
        keys: keys that were replaced stay, to open what was sealed to them.
        own: encrypts what the node keeps for itself.
        vault: encrypts the files of the term keys.
    """

    keys: tuple[Stored, ...]
    tls: tuple[TlsKey, ...]
    own: Secret = field(repr=False)
    vault: Secret = field(repr=False)


def make_node_secrets(random: Random, since: int, before: int) -> NodeSecrets:
    """Return the secrets of a new node: a key for each use, and one for TLS.

    Raises:
        NotAtHand: ML-DSA or X-Wing is missing from this machine; there is no node without.
    """
    return NodeSecrets(
        keys=tuple(key for use in NEW for key in _made(use, random)),
        tls=(make_tls_key(random, since, before),),
        own=Secret(random(32)),
        vault=Secret(random(32)),
    )


def renewing(
    secrets: NodeSecrets, use: Use, random: Random, since: int, before: int
) -> NodeSecrets:
    """Return the secrets with new keys for a use beside the old.

    They work once the party's key list has them: see `listing`.
    """
    if use is Use.TLS:
        return replace(secrets, tls=(*secrets.tls, make_tls_key(random, since, before)))
    return replace(secrets, keys=(*secrets.keys, *_made(use, random)))


def listing(secrets: NodeSecrets, since: int, before: int) -> tuple[Key, ...]:
    """Return the public half of every key, as the draft of a key list takes them."""
    return (
        *(
            Key(use=key.use, public=key.public, since=since, before=before)
            for key in secrets.keys
        ),
        *(
            Key(
                use=Use.TLS,
                public=key.public,
                since=since,
                before=before,
                certificate=key.certificate,
            )
            for key in secrets.tls
        ),
    )


def write_node_secrets(
    path: Path, secrets: NodeSecrets, passphrase: str, random: Random, cost: int = COST
) -> None:
    """Write a node's file of keys, new or in place of the old: whole or not at all.

    Raises:
        InvalidInput: the passphrase is too short.
    """
    body = {
        "keys": [
            {
                "use": str(key.use),
                "alg": key.public.alg,
                "seed": text.base64_of(key.secret.seed),
            }
            for key in secrets.keys
        ],
        "tls": [
            {
                "seed": text.base64_of(key.secret.seed),
                "certificate": text.base64_of(key.certificate),
            }
            for key in secrets.tls
        ],
        "own": text.base64_of(secrets.own.seed),
        "vault": text.base64_of(secrets.vault.seed),
    }
    files.replace_private(path, seal_secrets(NODE, body, passphrase, random, cost))


def read_node_secrets(path: Path, passphrase: str) -> NodeSecrets:
    """Return what a node's file of keys holds.

    Raises:
        NotKnown: there is no such file.
        InvalidInput: the passphrase is wrong, others may read it, or it is no such file.
    """
    body = open_secrets(NODE, files.read_private(path, LIMIT), passphrase)
    get = partial(text.field, body, what="the file of keys")
    return NodeSecrets(
        keys=tuple(_stored(table) for table in get("keys", list)),
        tls=tuple(
            TlsKey(
                secret=Secret(text.read_base64(table["seed"])),
                certificate=text.read_base64(table["certificate"]),
            )
            for table in get("tls", list)
        ),
        own=Secret(text.read_base64(body["own"])),
        vault=Secret(text.read_base64(body["vault"])),
    )


# -- officers ------------------------------------------------------------------------------


def write_officer(
    path: Path, name: str, passphrase: str, random: Random, cost: int = COST
) -> Officer:
    """Make an officer's keys and write them to a new file; return the public halves.

    Raises:
        InvalidInput: the file is there already, or lies in a node's folder, or the
            passphrase is too short.
    """
    if any((folder / "node.toml").exists() for folder in path.absolute().parents):
        _refuse(
            "officer-in-node",
            f"`{path}` lies in a node's folder",
            "an officer's keys are kept on another medium, which no node ever reads",
        )
    officer, secrets = make_officer(name, random)
    body = {"name": name, "seeds": [text.base64_of(secret.seed) for secret in secrets]}
    files.create_private(path, seal_secrets(OFFICER, body, passphrase, random, cost))
    return officer


def read_officer(path: Path, passphrase: str) -> tuple[Officer, tuple[Signer, Signer]]:
    """Return an officer and the signers of both keys.

    Raises:
        NotKnown: there is no such file.
        InvalidInput: the passphrase is wrong, others may read it, or it is no such file.
    """
    body = open_secrets(OFFICER, files.read_private(path, LIMIT), passphrase)
    first, second = (Secret(text.read_base64(seed)) for seed in body["seeds"])
    signers = officer_signers((first, second))
    officer = Officer(
        name=body["name"], ed25519=signers[0].public, mldsa65=signers[1].public
    )
    return officer, signers


# -- at work -------------------------------------------------------------------------------


@dataclass(slots=True)
class Keyring:
    """A node's keys as functions, each found by what the party's own list says now.

    Attributes:
        party: whose node it is.
        ring: gives the ring as it is now; the newest list of the party is in it.
        clock: UTC seconds.
    """

    party: str
    secrets: NodeSecrets = field(repr=False)
    vault: Vault = field(repr=False)
    ring: Callable[[], Ring] = field(repr=False)
    clock: Callable[[], int] = field(repr=False)
    random: Random = field(repr=False)
    _signers: dict[str, Signer] = field(init=False, repr=False)
    _openers: dict[str, Opener] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the functions once; each takes a moment."""
        keys = self.secrets.keys
        self._signers = {
            key.public.id: signer(key.public.alg, key.secret)
            for key in keys
            if key.public.alg in SIGNING
        }
        self._openers = {
            key.public.id: opener(key.public.alg, key.secret)
            for key in keys
            if key.use is Use.SEAL
        }

    @property
    def envelope(self) -> Signer:
        """Signs envelopes, statements, receipts and contacts."""
        return self._signer(Use.ENVELOPE, ED25519)

    @property
    def record(self) -> tuple[Signer, Signer]:
        """Sign what has to stand for decades: Ed25519 and ML-DSA-65."""
        return self._signer(Use.RECORD, ED25519), self._signer(Use.RECORD, MLDSA65)

    @property
    def log(self) -> Signer:
        """Signs the checkpoints of the node's logs."""
        return self._signer(Use.LOG, ED25519)

    @property
    def cosign(self) -> Signer:
        """Cosigns the checkpoints of partners."""
        return self._signer(Use.COSIGN, ED25519)

    @property
    def tls(self) -> TlsKey:
        """The TLS key that was listed last, of those that count now.

        Raises:
            NotKnown: none is listed.
        """
        at = self.clock()
        for listed in self.ring().keys(self.party, Use.TLS, at):
            for key in self.secrets.tls:
                if key.public == listed.public:
                    return key
        raise _not_listed(self.party, Use.TLS)

    def opener(self, key: str) -> Opener | None:
        """Return what opens boxes sealed to a key of ours; none once it is destroyed."""
        found = self._openers.get(key)
        if found is None and (term := self.vault.get(key)) is not None:
            found = self._openers[key] = opener(term.public.alg, term.secret)
        return found

    def new_term_key(self, accord: str, term: str, alg: str) -> Public:
        """Make a key pair for an accord's term, and return its public half.

        Raises:
            NotAtHand: the algorithm is missing from this machine.
        """
        return self.vault.make(accord, term, alg)

    def destroy_term_key(self, key: str) -> None:
        """Destroy a key pair for good, here and on the disk. Once more is as once."""
        if all(stored.public.id != key for stored in self.secrets.keys):
            _ = self._openers.pop(key, None)
            _ = self.vault.destroy(key)

    def keep(self, secret: bytes) -> bytes:
        """Return a secret encrypted for this node alone."""
        return wrap(self.secrets.own, _KEPT, secret, self.random)

    def kept(self, raw: bytes) -> bytes:
        """Return a secret that was kept.

        Raises:
            InvalidInput: it was changed, or is another node's.
        """
        return unwrap(self.secrets.own, _KEPT, raw)

    def _signer(self, use: Use, alg: str) -> Signer:
        for listed in self.ring().keys(self.party, use, self.clock()):
            found = self._signers.get(listed.public.id)
            if found is not None and listed.public.alg == alg:
                return found
        raise _not_listed(self.party, use)


def forbid_core_dumps() -> None:
    """Let no core dump of this process, with its keys in it, reach a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _made(use: Use, random: Random) -> Iterable[Stored]:
    for alg in NEW[use]:
        public, secret = generate(alg, random)
        yield Stored(use=use, public=public, secret=secret)


def _stored(table: Mapping[str, Any]) -> Stored:
    secret = Secret(text.read_base64(table["seed"]))
    return Stored(
        use=Use(table["use"]), public=public_of(table["alg"], secret), secret=secret
    )


def _not_listed(party: str, use: Use) -> NotKnown:
    return NotKnown(
        f"no key of this node for `{use}` is in the key list of `{party}` and counts now",
        hint="have the officers sign the next version of the list with this node's keys",
        code="no-key",
    )


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
