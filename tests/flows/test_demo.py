"""The demonstration on a small office: it says in plain words what it did, found and left where."""

import json
from datetime import date

import pytest

from engine.progress import Silent
from eventlog.errors import UsageError
from flows.commands.demo import told
from flows.demo import demonstrate
from simulation.misconduct import PingPong
from simulation.office import Office

OFFICE = Office(cases=40, seed=3, start=date(2025, 1, 6))


def shown(folder, here):
    return demonstrate(
        folder,
        office=OFFICE,
        plants=[PingPong(share=0.3, days=5.0)],
        key_file=here / "key",
        here=here,
        progress=Silent(),
    )


def test_it_leaves_a_report_and_says_where(here):
    done = shown(here / "demo", here)
    said = "\n".join(told(done))
    for part in ("What was done", "40 applications", "What was found", "Where to look"):
        assert part in said
    report = here / "demo" / "results" / "report.html"
    assert str(report) in said
    assert report.exists()
    truth = json.loads((here / "demo" / "office" / "truth.json").read_text())
    assert truth["cases"] == 40


def test_again_it_replaces_its_own_folder_but_nobody_elses(here):
    first = shown(here / "demo", here)
    again = shown(here / "demo", here)
    assert (again.mined.events, again.mined.cases) == (first.mined.events, first.mined.cases)
    (here / "photos").mkdir()
    (here / "photos" / "wedding.jpg").touch()
    with pytest.raises(UsageError, match="photos"):
        shown(here / "photos", here)
