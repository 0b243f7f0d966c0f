"""What is compared, what is told, and why the rest cannot be: from the lake to `equity.json`."""

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
NAMES = ["kind", "group", "area", "owner", "outcome", "late"]
ONLY = frozenset({"equity", "favouritism", "fees"})
SAID = {
    "case_attributes": NAMES,
    "applicant_id": "owner",
    "applicant_steps": ["Submit"],
    "clock": {"starts": ["Submit"], "stops": ["Decide"]},
    "outcome": {"attribute": "outcome", "favourable": ["yes"], "unfavourable": ["no"]},
    "equity": {
        "groups": ["group"],
        "legitimate": ["kind"],
        "service_class": [],
        "entry_period": "week",
        "horizon": "30d",
        "material": {"days": 0.5},
    },
    "favouritism": {"favoured": ["group"]},
}


class World:
    """Applications that are submitted one an hour, reviewed after a wait, and decided."""

    def __init__(self, cases=600, seed=1):
        chance = np.random.default_rng(seed)
        self.cases = cases
        self.kind = np.where(chance.random(cases) < 0.5, "house", "shop").astype(object)
        self.group = np.where(chance.random(cases) < 0.4, "A", "B").astype(object)
        self.area = np.array(["50"] * cases, object)
        self.owner = np.array([f"p{n}" for n in range(cases)], object)
        self.outcome = np.where(chance.random(cases) < 0.8, "yes", "no").astype(object)
        self.late = np.full(cases, None, object)
        self.waits = chance.gamma(4, 6, cases)  # hours
        self.work = np.full(cases, 2.0)
        self.changes = np.full(cases, None, object)
        self.step = HOUR

    def rows(self):
        told = []
        for n in range(self.cases):
            came = START + n * self.step
            began = came + int(self.waits[n] * HOUR)
            done = began + int(self.work[n] * HOUR)
            known = {
                "kind": self.kind[n],
                "group": self.group[n],
                "area": self.area[n],
                "owner": self.owner[n],
            }
            case = f"c{n:05d}"
            told += [
                (case, "Submit", came, "complete", None, known),
                (case, "Review", began, "start", "o1", {"late": self.late[n]}),
                (case, "Review", done, "complete", "o1", {"group": self.changes[n]}),
                (case, "Decide", done + HOUR, "complete", "o2", {"outcome": self.outcome[n]}),
            ]
        # One who came long after all others, so that these were all followed for the horizon.
        end = START + self.cases * self.step + 60 * DAY
        told.append(("z", "Submit", end, "complete", None, {}))
        return told

    def mined(self, folder, only=ONLY, **parts):
        rows = self.rows()
        values = {
            "case_id": [row[0] for row in rows],
            "activity": [row[1] for row in rows],
            "timestamp": [row[2] for row in rows],
            "lifecycle": [row[3] for row in rows],
            "resource": [row[4] for row in rows],
            "source": ["test"] * len(rows),
            **{name: [row[5].get(name) for row in rows] for name in NAMES},
        }
        given = schema.incoming(NAMES)
        columns = [pa.array(values.get(f.name, [None] * len(rows))).cast(f.type) for f in given]
        folder.mkdir(parents=True, exist_ok=True)
        lake = Lake.create(folder / "lake", process="unnamed", case_attributes=NAMES)
        events = finish(pa.table(columns, schema=given))
        nothing = schema.REJECTS.empty_table()
        lake.writer("file/test").append(events, nothing, start=0, next=len(rows))
        out = folder / "out"
        out.mkdir()
        definition = Definition.bare(**{**SAID, **parts})
        found = mine(lake, definition, out, only=only, progress=Silent())
        return Answer(found, out)


class Answer:
    def __init__(self, mined, folder):
        self.mined = mined
        self.off = dict(mined.off)
        self.findings = {one["id"]: one for one in mined.findings}
        self.folder = folder
        self.equity = self._read("equity.json")
        self.order = self._read("favouritism.json")

    def _read(self, name):
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else None

    def gap(self, measure, group="a", activity=None):
        (found,) = [
            one
            for one in self.equity["gaps"]
            if (one["measure"], one["activity"]) == (measure, activity)
            and group in {one["group"], None}
        ]
        return found


def equity(**parts):
    return {**SAID["equity"], **parts}


