"""Plant faults in a copy of the code, one at a time, and see whether a test notices each.

``make faults`` runs it. A fault that no test notices is printed, and the exit code is 1. Each
is one that matters: an end that is inclusive, a notice counted to the wrong end, one
originator's consent taken for all. ``tools/faults.py NAME ...`` plants those alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ("tests/labels", "tests/accords", "tests/release")

FAULTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "a period ends a day late",
        "accords/times.py",
        "    if count in (Count.CLEAR_DAYS, Count.CIVIL):\n        return moved + timedelta(days=1)",
        "    if count is not None:\n        return moved + timedelta(days=1)",
    ),
    (
        "clear days are counted like anniversaries",
        "accords/times.py",
        "if count in (Count.CLEAR_DAYS, Count.CIVIL):",
        "if count is Count.CIVIL:",
    ),
    (
        "a day that does not exist is rounded down without a word",
        "accords/rules.py",
        "self.rounded = self.rounded or is_ambiguous(day, period)",
        "self.rounded = False",
    ),
    (
        "the last day for notice is a day late",
        "accords/rules.py",
        "return latest_day(end, length.for_, length.count, rounding or self.rounding)",
        "return latest_day(\n            end, length.for_, length.count, rounding or self.rounding\n"
        "        ) + timedelta(days=1)",
    ),
    (
        "the far end of a backward count is ignored",
        "accords/rules.py",
        "end = out if length.to is FarEnd.FIRST_DAY_OUT else out - timedelta(days=1)",
        "end = out",
    ),
    (
        "renewals are chained from the period before",
        "accords/rules.py",
        "return self.out(day, whole, initial.count)",
        "previous = self.boundary(state, index - 1) if index > 1 else None\n"
        "        if previous is not None and renewal is not None:\n"
        "            return self.out(previous, renewal.for_, renewal.count)\n"
        "        return self.out(day, whole, initial.count)",
    ),
    (
        "until is the first day out",
        "accords/rules.py",
        "return zone.start_of(term.until + timedelta(days=1))",
        "return zone.start_of(term.until)",
    ),
    (
        "a notice takes effect although it is suspended",
        "accords/table.py",
        "    _N.SUSPENDED: {\n        Op.SUSPEND_NOTICE: _N.SUSPENDED,",
        "    _N.SUSPENDED: {\n        Tick.TAKES_EFFECT: _N.EFFECTIVE,",
    ),
    (
        "a revoked notice can be revived",
        "accords/table.py",
        "    _N.REVOKED: {},",
        "    _N.REVOKED: {Op.RESUME_NOTICE: _N.RUNNING},",
    ),
    (
        "one instrument's operations are applied in the order listed",
        "accords/fold.py",
        "for operation in sorted(instrument.operations, key=lambda op: ORDER.index(op.do)):",
        "for operation in instrument.operations:",
    ),
    (
        "anyone may take a notice back",
        "accords/operations.py",
        "    if notice.by not in instrument.by:",
        "    if not instrument.by:",
    ),
    (
        "a notice may be revoked whatever law governs",
        "accords/operations.py",
        "    if state.accord.front.law is Law.VCLT:",
        "    if state.accord.front.law is not None:",
    ),
    (
        "under the reading that it is gone the notice sleeps",
        "accords/operations.py",
        "        if reading == c.Suspended.REVOKED:",
        "        if reading == c.Suspended.AGREED_VARIATION:",
    ),
    (
        "one side alone revives a notice that both agreed to let lie",
        "accords/operations.py",
        "if reading == c.Suspended.AGREED_VARIATION and not jointly:",
        "if reading == c.Suspended.REVOKED and not jointly:",
    ),
    (
        "a late notice bites at the end of the running period",
        "accords/operations.py",
        "        late = True\n        index += 1",
        "        late = True\n        break\n        index += 1",
    ),
    (
        "one side alone extends",
        "accords/operations.py",
        "    missing = sorted((set(pair) or state.current()) - set(instrument.by))",
        "    missing = sorted(set(pair) & set())",
    ),
    (
        "the end of one's part ends it for all",
        "accords/fold.py",
        "leaving = own if notice.rule.ends is c.Ends.PART else tuple(state.members)",
        "leaving = tuple(state.members)",
    ),
    (
        "what differs between the ways is taken from the first",
        "accords/links.py",
        "    return next(iter(statuses)) if len(statuses) == 1 else Status.UNSETTLED",
        "    return min(statuses)",
    ),
    (
        "an uncertain time is taken at its earliest",
        "accords/doubt.py",
        "    found = {span.start} if open_ended else {span.start, span.last}",
        "    found = {span.start}",
    ),
    (
        "an uncertain time is tried at its two ends alone",
        "accords/doubt.py",
        "        if span.start < cut < span.last:",
        "        if span.last < cut < span.start:",
    ),
    (
        "only the deciding time of an instrument may be uncertain",
        "accords/doubt.py",
        "return _Spans(deciding, whole)",
        "return _Spans(deciding, deciding)",
    ),
    (
        "a party with no reading adds a dispute",
        "accords/clock.py",
        "            if not common and not times:\n                continue",
        "            if not first and not second:\n                continue\n"
        "            common = first.keys() | second.keys()\n"
        '            first, second = {**second, **first}, dict.fromkeys(common, "revoked")',
    ),
    (
        "a reading counts before it is taken",
        "accords/clock.py",
        "if reading.party != party or reading.since > at or reading.recalled:",
        "if reading.party != party or reading.recalled:",
    ),
    (
        "a suspended notice lets the period renew by silence",
        "accords/clock.py",
        "            and notice.bites <= at",
        "            and notice.bites < 0",
    ),
    (
        "what was learnt later counts as known",
        "accords/clock.py",
        "            if (known_at is None or i.known() <= known_at)",
        "            if i is not None",
    ),
    (
        "only the sender's reading counts",
        "release/examine.py",
        "        for side in pair:\n            standing",
        "        for side in pair[:1]:\n            standing",
    ),
    (
        "the consent of one originator is taken for all",
        "release/examine.py",
        "return tuple(party for party in others if not self._consented(party))",
        "return tuple(party for party in others[:1] if not self._consented(party))",
    ),
    (
        "a consent covers whatever it does not name",
        "release/consents.py",
        "(not op.categories or set(label.categories) <= set(op.categories))",
        "(not op.categories or bool(set(label.categories) & set(op.categories)))",
    ),
    (
        "an item with one category in scope is in scope",
        "release/examine.py",
        "outside = [k for k in item.label.categories if not _lists(scope.categories, k)]",
        "outside = [k for k in item.label.categories[:1] if not _lists(scope.categories, k)]",
    ),
    (
        "the first matching row is taken",
        "release/handling.py",
        "return tuple(targets), mine",
        "return tuple(targets)[:1], mine",
    ),
    (
        "a hold's last second is one too many",
        "release/world.py",
        "return self.since <= at and (self.before is None or at < self.before)",
        "return self.since <= at and (self.before is None or at <= self.before)",
    ),
    (
        "an authority signed twice by one person counts",
        "release/world.py",
        "len(persons) >= 2",
        "len(self.signed_by) >= 2",
    ),
    (
        "nobody need have consented to be bound",
        "accords/fold.py",
        "if found is not None and len(bound) > 1:",
        "if found is not None:",
    ),
    (
        "what has ended takes in a joiner",
        "accords/fold.py",
        "        if state.status() is Status.ENDED:\n            return",
        "        if state.status() is Status.NOT_YET:\n            return",
    ),
    (
        "anyone confirms an act done without authority",
        "accords/fold.py",
        "if i.id == name and set(i.by) <= by",
        "if i.id == name and by",
    ),
    (
        "a second suspension is lost when the first is lifted",
        "accords/operations.py",
        "        mine = set(pause.by) <= set(act.instrument.by) and pause.between == pair",
        "        mine = pause.between == pair",
    ),
    (
        "a spoken act on a notice has effect",
        "accords/operations.py",
        "    if form is not None and instrument.form not in (form, DUE):",
        "    if form is None and instrument.form not in (form, DUE):",
    ),
    (
        "an exception that refuses catches only the whole",
        "release/examine.py",
        "return bool(given) and all(words & found for words, found in given)",
        "return bool(given) and all(found <= words for words, found in given)",
    ),
    (
        "a holder is believed on the level at which it holds",
        "release/handling.py",
        "    if not own or request.sender in item.originators:",
        "    if request.sender in item.originators:",
    ),
    (
        "a condition met and unmet in one second is met",
        "release/world.py",
        "and all(other.last < span.start for other in unmet)",
        "and all(other.last <= span.start for other in unmet)",
    ),
    (
        "a consent under one accord counts under another",
        "release/consents.py",
        "found = (one for one in world.consents(accord) if one.by == party)",
        "found = (one for a in world.accords for one in world.consents(a.id) if one.by == party)",
    ),
    (
        "only the originators of the whole count, not those of its parts",
        "release/lineage.py",
        "for m in lineage(item, world).members for party",
        "for m in lineage(item, world).members[:1] for party",
    ),
    (
        "the parts of parts are forgotten",
        "release/lineage.py",
        "        for name in dict.fromkeys(member.made_from):",
        "        for name in dict.fromkeys(item.made_from):",
    ),
    (
        "the list of the whole is taken for those of its parts",
        "release/decide.py",
        "    for member in members:\n        yield from barred",
        "    for member in members[:1]:\n        yield from barred",
    ),
    (
        "the whole may be marked lower than its parts",
        "release/decide.py",
        "    for part, wants, has in below_parts(members, world):",
        "    for part, wants, has in ():",
    ),
    (
        "what the tags of a part ask is not asked of the whole",
        "release/examine.py",
        "any(Caveat.ORCON in self._caveats(member) for member in self._members)",
        "any(Caveat.ORCON in self._caveats(member) for member in self._members[:1])",
    ),
    (
        "the consent for a part is taken for the whole",
        "release/consents.py",
        "and op.item in (None, request.item.id)",
        "and op.item in (None, *(m.id for m in lineage(request.item, world).members))",
    ),
    (
        "a consent that covers one of its giver's parts is taken for all",
        "release/consents.py",
        "and all(_admits(op, part, world.policy_of(party)) for part in theirs)",
        "and any(_admits(op, part, world.policy_of(party)) for part in theirs)",
    ),
    (
        "the purpose of the whole is taken for that of its parts",
        "release/examine.py",
        "if any(part.purpose != purpose for part in self._of(party))",
        "if request.item.purpose != purpose",
    ),
    (
        "a ceiling is one level and no other",
        "release/consents.py",
        "return policy.dominates(Level(whose, name), level)",
        "return Level(whose, name) == level",
    ),
    (
        "a refusal leaves an earlier consent as it was",
        "release/consents.py",
        "        and all(after(consent, refusal) for refusal in no)\n",
        "",
    ),
    (
        "a consent and a refusal of one second: the consent counts",
        "release/consents.py",
        "return consent.given > refusal.last",
        "return consent.given >= refusal.last",
    ),
    (
        "a request that somebody else refused waits no longer",
        "release/approval.py",
        "            if request.of in instrument.by:",
        "            if instrument.by:",
    ),
    (
        "a way on which one hop is permitted is permitted",
        "release/route.py",
        "return all(isinstance(hop.decision, Permit) for hop in self.hops)",
        "return any(isinstance(hop.decision, Permit) for hop in self.hops)",
    ),
    (
        "a way passes a party twice",
        "release/route.py",
        "if party in passed or not self._leads",
        "if party == holder or not self._leads",
    ),
    (
        "of several levels that are held, one that may go on is enough",
        "release/route.py",
        "            if not denial.consent_missing:\n",
        "            if not denial.consent_missing and len(denials) == len(decisions):\n",
    ),
    (
        "a duty falls due on the latest day that can be meant",
        "release/duties.py",
        "return min(counted(here.accord.zone, since, rule.within), default=None)",
        "return max(counted(here.accord.zone, since, rule.within), default=None)",
    ),
    (
        "protection ends on the earliest day that can be meant",
        "release/protection.py",
        "before = max(ends, default=None)",
        "before = min(ends, default=None)",
    ),
    (
        "anybody's act discharges a duty",
        "release/discharge.py",
        "        and event.who in instrument.by\n",
        "",
    ),
    (
        "a certificate for one item is one for all",
        "release/discharge.py",
        "    if operation.item != event.giving.item:\n        return False\n",
        "",
    ),
    (
        "a successor that may be in force adopts",
        "release/given.py",
        "    if len(known) < len(firsts) or not known:",
        "    if not known:",
    ),
    (
        "who received under an accord is free after its end",
        "release/onward.py",
        "        yield _with(version, _rule(version, after=end is not None))",
        "        if end is None:\n            yield _with(version, _rule(version, after=False))",
    ),
    (
        "a group's members are those of today alone",
        "release/membership.py",
        "    was = made is not None and has(world, group, party, Instant(made))\n",
        "    was = made is not None\n",
    ),
    (
        "an emptied permissive set is dropped",
        "labels/join.py",
        "        if kept or tag_set.type_ is TagType.PERMISSIVE:",
        "        if kept:",
    ),
    (
        "one originator is enough to lower a label",
        "release/marked.py",
        "        if agreed >= set(item.originators):",
        "        if agreed & set(item.originators):",
    ),
    (
        "anybody's designation counts",
        "release/handling.py",
        "            instrument.by != (request.recipient,)\n            or ",
        "            ",
    ),
    (
        "the last second of a dated row is one too many",
        "release/handling.py",
        "return [row for since, before, row in rows if since <= at < before]",
        "return [row for since, before, row in rows if since <= at <= before]",
    ),
    (
        "who was put out keeps what names it",
        "release/marked.py",
        "    since = out is None or (item.made is not None and out[1] <= item.made)\n",
        "    since = True\n",
    ),
    (
        "a group of dated members keeps one that left",
        "labels/group.py",
        "return self.since <= at and (self.before is None or at < self.before)",
        "return self.since <= at",
    ),
    (
        "a table that nobody kept up brings back one that was put out",
        "release/marked.py",
        "    return since and party in names\n",
        "    return since and _listed(item, names, party, world, at)\n",
    ),
    (
        "while it is in doubt whether it was put out it is taken not to be",
        "release/membership.py",
        "    return max(known) if len(known) == len(ends) else at\n",
        "    return max(known) if len(known) == len(ends) else None\n",
    ),
    (
        "one that was put out comes back by its own act",
        "accords/revival.py",
        "        if out and out[-1].by not in performers:",
        "        if len(out) > 1 and out[-1].by not in performers:",
    ),
    (
        "what bars one side's sending bars its receiving",
        "release/examine.py",
        "request.sender not in tie.who:",
        "not {request.sender, request.recipient} & set(tie.who):",
    ),
    (
        "a notice runs from the day it bears, not from when it was received",
        "accords/instruments.py",
        "    op: (Stage.RECEIVED,)\n    if op\n    in (\n        Op.GIVE_NOTICE,",
        "    op: (Stage.DATED,)\n    if op is Op.GIVE_NOTICE\n    else (Stage.RECEIVED,)\n    if op\n"
        "    in (",
    ),
    (
        "a suspension counts only if the sender reads it so",
        "release/examine.py",
        "            elif standing.status not in seen:",
        "            elif standing.status not in seen and (\n"
        "                side == request.sender or standing.status is not Status.SUSPENDED\n"
        "            ):",
    ),
    (
        "the sender's reading is used for both",
        "release/examine.py",
        "standing = clock.between(request.at, pair, party=side)",
        "standing = clock.between(request.at, pair, party=request.sender)",
    ),
    (
        "what is unsettled is taken as in force",
        "release/examine.py",
        "            if standing.status in RELEASING:",
        "            if standing.status in {*RELEASING, Status.UNSETTLED}:",
    ),
    (
        "a hold stops what its maker sends and nothing that it receives",
        "release/world.py",
        "return self.by == recipient and self.stops_accepting",
        "return self.by == recipient and not self.by",
    ),
    (
        "an authority that one person signed counts",
        "release/world.py",
        "len(persons) >= 2",
        "len(persons) >= 1",
    ),
    (
        "a consent goes on past its end",
        "release/approval.py",
        "return not self.lacks and self.since <= at and not ends",
        "return not self.lacks and self.since <= at",
    ),
    (
        "a text that was amended between two holds for whoever deals with either",
        "accords/state.py",
        "return next((a for p, a in reversed(self.versions) if p == pair), self.accord)",
        "return next((a for p, a in reversed(self.versions) if p & pair), self.accord)",
    ),
    (
        "a row that says none is passed over",
        "release/handling.py",
        "        if none:\n",
        "        if none and not mine:\n",
    ),
    (
        "where the clause asks for no consent the label's orcon is not asked",
        "release/examine.py",
        "        if consent is c.Consent.NOT_NEEDED and not orcon:",
        "        if consent is c.Consent.NOT_NEEDED:",
    ),
    (
        "an emptied list of recipients lets everybody have it",
        "release/marked.py",
        "    if listed is not None and _listed(item, listed, recipient, world, at):",
        "    if listed == () or (listed and _listed(item, listed, recipient, world, at)):",
    ),
    (
        "what survives says nothing of onward release",
        "release/onward.py",
        "        yield _with(version, _rule(version, after=end is not None))",
        "        yield _with(version, _rule(version, after=False))",
    ),
    (
        "a purpose that nobody has defined is one of any",
        "release/decide.py",
        '        ("a purpose", (request.for_purpose,), world.purposes),\n',
        "",
    ),
)


def main() -> int:
    """Plant each fault, or those named, and print what was found."""
    names = sys.argv[1:] or [fault[0] for fault in FAULTS]
    unknown = sorted(set(names) - {fault[0] for fault in FAULTS})
    if unknown:
        sys.exit(f"no such fault: {'; '.join(unknown)}; docs/faults.md has their names")
    chosen = [fault for fault in FAULTS if fault[0] in names]
    if plant("errors.py", "", ""):
        print("the tests fail without any fault; mend them first")
        return 1
    missed = 0
    started = time.monotonic()
    for name, file, old, new in chosen:
        noticed = plant(file, old, new)
        missed += not noticed
        print(f"{'found ' if noticed else 'MISSED'}  {name} ({file})", flush=True)
    minutes = (time.monotonic() - started) / 60
    print(f"{len(chosen) - missed} of {len(chosen)} faults found in {minutes:.1f} minutes")
    return 1 if missed else 0


def plant(file: str, old: str, new: str) -> bool:
    """Run the tests on a copy with one fault; say whether one failed."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        for name in ("src", "tests", "worlds", "demo", "pyproject.toml"):
            source = ROOT / name
            if source.is_dir():
                _ = shutil.copytree(source, copy / name)
            else:
                _ = shutil.copy(source, copy / name)
        path = copy / "src" / "comity" / file
        text = path.read_text(encoding="utf-8")
        if old and text.count(old) != 1:
            sys.exit(f"the fault for {file} does not fit the code once: {old.strip()[:60]}")
        _ = path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        done = subprocess.run(  # noqa: S603  our own tests
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy / "src")},
            capture_output=True,
            check=False,
        )
        return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
