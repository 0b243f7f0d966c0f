"""Steps after which nothing ever changes are told, gates never: on made-up files and offices."""

import numpy as np
import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.kernels import UNKNOWN
from eventlog.log import Log
from miners.cases import open_cases, outcomes
from miners.detours.deciding import decided, ended_as
from miners.detours.idle_steps import Ends, days_in, idle_steps, spared
from miners.detours.steps import Steps, steps_of
from miners.work_items import work_items
from simulation.misconduct import Inserted, PingPong, Repeated
from simulation.office import Office
from simulation.process import APPLICANT_STEPS
from simulation.running import simulate

HOUR = 3_600_000_000
NOTHING = {"spared": frozenset(), "applicants": frozenset(), "external_units": frozenset()}
SIMULATED = {
    "process": "permits",
    "case_attributes": ["outcome", "permit_type"],
    "clock": {"closes": ["Issue decision", "Refuse", "Withdraw"]},
    "outcome": {
        "attribute": "outcome",
        "favourable": ["approved"],
        "unfavourable": ["rejected"],
        "withdrawn": ["withdrawn"],
    },
}


def files(*routes, begun=None, units=None):
    """Steps an hour apart, `in stamp sign` and the like; `begun` is hours before each is done."""
    words = [route.split() for times, route in routes for _ in range(times)]
    done = np.array([HOUR * n for case in words for n in range(1, len(case) + 1)])
    earlier = begun or {}
    names = [word for case in words for word in case]
    return Steps(
        offsets=np.cumsum([0, *(len(case) for case in words)]),
        activity=Coded.of(pa.array(names)),
        unit=Coded.of(pa.array([(units or {}).get(name) for name in names], pa.string())),
        began=done - np.array([round(HOUR * earlier.get(name, 0)) for name in names]),
        done=done,
        item=np.arange(len(done)),
        count=np.ones(len(done), np.int32),
    )


def ends(steps, *, refused="no", given_up="gone", is_open=None):
    """A case is refused when its last step is `no`, and given up when it is `gone`."""
    last = np.array(steps.activity.vocabulary.labels)[steps.activity.codes[steps.offsets[1:] - 1]]
    still = np.zeros(steps.cases, bool) if is_open is None else is_open
    return Ends(
        is_open=still,
        decided=~still & (last != given_up),
        refused=None if refused is None else ~still & (last == refused),
        given_up=last == given_up,
        stratum=np.zeros(steps.cases, np.int64),
    )


def told(*routes, **parts):
    steps = files(*routes, **parts)
    return [one.activity for one in idle_steps(steps, ends(steps), **NOTHING)]


def test_a_stamp_after_which_every_file_is_signed_is_worth_a_look():
    steps = files((280, "in stamp sign yes"), (40, "in stamp sign no"))
    (stamp,) = idle_steps(steps, ends(steps), **NOTHING)
    assert (stamp.activity, stamp.following) == ("stamp", "sign")
    assert (stamp.cases, stamp.otherwise, stamp.share) == (320, 0, 1.0)
    assert stamp.upper_bound == pytest.approx(1 - 0.05 ** (1 / 320)), "the rule of three"
    assert stamp.refused_later == 40
    assert stamp.gap is None, "nobody went without"


def test_a_gate_is_not_idle_however_rarely_it_refuses():
    refusals = (5, "in check no"), (40, "in check stamp sign no")
    assert told((990, "in check stamp sign yes"), *refusals) == ["stamp"]
    assert "check" not in told((990, "in check sign yes"), (2, "in check no"))


def test_what_is_rarely_refused_needs_more_files_to_be_called_idle():
    assert told((295, "in stamp sign yes"), (3, "in stamp sign no")) == []
    assert told((1480, "in stamp sign yes"), (20, "in stamp sign no")) == ["stamp"]


def test_where_nobody_was_ever_refused_nothing_is_told():
    """The log may have been made of approvals only."""
    assert told((500, "in stamp sign yes")) == []


def test_a_few_files_that_go_another_way_do_not_make_a_gate():
    routes = (400, "in stamp sign yes"), (60, "in stamp sign no"), (2, "in stamp copy sign yes")
    assert told(*routes) == ["stamp"]
    assert told(*routes[:2], (2, "in stamp gone")) == [], "it is a place to give up"
    assert told(*routes[:2], (30, "in stamp copy sign yes")) == []


def test_sending_back_is_not_idle():
    routes = (200, "in draft stamp sign yes"), (30, "in draft stamp sign no")
    assert told(*routes) == ["draft", "stamp"]
    again = "in draft stamp sign back draft stamp sign"
    sent_back = (200, f"{again} yes"), (30, f"{again} no")
    assert told(*((10 * n, route) for n, route in routes), *sent_back) == []


def test_a_step_that_runs_beside_another_is_not_told():
    routes = (280, "in stamp copy sign yes"), (40, "in stamp copy sign no")
    assert told(*routes) == ["copy", "stamp"]
    assert told(*routes, begun={"copy": 1.5}) == [], "copying began before the stamp was on"


