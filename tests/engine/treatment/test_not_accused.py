"""What looks like unequal treatment in a log, and is explained by something else in it."""

import json

import numpy as np
import pyarrow as pa
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.lake import Lake

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 1_735_689_600_000_000  # 2025-01-01
NAMES = ["kind", "group", "agent", "paid", "due", "outcome"]
SAID = {
    "case_attributes": NAMES,
    "applicant_steps": ["Submit"],
    "clock": {"starts": ["Submit"], "stops": ["Decide"]},
    "outcome": {"attribute": "outcome", "favourable": ["yes"], "unfavourable": ["no"]},
    "fees": {"charged": "paid", "official": "due"},
}
EQUITY = {
    "groups": ["group"],
    "legitimate": ["kind"],
    "service_class": [],
    "entry_period": "month",
    "horizon": "30d",
    "material": {"days": 0.5},
}


class Office:
    """Applications over `days`, of which nobody is treated differently unless a test does so."""

    def __init__(self, cases=1200, days=300):
        self.chance = np.random.default_rng(11)
        self.cases, self.ends = cases, START + (days + 40) * DAY
        self.came = START + np.sort(self.chance.random(cases)) * days * DAY
        self.kind = np.where(self.chance.random(cases) < 0.5, "house", "shop")
        self.first = self.chance.random(cases) < 0.4  # who is of group a
        self.refused = self.chance.random(cases) < 0.3
        self.waits = self.chance.gamma(4, 6, cases)  # hours
        self.entry = [{"group": "a" if first else "b"} for first in self.first]
        self.later = [{} for _ in range(cases)]

    def rows(self):
        for n in range(self.cases):
            case, came = f"c{n:05d}", int(self.came[n])
            begun = came + int(self.waits[n] * HOUR)
            outcome = "no" if self.refused[n] else "yes"
            yield case, "Submit", came, "complete", {"kind": self.kind[n], **self.entry[n]}
            yield case, "Review", begun, "start", {}
            yield case, "Review", begun + HOUR, "complete", {}
            yield (
                case,
                "Decide",
                begun + 2 * HOUR,
                "complete",
                {"outcome": outcome, **self.later[n]},
            )
        yield "z", "Submit", self.ends, "complete", {}

    def mined(self, folder, **parts):
        rows = [row for row in self.rows() if row[2] <= self.ends]
        values = {
            **{
                name: [row[place] for row in rows]
                for place, name in enumerate(("case_id", "activity", "timestamp", "lifecycle"))
            },
            "source": ["test"] * len(rows),
            **{name: [row[4].get(name) for row in rows] for name in NAMES},
        }
        given = schema.incoming(NAMES)
        columns = [pa.array(values.get(f.name, [None] * len(rows))).cast(f.type) for f in given]
        lake = Lake.create(folder / "lake", process="unnamed", case_attributes=NAMES)
        events = finish(pa.table(columns, schema=given))
        nothing = schema.REJECTS.empty_table()
        lake.writer("file/test").append(events, nothing, start=0, next=len(rows))
        out = folder / "out"
        out.mkdir()
        definition = Definition.bare(
            **{**SAID, "equity": {**EQUITY, **parts.pop("equity", {})}, **parts}
        )
        asked = frozenset({"equity", "favouritism", "fees", "detours"})
        found = mine(lake, definition, out, only=asked, progress=Silent())
        content = json.loads((out / "equity.json").read_text())
        reasons = {
            (one["group"], one["measure"], one["activity"]): one["why_not"]
            for one in content["gaps"]
        }
        return {one["id"] for one in found.findings}, dict(found.off), reasons


def test_who_is_refused_early_makes_nobody_else_slow(tmp_path):
    office = Office()
    chance = np.random.default_rng(2)
    office.refused = chance.random(office.cases) < np.where(office.first, 0.5, 0.1)
    office.waits += np.where(office.refused, 0, 240)
    told, _, reasons = office.mined(tmp_path)
    assert told == {"disparity/outcome/group=a", "disparity/outcome/group=a/Review"}
    assert reasons["b", "time", None] == "refused"
    assert reasons["b", "waiting", "Review"] == "refused"


def test_who_is_slower_whether_refused_or_not_is_still_told(tmp_path):
    office = Office()
    chance = np.random.default_rng(2)
    office.refused = chance.random(office.cases) < np.where(office.first, 0.5, 0.1)
    office.waits += np.where(office.refused, 0, 24) + 60 * office.first
    told, _, _ = office.mined(tmp_path)
    assert "disparity/time/group=a" in told


