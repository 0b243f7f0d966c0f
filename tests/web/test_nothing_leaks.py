"""Role by route by attribute: no answer of the pages holds what whoever asks may not see."""

import itertools
import json
import logging
import re
from html import escape
from urllib.parse import quote, quote_plus, urlencode

import pytest

from web.access.pseudonyms import Pseudonyms
from web.access.roles import Role

from .planting import AWKWARD, COMMON, OF_CASES, PERSONS, found, plant, visiting, word

STEP, LATER = "Review zoning", "Sign decision"
DISTRICT = word("dist") + "north"
NEARLY = {
    kind: word(kind)[:-1] + "x"
    for kind in ("ract", "rdis", "rtyp", "runi", "roff", "rout", "note", "case", "offi", "senr")
}
"""Words so close to planted ones that "did you mean" would tell those."""
NONSENSE = "no such thing"
CLIENT = {"httpx", "httpcore", "asyncio"}
OF_ONE_CASE = ("/cases", "/cases/{case}", "/cases.csv")

# What each key of an address is asked with, on whichever page it is described.
STEPS = (STEP, NEARLY["ract"], NONSENSE)
ASKED = {
    **dict.fromkeys(("through", "without", "starts", "ends", "place", "source"), STEPS),
    "target": (LATER,),
    "step": STEPS,
    "from": ("2025-01-20", "2025", "0000-00-00"),
    "until": ("2025-03-01", NONSENSE),
    "late": ("yes", NONSENSE),
    "open": ("yes", "no"),
    "lang": ("id", NONSENSE),
    "overlay": ("waiting", "median", "beside", "late", "conformance", NONSENSE),
    "paths": ("60", "1000000", NONSENSE),
    "vs": ("all",),
    "kind": ("detour", NONSENSE),
    "severity": ("high", NONSENSE),
    "at": STEPS,
    "detour": (NONSENSE,),
    "sort": ("newest", NONSENSE),
    "page": ("2", "99", NONSENSE),
    "day": ("2025-02-14", NONSENSE),
    "measure": ("waiting", "on-time", "detours", NONSENSE),
    "only": (
        f"district={DISTRICT}",
        f"district={NEARLY['rdis']}",
        f"affiliation={NONSENSE}",
        NONSENSE,
    ),
}
# Attributes, of which the description says nothing, and filters for a second map.
FILTERS = (
    ("a.district", DISTRICT),
    *((f"a.{name}", value) for name in ("district", "permit_type") for value in STEPS),
    *((f"a.{name}", word(kind)[:-1]) for name, kind in (("district", "rdis"), ("note", "note"))),
    *(("a." + name, NONSENSE) for name in ("religion", "affiliation", "applicant", "note", "agen")),
    ("vs.a.district", DISTRICT),
    ("variant", "1"),
    (NONSENSE, NONSENSE),
)
SETS = (
    (("a.district", DISTRICT), ("vs", "all"), ("overlay", "beside")),
    (("a.district", DISTRICT), ("vs.a.district", word("dist") + "south"), ("overlay", "beside")),
    (("a.district", DISTRICT), ("place", STEP)),
    (("a.district", DISTRICT), ("source", STEP), ("target", LATER)),
    (("place", STEP), ("overlay", "waiting")),
    (("measure", "waiting"), ("step", NEARLY["ract"])),
    (("measure", "time"), ("only", f"district={DISTRICT}"), ("day", "2025-02-14")),
    (("arrange", "anew"), ("a.district", DISTRICT)),
)
IN_PATHS = {
    "finding": (NONSENSE, "detour/a", "../run.json", "%2e%2e/run.json", "\x00"),
    "name": (
        *("map.json", "variants.csv", "equity.json", "scorecard.json", "voice.json"),
        *("detours.json", "bottlenecks.json", "lateness.json", "map.svg", "favouritism.json"),
        *("../cases.parquet", "..%2fcases.parquet", "page.css", "concepts/detours", "a" * 3000),
    ),
    "case": ("case-0000000000000000", "officer-0000000000000000", NONSENSE),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return plant(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def visitors(planted, tmp_path_factory):
    """Nobody, a viewer, an analyst and an auditor, before the same pages."""
    with visiting(planted.results, tmp_path_factory.mktemp("pages"), planted.key) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def routes(visitors, planted):
    """Each route that the pages describe, with every address of it that is asked for."""
    viewer = visitors[Role.VIEWER]
    paths = viewer.ask("/openapi.json").json()["paths"]
    told = re.findall(r'href="/findings/([^"?]+)', viewer.ask("/findings").text)
    assert told, "the office has findings"
    names = Pseudonyms(key=planted.key)
    # A case of each rare kind, and a plain one.
    cases = [names.of("case", planted.cases[number]) for number in (1, 20, 50, 60)]
    inside = {**IN_PATHS, "finding": (*told, *IN_PATHS["finding"])}
    inside["case"] = (*cases, *IN_PATHS["case"])
    return {path: list(_addresses(path, about["get"], inside)) for path, about in paths.items()}


def _addresses(path, about, inside):
    keys = [one["name"] for one in about["parameters"] if one["in"] == "path"]
    asks = [one["name"] for one in about["parameters"] if one["in"] == "query"]
    filled = [path]
    for key in keys:
        filled = [
            one.replace(f"{{{key}}}", quote(value, safe="/%"))
            for one, value in itertools.product(filled, inside[key])
        ]
    yield from filled
    wanted = [((key, value),) for key in asks for value in ASKED[key]]
    if {"through", "day", "at"} & set(asks):
        wanted += [*((pair,) for pair in FILTERS), *SETS]
    for pairs in wanted:
        yield f"{filled[0]}?{urlencode(pairs)}"


def may_see(role, path):
    if role is None:
        return frozenset()
    of_one_case = role >= Role.ANALYST and path in OF_ONE_CASE
    return COMMON | OF_CASES if of_one_case else COMMON


@pytest.mark.parametrize("role", [None, *Role])
def test_no_answer_tells_more_than_the_role_may_see(visitors, routes, role, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = {}
    for path, every in routes.items():
        # Auditors see the pages of analysts.
        addresses = every[:3] if role is Role.AUDITOR else every
        for address, answer in zip(addresses, visitors[role].asks(*addresses), strict=True):
            kinds = set(found(answer.content, repr(answer.headers.raw).encode())) - may_see(
                role, path
            )
            if kinds or answer.status_code >= 500:
                wrong[address] = (answer.status_code, kinds)
    assert not wrong, "\n".join(f"{at} {told}" for at, told in wrong.items())
    # The client that asks here writes its addresses down; of the server, nothing may.
    logged = [one for one in caplog.records if one.name.partition(".")[0] not in CLIENT]
    assert not found(repr([(one.getMessage(), vars(one)) for one in logged]).encode())


def test_what_is_planted_can_be_found(planted, visitors):
    """Else the tests here would find nothing whatever leaks."""
    held = found(b"".join(path.read_bytes() for path in planted.results.glob("*.json")))
    assert {"ract", "runi", "rtyp", "rdis"} <= set(held)
    listed = found(visitors[Role.ANALYST].ask("/cases.csv").content)
    assert listed["note"] == len(planted.cases)
    # The list names no unit; what came out stands there in the words of the process file.
    assert OF_CASES - {"runi", "rout"} <= set(listed)
    assert not set(listed) & PERSONS
    one = Pseudonyms(key=planted.key).of("case", planted.cases[20])
    assert {"ract", "runi"} <= set(found(visitors[Role.ANALYST].ask(f"/cases/{one}").content))
    escaped = quote(word("case") + AWKWARD) + json.dumps(word("note") + AWKWARD)
    assert set(found(escaped.encode())) == {"case", "note"}


def test_an_auditor_is_told_whose_case_it_is_and_still_nothing_sensitive(visitors, planted):
    case = Pseudonyms(key=planted.key).of("case", planted.cases[20])
    form = {"pseudonym": case, "reason": "a complaint came in", "candidates": ""}
    told = visitors[Role.AUDITOR].ask("/identify", method="POST", data=form)
    assert {"case", "appl"} <= set(found(told.content)) & PERSONS <= {"case", "appl", "door"}
    for role in (Role.VIEWER, Role.ANALYST):
        told = visitors[role].ask("/identify", method="POST", data=form)
        assert (told.status_code, found(told.content)) == (403, {})


def test_what_a_viewer_chooses_is_told_in_round_numbers(visitors):
    queues = visitors[Role.VIEWER].ask("/map/replay.json", params={"a.district": DISTRICT}).json()
    assert queues["moves"] == []
    assert queues["of"] % 10 == 0
    lengths = {length for row in queues["queues"].values() for length in row}
    assert len(lengths) > 1
    assert all(length is None or (length and length % 10 == 0) for length in lengths)
    for path in ("/map", f"/map/details?place={quote(STEP)}"):
        page = visitors[Role.VIEWER].ask(
            f"{path}{'&' if '?' in path else '?'}a.district={DISTRICT}"
        )
        told = [int(n) for n in re.findall(r"≈\s*(\d+)", page.text)]
        assert told
        assert all(n % 10 == 0 for n in told), (path, told)


def test_what_few_have_is_answered_like_what_there_is_not(visitors):
    """A viewer who guesses a name does not learn that there is such a step, or such a district."""

    def said(key, value):
        answer = visitors[Role.VIEWER].ask("/map", params={key: value})
        return answer.status_code, re.sub(r"zq\w+", "", _plain(answer.text, value))

    for key, kind in (("through", "ract"), ("a.district", "rdis"), ("a.permit_type", "rtyp")):
        assert said(key, word(kind) + AWKWARD) == said(key, word("xxxx") + AWKWARD)


def _plain(page, value):
    """The page without the value that was asked for, however it is escaped."""
    for one in (escape(value), escape(repr(value)), quote(value), quote_plus(value)):
        page = page.replace(one, "")
    return page
