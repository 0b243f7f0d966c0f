"""What is shown: one folder of results, read whole, and read anew when a mining run replaced it."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from eventlog.errors import RunutError, StopError, UsageError
from reports.cases.marks import Marks, read_marks
from reports.explore.arrays import Traces
from reports.explore.before_after_cases import Cases, read_cases
from reports.explore.traces import read_traces
from reports.language import LANGUAGES
from reports.reading import can_report, read_names, read_results
from reports.suppress import Published, suppress

_ATTEMPTS = 3
_SAYS = logging.getLogger("runut.pages")

Mark = tuple[int, int]
"""Which results these are: the file `run.json` by its number and its time."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One folder of results as it was read: what may be told, by language, and how cases went.

    `traces` and `marks` come a moment later than the rest, for they are large; `run` is
    `run.json`.
    """

    folder: Path
    mark: Mark
    run: Mapping[str, Any]
    published: Mapping[str, Published]
    _cases: "Future[tuple[Traces, Marks]]"

    @property
    def traces(self) -> Traces:
        """How every case went; waits until that is read. StopError where it cannot be."""
        return self._cases.result()[0]

    @property
    def marks(self) -> Marks:
        """Where cases stand, and which detours they took; as `traces`."""
        return self._cases.result()[1]

    @property
    def explorable(self) -> bool:
        """Whether `traces` can be had; results of some questions alone have a plain map only."""
        return not isinstance(self._cases.exception(), StopError)

    @property
    def complete(self) -> bool:
        """Whether `traces` is there, so that nobody has to wait."""
        return self._cases.done()

    @cached_property
    def entries(self) -> Cases:
        """When every application came in and what became of it, for comparing two periods."""
        return read_cases(self.folder, self.traces)


class Current:
    """The results of a folder, whichever they are now.

    The first ones are read at once; when a mining run has replaced them, the new ones are read
    beside, and shown when they are whole. UsageError when the folder holds no results.
    """

    def __init__(self, folder: Path) -> None:
        if (folder / "run.json").is_file() and not can_report(folder):
            raise UsageError(
                f"{folder} holds results without a map or without variants, and pages are made of "
                "both; run `runut mine` again, without --only or with --only map,variants and more"
            )
        if not can_report(folder):
            raise UsageError(
                f"{folder} holds no results that can be shown; make some with "
                f"`runut mine --lake LAKE --out {folder}`"
            )
        self._folder = folder
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="results")
        self._lock = threading.Lock()
        self._reading = False
        self._failed: Mark | None = None
        self._shown = self._read()

    def now(self) -> Shown:
        """What is to be shown; newer results are fetched while these are shown."""
        mark = _mark(self._folder)
        if mark is not None and mark not in {self._shown.mark, self._failed}:
            with self._lock:
                start, self._reading = not self._reading, True
            if start:
                self._beside.submit(self._renew, mark)
        return self._shown

    def afterwards(self, then: Callable[[], object]) -> None:
        """Do something that takes a while, once all is read and nobody waits for it."""
        self._beside.submit(then)

    def close(self) -> None:
        """Stop reading."""
        self._beside.shutdown(wait=False, cancel_futures=True)

    def _renew(self, mark: Mark) -> None:
        try:
            fresh = self._read()
            # whoever asks next finds it whole
            fresh.traces  # noqa: B018 (waits until it is read)
            self._shown = fresh
        except (RunutError, OSError, KeyError, ValueError) as problem:
            # Newer results that cannot be read are no reason to show nothing.
            self._failed = mark
            why = str(problem) if isinstance(problem, RunutError) else type(problem).__name__
            _SAYS.warning("newer results cannot be read", extra={"fields": {"why": why}})
        finally:
            self._reading = False

    def _read(self) -> Shown:
        """All of one run: read again where the folder was replaced in the meantime."""
        for _ in range(_ATTEMPTS):
            mark = _mark(self._folder)
            if mark is None:
                continue
            try:
                run = json.loads((self._folder / "run.json").read_text(encoding="utf-8"))
                told = suppress(read_results(self._folder))
                published = {
                    code: replace(told, names=read_names(self._folder, code)) for code in LANGUAGES
                }
                cases = self._read_cases()
            except (FileNotFoundError, KeyError) as problem:
                if _mark(self._folder) == mark:
                    raise StopError(
                        f"{self._folder} does not hold whole results ({problem}); "
                        "run `runut mine` again"
                    ) from problem
                continue
            if _mark(self._folder) == mark:
                return Shown(
                    folder=self._folder, mark=mark, run=run, published=published, _cases=cases
                )
        raise StopError(f"{self._folder} is being replaced all the time; try again in a minute")

    def _read_cases(self) -> "Future[tuple[Traces, Marks]]":
        """The first time beside everything else, so that the pages need not wait for it."""
        if not hasattr(self, "_shown"):
            return self._beside.submit(_cases, self._folder)
        read: Future[tuple[Traces, Marks]] = Future()
        read.set_result(_cases(self._folder))
        return read


def _cases(folder: Path) -> tuple[Traces, Marks]:
    """How every case went; StopError where the folder was replaced while it was read."""
    before = _mark(folder)
    traces = read_traces(folder)
    marks = read_marks(folder, traces)
    if _mark(folder) != before:
        raise StopError(f"{folder.name} was replaced while it was read; ask again in a moment")
    return traces, marks


def _mark(folder: Path) -> Mark | None:
    try:
        told = (folder / "run.json").stat()
    except FileNotFoundError:
        return None
    return told.st_ino, told.st_mtime_ns