def test_slow_approvals_that_are_still_open_are_no_refusals(tmp_path):
    office = Office(cases=3000, days=120)
    office.ends = START + 120 * DAY
    pace = np.where(office.first, 1.0, 0.5) * office.chance.gamma(4, 0.25, office.cases)
    office.waits = np.where(office.refused, 48, 24 * 60 * pace)
    told, _, reasons = office.mined(tmp_path)
    assert "disparity/time/group=a" in told
    assert not {one for one in told if one.startswith("disparity/outcome")}
    assert reasons["a", "outcome", None] == "open"
    assert reasons["a", "outcome", "Review"] == "open"


def test_a_group_that_is_noted_only_on_the_way_is_not_compared(tmp_path):
    office = Office()
    office.entry = [{} for _ in range(office.cases)]
    noted = office.refused | (office.chance.random(office.cases) < 0.4)
    office.later = [
        {"group": "b" if not first else "a"} if noted[n] or not first else {}
        for n, first in enumerate(office.first)
    ]
    told, off, _ = office.mined(tmp_path)
    assert told == set()
    assert "only after entry" in off["treatment by group"]


def test_what_is_sensitive_needs_a_basis_though_it_is_kept_under_pseudonyms(tmp_path):
    office = Office()
    agents = office.chance.choice(["x", "y"], office.cases)
    office.entry = [{**known, "agent": agents[n]} for n, known in enumerate(office.entry)]
    office.waits += 48 * (agents == "x")
    told, off, _ = office.mined(
        tmp_path,
        equity={"groups": ["agent"], "sensitive": ["agent"]},
        favouritism={"favoured": ["agent"]},
        privacy={"pseudonymise": ["resource", "agent"]},
    )
    assert told == set()
    assert "names no ground" in off["treatment by agent"]


def test_what_all_pay_on_top_in_per_cent_is_not_more_for_those_with_a_higher_tariff(tmp_path):
    office = Office()
    tariff = 1000 * np.exp(office.chance.normal(office.first, 0.8))
    office.entry = [{**one, "due": f"{tariff[n]:.2f}"} for n, one in enumerate(office.entry)]
    office.later = [{"paid": f"{1.1 * one:.2f}"} for one in tariff]
    assert office.mined(tmp_path)[0] == set()


@pytest.mark.parametrize("unread", [True, False])
def test_fees_are_compared_only_where_nearly_all_can_be_read(tmp_path, unread):
    office = Office()
    tariff = 1000 * np.exp(office.chance.normal(0, 0.8, office.cases))
    paid = tariff + 300 * ~office.first
    office.entry = [{**one, "due": f"{tariff[n]:.2f}"} for n, one in enumerate(office.entry)]
    office.later = [{"paid": f"{one:,.2f}" if unread else f"{one:.2f}"} for one in paid]
    told, off, _ = office.mined(tmp_path)
    assert told == (set() if unread else {"fee/group=b"})
    assert ("no plain number" in off.get("fees", "")) == unread


def test_nothing_is_told_by_what_is_sensitive_without_a_basis_though_it_is_called_legitimate(
    tmp_path,
):
    office = Office()
    faith = office.chance.choice(["north", "south"], office.cases)
    office.entry = [{**known, "agent": faith[n]} for n, known in enumerate(office.entry)]
    office.mined(
        tmp_path,
        equity={"legitimate": ["kind", "agent"], "sensitive": ["agent"]},
        fees={"charged": "paid", "official": "due", "by": ["agent"]},
    )
    files = [path.read_text() for path in (tmp_path / "out").glob("*.json")]
    assert len(files) > 1
    assert not any("south" in text for text in files)


def test_one_clear_gap_and_all_that_mirrors_it_make_no_other_any_surer(tmp_path):
    office = Office(cases=2000)
    of_six = office.chance.integers(0, 6, office.cases)
    office.entry = [{"group": f"g{one}"} for one in of_six]
    office.waits += 48 * (of_six == 1)
    # By chance g2 is refused less often: p about .012, sure only beside the mirrors of g1.
    office.refused = office.chance.random(office.cases) < np.where(of_six == 2, 0.24, 0.3)
    told, _, reasons = office.mined(tmp_path)
    assert told == {"disparity/time/group=g1", "disparity/waiting/group=g1/Review"}
    assert reasons["g2", "outcome", None] == "unsure"


def test_of_two_attributes_together_only_what_is_left_beside_each_would_have_been_seen(tmp_path):
    office = Office()
    agents = office.chance.choice(["x", "y"], office.cases)
    office.entry = [{**known, "agent": agents[n]} for n, known in enumerate(office.entry)]
    office.mined(tmp_path, equity={"groups": ["group", "agent"]})
    content = json.loads((tmp_path / "out" / "equity.json").read_text())
    pairs = [one for one in content["intersections"] if one["measure"] == "outcome"]
    assert len(pairs) == 4
    for one in pairs:
        width = one["direct"]["ci_high"] - one["direct"]["ci_low"]
        # 2.8 standard errors, of which the interval has 3.92.
        assert one["smallest_seen"] >= 0.7 * width
