"""A small office that all stories share, and ways to look at its log."""

from datetime import timedelta

import pytest

from simulation.office import Office
from simulation.running import simulate


@pytest.fixture(scope="session")
def office():
    return Office(cases=500, seed=7, lifecycle=("schedule", "start", "complete"))


@pytest.fixture(scope="session")
def patient_office():
    """Watched until every file is closed."""
    return Office(cases=500, seed=7, horizon=timedelta(days=500))


@pytest.fixture(scope="session")
def clean(office):
    return simulate(office)


@pytest.fixture(scope="session")
def patient_clean(patient_office):
    return simulate(patient_office)


@pytest.fixture(scope="session")
def traces():
    """The completed activities of each case, in order."""

    def of(simulation):
        found = {}
        rows = simulation.events.select(["case_id", "activity", "lifecycle"]).to_pylist()
        for row in rows:
            if row["lifecycle"] == "complete":
                found.setdefault(row["case_id"], []).append(row["activity"])
        return found

    return of


@pytest.fixture(scope="session")
def entry():
    """Each case's value of an attribute known at entry."""

    def of(simulation, name):
        rows = simulation.events.select(["case_id", name]).to_pylist()
        return {row["case_id"]: row[name] for row in rows if row[name] is not None}

    return of
