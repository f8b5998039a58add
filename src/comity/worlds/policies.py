"""How files spell policies and groups, and the reading of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.accords.times import Span, Zone
from comity.accords.toml import Table
from comity.errors import InvalidInput
from comity.labels import (
    STANDARDS,
    Audience,
    Caveat,
    Group,
    Membership,
    Policy,
    Rung,
    Tag,
    TagSet,
    TagType,
)
from comity.worlds import tables as t
from comity.worlds.reader import FileReader

FORMAT = "comity-policy/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHead:
    """The head of a file of ``policies/``: ``comity-policy/1``.

    Attributes:
        id: by which levels name it; a party of that id marks by it.
        standard: a published standard whose levels it has, such as ``tlp-2.0``.
        community: the group that the standard's *community* means.
    """

    format: str
    id: str
    source: str
    standard: str = ""
    community: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTable:
    """A level of a policy: ``[[level]]``."""

    name: str
    above: tuple[str, ...] = ()
    marks: tuple[t.Word, ...] = ()
    handling: tuple[str, ...] = ()
    obsolete: str | None = None
    audience: Audience | None = None

    def value(self, zone: Zone) -> Rung:
        """Return the level.

        Raises:
            InvalidInput: a day that is none, or a language twice.
        """
        return Rung(
            name=self.name,
            above=self.above,
            marks=t.by_language(self.marks),
            handling=self.handling,
            obsolete=t.exclusive(self.obsolete, zone),
            audience=self.audience,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSetTable:
    """A set of tags of a policy: ``[[tag_set]]``."""

    name: str
    type_: TagType
    at_most: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TagTable:
    """One value of a set: ``[[tag]]``."""

    set_: str
    name: str
    marks: tuple[t.Word, ...] = ()
    caveat: Caveat | None = None
    holders: str = ""
    levels: tuple[str, ...] | None = None
    not_with: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    obsolete: str | None = None

    def value(self, zone: Zone) -> Tag:
        """Return the value.

        Raises:
            InvalidInput: a day that is none, or a language twice.
        """
        return Tag(
            name=self.name,
            marks=t.by_language(self.marks),
            caveat=self.caveat,
            holders=self.holders,
            levels=self.levels,
            not_with=self.not_with,
            needs=self.needs,
            obsolete=t.exclusive(self.obsolete, zone),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTable:
    """One membership: ``{ party = "x", since = "2024-01-01", source = "…" }``.

    Attributes:
        since: from when; the latest where it is not certain.
        before: until when; the earliest where it is not certain.
    """

    party: str
    since: str
    before: str | None = None
    removed: bool = False
    source: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """Parties by one name, each for its time: ``[[group]]``.

    Attributes:
        accord: the accord for whose parties it stands, in place of ``members``.
    """

    id: str
    title: str
    members: tuple[MemberTable, ...] | None = None
    clients_of: str = ""
    accord: str = ""

    def value(self, zone: Zone) -> Group:
        """Return the group.

        Raises:
            InvalidInput: both or neither of ``members`` and ``accord``; a membership
                without its source, one that is over before it begins, or a removal
                without its time.
        """
        if (self.members is None) is not bool(self.accord):
            raise InvalidInput(
                f"the group `{self.id}` says both or neither of `members` and `accord`",
                hint="list its members, or name the accord whose parties it stands for",
                code="bad-group",
            )
        return Group(
            id=self.id,
            title=self.title,
            clients_of=self.clients_of,
            accord=self.accord,
            members=tuple(self._member(member, zone) for member in self.members or ()),
        )

    def _member(self, row: MemberTable, zone: Zone) -> Membership:
        start = t.latest_end(row.since, zone)
        end = None if row.before is None else Span.parse(row.before, zone)
        before = None if end is None else end.start
        if (row.removed and before is None) or (before is not None and before <= start):
            raise InvalidInput(
                f"the membership of `{row.party}` in `{self.id}` has no time, or ends before"
                " it begins",
                hint="`before` is its first instant or day out; a removal has one",
                code="bad-instant",
            )
        return Membership(
            party=row.party,
            since=start,
            before=before,
            removed=row.removed,
            last=end.last if end and "/" in (row.before or "") else None,
            source=t.sourced(
                row.source, f"`{row.party}` in `{self.id}`", recalled=row.recalled
            ),
            recalled=row.recalled,
        )


def read_policies(
    reader: FileReader, parties: Mapping[str, t.PartyTable], zone: Zone
) -> dict[str, Policy]:
    """Return the policies of a world, by id; what is wrong with them is in the findings."""
    found: dict[str, Policy] = {}
    seen: dict[str, Path] = {}
    used = {party.policy or party.id for party in parties.values()}
    kinds = {"level": LevelTable, "tag_set": TagSetTable, "tag": TagTable}
    for path in reader.files("policies", ".toml"):
        head, rows = reader.read(path, PolicyHead, kinds)
        rungs = _levels(reader, path, _of("level", rows), zone)
        tag_sets = _tag_sets(reader, path, rows, zone)
        if head is None:
            continue
        if head.format != FORMAT:
            reader.find(
                path,
                reader.line(path, "format"),
                "bad-format",
                f"`{head.format}` is not a format of policies",
                f'write `format = "{FORMAT}"`',
            )
        if head.id in seen:
            reader.find(
                path,
                reader.line(path, "id"),
                "id-twice",
                f"there is a policy `{head.id}` in `{seen[head.id]}` as well",
                "a policy has one file; put its levels there",
            )
        if head.id not in used and not reader.broken(reader.root / "world.toml"):
            reader.find(
                path,
                reader.line(path, "id"),
                "no-party",
                f"no party here marks by the policy `{head.id}`",
                "add a `[[party]]` of that id to `world.toml`, or name it as the `policy` of"
                " one",
            )
        _ = seen.setdefault(head.id, path)
        stated = Policy(
            id=head.id,
            rungs=rungs,
            tag_sets=tag_sets,
            community=head.community,
            source=head.source,
        )
        found[head.id] = _of_standard(reader, path, head, stated)
    for party in parties.values():
        if party.policy and party.policy not in seen:
            reader.find(
                reader.root / "world.toml",
                0,
                "no-policy",
                f"`{party.id}` marks by the policy `{party.policy}`, which is none here",
                "add its file to `policies/`",
            )
    return found


def _of(name: str, rows: list[tuple[str, Table, Any]]) -> list[tuple[Table, Any]]:
    return [(table, row) for kind, table, row in rows if kind == name]


def _of_standard(
    reader: FileReader, path: Path, head: PolicyHead, stated: Policy
) -> Policy:
    """Return the policy with the levels of its standard, where it takes one."""
    if not head.standard:
        return stated
    if head.standard not in STANDARDS or stated.rungs or stated.tag_sets:
        reader.find(
            path,
            reader.line(path, "standard"),
            "bad-standard",
            f"`{head.standard}` is no standard that is known, or the file states levels or"
            " tags beside it",
            "the standards: " + ", ".join(STANDARDS) + "; they are taken whole",
        )
        return stated
    return STANDARDS[head.standard](head.id, head.community)


def _levels(
    reader: FileReader, path: Path, rows: list[tuple[Table, Any]], zone: Zone
) -> dict[str, Rung]:
    """Return a policy's levels; they form a partial order."""
    rungs: dict[str, Rung] = {}
    for table, row in rows:
        if row.name in rungs:
            reader.find(
                path,
                table.line_of("name"),
                "id-twice",
                f"two `[[level]]` bear the name `{row.name}`",
                "a level stands once",
            )
        made = reader.made(path, table, row.value, zone)
        if made is not None:
            rungs[row.name] = made
    policy = Policy(id="", rungs=rungs)
    for table, row in rows:
        for below in row.above:
            if below not in rungs:
                reader.find(
                    path,
                    table.line_of("above"),
                    "unknown-level",
                    f"`{row.name}` stands above `{below}`, which is no level here",
                    "its levels: " + ", ".join(rungs),
                )
        if any(row.name in policy.below(below) for below in row.above):
            reader.find(
                path,
                table.line_of("above"),
                "level-circle",
                f"`{row.name}` stands above itself",
                "levels form an order; take one `above` out of the circle",
            )
    return rungs


