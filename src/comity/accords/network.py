"""Which accords hang on which others, over a set of accords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from comity.accords import clauses as c
from comity.accords.accord import Accord, read_amendment
from comity.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The ties and supersessions of a set of accords, with those of their amendments.

    Attributes:
        rules: every such rule, with the id of the accord that it is in.
        known: the accords of the set, by id.
        amending: the ids of the amendments that build on an accord, by its id.
    """

    rules: tuple[tuple[str, c.Tied | c.Supersedes], ...]
    known: frozenset[str]
    amending: Mapping[str, tuple[str, ...]]
    _tied: dict[str, list[c.Tied]] = field(default_factory=dict, init=False, repr=False)
    _later: dict[str, list[tuple[c.Supersedes, str]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _hanging: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the rules by the accord that hangs on another by them."""
        for of, rule in self.rules:
            if isinstance(rule, c.Tied):
                self._tied.setdefault(of, []).append(rule)
                self._hanging.setdefault(rule.to, []).append(of)
            else:
                self._later.setdefault(rule.accord, []).append((rule, of))
                self._hanging.setdefault(of, []).append(rule.accord)

    @classmethod
    def of(cls, accords: Iterable[Accord], amendments: Mapping[str, bytes]) -> Links:
        """Read the links of some accords; an amendment's are those of what it amends."""
        every = tuple(accords)
        rules = [(a.id, rule) for a in every for rule in _linking(a.clauses)]
        digests = {accord.digest: accord.id for accord in every}
        read = {name: read_amendment(raw)[0] for name, raw in amendments.items()}
        waiting = {name: found for name, found in read.items() if found is not None}
        amending: dict[str, list[str]] = {}
        while True:  # one may build on another that stands after it
            ready = {
                name: of
                for name, amendment in waiting.items()
                for of in [
                    next((digests[b] for b in amendment.front.bases if b in digests), None)
                ]
                if of is not None
            }
            if not ready:
                break
            for name, of in ready.items():
                amendment = waiting.pop(name)
                digests.setdefault(amendment.digest, of)
                amending.setdefault(of, []).append(name)
                rules += [(of, rule) for rule in _linking(amendment.clauses)]
        return cls(
            rules=tuple(rules),
            known=frozenset(a.id for a in every),
            amending={of: tuple(names) for of, names in amending.items()},
        )

    def ties(self, name: str) -> tuple[str, ...]:
        """Return the accords here on which the standing of one hangs, sending left aside."""
        rules = (r for r in self._tied.get(name, ()) if r.how is not c.Depends.SENDING)
        found = dict.fromkeys(rule.to for rule in rules)
        return tuple(to for to in found if to in self.known)

    def later(self, name: str) -> Iterator[tuple[c.Supersedes, str]]:
        """Yield the accords here that take the place of one, with their rule."""
        return ((rule, of) for rule, of in self._later.get(name, ()) if of != name)

    def hanging(self, names: Iterable[str]) -> frozenset[str]:
        """Return some accords with every one whose standing hangs on one of them."""
        waiting = list(names)
        seen = set(waiting)
        while waiting:
            fresh = set(self._hanging.get(waiting.pop(), ())) - seen
            seen |= fresh
            waiting += fresh
        return frozenset(seen)

    def circle(self, name: str) -> tuple[str, ...]:
        """Return the accords by way of which one hangs on itself, itself first; or none."""
        waiting: list[tuple[str, ...]] = [(name,)]
        while waiting:
            path = waiting.pop(0)
            for after in self._hangs_on(path[-1]):
                if after == name:
                    return path
                if after not in path:
                    waiting.append((*path, after))
        return ()

    def _hangs_on(self, name: str) -> Iterator[str]:
        yield from (r.to for r in self._tied.get(name, ()) if r.to in self.known)
        yield from (of for _, of in self._later.get(name, ()))

    @staticmethod
    def circular(circle: tuple[str, ...]) -> InvalidInput:
        """Return the error that says by way of which accords one hangs on itself."""
        way = " → ".join(f"`{name}`" for name in (*circle, circle[0]))
        return InvalidInput(
            f"the standing of `{circle[0]}` hangs on itself: {way}",
            hint="take away one of the `[[tied]]` or `[[supersedes]]` on the way",
            code="circle",
        )


def _linking(clauses: Iterable[c.Clause]) -> Iterator[c.Tied | c.Supersedes]:
    for clause in clauses:
        if isinstance(clause, (c.Tied, c.Supersedes)):
            yield clause