def test_first_and_last_steps_are_not_told():
    steps = files((280, "in sign yes file"), (40, "in sign no file"))
    nobody_knows = ends(steps, refused=None)
    assert [one.activity for one in idle_steps(steps, nobody_knows, **NOTHING)] == ["yes"]


def test_a_file_that_still_lies_after_the_step_tells_nothing():
    steps = files((280, "in stamp sign yes"), (40, "in stamp sign no"), (90, "in stamp"))
    still = np.diff(steps.offsets) == 2
    (stamp,) = idle_steps(steps, ends(steps, is_open=still), **NOTHING)
    assert (stamp.cases, stamp.otherwise) == (320, 0)
    assert idle_steps(steps, ends(steps), **NOTHING) == [], "closed there, it has ended a case"


def test_where_some_go_without_and_fare_otherwise_the_step_matters():
    same = (300, "in stamp sign yes"), (50, "in stamp sign no")
    alike, other = (290, "in sign yes"), (48, "in sign no")
    assert told(*same, alike, other) == ["stamp"]
    assert told(*same, (200, "in sign yes"), (100, "in sign no")) == []


def test_what_asks_something_of_the_applicant_is_not_told():
    steps = files((280, "in bill pay sign yes"), (40, "in bill pay sign no"))
    with_them = {**NOTHING, "applicants": frozenset({"pay"})}
    assert idle_steps(steps, ends(steps), **with_them) == []


def test_what_another_authority_does_is_not_told():
    routes = (280, "in stamp sign yes"), (40, "in stamp sign no")
    steps = files(*routes, units={"stamp": "fire brigade"})
    theirs = {**NOTHING, "external_units": frozenset({"fire brigade"})}
    assert idle_steps(steps, ends(steps), **theirs) == []


def test_the_process_file_spares_what_it_knows_to_matter():
    said = Definition.model_validate(
        {
            "process": "p",
            "applicant_steps": ["pay"],
            "clock": {
                "starts": ["in"],
                "stops": ["yes"],
                "closes": ["file"],
                "suspended": [{"from": "ask", "until": "answer"}],
            },
            "equity": {"gates": ["check"]},
            "outcome": {"favourable_activities": ["yes"], "unfavourable_activities": ["no"]},
            "voice": {"complaints": ["shout"]},
        }
    )
    fine = {"pay", "in", "yes", "file", "ask", "answer", "check", "no", "shout"}
    assert spared(said, None) == fine
    assert spared(said, {"check": "content", "stamp": "content", "copy": "rest"}) == {"content"}


def test_the_time_that_a_step_takes_is_summed_where_it_is_known():
    from eventlog.letters import log

    items = work_items(log("P: a b/start+60 b+120", "Q: a b"))
    day = 24 * 3_600_000
    assert days_in(items, "b", items.service_ms, day=day) == pytest.approx(2 / 24)
    assert days_in(items, "a", np.full(len(items), UNKNOWN), day=day) is None
    assert days_in(items, "never done", items.service_ms, day=day) is None


def simulated(seed, plants=(), **office):
    """The candidates in a simulated office of which nobody says where its gates are."""
    rows = simulate(Office(seed=seed, **office), plants).events
    said = Definition.model_validate(SIMULATED)
    columns = {
        field.name: rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema.incoming(said.case_attributes)
    }
    table = pa.table(columns, schema=schema.incoming(said.case_attributes))
    log = Log.of(finish(table), attributes=said.case_attributes)
    steps = steps_of(work_items(log), log.cases)
    outcome = Coded.of(outcomes(log, said.outcome))
    is_open = open_cases(log, said).to_numpy(zero_copy_only=False).astype(bool)
    known = Ends(
        is_open=is_open,
        decided=decided(outcome, is_open=is_open, standing=None),
        refused=ended_as(outcome, "unfavourable"),
        given_up=ended_as(outcome, "withdrawn"),
        stratum=log.entry_values("permit_type").astype(np.int64),
    )
    found = idle_steps(
        steps,
        known,
        spared=frozenset({"Issue decision", "Refuse"}),
        applicants=frozenset(APPLICANT_STEPS),
        external_units=frozenset(),
    )
    return [one.activity for one in found]


@pytest.mark.parametrize("refused", [1.0, 0.2, 0.0])
def test_no_step_of_a_simulated_office_is_thought_idle(refused):
    for seed in range(3):
        assert simulated(seed, cases=500, refused=refused) == []


def test_a_pointless_step_in_a_simulated_office_is_found():
    for seed in range(3):
        assert simulated(seed, [Inserted(share=1.0)], cases=500) == ["Obtain recommendation"]
    winding = [Inserted(share=1.0), PingPong(), Repeated()]
    assert simulated(7, winding, cases=500) == ["Obtain recommendation"]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Ends(
            is_open=None,
            decided=np.zeros(2, bool),
            refused=np.zeros(3, bool),
            given_up=None,
            stratum=np.zeros(2, np.int64),
        )
