"""A real Chromium that opens pages with an empty cache, and tells when they were there.

It is led by its own protocol (https://chromedevtools.github.io/devtools-protocol/), for the
environment of the benchmarks has no Playwright.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pages_found import Seen
from websockets.sync.client import ClientConnection, connect

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1280,900",
    "--remote-debugging-port=0",
)
_PATIENCE = 60
_LOOK = 0.01
# Two frames after everything has come, what is on the page has been drawn.
_DRAWN = """
addEventListener("load", () =>
  requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = performance.now(); })));
"""
_TOLD = """
window.drawn === undefined ? null : JSON.stringify({
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? window.drawn,
  load: performance.getEntriesByType("navigation")[0].loadEventEnd,
  drawn: window.drawn,
  size: performance.getEntriesByType("navigation")[0].encodedBodySize,
  there: document.querySelectorAll("svg").length,
})
"""


def chromium() -> str | None:
    """The path of Chromium: RUNUT_BROWSER, else what the system has; None without one."""
    return os.environ.get("RUNUT_BROWSER") or shutil.which("chromium")


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One open tab of a browser."""

    connection: ClientConnection
    session: str

    def does(self, method: str, **parameters: object) -> Any:
        """Ask something of the tab, and what it answers."""
        return _ask(self.connection, method, parameters, self.session)


@contextmanager
def browser() -> Iterator[Tab]:
    """A running Chromium with one empty tab."""
    program = chromium()
    assert program is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        running = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_address(Path(profile)), max_size=None, proxy=None) as connection:
                made = _ask(connection, "Target.createTarget", {"url": "about:blank"})
                target = {"targetId": made["targetId"], "flatten": True}
                told = _ask(connection, "Target.attachToTarget", target)
                tab = Tab(connection=connection, session=told["sessionId"])
                for domain in ("Page", "Network", "Runtime"):
                    tab.does(f"{domain}.enable")
                tab.does("Page.addScriptToEvaluateOnNewDocument", source=_DRAWN)
                tab.does("Network.setCacheDisabled", cacheDisabled=True)
                yield tab
        finally:
            running.terminate()
            running.wait(_PATIENCE)


def opened(
    tab: Tab, name: str, addresses: Sequence[str], *, token: str = "", size: int = 0
) -> Seen:
    """Open pages one after the other; the first of them only makes the browser ready.

    With a token over the network, without one offline: files, whose `size` the browser does not
    tell. SystemExit where nothing is drawn.
    """
    tab.does("Network.setExtraHTTPHeaders", headers=_bearer(token))
    tab.does(
        "Network.emulateNetworkConditions",
        offline=not token,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )
    found = [_one(tab, address) for address in addresses][1:]
    times = {key: [one[key] for one in found] for key in ("first", "load", "drawn")}
    return Seen(
        name=name,
        size=size or int(max(one["size"] for one in found)),
        mailed=not token,
        **times,
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _one(tab: Tab, address: str) -> dict[str, float]:
    # What the page before left behind is not what is measured.
    tab.does("Page.navigate", url="about:blank")
    time.sleep(0.1)
    failed = tab.does("Page.navigate", url=address).get("errorText")
    if failed:
        raise SystemExit(f"{address}: {failed}")
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        told = tab.does("Runtime.evaluate", expression=_TOLD)["result"].get("value")
        if told:
            found: dict[str, float] = json.loads(told)
            if not found["there"]:
                raise SystemExit(f"{address}: there is no picture on the page")
            return found
        time.sleep(_LOOK)
    raise SystemExit(f"{address} was never drawn")


def _address(profile: Path) -> str:
    """Where the browser listens, as it wrote down."""
    path = profile / "DevToolsActivePort"
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if path.exists() and len(lines := path.read_text("utf-8").splitlines()) > 1:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(_LOOK)
    raise SystemExit("Chromium did not start")


def _ask(
    connection: ClientConnection, method: str, parameters: object, session: str | None = None
) -> Any:
    """Send one command and wait for its answer; what happens in between is passed over."""
    number = time.monotonic_ns()
    asked = {"id": number % 2**31, "method": method, "params": parameters}
    connection.send(json.dumps(asked if session is None else {**asked, "sessionId": session}))
    while True:
        told = json.loads(connection.recv(timeout=_PATIENCE))
        if told.get("id") == asked["id"]:
            if "error" in told:
                raise SystemExit(f"{method}: {told['error']['message']}")
            return told["result"]