def test_a_group_whose_files_lie_longer_is_told_with_where_and_by_how_much(tmp_path):
    world = World()
    world.waits += 24.0 * (world.group == "A")
    found = world.mined(tmp_path)
    time = found.findings["disparity/time/group=a"]
    assert time["effect"]["ci_low"] < 1.0 < time["effect"]["ci_high"]
    assert time["strength"] == "strong"
    assert time["subject"] == {"attribute": "group", "group": "a", "measure": "time"}
    waiting = found.findings["disparity/waiting/group=a/Review"]
    assert waiting["effect"]["value"] == pytest.approx(1.0, abs=0.15)
    gap = found.gap("time")
    edges = {(one["source"], one["target"]): one["value"] for one in gap["edges"]}
    assert edges["Submit", "Review"] == pytest.approx(gap["entry"]["value"], abs=0.02)
    assert gap["robustness"]["value"] > 0.1
    assert gap["hazard_ratio"]["value"] < 1
    assert "comparable" in time["wording"]["en"]
    assert "sebanding" in time["wording"]["id"]


def test_where_nothing_is_wrong_nothing_is_told_but_what_would_have_been_seen(tmp_path):
    found = World().mined(tmp_path)
    assert found.findings == {}
    silent = {one["what"]: one for one in found.mined.run["smallest_seen"]}
    (time,) = [name for name in silent if name.startswith("time of group=")]
    assert 0.5 <= silent[time]["smallest"] < 2.0
    (outcome,) = [name for name in silent if name.startswith("outcome of group=")]
    assert silent[outcome]["unit"] == "share"


def test_an_honest_reason_that_goes_with_the_group_is_no_disparity(tmp_path):
    world = World(900)
    # Shops take a day longer, for everybody; the group builds more shops.
    chance = np.random.default_rng(3)
    shop = chance.random(900) < np.where(world.group == "A", 0.8, 0.3)
    world.kind = np.where(shop, "shop", "house").astype(object)
    world.waits += 24.0 * shop
    found = world.mined(tmp_path, equity=equity(service_class=["kind"]))
    assert found.findings == {}
    gap = found.gap("time", None)
    assert abs(gap["raw"]["value"]) > 0.3
    assert not gap["raw"]["ci_low"] <= 0 <= gap["raw"]["ci_high"]
    assert abs(gap["entry"]["value"]) < 0.2


def test_refused_more_often_is_told_as_less_often_favourable(tmp_path):
    world = World(900)
    chance = np.random.default_rng(5)
    refused = chance.random(900) < np.where(world.group == "A", 0.5, 0.2)
    world.outcome = np.where(refused, "no", "yes").astype(object)
    found = world.mined(tmp_path)
    finding = found.findings["disparity/outcome/group=a"]
    assert finding["effect"]["ci_low"] < -0.3 < finding["effect"]["ci_high"]
    assert finding["effect"]["unit"] == "share"
    assert finding["cost"] is None
    assert found.gap("outcome")["odds_ratio"]["value"] < 0.5


def test_one_group_alone_is_explained(tmp_path):
    world = World(200)
    world.group[:] = "A"
    assert "one group" in world.mined(tmp_path).off["treatment by group"]


def test_a_log_that_is_shorter_than_the_horizon_says_so(tmp_path):
    found = World().mined(tmp_path, equity=equity(horizon="90d"))
    why = found.off["treatment of whole applications (time, outcome, route)"]
    assert why.startswith("0 of 601 applications came 90 days or more before the end of the log")


def test_a_group_of_three_is_not_told_of(tmp_path):
    world = World(300)
    world.group[:] = "B"
    world.group[:3] = "A"
    found = world.mined(tmp_path)
    assert "no two of its groups have 50" in found.off["treatment by group"]
    assert found.equity["gaps"] == []


def test_a_small_group_beside_large_ones_only_counts_among_the_others(tmp_path):
    world = World(600)
    world.group[:3] = "C"
    found = world.mined(tmp_path)
    assert "treatment of the smallest groups of group" in found.off
    assert {one["group"] for one in found.equity["gaps"]} == {"a", "b"}


def test_everybody_refused_leaves_no_outcome_to_compare(tmp_path):
    world = World(300)
    world.outcome[:] = "no"
    assert world.mined(tmp_path).off["equal outcome"] == (
        "everybody who was decided on was refused"
    )


def test_constant_waits_are_not_testable_and_never_no_difference(tmp_path):
    world = World(300)
    world.waits[:] = 5.0
    gap = world.mined(tmp_path).gap("waiting", None, "Review")
    assert (gap["p_value"], gap["why_not"]) == (None, "constant")


