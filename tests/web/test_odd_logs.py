"""Logs that nobody expects: every page of them answers, escapes names, and keeps its width."""

import asyncio
import csv
import itertools
import json
import re
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from engine.progress import Silent
from eventlog.lake import Lake
from flows.importing import import_into
from flows.mine import mine
from flows.settings import Settings
from reports.language import LANGUAGES
from reports.sections import NAVIGATION
from web.access.doors import AccessConfig
from web.app import make_app

SCRIPT = "<script>alert('a')</script>"
BROKEN_OUT = '"><img src=x onerror=alert(1)>'
LONG = "Assessment of the structural and environmental consequences of extending " + "x" * 48
WORD = "Pemeriksaankelengkapandokumenpermohonanpersetujuanbangunangedung" * 2
HEBREW = "\u202eבדיקת מסמכים ואישור הבקשה"  # noqa: RUF001 (these letters are meant)
HOSTILE = (
    SCRIPT,
    BROKEN_OUT,
    LONG,
    WORD,
    HEBREW,
    "🏗️ Bau & Prüfung 👷‍♀️",
    "a, b; c=d'e\"f%20{{7*7}}",
)
FURTHER = (
    "/map?overlay=waiting&paths=60",
    "/map?a.district=north&vs=all",
    "/map/replay.json",
    "/map.svg",
    "/cases?sort=newest",
    "/cases.csv",
    "/findings?kind=detour",
    "/before-after?measure=detours",
    "/report.html",
    "/model.bpmn",
    "/openapi.json",
)
UNTOLD = ("/cases", "/cases.csv", "/before-after", "/map.svg", "/map/replay.json")
"""What is made of single cases, and says what is missing where these were left out."""
LINKS = re.compile(r'href="(/(?:findings|cases|map/details|map\?through)[^"]*)"')


def rows_of(cases, steps, **more):
    """Events a day apart, one case after the other; `steps(case)` are its activities."""
    for case in range(cases):
        for day, activity in enumerate(steps(case)):
            moment = f"2026-{1 + (case + day) // 28 % 12:02}-{1 + (case + day) % 28:02}T09:00:00Z"
            told = {name: value(case, day) for name, value in more.items()}
            yield {"case": f"P{case}", "activity": activity, "time": moment, **told}


def mined(folder, rows, *, log="log.csv", process=None, only=None):
    """The results of these rows, mined below `folder`."""
    rows = list(rows)
    with (folder / log).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    settings = settings_in(folder, process)
    import_into(settings, [folder / log], here=folder, progress=Silent())
    mine(settings, here=folder, progress=Silent(), only=only)
    return folder / "results"


def settings_in(folder, process=None):
    """Everything below `folder`; `process` as it would be in a process file."""
    if process is not None:
        (folder / "process.yaml").write_text(json.dumps(process))  # JSON is YAML
    return Settings(
        process=None if process is None else str(folder / "process.yaml"),
        lake=str(folder / "lake"),
        results=folder / "results",
        key_file=folder / "key",
    )


def three_cases(folder):
    """Fewer than may be told of, in a file with a name that is markup, without a process file."""
    return mined(folder, rows_of(3, lambda _: "ABC"), log="<b onclick='x'>three.csv")


def no_events(folder):
    """A lake into which nothing came yet."""
    Lake.create(folder / "lake", process="office", case_attributes=())
    mine(settings_in(folder, {"process": "office", "timezone": "UTC"}), here=folder,
         progress=Silent())  # fmt: skip
    return folder / "results"


def many_activities(folder):
    """Four hundred activities, each of them in enough cases to be told."""
    return mined(folder, rows_of(6, lambda _: [f"Step {step}" for step in range(400)]))


def hostile(folder):
    """Names that are markup, too long, from right to left, or made of signs, wherever a name is."""
    process = {
        "process": "office",
        "timezone": "Asia/Jakarta",
        "columns": {"case_id": "case", "activity": "activity", "timestamp": "time",
                    "resource": "officer", "unit": "unit"},
        "case_attributes": ["district", "kind<b>"],
        "activities": {SCRIPT: {"id": BROKEN_OUT}},
        "clock": {"closes": [HOSTILE[-1]]},
    }  # fmt: skip
    back = (0, 1, 2, 1, 3, 4, 5, 6), (0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 3, 4, 5, 6)
    return mined(
        folder,
        rows_of(
            60,
            lambda case: [HOSTILE[step] for step in back[case % 3]],
            officer=lambda case, day: f"{HOSTILE[day % 7]}-{(case + day) % 4}",
            unit=lambda _, day: HOSTILE[day % 3],
            district=lambda case, _: HOSTILE[case % 5],
            **{"kind<b>": lambda case, _: HOSTILE[case % 2]},
        ),
        process=process,
    )


def only_the_map(folder):
    """All left out that pages can do without."""
    return mined(folder, rows_of(20, lambda case: "ABC" if case % 2 else "ABBC"),
                 only=frozenset({"map", "variants"}))  # fmt: skip


