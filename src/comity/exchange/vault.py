"""The private halves of term keys: a file each, apart from database, spool and backups.

A term key is destroyed by writing over its file and removing it. The files lie in a folder
of their own, which no backup takes: a copy that is kept cannot be destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from comity.errors import InvalidInput
from comity.exchange.files import create_private, destroy, read_private
from comity.exchange.secretfile import unwrap, wrap
from comity.signed import text
from comity.signed.algorithms import Public, Random, Secret, generate, public_of

FORMAT: Final = "comity-term-secret/1"
ENDING: Final = ".term"

_DOMAIN = b"comity/term-secret/1\n"
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSecret:
    """A term key that is at hand, with its private half."""

    accord: str
    term: str
    public: Public
    secret: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder of term keys, each encrypted under the node's key for it.

    Attributes:
        folder: made if it is not there, for its owner alone.
    """

    folder: Path
    key: Secret = field(repr=False)
    random: Random = field(repr=False)

    def __post_init__(self) -> None:
        """Have the folder, which nobody else may look into."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            raise InvalidInput(
                f"others on this machine may look into `{self.folder}`",
                hint=f"`chmod 700 {self.folder}`",
                code="keys-readable",
            )

    def make(self, accord: str, term: str, alg: str) -> Public:
        """Make a key pair and return its public half, once the other is on the disk.

        Raises:
            NotAtHand: the algorithm is missing from this machine.
        """
        public, secret = generate(alg, self.random)
        head = {"alg": alg, "format": FORMAT, "key": public.id}
        body = {"accord": accord, "term": term, "seed": text.base64_of(secret.seed)}
        sealed = wrap(self.key, _bound(head), text.write(body), self.random)
        raw = text.write({**head, "sealed": text.base64_of(sealed)})
        create_private(self._path(public.id), raw)
        return public

    def get(self, key_id: str) -> TermSecret | None:
        """Return a term key; none if it is no key of this node's, or destroyed.

        Raises:
            InvalidInput: its file was changed, or is of another node.
        """
        path = self._path(key_id)
        if not _ID.fullmatch(key_id) or not path.exists():
            return None
        head = text.read(read_private(path, _LIMIT))
        sealed = text.read_base64(head.pop("sealed", None))
        body = text.read(unwrap(self.key, _bound(head), sealed))
        secret = Secret(text.read_base64(body["seed"]))
        public = public_of(str(head.get("alg")), secret)
        if public.id != key_id:
            raise InvalidInput(
                f"the file of the term key `{key_id}` has another key",
                hint="a term key that is lost is lost; publish another",
                code="bad-secrets",
            )
        return TermSecret(
            accord=body["accord"], term=body["term"], public=public, secret=secret
        )

    def held(self) -> Iterator[TermSecret]:
        """Yield every term key that is at hand, by its id."""
        for path in sorted(self.folder.glob(f"*{ENDING}")):
            found = self.get(path.name.removesuffix(ENDING))
            if found is not None:
                yield found

    def destroy(self, key_id: str) -> bool:
        """Write over a term key and remove it; return whether it was there.

        Whether it may be destroyed is for the caller to have decided: it does not come
        back. Once more is the same as once.
        """
        return bool(_ID.fullmatch(key_id)) and destroy(self._path(key_id), self.random)

    def _path(self, key_id: str) -> Path:
        return self.folder / f"{key_id}{ENDING}"


def _bound(head: dict[str, Any]) -> bytes:
    return _DOMAIN + text.write(head)
