"""The tokens of the own side: named, scoped, and hashed at rest.

A token is 32 random bytes, so its plain SHA-256 tells nothing about it. It is shown once,
when it is made; the file has its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.errors import InvalidInput, NotKnown
from comity.exchange.routes import Scope

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that was given out.

    Attributes:
        name: of whom or what it is for; stands in records of what was done with it.
        digest: the SHA-256 of the token, in hex.
    """

    name: str
    scopes: frozenset[Scope]
    digest: str


class Tokens:
    """The tokens in a file; read again whenever the file is another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._by_digest: Mapping[str, Token] = {}

    def of(self, secret: str) -> Token | None:
        """Return the token that a secret is; None for one that was not given out."""
        self._reload()
        return self._by_digest.get(hashlib.sha256(secret.encode()).hexdigest())

    def all(self) -> tuple[Token, ...]:
        """Return every token, by name."""
        self._reload()
        return tuple(sorted(self._by_digest.values(), key=lambda token: token.name))

    def give(
        self, name: str, scopes: Sequence[Scope], random: Callable[[int], bytes]
    ) -> str:
        """Make a token and keep its hash; return the token, which is not kept.

        Raises:
            InvalidInput: a name of another form, one that is taken, or no scope.
        """
        if not _NAME.fullmatch(name) or any(t.name == name for t in self.all()):
            raise InvalidInput(
                f"`{name}` cannot be a new token's name",
                hint="take a name that is not taken, of small letters, digits and hyphens",
                code="bad-token-name",
            )
        if not scopes:
            raise InvalidInput(
                "a token without a scope is for nothing",
                hint=f"say one or more of {', '.join(Scope)}",
                code="no-scope",
            )
        secret = "comity_" + base64.urlsafe_b64encode(random(32)).decode().rstrip("=")
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self._write(
            [*self.all(), Token(name=name, scopes=frozenset(scopes), digest=digest)]
        )
        return secret

    def take_back(self, name: str) -> None:
        """Forget a token: from now on it opens nothing.

        Raises:
            NotKnown: none has the name.
        """
        left = [token for token in self.all() if token.name != name]
        if len(left) == len(self.all()):
            raise NotKnown(
                f"no token is called `{name}`",
                hint="`comity token list` names them",
                code="no-token",
            )
        self._write(left)

    def _reload(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen, self._by_digest = None, {}
            return
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen == self._seen:
            return
        try:
            rows = tomllib.loads(self._path.read_text(encoding="utf-8"))["token"]
            tokens = [
                Token(
                    name=row["name"],
                    scopes=frozenset(Scope(scope) for scope in row["scopes"]),
                    digest=row["sha256"],
                )
                for row in rows
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"`{self._path}` is no file of tokens",
                hint="restore it from a backup, or remove it and give out new tokens",
                code="bad-tokens",
            ) from error
        self._seen = seen
        self._by_digest = {token.digest: token for token in tokens}

    def _write(self, tokens: Sequence[Token]) -> None:
        said = "# Tokens of the own side. The tokens themselves are not here.\n" + "".join(
            f"\n[[token]]\nname = {json.dumps(token.name)}\n"
            f"scopes = {json.dumps(sorted(token.scopes))}\n"
            f"sha256 = {json.dumps(token.digest)}\n"
            for token in tokens
        )
        if not tokens:
            said += "\ntoken = []\n"
        write_private(self._path, said.encode())


def write_private(path: Path, raw: bytes) -> None:
    """Write a file that its owner alone may read; the whole of it, or what was there."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