def _tag_sets(
    reader: FileReader, path: Path, rows: list[tuple[str, Table, Any]], zone: Zone
) -> dict[str, TagSet]:
    """Return a policy's tag sets with their values; what a value names is there."""
    values: dict[str, dict[str, Tag]] = {}
    heads: dict[str, Any] = {}
    for table, row in _of("tag_set", rows):
        if row.name in heads:
            message = f"two `[[tag_set]]` bear the name `{row.name}`"
            reader.find(path, table.line_of("name"), "id-twice", message, "it stands once")
        heads[row.name] = row
        values[row.name] = {}
    for table, row in _of("tag", rows):
        if row.set_ not in heads:
            hint = "its sets: " + (", ".join(heads) or "none")
            message = f"`{row.name}` is in the set `{row.set_}`, which is none here"
            reader.find(path, table.line_of("set"), "unknown-tag", message, hint)
            continue
        if row.name in values[row.set_]:
            message = f"two `[[tag]]` of `{row.set_}` bear the name `{row.name}`"
            reader.find(path, table.line_of("name"), "id-twice", message, "it stands once")
        made = reader.made(path, table, row.value, zone)
        if made is not None:
            values[row.set_][row.name] = made
    levels = {row.name for _, row in _of("level", rows)}
    known = {f"{name}/{value}" for name, inner in values.items() for value in inner}
    for table, row in _of("tag", rows):
        for key, words, there, code in (
            ("levels", row.levels or (), levels, "unknown-level"),
            ("not_with", row.not_with, known, "unknown-tag"),
            ("needs", row.needs, known, "unknown-tag"),
        ):
            for word in words:
                if word not in there:
                    hint = "those here: " + (", ".join(sorted(there)) or "none")
                    message = (
                        f"`{row.set_}/{row.name}` names `{word}` in `{key}`, none here"
                    )
                    reader.find(path, table.line_of(key), code, message, hint)
    return {
        name: TagSet(
            name=name,
            type_=row.type_,
            tags=values[name],
            at_most=row.at_most,
            required=row.required,
        )
        for name, row in heads.items()
    }


