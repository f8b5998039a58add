import pytest

from comity.accords import Op, parse_instant
from comity.accords.instruments import Instrument, Operation, Stage
from comity.accords.times import Span
from comity.labels import Level
from comity.release import Denial, Permit, Request, decide, routes
from make import gsomia

NIGHT = ["kr-suspension-2019", "kr-withdrawal-2023"]


def kst(text):
    return parse_instant(text + "+09:00")


@pytest.fixture(scope="module")
def ended():
    return gsomia().without(NIGHT)


def request(
    world, name="missile-warning-1", when="2019-11-23T00:00:00", sender="kr", recipient="jp"
):
    return Request(item=world.items[name], sender=sender, recipient=recipient, at=kst(when))


def approval(item, when="2019-11-01T00:00:00"):
    span = Span.at(kst(when))
    return Instrument(
        id="approval",
        accord="us-jp-2007",
        by=("kr",),
        form="written",
        times={(Stage.DATED, ""): span, (Stage.RECEIVED, ""): span},
        operations=(
            Operation(
                do=Op.CONSENT, holder="us", to="jp", item=item.id, purposes=(item.purpose,)
            ),
        ),
        supposed="a test",
    )


def test_after_the_end_a_warning_goes_by_washington_and_only_with_approval(ended):
    ask = request(ended)
    assert isinstance(decide(ask, ended), Denial)
    found = routes(ask, ended)
    assert found
    for route in found:
        assert not route.permitted
        assert [(h.sender, h.recipient) for h in route.hops] == [("kr", "us"), ("us", "jp")]
        assert route.consents == (("kr", "jp"),)


def test_with_the_providers_approval_the_way_is_open(ended):
    ask = request(ended)
    world = ended.supposing([approval(ask.item)])
    assert routes(ask, world)[0].permitted


def test_an_item_outside_the_arrangement_of_2014_rests_on_the_two_binding_accords(ended):
    under = {r.hops[1].accord for r in routes(request(ended, "submarine-track-1"), ended)}
    assert under == {"us-jp-2007"}
    under = {r.hops[1].accord for r in routes(request(ended), ended)}
    assert under == {"us-jp-2007", "tisa-2014"}


def test_each_hop_marks_it_anew_and_an_open_choice_must_do_for_all(ended):
    route = routes(request(ended), ended)[0]
    assert route.hops[0].handle_as == (Level("us", "SECRET"),)
    assert route.hops[1].handle_as == (
        Level("jp", "gokuhi"),
        Level("jp", "tokutei-himitsu"),
    )


def test_the_direct_way_comes_first_while_it_is_open():
    world = gsomia()
    found = routes(request(world, when="2019-11-22T23:59:59"), world)
    assert len(found[0].hops) == 1
    assert found[0].permitted


def test_no_item_leaves_by_a_route_whose_hops_would_be_denied(ended):
    for name in ended.items:
        for sender, recipient in (("kr", "jp"), ("jp", "kr"), ("kr", "us")):
            ask = request(ended, name, sender=sender, recipient=recipient)
            for route in routes(ask, ended):
                if route.permitted:
                    assert all(isinstance(hop.decision, Permit) for hop in route.hops)
                else:
                    assert route.consents


def test_before_there_was_an_accord_there_is_no_way(ended):
    assert routes(request(ended, when="1985-01-01T00:00:00"), ended) == ()
