"""A node's folder: what is in it, how it is made, opened, backed up and put back.

::

    node.toml      what the node is told of itself
    node.keys      its keys, under a passphrase
    node.db        its database
    tokens.toml    the tokens of its own side, hashed
    spool/         sealed bodies that are too large for the database
    vault/         term keys: in no backup, so that they can be destroyed
    signed/        the checkpoint signed last of each log: in no backup either
    node.restored  there while it was put back and has not asked its partners
    node.lock      held by the process that runs the node

One process at a time has a node open.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comity.accords.times import Instant
from comity.errors import ComityError, InvalidInput
from comity.exchange.custody import LogRolledBack
from comity.exchange.files import replace_private
from comity.exchange.keystore import (
    Keyring,
    NodeSecrets,
    make_node_secrets,
    read_node_secrets,
    write_node_secrets,
)
from comity.exchange.node import Node
from comity.exchange.partners import Partners
from comity.exchange.settings import NAME, Settings, read_settings
from comity.exchange.tokens import Tokens
from comity.exchange.vault import Vault
from comity.signed import Random
from comity.store import Database
from comity.worlds import load_world

TEN_YEARS = 10 * 365 * 24 * 3_600

RESTORED = "node.restored"
"""There while a node that was put back has not asked its partners."""

_IN_BACKUP = (NAME, "node.keys", "tokens.toml")


class NodeRuns(ComityError):
    """Another process has the node open."""


@dataclass(frozen=True, slots=True)
class Home:
    """A node's folder, and what its `node.toml` says."""

    folder: Path
    settings: Settings

    @classmethod
    def at(cls, folder: Path) -> Home:
        """Return the node's folder at a path.

        Raises:
            NotKnown: it is none.
            Unreadable: its `node.toml`, with every finding.
        """
        return cls(folder, read_settings(folder))

    @property
    def party(self) -> str:
        """Whose node it is."""
        return self.settings.party

    @property
    def keys(self) -> Path:
        """The file of its keys."""
        return self.folder / "node.keys"

    @property
    def database(self) -> Path:
        """Its database."""
        return self.folder / "node.db"

    @property
    def spool(self) -> Path:
        """The folder of large bodies."""
        return self.folder / "spool"

    @property
    def tokens(self) -> Tokens:
        """The tokens of its own side."""
        return Tokens(self.folder / "tokens.toml")

    @property
    def world(self) -> Path:
        """The folder of its world."""
        return (self.folder / self.settings.world).resolve()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process out.

        Raises:
            NodeRuns: one is in.
        """
        handle = os.open(self.folder / "node.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NodeRuns(
                    f"the node in `{self.folder}` is running",
                    hint="stop it first, or ask it: `comity doctor`",
                    code="node-runs",
                ) from None
            yield
        finally:
            os.close(handle)

    def runs(self) -> bool:
        """Say whether a process has the node open."""
        try:
            with self.locked():
                return False
        except NodeRuns:
            return True

    def secrets(self, passphrase: str) -> NodeSecrets:
        """Return the node's secrets.

        Raises:
            InvalidInput: the passphrase is wrong, or others may read the file.
        """
        return read_node_secrets(self.keys, passphrase)

    def open(
        self,
        passphrase: str,
        clock: Callable[[], int],
        random: Random,
        *,
        simulated: bool = False,
        recovering: bool = False,
    ) -> tuple[Node, Keyring]:
        """Return the node and its keys; the caller has it `locked`.

        ``simulated``: the clock is no real one. Only a program says so, no option does; the
        node's logs bear it in their origin, and no real node takes them.

        Raises:
            Unreadable: the world, with every finding.
            InvalidInput: the passphrase is wrong, or the database is not the node's.
            NotKnown: no key list of this party was taken yet.
            LogRolledBack: the folder was put back from a backup, and partners not yet asked.
        """
        if (self.folder / RESTORED).exists() and not recovering:
            raise LogRolledBack(
                f"the node in `{self.folder}` was put back from a backup",
                hint="let it ask its partners what they hold, before it signs anything:"
                " `comity doctor --recover`",
                code="log-rolled-back",
            )
        secrets = self.secrets(passphrase)
        world = load_world(self.world)
        _ = world.party(self.party)
        database = Database.open(self.database)
        partners = Partners(database, self.party)
        knows = [partners]
        keys = Keyring(
            party=self.party,
            secrets=secrets,
            vault=Vault(self.folder / "vault", secrets.vault, random),
            ring=lambda: knows[-1].ring,
            clock=clock,
            random=random,
        )
        node = Node(
            self.party,
            world,
            database,
            keys,
            Signed(self.folder / "signed"),
            clock=clock,
            random=random,
            spool=self.spool,
            officers=self.settings.officers,
            simulated=simulated,
            recovering=recovering,
        )
        knows.append(node.partners)
        return node, keys


def make_home(
    folder: Path, settings: Settings, passphrase: str, random: Random, now: Instant
) -> Home:
    """Make a node's folder, with new keys.

    Raises:
        InvalidInput: something is there already, or the passphrase is too short.
        NotAtHand: an algorithm is missing from this machine.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            f"`{folder}` is there already and not empty",
            hint="name a folder that is not there yet",
            code="folder-not-empty",
        )
    secrets = make_node_secrets(random, now, now + TEN_YEARS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in ("spool", "spool/in", "vault", "signed"):
        (folder / name).mkdir(mode=0o700)
    write_node_secrets(folder / "node.keys", secrets, passphrase, random)
    _ = (folder / NAME).write_text(settings.text(), encoding="utf-8")
    home = Home.at(folder)
    Database.open(home.database).close()
    home.database.chmod(0o600)
    return home


class Signed:
    """The checkpoint signed last of each log, a file each, beside the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, origin: str) -> tuple[int, bytes] | None:
        """Return size and root; None where this log never signed."""
        try:
            said = json.loads(self._path(origin).read_bytes())
        except FileNotFoundError:
            return None
        return int(said["size"]), bytes.fromhex(said["root"])

    def origins(self) -> tuple[str, ...]:
        """Return every log that ever signed."""
        if not self._folder.is_dir():
            return ()
        files = sorted(path for path in self._folder.iterdir() if len(path.name) == 32)
        return tuple(json.loads(path.read_bytes())["origin"] for path in files)

    def swap(
        self, origin: str, old: tuple[int, bytes] | None, new: tuple[int, bytes]
    ) -> None:
        """Put the new value in place of the old one, durably.

        Raises:
            LogRolledBack: another value stands there.
        """
        if self.get(origin) != old:
            raise LogRolledBack(
                f"the log `{origin}` was signed by another process, or put back",
                hint="run one process of a node; see `comity doctor`",
                code="log-rolled-back",
            )
        said = {"origin": origin, "size": new[0], "root": new[1].hex()}
        replace_private(self._path(origin), json.dumps(said).encode())

    def strangers(self, origins: Iterable[str]) -> bool:
        """Say whether a checkpoint is kept of a log that is none of these."""
        known = {self._path(origin).name for origin in origins}
        return any(path.name not in known for path in self._folder.glob("[0-9a-f]*"))

    def _path(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest()[:32]


def backup(home: Home, to: Path) -> tuple[str, ...]:
    """Write a node's database, settings, keys and tokens to one file; return their names.

    A running node may be backed up. Term keys and what was signed last are left out, on
    purpose: a copy of a term key cannot be destroyed, and an old *signed last* would let a
    node that was put back sign a second history.

    Raises:
        InvalidInput: the file is there already.
    """
    if to.exists():
        raise InvalidInput(
            f"`{to}` is there already", hint="name another file", code="file-exists"
        )
    copy = home.folder / ".backup.db"
    copy.unlink(missing_ok=True)
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        database = Database.open(home.database)
        try:
            database.copy_to(copy)
        finally:
            database.close()
        names = []
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w") as file:
            for path in (copy, *(home.folder / name for name in _IN_BACKUP)):
                if path.exists():
                    names.append("node.db" if path == copy else path.name)
                    file.write(path, names[-1])
            for path in sorted(p for p in home.spool.rglob("*") if p.is_file()):
                names.append(str(path.relative_to(home.folder)))
                file.write(path, names[-1])
            raw.flush()
            os.fsync(raw.fileno())
    finally:
        copy.unlink(missing_ok=True)
    return tuple(names)


def restore(backup_file: Path, folder: Path) -> Home:
    """Put a backup into a new folder.

    The node there signs nothing until it has what its partners hold: see `comity doctor`.

    Raises:
        InvalidInput: the folder is not empty, or the file is no backup of a node.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            f"`{folder}` is there already and not empty",
            hint="name a folder that is not there yet",
            code="folder-not-empty",
        )
    try:
        with zipfile.ZipFile(backup_file) as file:
            names = _checked(file)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("spool", "spool/in", "vault", "signed"):
                (folder / name).mkdir(mode=0o700)
            for name in names:
                path = folder / name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with file.open(name) as source:
                    replace_private(path, source.read())
            replace_private(folder / RESTORED, b"")
    except FileNotFoundError:
        raise InvalidInput(
            f"there is no file `{backup_file}`", hint="check the path", code="no-file"
        ) from None
    except zipfile.BadZipFile:
        raise InvalidInput(
            f"`{backup_file}` is no backup of a node",
            hint="give a file that `comity backup` wrote",
            code="bad-backup",
        ) from None
    return Home.at(folder)


def _checked(file: zipfile.ZipFile) -> list[str]:
    names = file.namelist()
    if not {"node.db", NAME, "node.keys"} <= set(names) or not all(map(_ours, names)):
        raise zipfile.BadZipFile
    return names


def _ours(name: str) -> bool:
    parts = Path(name).parts
    plain = not Path(name).is_absolute() and ".." not in parts
    return plain and (name in ("node.db", *_IN_BACKUP) or parts[0] == "spool")
