import json

import pytest

from comity.errors import (
    ComityError,
    Finding,
    InvalidInput,
    NotAtHand,
    NotKnown,
    Unreadable,
)
from comity.exchange.problem import PROBLEMS, Problem, problem_of


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_says_its_type_its_title_and_its_status(name):
    response = Problem(name).response()
    said = json.loads(response.body)
    assert said == {
        "type": f"/problems/{name}",
        "title": PROBLEMS[name].title,
        "status": PROBLEMS[name].status,
    }
    assert response.status_code == PROBLEMS[name].status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"


def test_a_time_to_come_back_is_a_header():
    assert Problem("busy", retry_after=7).response().headers["retry-after"] == "7"


def test_an_answer_without_a_token_says_how_one_is_shown():
    assert Problem("no-token").response().headers["www-authenticate"] == "Bearer"


def test_what_was_read_of_a_request_that_was_not_read_to_its_end_ends_the_connection():
    assert Problem("too-large").response(close=True).headers["connection"] == "close"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (NotKnown("no such accord", hint="look"), "not-found"),
        (InvalidInput("bad", code="bad-time"), "invalid"),
        (NotAtHand("no solver"), "not-at-hand"),
        (ComityError("full", code="no-space"), "no-space"),
        (ComityError("locked", code="database-locked"), "busy"),
    ],
)
def test_an_error_that_a_person_can_mend_keeps_its_words_its_code_and_its_hint(error, name):
    problem = problem_of(error)
    assert problem.name == name
    assert (problem.detail, problem.code, problem.hint) == (
        error.message,
        error.code,
        error.hint,
    )


def test_every_finding_of_a_text_is_in_the_answer_with_its_line():
    error = Unreadable(
        [Finding(where="text", line=3, code="unknown-key", message="no key")]
    )
    (found,) = problem_of(error).body()["findings"]
    assert (found["line"], found["code"]) == (3, "unknown-key")
