"""What the watch writes into its log: what happened and how much of it, and never about whom.

Each line is one of a few sentences with figures. Names of cases, persons and groups cannot be
said: there is no place for them. What other libraries log is passed on from warnings upwards, as
its author worded it and without what was filled in, for that may be anything.
"""

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from eventlog.errors import RunutError

if TYPE_CHECKING:  # the server of the pages writes a log too, and needs nothing of these
    from engine.alerting.standing import Standing
    from engine.ingest import IngestReport
    from engine.watching.watch import Evaluated

Manner = Literal["auto", "text", "json", "off"]
Value = str | int | float | None
_NAME = "runut"
_LONGEST = 300
# How often it is said how many events came; what comes between is summed up.
_EVERY = 60.0
# user:password@ and what follows a question mark in an address
_INSIDE_ADDRESS = re.compile(r"(?<=://)[^\s/@]*@|(?<=\S)\?\S*(?==)\S*")
# What a library without placeholders may have filled in: quoted, an address, or with a digit in it.
_FILLED_IN = re.compile(r"'[^']*'|\"[^\"]*\"|\S*(?:://|[@\d=/])\S*|[{(\[<].*[})\]>]")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")


@contextmanager
def log_to(stream: TextIO, manner: Manner) -> Iterator["Log"]:
    """Write the log to `stream` while the block runs: JSON lines, or text where a person looks."""
    handler: logging.Handler = logging.NullHandler()
    if manner != "off":
        as_text = manner == "text" or (manner == "auto" and stream.isatty())
        handler = _Lines(stream)
        handler.setFormatter(_Text() if as_text else _Json())
    root, own = logging.getLogger(), logging.getLogger(_NAME)
    before = root.level, own.level
    root.setLevel(logging.WARNING)
    own.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield Log(own)
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        own.setLevel(before[1])


class Log:
    """The sentences of the log; all that can be said is a method here."""

    def __init__(
        self, logger: logging.Logger, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._seconds = seconds
        self._report: IngestReport | None = None
        self._unsaid: Counter[str] = Counter()
        self._since = seconds()
        self._off: Mapping[str, str] = {}

    def started(self, *, process: str, version: str, address: str | None, rules: int) -> None:
        """The watch begins; `address` is where it tells of itself."""
        self._say(
            logging.INFO, "started", process=process, version=version, operations=address,
            rules=rules,
        )  # fmt: skip

    def ingested(self, report: "IngestReport") -> None:
        """What came, by the sums of `report`: said once a minute, and at the end by `stopped`."""
        came = report if self._report is None else report.since(self._report)
        self._report = report
        self._unsaid.update(
            events=came.events,
            rejects=came.rejects,
            batches=came.batches,
            conflicts=came.conflicts,
            compactions=came.compactions,
        )
        if self._seconds() - self._since >= _EVERY:
            self._tell_ingested()

    def evaluated(self, found: "Evaluated") -> None:
        """The rules were judged: said is what changed by that."""
        if found.rebuilt:
            seconds = round(found.following_seconds, 3)
            self._say(logging.INFO, "lake read anew", cases=found.cases, seconds=seconds)
        for alert in found.changed:
            again = alert.state == "firing" and alert.key in found.fired
            self._tell_alert(alert, "still firing" if again else alert.state)
        for rule, why in found.off.items():
            if self._off.get(rule) != why:
                self._say(logging.WARNING, "rule not read", rule=rule, why=_safe(why))
        self._off = dict(found.off)

    def delivered(self, channel: str, *, messages: int) -> None:
        """A channel heard of alerts."""
        self._say(logging.INFO, "delivered", channel=channel, messages=messages)

    def undelivered(self, channel: str, error: Exception, *, again: float | None) -> None:
        """A channel could not be told; it is tried again in `again` seconds, or not by itself."""
        self._say(
            logging.ERROR, "not delivered", channel=channel, trouble=_trouble(error),
            again_seconds=None if again is None else round(again, 1),
        )  # fmt: skip

    def waiting(self, loop: str, error: Exception, *, again: float) -> None:
        """A loop cannot go on for now, e.g. the broker is away, and tries again."""
        self._say(
            logging.WARNING,
            "waiting",
            loop=loop,
            trouble=_trouble(error),
            again_seconds=round(again, 1),
        )  # fmt: skip

    def failed(self, loop: str, error: BaseException) -> None:
        """A loop ended that should not have."""
        self._say(logging.ERROR, "failed", loop=loop, trouble=_trouble(error))

    def stopping(self, signal: str) -> None:
        """Somebody asked the watch to end."""
        self._say(logging.INFO, "stopping", signal=signal)

    def stopped(self) -> None:
        """All that was read is committed; nothing is half done."""
        self._tell_ingested()
        self._say(logging.INFO, "stopped")

    def _tell_alert(self, alert: "Standing", state: str) -> None:
        """Which group it is about, the alert itself says, and the log does not."""
        level = logging.WARNING if alert.state == "firing" else logging.INFO
        self._say(
            level,
            f"alert {state}",
            rule=alert.alert_id,
            severity=alert.severity,
            measure=alert.measure,
            activity=alert.subject.activity,
            by=alert.subject.attribute,
            value=alert.value,
            threshold=alert.threshold,
            usual=alert.usual,
        )

    def _tell_ingested(self) -> None:
        if self._unsaid.total():
            seconds = round(self._seconds() - self._since, 1)
            self._say(logging.INFO, "ingested", **self._unsaid, seconds=seconds)
        self._unsaid.clear()
        self._since = self._seconds()

    def _say(self, level: int, event: str, **fields: Value) -> None:
        known = {name: value for name, value in fields.items() if value is not None}
        self._logger.log(level, event, extra={"fields": known})


class _Lines(logging.StreamHandler[TextIO]):
    """Writes lines; that nobody reads them any more does not stop the watch."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """The line is lost."""


class _Json(logging.Formatter):
    """One object a line: time, level, event, and the figures."""

    def format(self, record: logging.LogRecord) -> str:
        """As JSON."""
        event, fields = _sentence(record)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "event": event, **fields}
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    """A line for a person, in the time of the place."""

    def format(self, record: logging.LogRecord) -> str:
        """As text."""
        event, fields = _sentence(record)
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        told = "  ".join(f"{name}: {value}" for name, value in fields.items())
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{moment:%Y-%m-%d %H:%M:%S} {level}{event}{'  ' if told else ''}{told}"


def _sentence(record: logging.LogRecord) -> tuple[str, Mapping[str, Value]]:
    """What the line says: our own sentence, or a library's without what it filled in."""
    fields = getattr(record, "fields", None)
    if fields is not None:
        return record.getMessage(), fields
    template = str(record.msg)
    message = (
        _PLACEHOLDER.sub("…", template) if record.args else _FILLED_IN.sub("…", template)
    )  # fmt: skip
    told: dict[str, Value] = {
        "library": record.name,
        "place": f"{record.module}:{record.lineno}",
        "message": _short(message),
    }
    if record.exc_info and record.exc_info[0] is not None:
        told["error"] = record.exc_info[0].__name__
    return "library says", told


def _trouble(error: BaseException) -> str:
    """What went wrong: in Runut's own words, which are fit to be shown; else only what and where.

    The text of any other error may be made of what events say.
    """
    if isinstance(error, RunutError):
        return _safe(str(error))
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _safe(text: str) -> str:
    """The text in one line, addresses without what may be a password."""
    return _short(_INSIDE_ADDRESS.sub("", text))


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
