"""A node that was put back: it asks its partners what they hold, and signs nothing before.

The checkpoint that a log signed last is in no backup. Where it is gone with the machine, no
log can be gone on with, since partners may have seen more of it: each ends by a signed
succession, at the size that the backup knows.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Collection
from dataclasses import dataclass

from comity.errors import ComityError, InvalidInput
from comity.exchange.courier import CONNECT, Undelivered, Way
from comity.exchange.home import RESTORED, Home, Signed
from comity.exchange.keystore import Keyring
from comity.exchange.node import Node
from comity.exchange.tls import Connection, certificates, client_context
from comity.log import frontier
from comity.signed import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came of it.

    Attributes:
        learnt: how much each partner knew that was forgotten here.
        ended: the accords whose logs were ended, and begun anew.
    """

    learnt: tuple[tuple[str, int], ...]
    ended: tuple[str, ...]


def recover(
    home: Home,
    passphrase: str,
    why: str,
    without: Collection[str],
    clock: Callable[[], int],
    random: Random,
) -> Recovered:
    """Ask every partner, write down again what they hold, and end what cannot go on.

    Args:
        home: the node's folder.
        passphrase: of its keys.
        why: for the succession, which partners read.
        without: partners that cannot be asked, by id: what they alone hold stays forgotten.
        clock: UTC seconds.
        random: so many bytes that nobody can foresee.

    Raises:
        InvalidInput: a partner was not reached that is not named in ``without``; nothing
            was ended, and it may be tried again.
        NodeRuns: a process has the node open.
    """
    with home.locked():
        node, keys = home.open(passphrase, clock, random, recovering=True)
        try:
            learnt, missed = _asked(node, keys, without, clock, random)
            if missed:
                raise InvalidInput(
                    f"{' and '.join(missed)} could not be asked: {', '.join(missed.values())}",
                    hint="try again when their node runs, or name them by `--without`",
                    code="not-asked",
                )
            restored = home.folder / RESTORED
            if restored.exists():
                _forgotten(node, Signed(home.folder / "signed"))
                rows = node.database.all("logs")
                names = [r["origin"] for r in rows if r["ended"] is None and r["size"]]
            else:
                names = list(node.custody.rolled_back())
            (ended,) = node.together([lambda: node.recovery.succeed(names, why)])
            if isinstance(ended, Exception):
                raise ended
            restored.unlink(missing_ok=True)
        finally:
            node.database.close()
    return Recovered(learnt=tuple(learnt.items()), ended=tuple(one.accord for one in ended))


def _asked(
    node: Node,
    keys: Keyring,
    without: Collection[str],
    clock: Callable[[], int],
    random: Random,
) -> tuple[dict[str, int], dict[str, str]]:
    learnt: dict[str, int] = {}
    missed: dict[str, str] = {}
    ring = node.partners.ring

    def connect(partner: str, host: str, port: int) -> http.client.HTTPConnection:
        now = clock()
        return Connection(
            host,
            port,
            context=client_context(keys.tls, certificates(ring, partner, now), random),
            counts=lambda digest: ring.party_of_tls(digest, now) == partner,
            timeout=CONNECT,
        )

    for one in node.partners.all():
        if one.party in without:
            continue
        way = Way(one.party, node.addresses(one.party), connect)
        try:
            learnt[one.party] = node.relearn(one.party, way.get("/exchange/1/held"))
        except (Undelivered, ComityError) as error:
            missed[one.party] = error.code
        finally:
            way.close()
    return learnt, missed


def _forgotten(node: Node, signed: Signed) -> None:
    """Put what the backup knows in place of what was signed last and is gone."""
    for row in node.database.all("logs"):
        if row["ended"] is None and row["size"] and signed.get(row["origin"]) is None:
            root = frontier(row["size"], node.custody.reader(row["n"])).root
            signed.swap(row["origin"], None, (row["size"], root))
