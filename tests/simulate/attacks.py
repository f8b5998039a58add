"""Those who lie: somebody on the network without keys, and a partner with its own.

What they send has to change nothing, or to be what an honest sender might have sent. Nobody
here looks at what a node makes of it: the watch does, as after every other step.
"""

import hashlib
from dataclasses import replace
from functools import cache

from comity.exchange.rows import reader
from comity.release import World
from comity.wire.consignment import Consignment, read, write
from comity.wire.instrument import read_table
from simulate.machine import Failed
from simulate.parties import PARTIES, world

FLIP = "a byte of a consignment is changed"
CUT_OFF = "a consignment is cut off, or goes on"
OTHERS = "a consignment is sent to another party"
AS_OTHER = "a consignment is sent as another party's"
LATE = "an old consignment is sent again"
HEADER = "a part's header is changed"
SWAP = "the bodies of two parts change places"
REPACK = "a partner sends on what another signed as its own"
FORGE = "a partner's answer is changed on its way"
OTHER_ANSWER = "an answer is given to another consignment"
SELF = "a node is sent its own consignment"

ATTACKS = (
    FLIP, CUT_OFF, OTHERS, AS_OTHER, LATE, HEADER, SWAP, REPACK, FORGE, OTHER_ANSWER, SELF,
)  # fmt: skip


@cache
def bent_world() -> World:
    """Return a world in which everybody has consented to everything, which nobody did."""
    honest = world()
    made = []
    for accord in honest.accords:
        one, other = accord.id.split("-")
        for holder, to in ((one, other), (other, one)):
            for who in (*PARTIES, "west"):
                table = f"""[[instrument]]
id = "forged-{who}-{holder}-{to}"
by = ["{who}"]
form = "written"
dated = "2029-06-01T00:00:00Z"
operations = [{{ do = "consent", holder = "{holder}", to = "{to}", categories = ["patrols", "weather"], ceiling = "{who}:HIGH", purposes = ["watch"] }}]
source = "forged"
"""
                made.append(read_table(table, accord))
    return honest.supposing(made)


class Attacks:
    """Draws what is done to those who are honest."""

    def __init__(self, run):
        self.run = run
        self.rng = run.rng

    def one(self):
        """Make one attack with what has crossed so far."""
        if not self.run.log:
            return
        sender, recipient, raw = self.rng.choice(self.run.log)
        kind = self.rng.choice(
            (FLIP, CUT_OFF, OTHERS, AS_OTHER, LATE, HEADER, SWAP, REPACK, SELF)
        )
        self._do(kind, sender, recipient, raw)

    def _do(self, kind, sender, recipient, raw):
        rng = self.rng
        third = next(one for one in PARTIES if one not in (sender, recipient))
        match kind:
            case _ if kind == FLIP:
                place = rng.randrange(len(raw))
                changed = bytes([raw[place] ^ (1 << rng.randrange(8))])
                raw = raw[:place] + changed + raw[place + 1 :]
            case _ if kind == CUT_OFF:
                raw = (
                    raw[: rng.randrange(len(raw))] if rng.random() < 0.7 else raw + b"more"
                )
            case _ if kind == OTHERS:
                recipient = third
            case _ if kind == AS_OTHER:
                sender = third
            case _ if kind == SELF:
                recipient = sender
            case _ if kind == HEADER:
                raw = _other_header(rng, raw)
            case _ if kind == SWAP:
                raw = _swapped(raw)
            case _ if kind == REPACK:
                raw, sender, recipient = self._repacked(raw, recipient, third)
        if raw is None:
            return
        self.run.watch.fault(kind)
        self._arrive(recipient, sender, raw)

    def _arrive(self, recipient, sender, raw):
        run = self.run
        to = run.machines[recipient]
        answer = run.call(to, "attacked", lambda node: node.answer(sender, raw))
        if isinstance(answer, bytes):
            run.watch.answers(to, answer)
            run.kick(to)

    def _repacked(self, raw, liar, to):
        """Let the recipient of a consignment send its parts on, under its own contact."""
        machine = self.run.machines[liar]
        if machine.node is None:
            return None, liar, to
        was = read(reader(raw))
        contact = self.run.call(
            machine, "speak", lambda node: node.contacts.say(to, node.now())
        )
        if isinstance(contact, Failed):
            return None, liar, to
        self.run.watch._contact(machine, contact.thing)
        return write(Consignment(liar, to, contact, was.parts)), liar, to

    def on_the_way_to(self, raw):
        """Return a consignment as it arrives: now and then somebody changes it."""
        run, rng = self.run, self.rng
        if not run.faulty or not run.plan.attacks or rng.random() >= 0.12:
            return raw
        kind, changed = rng.choice(
            ((HEADER, _other_header(rng, raw)), (SWAP, _swapped(raw)))
        )
        if changed is None:
            return raw
        run.watch.fault(kind)
        return changed

    def on_the_way(self, to, answer):
        """Return an answer as it arrives: now and then somebody changes it."""
        run, rng = self.run, self.rng
        if not run.faulty or not run.plan.attacks:
            return answer
        drawn = rng.random()
        if drawn < 0.04:
            run.watch.fault(FORGE)
            return _other_time(answer) or answer
        if drawn < 0.07 and run.answered:
            run.watch.fault(OTHER_ANSWER)
            return rng.choice(run.answered)[2]
        return answer


def _other_header(rng, raw):
    """Change one part's header in a way that stays readable, and its signed hash with it."""
    was = read(reader(raw))
    if not was.parts:
        return None
    place = rng.randrange(len(was.parts))
    part = was.parts[place]
    for old, new in (
        (b":LOW", b":HIGH"),
        (b'"ROUTINE"', b'"PRIORITY"'),
        (b'"watch"', b'"study"'),
    ):
        if old in part.header:
            header = part.header.replace(old, new)
            thing = hashlib.sha256(header).digest() + part.signed.thing[32:]
            changed = replace(part, header=header, signed=replace(part.signed, thing=thing))
            parts = (*was.parts[:place], changed, *was.parts[place + 1 :])
            return write(Consignment(was.sender, was.recipient, was.contact, parts))
    return None


def _swapped(raw):
    was = read(reader(raw))
    if len(was.parts) < 2 or not all(
        isinstance(part.body, bytes) for part in was.parts[:2]
    ):
        return None
    one, other, *rest = was.parts
    parts = (replace(one, body=other.body), replace(other, body=one.body), *rest)
    return write(Consignment(was.sender, was.recipient, was.contact, parts))


def _other_time(answer):
    """Change the time in the things that an answer says."""
    place = answer.rfind(b'"at":"2030-')
    if place < 0:
        return None
    return answer[:place] + answer[place:].replace(b'"at":"2030-', b'"at":"2031-', 1)
