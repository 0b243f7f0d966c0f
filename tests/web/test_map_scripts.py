"""The scripts of the map: they put nothing on the page that was not made safe by the server."""

import re
from pathlib import Path

import pytest

_STATIC = Path(__file__).parents[2] / "web" / "static"
_RISKY = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    'setAttribute("style"', "http://", "https://", "javascript:",
)  # fmt: skip


@pytest.mark.parametrize("name", ["map.js", "replay.js"])
def test_a_script_of_the_map_runs_no_text_and_fetches_nothing_from_elsewhere(name):
    script = (_STATIC / name).read_text(encoding="utf-8")
    script = script.replace('"http://www.w3.org/2000/svg"', "")
    assert not [risky for risky in _RISKY if risky in script]
    assert script.startswith("//")
    assert re.search(r'^"use strict";$', script, re.MULTILINE)
