"""Bodies too large for one request, which come in pieces and go on after a break.

A piece says where it begins. What is there already is told and not sent again; a body
counts once it is whole, its SHA-256 is the one it was named by, and it is on disk.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from comity.exchange.problem import Problem

_DIGEST = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a piece begins, how long it is, and how long the whole body will be."""

    start: int
    length: int
    whole: int

    @classmethod
    def parse(cls, text: str) -> Piece:
        """Read a ``Content-Range`` (RFC 9110 section 14.4), as a partial PUT has it.

        Raises:
            Problem: ``invalid``.
        """
        found = _RANGE.fullmatch(text)
        if found is None or not int(found[1]) <= int(found[2]) < int(found[3]):
            raise Problem(
                "invalid",
                code="bad-range",
                detail="a piece says `Content-Range: bytes FIRST-LAST/WHOLE`",
            )
        return cls(int(found[1]), int(found[2]) - int(found[1]) + 1, int(found[3]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Bodies that are coming in, a folder for each peer, which is called by its id.

    Attributes:
        most: bytes of one body.
        many: bodies of one peer that are not whole yet.
        room: bytes of one peer on disk, whole and not.
    """

    folder: Path
    most: int = 16 << 30
    many: int = 64
    room: int = 64 << 30

    def path(self, peer: str, digest: str) -> Path:
        """Return where a whole body is.

        Raises:
            Problem: ``invalid``: the digest is none.
        """
        if not _DIGEST.fullmatch(digest):
            raise Problem(
                "invalid", code="bad-digest", detail="a body is named by its SHA-256"
            )
        return self.folder / peer / digest

    def have(self, peer: str, digest: str) -> tuple[int, bool]:
        """Return how many bytes of a body are there, and whether that is all of it."""
        whole = self.path(peer, digest)
        if whole.exists():
            return whole.stat().st_size, True
        part = _part(whole)
        return (part.stat().st_size if part.exists() else 0), False

    def open(self, peer: str, digest: str, piece: Piece) -> Incoming:
        """Return what takes the bytes of a piece.

        Raises:
            Problem: ``conflict`` where it does not begin at what is there, ``too-large``,
                ``too-many``, ``no-space``.
        """
        whole = self.path(peer, digest)
        have, complete = self.have(peer, digest)
        if complete or piece.start != have:
            raise Problem(
                "conflict",
                code="wrong-offset",
                detail="the piece does not begin where the body ends so far",
                more={"have": have, "complete": complete},
            )
        if piece.whole > self.most:
            raise Problem("too-large", more={"limit": self.most})
        whole.parent.mkdir(parents=True, exist_ok=True)
        others = list(whole.parent.iterdir())
        if not have and sum(p.suffix == ".part" for p in others) >= self.many:
            raise Problem("too-many", code="too-many-bodies", retry_after=60)
        used = sum(p.stat().st_size for p in others) - have
        if used + piece.whole > self.room or not _fits(whole.parent, piece.whole - have):
            raise Problem("no-space", retry_after=300)
        file = _part(whole).open("ab")
        file.truncate(have)
        return Incoming(file, whole, digest, piece)

    def drop(self, peer: str, digest: str) -> None:
        """Forget a body, whole or not."""
        whole = self.path(peer, digest)
        whole.unlink(missing_ok=True)
        _part(whole).unlink(missing_ok=True)


@dataclass(slots=True)
class Incoming:
    """One piece as it comes; used by one request."""

    file: BinaryIO
    whole: Path
    digest: str
    piece: Piece
    taken: int = 0

    def take(self, data: bytes) -> None:
        """Write what came.

        Raises:
            Problem: ``invalid`` where it is more than the piece said.
        """
        self.taken += len(data)
        if self.taken > self.piece.length:
            raise Problem(
                "invalid", code="long-piece", detail="the piece is longer than it says"
            )
        self.file.write(data)

    def close(self) -> tuple[int, bool]:
        """End the piece; return how many bytes are there, and whether the body is whole.

        Raises:
            Problem: ``invalid``: it is whole and not the one it is named; it is dropped.
        """
        self.file.close()
        part = Path(self.file.name)
        have = part.stat().st_size
        if have < self.piece.whole:
            return have, False
        with part.open("rb+") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.digest:
                part.unlink()
                raise Problem(
                    "invalid",
                    code="wrong-digest",
                    detail="the body is not the one that its digest names; nothing is kept",
                )
            os.fsync(file.fileno())
        part.rename(self.whole)
        _sync(self.whole.parent)
        return have, True


def _part(whole: Path) -> Path:
    return whole.with_suffix(".part")


def _fits(folder: Path, length: int) -> bool:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize > length + (64 << 20)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
