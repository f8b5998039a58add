"""Which accords hang on which others, over a set of accords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.accords import clauses as c
from comity.accords.accord import Accord, read_amendment
from comity.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The ties and supersessions of a set of accords, with those of their amendments.

    Attributes:
        rules: every such rule, with the id of the accord that it is in.
        known: the accords of the set, by id.
    """

    rules: tuple[tuple[str, c.Tied | c.Supersedes], ...]
    known: frozenset[str]

    @classmethod
    def of(cls, accords: Iterable[Accord], amendments: Mapping[str, bytes]) -> Links:
        """Read the links of some accords; an amendment's are those of what it amends."""
        every = tuple(accords)
        rules = [(a.id, rule) for a in every for rule in _linking(a.clauses)]
        digests = {accord.digest: accord.id for accord in every}
        waiting = [
            found for raw in amendments.values() if (found := read_amendment(raw)[0])
        ]
        for _ in range(len(waiting)):  # one may build on another that stands after it
            for amendment in waiting:
                about = {digests[b] for b in amendment.front.bases if b in digests}
                for name in about:
                    digests[amendment.digest] = name
        for amendment in waiting:
            of = digests.get(amendment.digest)
            if of is not None:
                rules += [(of, rule) for rule in _linking(amendment.clauses)]
        return cls(rules=tuple(rules), known=frozenset(a.id for a in every))

    def ties(self, name: str) -> tuple[str, ...]:
        """Return the accords here on which the standing of one hangs, sending left aside."""
        found = {
            r.to: None
            for of, r in self.rules
            if of == name and isinstance(r, c.Tied) and r.how is not c.Depends.SENDING
        }
        return tuple(to for to in found if to in self.known)

    def later(self, name: str) -> Iterator[tuple[c.Supersedes, str]]:
        """Yield the accords here that take the place of one, with their rule."""
        for of, rule in self.rules:
            if isinstance(rule, c.Supersedes) and rule.accord == name and of != name:
                yield rule, of

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
        for of, rule in self.rules:
            if isinstance(rule, c.Tied) and of == name and rule.to in self.known:
                yield rule.to
            if isinstance(rule, c.Supersedes) and rule.accord == name:
                yield of

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
