"""The pages of a small office, served by the command itself, and a browser that looks at them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from engine.progress import Silent
from flows.demo import demonstrate
from simulation.demo import demo_plants
from simulation.office import Office
from web.access.roles import Role
from web.access.tokens import new_token

from . import browser

OFFICE = Office(cases=600, seed=3, start=date(2025, 1, 6))


@dataclass(frozen=True)
class Served:
    """A running `runut serve`: where it is, what it shows, and where it writes who looked."""

    address: str
    results: Path
    audit_log: Path


@contextmanager
def serving(results, folder, *options, **environment):
    """`runut serve` over these results on a free port of loopback, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where, log = f"127.0.0.1:{port}", folder / "audit.jsonl"
    command = [Path(sys.executable).with_name("runut"), "serve", "--quiet"]
    command += ["--results", results, "--address", where, *options]
    told = (folder / "server.log").open("w")
    settings = {
        "RUNUT_KEY_FILE": str(folder / "key"),
        "RUNUT_SERVE_AUDIT_LOG": str(log),
        **environment,
    }
    with (
        told,
        subprocess.Popen(
            command, cwd=folder, env={**_plain(), **settings}, stdout=told, stderr=told
        ) as process,
    ):
        try:
            _await_answer(process, f"http://{where}/health", folder / "server.log")
            yield Served(address=f"http://{where}", results=Path(results), audit_log=log)
        finally:
            process.terminate()


def _plain():
    """The environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RUNUT_")}


def _await_answer(process, address, log):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def office_results(tmp_path_factory):
    """The results of a small office that misbehaves as the demo does."""
    folder = tmp_path_factory.mktemp("office")
    done = demonstrate(
        folder / "demo",
        office=OFFICE,
        plants=demo_plants(),
        key_file=folder / "key",
        here=folder,
        progress=Silent(),
    )
    return done.mined.folder


@pytest.fixture(scope="session")
def served(office_results, tmp_path_factory):
    """Its pages, as `runut serve` shows them to this machine."""
    with serving(office_results, tmp_path_factory.mktemp("served")) as running:
        yield running


@dataclass(frozen=True)
class Guarded(Served):
    """The same behind tokens; `headers(role)` is what somebody of that role comes with."""

    tokens: dict[str, str]

    def headers(self, role):
        """The headers of a request of that role."""
        return {"Authorization": f"Bearer {self.tokens[role]}"}


@pytest.fixture(scope="session")
def guarded(office_results, tmp_path_factory):
    """The pages of the same office, for those alone who have a token."""
    folder = tmp_path_factory.mktemp("guarded")
    drawn = {role.name.lower(): new_token(f"a-{role.name.lower()}", role) for role in Role}
    (folder / "tokens").write_text("".join(f"{line}\n" for line, _secret in drawn.values()))
    settings = {"RUNUT_SERVE_TOKENS": str(folder / "tokens")}
    with serving(office_results, folder, **settings) as running:
        yield Guarded(
            address=running.address,
            results=running.results,
            audit_log=running.audit_log,
            tokens={role: secret for role, (_line, secret) in drawn.items()},
        )


@pytest.fixture(scope="session")
def serve():
    """Serves other results, or with other settings: `with serve(results, folder) as running`."""
    return serving


@pytest.fixture(scope="module")
def a_browser():
    """A running Chromium, one a file: what drives it holds an event loop as long as it runs."""
    if browser.chromium() is None or not browser.AXE.exists():
        pytest.skip("needs Chromium and axe-core: scripts/need-browser, scripts/need-web")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = browser.launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def watched(a_browser, request):
    """Opens pages of a server, `watched(running)`; all must be fine when the test ends."""
    opened, contexts = [], []

    def open_page(running, *, language="en-GB", scripts=True, headers=None, width="desk", **more):
        context = a_browser.new_context(
            viewport={"width": browser.WIDTHS[width], "height": 900},
            locale=language,
            java_script_enabled=scripts,
            extra_http_headers=headers or {},
            accept_downloads=True,
            **more,
        )
        context.set_default_timeout(60_000)  # other tests may keep the machine busy
        contexts.append(context)
        page = browser.Watched(
            page=context.new_page(), address=running.address, name=request.node.name
        )
        opened.append(page)
        return page

    yield open_page
    try:
        for one in opened:
            one.fine()
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def page_checked(watched, served):
    """A page of the small office in a watched browser."""
    return watched(served)
