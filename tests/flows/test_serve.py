"""`runut serve` at the command line: what it refuses, what it shows, and how it ends."""

import json
import re
import shutil
import signal
import socket
import threading
import urllib.error
import urllib.request

import pytest

from flows.cli import run

PAGES = ["/", "/findings", "/map", "/detours", "/before-after", "/bpmn", "/cases", "/quality"]


def days(cases):
    """A small log in which so many applications are received, checked and decided."""
    lines = ["case,activity,time"]
    for case in range(cases):
        for step, activity in enumerate(("Receive", "Check", "Decide")):
            lines.append(f"P{case},{activity},2026-{1 + case % 9:02}-{1 + step * 3:02}T09:00:00Z")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def mined(tmp_path_factory):
    """The results of 12 and of 30 applications, and the key of their pseudonyms."""
    folder = tmp_path_factory.mktemp("mined")
    with pytest.MonkeyPatch.context() as around:
        around.setenv("RUNUT_KEY_FILE", str(folder / "key"))
        for cases in (12, 30):
            log, lake = folder / f"{cases}.csv", folder / f"lake-{cases}"
            log.write_text(days(cases))
            assert run(["import", "-q", str(log), "--lake", str(lake)]) == 0
            assert run(["mine", "-q", "--lake", str(lake), "--out", str(folder / str(cases))]) == 0
    return folder


@pytest.fixture
def results(mined, here):
    """A folder of results of 12 applications that a test may spoil."""
    shutil.copytree(mined / "12", here / "results")
    return here / "results"


class Pages:
    """A running server: `asks` gives the status and the text of a page."""

    def __init__(self, process):
        self.process = process
        first = process.stdout.readline()
        assert "http://" in first, first + process.stderr.read()
        self.address = re.search(r"http://\S+(?=/)", first)[0]

    def asks(self, path):
        """The status and the text of a page."""
        asked = urllib.request.Request(self.address + path, headers={"Accept": "text/html"})
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def ended(self, number):
        """Its exit code after a signal, and what it said."""
        self.process.send_signal(number)
        _out, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.fixture
def pages(spawned, results):
    """`runut serve` over these results, on a free port."""
    return Pages(spawned("serve", "--results", results, "--address", "127.0.0.1:0",
                         RUNUT_SERVE_AUDIT_LOG=str(results.parent / "audit.jsonl")))  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--results"),
        (["--results", "nowhere"], "nowhere holds no results"),
        (["--results", "."], "runut mine"),
        (["--results", "results", "--address", "8080"], '"127.0.0.1:8080"'),
        (["--results", "results", "--address", "127.0.0.1:70000"], "host:port"),
        (["--results", "results", "--address", "off"], "host:port"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(runut, results, arguments, said):
    assert results.is_dir()
    ran = runut("serve", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_others_are_not_served_before_somebody_said_how_they_sign_in(runut, results):
    ran = runut("serve", "--results", results, "--address", "10.1.2.3:8080")
    assert ran.code == 1
    assert "no way to sign in is set" in ran.err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RUNUT_SERVE_OTHERWISE", "everybody", "refused"),
        ("RUNUT_SERVE_TRUSTED", "banana", "10.1.2.0/24"),
        ("RUNUT_SERVE_TOKENS", "no-such-file", "runut token"),
        ("RUNUT_SERVE_SESSION_SECRET", "short", "openssl rand"),
        ("RUNUT_SERVE_PUBLIC_URL", "banana", "https://permits.example"),
        ("RUNUT_SERVE_PROXY_ROLES", "a=analyst", "RUNUT_SERVE_TRUSTED"),
    ],
)
def test_a_setting_that_cannot_hold_is_named_with_what_would(
    runut, results, monkeypatch, name, value, said
):
    monkeypatch.setenv(name, value)
    ran = runut("serve", "--results", results, "--address", "127.0.0.1:0")
    assert ran.code in {1, 2}
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_spoilt_results_and_a_port_in_use_are_told_clearly(runut, results):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = runut("serve", "--results", results, "-a", f"127.0.0.1:{taken.getsockname()[1]}")
    assert ran.code == 2
    assert "cannot be had" in ran.err
    assert "--address" in ran.err
    (results / "map.json").unlink()
    ran = runut("serve", "--results", results, "--address", "127.0.0.1:0")
    assert ran.code == 2
    assert "without a map" in ran.err


def test_results_that_are_replaced_are_shown_without_an_error_in_between(pages, results, mined):
    assert cases_of(pages.asks("/")) == 12
    for page in PAGES:
        assert pages.asks(page)[0] == 200, page
    seen, stop = [], threading.Event()

    def visitor():
        while not stop.is_set():
            seen.extend((page, *pages.asks(page)) for page in ("/", "/map", "/before-after"))

    reader = threading.Thread(target=visitor)
    reader.start()
    shutil.copytree(mined / "30", results.with_name("next"))
    results.rename(results.with_name("before"))
    results.with_name("next").rename(results)
    for _ in range(600):
        if cases_of(pages.asks("/")) == 30:
            break
    stop.set()
    reader.join()
    assert cases_of(pages.asks("/")) == 30
    assert [(page, status) for page, status, _ in seen if status != 200] == []
    # Results that are gone are no reason to forget what was read.
    shutil.rmtree(results)
    for page in (*PAGES, "/cases?sort=newest", "/cases.csv", "/map?through=Check", "/model.bpmn"):
        status, told = pages.asks(page)
        assert status in {200, 404, 503}, page
        assert "Traceback" not in told
    assert cases_of(pages.asks("/")) == 30
    assert json.loads(pages.asks("/health")[1])["status"] == "ok"
    code, said = pages.ended(signal.SIGTERM)
    assert code == 143
    assert "Traceback" not in said
    assert "a page failed" not in said


def cases_of(answer):
    """How many cases the first page tells of."""
    status, told = answer
    assert status == 200
    return int(re.search(r"<dt>Cases</dt><dd>(\d+)</dd>", told)[1])


def test_ctrl_c_ends_it_in_order(pages):
    assert pages.asks("/health")[0] == 200
    code, said = pages.ended(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in said
    assert "stopped" in said
