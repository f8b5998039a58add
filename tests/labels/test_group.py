from hypothesis import given
from hypothesis import strategies as st

from comity.labels import Group, Membership

times = st.integers(0, 20)


def group(*members):
    return Group(id="g", title="g", members=tuple(Membership(**m) for m in members))


IN = group({"party": "p", "since": 5, "before": 10})


def test_a_membership_is_half_open():
    assert [IN.has("p", at) for at in (4, 5, 9, 10)] == [False, True, True, False]


@given(times, times)
def test_a_list_admits_who_was_a_member_then_and_is_now(made, at):
    assert IN.admits("p", made, at) is (5 <= made < 10 and 5 <= at < 10)


@given(times)
def test_without_the_date_of_making_nobody_was_a_member(at):
    assert not IN.admits("p", None, at)


def test_who_came_back_has_what_was_made_while_it_was_there():
    twice = group(
        {"party": "p", "since": 1, "before": 3}, {"party": "p", "since": 8, "before": None}
    )
    assert twice.admits("p", 2, 9)
    assert not twice.admits("p", 5, 9)


OUT = group({"party": "p", "since": 1, "before": 10, "removed": True})
LEFT = group({"party": "p", "since": 1, "before": 10})


@given(st.one_of(st.none(), times), times)
def test_who_was_put_out_is_out_for_what_was_made_before_from_that_second(made, at):
    assert OUT.put_out("p", made, at) is (at >= 10 and (made is None or made < 10))
    assert not LEFT.put_out("p", made, at)
    assert not OUT.put_out("q", made, at)


def test_who_is_taken_back_is_in_again():
    back = group(
        {"party": "p", "since": 1, "before": 10, "removed": True},
        {"party": "p", "since": 12},
    )
    assert back.put_out("p", 5, 11)
    assert not back.put_out("p", 5, 12)


def test_the_instants_at_which_something_changes_are_named():
    assert list(IN.cuts("p")) == [5, 10]
    assert list(IN.cuts("q")) == []
