"""Files that only their owner may read: written whole or not at all, and ended for good."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn

from comity.errors import InvalidInput, NotKnown
from comity.signed.algorithms import Random

PRIVATE = 0o600
_BLOCK = 4096


def replace_private(path: Path, raw: bytes) -> None:
    """Write a file in place of what is there. After a crash it is the old one or the new.

    The bytes are on the disk before the name changes, and the name before this returns.
    """
    fresh = _written_beside(path, raw)
    try:
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def create_private(path: Path, raw: bytes) -> None:
    """Write a new file, whole or not at all.

    Raises:
        InvalidInput: something has that name; nothing is written over it.
    """
    fresh = _written_beside(path, raw)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        raise InvalidInput(
            f"`{path}` is there already",
            hint="nothing is written over keys; move it away, or choose another name",
            code="file-exists",
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_private(path: Path, limit: int) -> bytes:
    """Return the bytes of a file that nobody else may read.

    Raises:
        NotKnown: there is no such file.
        InvalidInput: others may read it, it is no plain file, or it is too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotKnown(
            f"there is no file `{path}`",
            hint="look whether the folder is the right one, or restore it from a backup",
            code="no-file",
        ) from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        _refuse(f"`{path}` is a link", "put the file itself there", "no-plain-file")
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            _refuse(f"`{path}` is no file", "put the file itself there", "no-plain-file")
        if found.st_mode & 0o077:
            _refuse(
                f"others on this machine may read `{path}`",
                f"`chmod 600 {path}`, and make new keys if somebody may have read these",
                "keys-readable",
            )
        with os.fdopen(handle, "rb", closefd=False) as file:
            raw = file.read(limit + 1)
    finally:
        os.close(handle)
    if len(raw) > limit:
        _refuse(
            f"`{path}` has more than {limit} bytes", "it is no such file", "bad-secrets"
        )
    return raw


def destroy(path: Path, random: Random) -> bool:
    """Write over a file, then remove it; return whether it was there.

    What the disk keeps beside it is out of reach from here: copies of worn blocks,
    journals, snapshots, backups.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "wb", buffering=0) as file:  # it was opened without truncating
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(random(min(left, _BLOCK)))
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk before going on."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written_beside(path: Path, raw: bytes) -> Path:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)  # of one that a crash left half written
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(fresh, flags, PRIVATE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _refuse(message: str, hint: str, code: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
