"""Why something was not looked at is told in the reader's language, whatever the engine says."""

import ast
import re
from pathlib import Path

import pytest

import engine
from reports.language import BRACKETED, speaking
from reports.withheld import reasons as withhold_reasons
from reports.words.reasons import _SUBJECTS, _WHY, reason

ENGINE = Path(engine.__file__).parent
PLACES = re.compile(r"%\(\w+\)s")
# Where the engine says why something was left out.
TELLING = (
    "crossing.py", "hidden.py", "judging.py", "mining.py",
    "alerting/readings_lacking.py", "alerting/rules.py", "scorecard/answer.py",
    "treatment/answer.py", "treatment/frame.py", "treatment/lines.py", "treatment/paid.py",
    "treatment/questions.py", "treatment/separable.py", "treatment/waits.py",
    "voice/voice_results.py",
)  # fmt: skip


WHY = ("why", "rest", "same", None)


def told(node):
    """What a string of the code says, with a stand-in for what is filled in; None for no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "77" for part in node.values
        )
    return None


def named(node):
    """What a value is given to; nothing where it is given back."""
    return getattr(node.targets[0], "id", "") if isinstance(node, ast.Assign) else None


def reasons(file):
    """What the file says that was not looked at, and why: pairs, what is named `why`, returns."""
    for node in ast.walk(ast.parse((ENGINE / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            yield from map(told, node.elts)
        elif isinstance(node, ast.Assign | ast.Return) and named(node) in WHY:
            yield told(node.value)
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "WHY":
            yield from map(told, node.value.values)


@pytest.mark.parametrize("file", TELLING)
def test_each_reason_of_the_engine_can_be_translated(file):
    said = {one for one in reasons(file) if one and re.search(r"[a-z]{2} ", one)}
    with speaking(BRACKETED):
        left = {one for one in said if "lang=" in reason(one)}
    assert left == set()


def test_no_reason_is_kept_that_the_engine_no_longer_gives():
    strings = [
        told(node) or ""
        for path in [*ENGINE.rglob("*.py"), Path(withhold_reasons.__file__)]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    said = re.sub(r"\W+", " ", " ".join(strings))
    for message in (*_SUBJECTS, *_WHY):
        for part in PLACES.split(message):
            words = re.sub(r"\W+", " ", part).strip()
            assert words in said, message


def test_counts_and_words_in_a_reason_are_in_the_language_too():
    with speaking("id"):
        assert reason("about 1205 of 5000 have a fee or a tariff that is no plain number (such as "
                      "1200.50, not 1,200.50); it may be just these that differ") == (
            "sekitar 1.205 dari 5.000 memiliki biaya atau tarif yang bukan angka biasa (seperti "
            "1200.50, bukan 1,200.50); mungkin justru ini yang berbeda"
        )  # fmt: skip
        assert reason("the process file has no clock.starts, no standard.term") == (
            "berkas proses tidak memiliki clock.starts, standard.term"
        )
        assert reason("something <new>") == '<span lang="en">something &lt;new&gt;</span>'
    assert reason("something <new>") == "something &lt;new&gt;"
