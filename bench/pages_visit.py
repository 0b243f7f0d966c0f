"""How soon the pages of a large office are there, for one reader and for many.

    python bench/pages_visit.py [--cases 65000] [--rounds 3] [--seconds 30] [--out FILE]

Mines a simulated office of a million events, starts `runut serve` on it, and asks: for its first
answers, for pages in a real Chromium, for filters that nobody asked for before, and for a crowd of
readers at once, alone and beside analysts. Opens the mailed reports in Chromium, offline.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pages_browser
from pages_asked import BEFORE_ALL, filters, periods
from pages_found import REPORTS, Asked, Crowd, Seen, Started, Visited
from pages_page import told
from pages_server import RUNUT, Server, ask, await_health, findings, mined, served
from stock import CACHE, DATA, office_of

_CROWD = Path(__file__).with_name("pages_crowd.py")
_OPENED = 6
_SHOWN = {"the start": "/", "the map": "/map", "promises": "/promises"}


def main() -> None:
    """Mine, serve, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=65_000)
    parser.add_argument("--rounds", type=int, default=3, help="so often the server is started")
    parser.add_argument("--seconds", type=float, default=30, help="so long a crowd reads")
    parser.add_argument("--results", type=Path, help="results that are there already")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="pages-") as temporary:
        folder = Path(temporary)
        results = asked.results or folder / "results"
        if asked.results is None:
            mined(office_of(asked.cases), results)
        found = visit(results.resolve(), folder, rounds=asked.rounds, seconds=asked.seconds)
    if asked.out is not None:
        asked.out.write_text(json.dumps(asdict(found)), encoding="utf-8")
    print(told(found))


def visit(results: Path, folder: Path, *, rounds: int, seconds: float) -> Visited:
    """Ask a server over these results for all of it, and open the reports."""
    counts = json.loads((results / "run.json").read_text("utf-8"))["counts"]
    started = []
    for _ in range(rounds):
        with served(results, folder) as server:
            started.append(_started(server))
    with served(results, folder) as server:
        await_health(server)
        ask(server, BEFORE_ALL, server.analysts[0])  # waits until every case is read
        asked = [
            Asked(kind=kind, times=[ask(server, path, server.analysts[0]) for path in paths])
            for kind, paths in filters().items()
        ]
        seen = _pages(server) if pages_browser.chromium() else []
        crowds = [_crowd(server, analysts, seconds) for analysts in ((), server.analysts)]
    if pages_browser.chromium():
        seen += _reports(results, folder)
    return Visited(
        events=int(counts["events"]),
        cases=int(counts["cases"]),
        started=started,
        seen=seen,
        asked=asked,
        crowds=crowds,
    )


def _started(server: Server) -> Started:
    well = await_health(server)
    ask(server, BEFORE_ALL, server.analysts[0])
    return Started(well=well, answered=time.perf_counter() - server.began, idle=server.memory)


def _pages(server: Server) -> list[Seen]:
    """Pages as an analyst opens them; each filter of the map for the first time."""
    analyst = server.analysts[0]
    addresses = {name: [path] * (_OPENED + 1) for name, path in _SHOWN.items()}
    addresses["the map under a filter that nobody asked for before"] = periods(_OPENED + 1)
    with pages_browser.browser() as tab:
        return [
            pages_browser.opened(
                tab, name, [server.address + path for path in paths], token=analyst
            )
            for name, paths in addresses.items()
        ]


def _crowd(server: Server, analysts: Sequence[str], seconds: float) -> Crowd:
    """A crowd of readers, and the analysts beside it."""
    asked = {
        "address": server.address,
        "readers": server.readers,
        "analysts": analysts,
        "findings": findings(server),
        "seconds": seconds,
    }
    used = server.processor
    done = subprocess.run(
        [sys.executable, str(_CROWD)],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    heard = json.loads(done.stdout)
    return Crowd(
        readers=len(server.readers),
        analysts=len(analysts),
        cores=(server.processor - used) / heard["seconds"],
        most=server.most,
        **heard,
    )


def _reports(results: Path, folder: Path) -> list[Seen]:
    """The mailed report of the office, and of the real log `receipt` where that is here."""
    of_receipt, of_office = REPORTS
    paths = {of_office: results / "report.html"}
    log = DATA / "receipt.xes.gz"
    if log.exists():
        lake, out = folder / "receipt-lake", folder / "receipt"
        process = ["--process", "wabo-receipt"]
        for command in (
            ["import", *process, "--lake", lake, log],
            ["mine", *process, "--lake", lake, "--out", out],
        ):
            subprocess.run([RUNUT, *command, "--quiet"], check=True, cwd=folder)
        paths[of_receipt] = out / "report.html"
    with pages_browser.browser() as tab:
        return [
            pages_browser.opened(
                tab, name, [path.as_uri()] * (_OPENED + 1), size=path.stat().st_size
            )
            for name, path in paths.items()
        ]


if __name__ == "__main__":
    main()