def test_dates_without_times_switch_off_what_needs_hours(tmp_path):
    world = World(300)
    world.step, world.work[:] = DAY, 24.0
    world.waits = np.round(world.waits / 24) * 24
    off = world.mined(tmp_path).off
    assert "dated without a time" in off["equal waiting at single steps"]
    assert "dated without a time" in off["favouritism"]


def test_one_stratum_is_enough_where_nothing_is_named_legitimate(tmp_path):
    world = World(300)
    found = world.mined(tmp_path, equity=equity(legitimate=[], entry_period="year"))
    assert "legitimate differences other than the time of entry" in found.off
    assert found.gap("time", found.equity["gaps"][0]["group"])["coverage"] == 1.0


def test_an_attribute_that_half_of_the_cases_lack_is_said_to(tmp_path):
    world = World(600)
    world.group[::2] = None
    why = world.mined(tmp_path).off["treatment of applications without group"]
    assert "50% of all have no value" in why


def test_a_group_that_is_the_same_as_the_office_cannot_be_told_apart_from_it(tmp_path):
    world = World(400)
    world.kind = np.where(world.group == "A", "north office", "south office").astype(object)
    found = world.mined(tmp_path)
    assert "cannot be told apart" in found.off["equal treatment by group"]
    assert "kind" in found.off["equal treatment by group"]
    assert not found.findings


def test_a_value_that_changes_within_a_case_counts_as_it_was_at_entry(tmp_path):
    world = World()
    world.waits += 24.0 * (world.group == "A")
    same = world.mined(tmp_path / "same").gap("time")
    world.changes = np.where(world.group == "A", "B", "A").astype(object)
    assert world.mined(tmp_path / "changed").gap("time")["entry"] == same["entry"]


def test_what_is_known_only_after_entry_is_refused_as_an_excuse(tmp_path):
    world = World()
    world.late = np.where(world.group == "A", "x", "y").astype(object)
    found = world.mined(tmp_path, equity=equity(legitimate=["kind", "late"]))
    assert "only after entry" in found.off["late as a legitimate difference"]
    assert found.equity["compared_on"] == ["kind", "week"]


def test_a_sensitive_attribute_needs_a_stated_basis(tmp_path):
    world = World()
    world.waits += 24.0 * (world.group == "A")
    found = world.mined(tmp_path / "none", equity=equity(sensitive=["group"]))
    assert "names no ground" in found.off["treatment by group"]
    assert found.findings == {}
    told = world.mined(
        tmp_path / "stated", equity=equity(sensitive=["group"], basis={"group": "order 7"})
    )
    assert "order 7" in told.findings["disparity/time/group=a"]["wording"]["en"]


def test_without_a_service_class_nobody_is_said_to_go_first(tmp_path):
    said = {name: part for name, part in SAID["equity"].items() if name != "service_class"}
    found = World(300).mined(tmp_path, equity=said)
    assert "service_class" in found.off["favouritism"]
    assert found.order is None


def test_what_names_persons_never_reaches_what_may_be_told(tmp_path):
    world = World()
    world.waits += 24.0 * (world.group == "A")
    found = world.mined(tmp_path, privacy={"pseudonymise": ["group"]})
    assert found.mined.of_persons == len(found.mined.findings) > 0
    assert found.mined.tellable == []


def test_fees_over_the_tariff_by_group(tmp_path):
    world = World(600)
    chance = np.random.default_rng(9)
    paid = 100 + chance.normal(0, 5, 600) + 20 * (world.group == "A")
    world.area = np.array(["100"] * 600, object)
    world.late = np.array([f"{amount:.2f}" for amount in paid], object)
    found = world.mined(tmp_path, fees={"charged": "late", "official": "area", "by": []})
    finding = found.findings["fee/group=a"]
    assert finding["effect"]["value"] == pytest.approx(20, abs=2)
    assert (finding["kind"], finding["effect"]["unit"]) == ("fee", "currency")
    assert found.equity["fee_speed"]["p_value"] > 0.001


def test_time_that_applicants_take_is_said_to_count(tmp_path):
    what = "time to a decision without what applicants take"
    world = World(300)
    assert what not in world.mined(tmp_path / "at entry").off
    found = world.mined(tmp_path / "later", applicant_steps=["Submit", "Decide"])
    assert "clock.suspended" in found.off[what]


def test_the_same_log_gives_the_same_bytes(tmp_path):
    world = World(300)
    one, two = world.mined(tmp_path / "one"), world.mined(tmp_path / "two")
    for name in ("equity.json", "favouritism.json", "findings.json"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()
