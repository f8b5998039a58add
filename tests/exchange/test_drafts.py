import pytest

from comity.errors import InvalidInput
from comity.exchange.drafts import grant_for, request_for
from comity.exchange.wording import one_instrument
from comity.release import Missing
from comity.wire.instrument import read_table
from comity.worlds import load_world
from make import GSOMIA

WHEN = "2019-10-01T09:00:00+09:00"
MISSING = Missing(
    of="kr",
    accord="jp-rok-gsomia",
    articles=("6",),
    holder="jp",
    to="us",
    item='an "item"',
    purpose="defence",
)


@pytest.fixture(scope="module")
def accord():
    return load_world(GSOMIA).accord("jp-rok-gsomia")


def test_a_request_asks_for_just_what_is_missing(accord):
    name, table = one_instrument(request_for(MISSING, "jp", WHEN))
    made = read_table(table, accord)
    (operation,) = made.operations
    assert (name, made.by, str(operation.do)) == (accord.id, ("jp",), "request_consent")
    assert (operation.of, operation.holder, operation.to) == ("kr", "jp", "us")
    assert (operation.item, operation.purposes) == ('an "item"', ("defence",))


def test_a_grant_gives_what_was_asked_and_no_more(accord):
    _, asked = one_instrument(request_for(MISSING, "jp", WHEN))
    _, table = one_instrument(grant_for(asked, accord.id, "kr", WHEN, "2019-10-31"))
    made = read_table(table, accord)
    (operation,) = made.operations
    assert (made.by, str(operation.do)) == (("kr",), "consent")
    assert operation.answers == read_table(asked, accord).id
    assert (operation.holder, operation.to, operation.item) == ("jp", "us", 'an "item"')
    assert operation.purposes == ("defence",)
    assert operation.of is None


def test_nobody_grants_what_another_was_asked(accord):
    _, asked = one_instrument(request_for(MISSING, "jp", WHEN))
    with pytest.raises(InvalidInput, match="asks no consent of `us`"):
        grant_for(asked, accord.id, "us", WHEN)
