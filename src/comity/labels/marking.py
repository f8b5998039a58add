"""The words of a marking, made from a label; nobody types them.

A received item keeps the originator's marking, and beside it stands the recipient's own:
the originating party's name and the recipient's level, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from comity.labels.label import Label, Level, Mark
from comity.labels.policy import Policy

RELEASABLE = {"en": "REL TO", "ja": "提供先", "ko": "제공 대상"}
NOBODY = {"en": "NOBODY", "ja": "なし", "ko": "없음"}
SHOWN = {"en": "DISPLAY ONLY", "ja": "閲覧のみ", "ko": "열람만"}
EITHER = {"en": "or", "ja": "又は", "ko": "또는"}

Names = Mapping[str, Mapping[str, str]]
"""The names of parties, by id and then by language."""


def level_mark(level: Level, policy: Policy | None, language: str) -> str:
    """Return a level as marked in a language; without one its first marking, or its name."""
    rung = None if policy is None else policy.rungs.get(level.name)
    return level.name if rung is None else _in(rung.marks, language, level.name)


def marking(
    label: Label, policy: Policy, language: str, *, owners: Sequence[str], names: Names
) -> str:
    """Return the marking of a label in a language.

    The level, then each tag set with its values, then to whom it is released, the owners
    first and the others in the order of their names.
    """
    words = [level_mark(label.level, policy, language)]
    for entry in label.tags:
        values = [_tag_mark(entry.set_, value, policy, language) for value in entry.values]
        words.append("/".join(values) or f"{entry.set_}: {_said(NOBODY, language)}")
    if label.release_to is not None:
        listed = _listed(label.release_to, owners, names, language)
        words.append(f"{_said(RELEASABLE, language)} {listed}")
    if label.display_to:
        listed = _listed(label.display_to, owners, names, language)
        words.append(f"{_said(SHOWN, language)} {listed}")
    return " // ".join(words)


def received(
    levels: Sequence[Level],
    policy: Policy | None,
    language: str,
    *,
    owners: Sequence[str],
    names: Names,
) -> str:
    """Return what a recipient marks beside the originator's label: whose it is, and its level.

    Several levels are a choice that the recipient has not made yet; all are named.
    """
    whose = ", ".join(_name(owner, names, language) for owner in owners)
    either = f" {_said(EITHER, language)} "
    return f"{whose} / {either.join(level_mark(one, policy, language) for one in levels)}"


def languages(policies: Sequence[Policy], names: Names) -> tuple[str, ...]:
    """Return the languages in which some policies and names have words, in their order."""
    found = [
        language
        for policy in policies
        for rung in policy.rungs.values()
        for language in rung.marks
    ]
    found += [language for by in names.values() for language in by]
    return tuple(dict.fromkeys(found))


def _tag_mark(tag_set: str, value: str, policy: Policy, language: str) -> str:
    tag = policy.tag(Mark(policy.id, tag_set, value))
    return value if tag is None else _in(tag.marks, language, value)


def _listed(
    parties: Sequence[str], owners: Sequence[str], names: Names, language: str
) -> str:
    first = [party for party in owners if party in parties]
    others = [_name(p, names, language) for p in parties if p not in first]
    words = [_name(p, names, language) for p in first] + sorted(others)
    return ", ".join(words) or _said(NOBODY, language)


def _name(party: str, names: Names, language: str) -> str:
    return _in(names.get(party, {}), language, party)


def _in(words: Mapping[str, str], language: str, otherwise: str) -> str:
    return words.get(language) or next(iter(words.values()), otherwise)


def _said(words: Mapping[str, str], language: str) -> str:
    return words.get(language, words["en"])
