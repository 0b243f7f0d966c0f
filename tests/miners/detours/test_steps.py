"""Steps stand in the order in which the map joins them, in real logs with dates and with starts."""

from pathlib import Path

import numpy as np
import pytest

from connectors import files
from eventlog.definition import Definition
from eventlog.definition_file import load
from eventlog.identity import finish
from eventlog.log import Log
from miners.detours.steps import steps_of
from miners.work_items import work_items

PROCESSES = Path(__file__).parents[3] / "config" / "processes"


@pytest.mark.parametrize(
    ("name", "process"),
    [
        ("receipt.csv", "wabo-receipt"),
        ("BPIC15_1.xes.gz", "bpic15"),
        pytest.param("bpic2012.xes.gz", None, marks=pytest.mark.long),
    ],
)
def test_steps_are_the_executions_of_the_log(real_log, name, process):
    definition = Definition.bare() if process is None else load(PROCESSES / f"{process}.yaml")
    log = Log.of(finish(files.read(real_log(name), definition).events, numbered_by_reader=True))
    steps, executions = steps_of(work_items(log), log.cases), log.executions
    assert np.array_equal(steps.offsets, executions.offsets)
    assert np.array_equal(steps.activity.codes, executions.activity)
    assert np.array_equal(steps.done, executions.timestamp)