def read_groups(
    reader: FileReader,
    parties: Mapping[str, object],
    policies: Mapping[str, Policy],
    accords: Collection[str],
    zone: Zone,
) -> dict[str, Group]:
    """Return the groups of a world, by id; who is named in one, and where, exists."""
    groups: dict[str, Group] = {}
    for path in reader.optional("groups.toml"):
        _, rows = reader.read(path, None, {"group": GroupTable})
        for _, table, row in rows:
            made = reader.made(path, table, row.value, zone)
            if made is None:
                continue
            groups[row.id] = made
            if row.id in parties:
                message = f"`{row.id}` is a party; a group has a name of its own"
                hint = "a release list names either"
                reader.find(path, table.line_of("id"), "id-twice", message, hint)
            if row.accord and row.accord not in accords:
                message = f"group `{row.id}` stands for the parties of `{row.accord}`, no accord here"
                hint = "its accords: " + (", ".join(sorted(accords)) or "none")
                reader.find(path, table.line_of("accord"), "no-accord", message, hint)
            named = [m.party for m in made.members]
            for party in [*named, *([row.clients_of] if row.clients_of else [])]:
                if party not in parties:
                    message = f"group `{row.id}` names `{party}`, who is no party here"
                    hint = "its parties: " + ", ".join(sorted(parties))
                    reader.find(path, table.line, "no-party", message, hint)
    for policy in policies.values():
        named_here = {
            policy.community,
            *(t.holders for s in policy.tag_sets.values() for t in s.tags.values()),
        } - {"", *groups}
        for name in sorted(named_here):
            reader.find(
                reader.root / "policies",
                0,
                "no-group",
                f"the policy `{policy.id}` names the group `{name}`, which is none here",
                "the groups: " + (", ".join(sorted(groups)) or "none"),
            )
    return groups
