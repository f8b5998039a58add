from dataclasses import replace
from itertools import permutations

import pytest

from comity.accords import Op
from comity.accords.network import Links
from comity.accords.text import digest
from comity.errors import InvalidInput
from comity.release import Denial, Permit, Request, decide
from comity.release.explain import outlook
from comity.release.worldchecks import check_world, misspelt
from make import AFTER, RELEASE, SIGNED, accord, act, at, item, notice, signed, world


def tie(to, how="start and end", who=""):
    return f'\n[[tied]]\ncites = "1"\nto = "{to}"\nhow = "{how}"\n{who}'


def supersedes(name):
    return f'\n[[supersedes]]\ncites = "1"\naccord = "{name}"\n'


def joined(*texts):
    acts = [replace(signed(of=text.id), id=f"signed {text.id}") for text in texts]
    return world(texts, acts)


def codes(w):
    return [(f.code, f.line) for f in misspelt(w)]


RULES = SIGNED + RELEASE + AFTER


def test_an_accord_that_is_not_here_is_found_with_its_line():
    for rule in (tie("tca"), supersedes("tca")):
        text = accord(RULES + rule)
        line = next(
            r.line for r in text.clauses if type(r).__name__ in ("Tied", "Supersedes")
        )
        assert codes(joined(text)) == [("no-accord", line)]
    assert codes(joined(accord(RULES + tie("u")), accord(RULES, name="u"))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tie("u"), tie("t")),
        (supersedes("u"), supersedes("t")),
        (tie("u") + supersedes("u"), ""),
    ],
    ids=["ties", "supersessions", "a tie to what it takes the place of"],
)
def test_a_circle_is_refused(one, other):
    w = joined(accord(RULES + one), accord(RULES + other, name="u"))
    assert {code for code, _ in codes(w)} == {"circle"}
    assert "`t` → `u` → `t`" in misspelt(w)[0].message
    with pytest.raises(InvalidInput) as caught:
        _ = w.clock("t")
    assert caught.value.code == "circle"


def test_a_chain_is_no_circle_and_reaches_through():
    w = joined(
        accord(RULES + tie("u")),
        accord(RULES + tie("v"), name="u"),
        accord(RULES, name="v"),
    ).supposing([notice("2020-03-01", of="v")])
    assert misspelt(w) == []
    assert check_world(w) == []
    assert w.clock("t").standing(at("2020-08-31T23:59:59")).status == "in_force"
    assert w.clock("t").standing(at("2020-09-01")).status == "ended"


def asked(w, when, *, back=False):
    one, other = ("b", "a") if back else ("a", "b")
    thing = item(originators=(one,), level=f"{one}:LOW")
    request = Request(item=thing, sender=one, recipient=other, at=at(when), under="t")
    return request, decide(request, w)


STATUTE = tie("act", "sending", 'who = ["a"]\n')


def statute_until(day):
    term = f'[term]\ncites = "1"\nbefore = "{day}"\n'
    return joined(accord(RULES + STATUTE), accord(SIGNED + term, name="act"))


def test_who_may_send_only_while_a_statute_stands_may_not_a_second_longer():
    w = statute_until("2020-10-01")
    request, last = asked(w, "2020-09-30T23:59:59")
    assert isinstance(last, Permit)
    assert last.good_before == at("2020-10-01")
    assert outlook(request, last, w).closes == at("2020-10-01")
    _, after = asked(w, "2020-10-01")
    assert isinstance(after, Denial)
    assert (after.reason, after.articles) == ("sending_not_authorised", ("1",))
    assert after.failing[0].whose == ("a",)
    assert "ended since" in after.failing[0].has


def test_what_the_other_side_sends_is_not_concerned():
    w = statute_until("2020-10-01")
    assert isinstance(asked(w, "2020-12-01", back=True)[1], Permit)
    assert w.clock("t").standing(at("2020-12-01")).status == "in_force"


def test_a_statute_that_nobody_has_authorises_nothing():
    w = joined(accord(RULES + STATUTE))
    assert asked(w, "2020-02-01")[1].reason == "sending_not_authorised"


def test_a_superseded_accord_refuses_between_those_two():
    w = joined(accord(RULES), accord(RULES + supersedes("t"), name="new"))
    later = act("signed new", ("a", "b"), "2020-06-01", Op.SIGN, of="new")
    w = w.supposing([later])
    assert isinstance(asked(w, "2020-05-31T23:59:59")[1], Permit)
    refused = asked(w, "2020-06-01")[1]
    assert refused.reason == "ended"
    assert "`new` has taken its place between a and b (1 there)" in refused.failing[0].has


def test_an_accord_that_others_hang_on_and_of_which_nothing_is_on_record_is_said():
    hangs = accord(RULES + tie("u"))
    w = world([hangs, accord(RULES, name="u")], [signed()])
    assert "nothing-recorded" in {f.code for f in check_world(w)}
    later = accord(RULES + supersedes("t"), name="new")
    w = world([accord(RULES), later], [signed()])
    assert "nothing-recorded" in {f.code for f in check_world(w)}
    assert "nothing-recorded" not in {
        f.code for f in check_world(joined(accord(RULES), later))
    }


def test_the_links_of_an_amendment_of_an_amendment_are_those_of_the_accord():
    text = accord(RULES)

    def amending(name, base, rules):
        return f"""+++
format = "comity-amendment/1"
id = "{name}"
base = "{base}"
languages = ["en"]
authentic = ["en"]
+++

# Amendment

## Article 9. More

The words.

```toml comity
{rules.strip()}
```
""".encode()

    duty = '[[gate]]\ncites = "9"\nid = "g"\nneeds = "x"\nwho = "each"\n'
    first = amending("first", text.digest, duty)
    second = amending("second", digest(first), tie("u").replace('"1"', '"9"'))
    third = amending("third", digest(second), supersedes("v").replace('"1"', '"9"'))
    for order in permutations({"first": first, "second": second, "third": third}.items()):
        links = Links.of([text, accord(RULES, name="u")], dict(order))
        assert links.ties("t") == ("u",)
        assert [of for _, of in links.later("v")] == ["t"]
        assert Links.of([text], dict(order[:0])).ties("t") == ()
