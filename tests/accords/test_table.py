import pytest

from comity.accords import Clock, NoticeState, Op, Operation, Status
from comity.accords.operations import HANDLERS
from comity.accords.table import ACCORD, NOTICE, ON_NOTICE, ORDER, RECORDED, Tick, diagram
from make import SIGNED, accord, act, at, notice, signed


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.UNSETTLED])
def test_every_standing_has_its_row(status):
    assert status in ACCORD


@pytest.mark.parametrize("state", NoticeState)
def test_every_state_of_a_notice_has_its_row(state):
    assert state in NOTICE


def test_every_operation_has_exactly_one_home():
    homes = [set(HANDLERS), set(ON_NOTICE), set(RECORDED)]
    assert set().union(*homes) == set(Op)
    assert sum(map(len, homes)) == len(Op)
    assert set(ORDER) == set(Op)
    assert len(ORDER) == len(Op)


def test_nothing_brings_the_ended_accord_back_into_force_but_a_legislature_and_no_gone_notice():
    assert set(ACCORD[Status.ENDED]) == {Op.SIGN, Op.DEPOSIT, Op.ENACT}
    assert Status.IN_FORCE not in {ACCORD[Status.ENDED][op] for op in (Op.SIGN, Op.DEPOSIT)}
    assert NOTICE[NoticeState.REVOKED] == NOTICE[NoticeState.EFFECTIVE] == {}


def test_the_clock_takes_a_running_notice_to_its_effect_and_no_suspended_one():
    for state, steps in NOTICE.items():
        bites = Tick.TAKES_EFFECT in steps
        assert bites is (state in (NoticeState.RUNNING, NoticeState.LATE))


def test_what_final_clauses_need_is_open_before_entry_and_nothing_else():
    # VCLT 24(4): authentication, consent, entry, reservations, depositary; no exit.
    for status in (Status.NOT_YET, Status.SIGNED):
        acts = {step for step in ACCORD[status] if isinstance(step, Op)}
        assert acts <= {
            Op.SIGN,
            Op.NOTIFY_COMPLETION,
            Op.DEPOSIT,
            Op.DELIVER,
            Op.DECLARE_PROVISIONAL,
            Op.SET_DATE,
            Op.RESERVE,
            Op.WITHDRAW_RESERVATION,
            Op.OBJECT,
            Op.ENACT,  # a legislature's, under a statute, which is no treaty
        }


def test_what_may_be_done_before_signature_may_be_done_after_it_but_signing():
    assert set(ACCORD[Status.NOT_YET]) - {Op.SIGN} == set(ACCORD[Status.SIGNED])


def test_a_suspension_stops_the_operation_and_no_act_about_the_accord():
    # VCLT 72: the parties are released from performing it; their legal relations go on.
    acts = {step for step in ACCORD[Status.IN_FORCE] if isinstance(step, Op)}
    assert acts - {Op.ENACT} <= set(ACCORD[Status.SUSPENDED])
    leads = {op: ACCORD[Status.SUSPENDED][op] for op in acts - {Op.ENACT}}
    assert leads.pop(Op.RESUME) is Status.IN_FORCE
    assert leads.pop(Op.TERMINATE) is Status.ENDED
    assert set(leads.values()) == {Status.SUSPENDED}


EXIT = '\n[term]\ncites = "1"\nindefinite = true\n[[exit]]\ncites = "1"\nlength = { for = "P6M", count = "anniversary" }\ntakes_effect = "after the length"\n'


@pytest.mark.parametrize("op", [op for op in Op if op in HANDLERS])
@pytest.mark.parametrize("ended", [False, True])
def test_an_operation_that_the_table_does_not_name_is_without_effect(op, ended):
    acts = [signed()]
    if ended:
        acts.append(act("end", ("a", "b"), "2020-02-01", Op.TERMINATE))
    tried = act(
        "try", ("a", "b"), "2020-03-01", Operation(do=op, notice="n", until="2030-01-01")
    )
    clock = Clock(accord(SIGNED + EXIT), [*acts, tried])
    before = clock.standing(at("2020-02-28")).status
    effect = clock.standing(at("2020-03-01")).effects[-1]
    if op not in ACCORD[before]:
        assert effect.outcome == "without effect"
        assert clock.standing(at("2020-03-01")).status is before


@pytest.mark.parametrize("op", sorted(ON_NOTICE))
@pytest.mark.parametrize("state", NoticeState)
def test_every_pair_of_notice_and_act_is_in_the_table_or_without_effect(op, state):
    acts = {
        NoticeState.RUNNING: [notice("2020-03-01")],
        NoticeState.LATE: [],
        NoticeState.SUSPENDED: [
            notice("2020-03-01"),
            act("s", "a", "2020-03-02", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
        ],
        NoticeState.REVOKED: [
            notice("2020-03-01"),
            act("r", "a", "2020-03-02", Operation(do=Op.REVOKE_NOTICE, notice="n1")),
        ],
        NoticeState.EFFECTIVE: [notice("2019-01-15")],
    }[state]
    tried = act("try", "a", "2020-03-10", Operation(do=op, notice="n1"))
    clock = Clock(accord(SIGNED + EXIT), [signed("2019-01-01T00:00:00"), *acts, tried])
    found = clock.standing(at("2020-03-10"))
    states = {n.id: n.state for n in found.notices}
    if not acts:
        assert found.effects[-1].outcome == "without effect"
        return
    wanted = NOTICE[state].get(op, state)
    assert states["n1"] is wanted
    if op not in NOTICE[state]:
        assert found.effects[-1].outcome in ("without effect", "declaratory")


def test_the_diagram_has_every_state():
    drawn = diagram()
    for state in (*ACCORD, *NOTICE):
        assert f"    {state}" in drawn
