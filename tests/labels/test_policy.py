from hypothesis import given
from hypothesis import strategies as st

from comity.labels import Level, Policy, Rung


def policy(**above):
    return Policy(id="x", rungs={n: Rung(name=n, above=tuple(b)) for n, b in above.items()})


# A statutory regime beside the ladder: above HI, neither above nor below GOKUHI.
JP = policy(HI=(), GOKUHI=("HI",), TOKUTEI=("HI",), TOP=("GOKUHI", "TOKUTEI"))
names = st.sampled_from(["HI", "GOKUHI", "TOKUTEI", "TOP"])


def over(a, b):
    return JP.dominates(Level("x", a), Level("x", b))


@given(names)
def test_a_level_dominates_itself(a):
    assert over(a, a)


@given(names, names, names)
def test_dominance_goes_on(a, b, c):
    if over(a, b) and over(b, c):
        assert over(a, c)


@given(names, names)
def test_two_levels_never_dominate_one_another(a, b):
    if over(a, b) and over(b, a):
        assert a == b


def test_a_regime_beside_the_ladder_is_no_rung_of_it():
    assert over("TOP", "HI")
    assert not over("TOKUTEI", "GOKUHI")
    assert not over("GOKUHI", "TOKUTEI")


def test_a_level_of_another_policy_or_of_none_dominates_nothing():
    assert not JP.dominates(Level("y", "TOP"), Level("x", "HI"))
    assert not JP.dominates(Level("x", "TOP"), Level("x", "NOTHING"))
    assert not JP.dominates(Level("x", "NOTHING"), Level("x", "NOTHING"))


def test_a_circle_of_levels_ends():
    assert not policy(A=("B",), B=("A",), C=()).dominates(Level("x", "A"), Level("x", "C"))