def older_version(folder):
    """Results as they were before there were pages."""
    results = mined(folder, rows_of(20, lambda case: "ABC" if case % 2 else "ABBC"))
    for name in ("scorecard.json", "voice.json", "open_items.parquet", "detour_cases.parquet"):
        (results / name).unlink(missing_ok=True)
    run = json.loads((results / "run.json").read_text())
    run.pop("attributes")
    (results / "run.json").write_text(json.dumps(run))
    return results


LOGS = {one.__name__: one for one in (
    three_cases, no_events, many_activities, hostile, only_the_map, older_version,
)}  # fmt: skip


@pytest.fixture(scope="module")
def results_of(tmp_path_factory):
    """The results of an odd log by its name, mined once."""
    made = {}

    def results(name):
        if name not in made:
            made[name] = LOGS[name](tmp_path_factory.mktemp(name))
        return made[name]

    return results


class Elements(HTMLParser):
    """Notes what a page should not hold: scripts of its own, handlers, pictures from nowhere."""

    def __init__(self):
        super().__init__()
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        inert = told.get("type") == "application/json"
        if tag == "script" and not inert and not (told.get("src") or "").startswith("/static/"):
            self.wrong.append(self.get_starttag_text())
        if tag in {"img", "iframe", "object"}:
            self.wrong.append(self.get_starttag_text())
        self.wrong += [name for name in told if name.startswith("on") or name == "style"]
        if (told.get("href") or "").startswith("javascript:"):
            self.wrong.append(told["href"])


def wrong_on(page):
    """What stands on the page that a name has brought there."""
    elements = Elements()
    elements.feed(page)
    return elements.wrong


async def read_all(app):
    """Every page in every language, and what the pages lead to; address -> (status, kind, text)."""
    carrier = httpx.ASGITransport(app=app, client=("127.0.0.1", 5), raise_app_exceptions=False)
    answers = {}
    async with httpx.AsyncClient(transport=carrier, base_url="http://127.0.0.1") as browser:

        async def ask(path):
            answer = await browser.get(path, headers={"Accept": "text/html"})
            answers[path] = answer.status_code, answer.headers["content-type"], answer.text
            return answer.text

        found = set()
        for section, language in itertools.product(NAVIGATION, LANGUAGES):
            text = await ask(f"{section.address}?lang={language}")
            found |= set(sorted(unescape(link) for link in LINKS.findall(text))[:4])
        for path in (*FURTHER, *sorted(found)):
            await ask(path)
    return answers


@pytest.mark.parametrize("name", LOGS)
def test_every_page_of_an_odd_log_answers_and_escapes_what_it_shows(results_of, tmp_path, name):
    app = make_app(
        results_of(name), AccessConfig(listens="127.0.0.1"),
        audit_log=tmp_path / "audit.jsonl", key=bytes(32), version="0",
    )  # fmt: skip
    answers = asyncio.run(read_all(app))
    untold = UNTOLD if name == "only_the_map" else ()
    for path, (status, _kind, text) in answers.items():
        if path.partition("?")[0] in untold:
            assert status == 503, path
            assert "work_items.parquet" in text, path
        else:
            assert status < 500, path
    for path in (section.address for section in NAVIGATION):
        assert answers[f"{path}?lang=en"][0] == 200 or path in untold, path
    for path, (_status, kind, text) in answers.items():
        if kind.startswith("text/html") and path != "/report.html":
            assert wrong_on(text) == [], path
        if kind.startswith(("text/html", "image/svg")):
            assert SCRIPT not in text, path
            assert "<img" not in text, path
            assert ">None<" not in text, path
            assert ">nan<" not in text.lower(), path


def test_no_cases_can_be_chosen_where_only_the_whole_map_is_known(results_of, tmp_path):
    """Showing the whole map under a filter would be a wrong answer."""
    app = make_app(
        results_of("only_the_map"), AccessConfig(listens="127.0.0.1"),
        audit_log=tmp_path / "audit.jsonl", key=bytes(32), version="0",
    )  # fmt: skip

    async def asked():
        carrier = httpx.ASGITransport(app=app, client=("127.0.0.1", 5))
        async with httpx.AsyncClient(transport=carrier, base_url="http://127.0.0.1") as browser:
            return [(await browser.get(path)).status_code for path in ("/map", "/map?late=yes")]

    assert asyncio.run(asked()) == [200, 400]


def test_no_name_makes_a_page_wider_than_the_screen(results_of, serve, watched, tmp_path):
    with serve(results_of("hostile"), tmp_path) as running:
        page = watched(running, width="phone")
        for path in ("/", "/findings", "/map", "/bottlenecks", "/detours", "/cases", "/variants"):
            page.goes(f"{path}?lang=id")
            assert not page.too_wide(), path


def test_mining_an_odd_log_leaves_a_report_that_can_be_opened(results_of):
    for name in ("three_cases", "hostile"):
        report = (results_of(name) / "report.html").read_text(encoding="utf-8")
        assert SCRIPT not in report
        assert "<img" not in report
