"""`runut alerts`: what fires, what waits, what is over; silence a rule, or say that it was seen."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventlog.errors import UsageError
from flows.commands.common import settled
from flows.options import AsJson, Lake, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from engine.alerting.silences import Silence
    from eventlog.definition import Definition
    from eventlog.lake import Lake as Opened
    from flows.alerts import Shown

EXAMPLES = examples(
    "runut alerts --process building-permit --lake lake",
    'runut alerts silence "late permits" --for 2h --reason "moving house" --lake lake',
    'runut alerts unsilence "late permits" --lake lake',
    'runut alerts acknowledge "late permits/2026-03-02T10:00:00+07:00" --by desk-3 --lake lake',
)

Rule = Annotated[
    str, typer.Argument(metavar="RULE", help='An alert rule of the process file; "*" for all.')
]
Group = Annotated[
    str | None,
    typer.Option(metavar="ATTR=VALUE", help="Only for this group, e.g. district=north."),
]
By = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Who says so: a name or a code, shown with the alert."),
]


def alerts(
    context: typer.Context,
    *,
    process: Process = None,
    lake: Lake = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show the alerts: what fires, what waits to fire, and what was over in the last days.

    Each says since when, how bad it is against its threshold and the usual, who has seen it, and
    the key by which to name it. Silenced alerts are kept, and shown here, but told to nobody.
    """
    if context.invoked_subcommand is not None:
        if process is not None or lake is not None:
            raise UsageError(
                f"put --process and --lake after {context.invoked_subcommand}: runut alerts "
                f"{context.invoked_subcommand} … --process P --lake DIR"
            )
        return
    known, opened = _opened(process, lake, quiet=quiet)
    from flows.alerts import fields, shown  # noqa: PLC0415 (Delta Lake takes half a second)

    with screen(as_json=as_json, quiet=quiet) as view:
        found = shown(opened, known, now=datetime.now(UTC))
        view.show(
            list(_told(found, known)),
            {
                "alerts": [*found.firing, *found.pending, *found.over],
                "silences": [fields(span, known) for span in found.silences],
            },
        )


def silence(
    rule: Rule,
    *,
    long: Annotated[
        str, typer.Option("--for", metavar="TIME", help="For how long, e.g. 2h or 3 days.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown with the alert.")],
    by: By = None,
    group: Group = None,
    process: Process = None,
    lake: Lake = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Tell nobody of a rule's alerts for a time; they are still judged and kept.

    What still fires at the end of the silence is told then. What began and ended in it is told to
    nobody. That an alert is over which people had heard of is told, silence or not.
    """
    span = _elapsed(long)
    if not reason.strip():
        raise UsageError("--reason is empty; say why, for whoever looks at the alerts next")
    known, opened = _opened(process, lake, quiet=quiet)
    from flows import alerts as said  # noqa: PLC0415 (as above)

    scope = said.Scope.of(known, rule, group)
    with screen(as_json=as_json, quiet=quiet) as view:
        made = said.silence(opened, scope, long=span, reason=reason, by=by, clock=_now)
        view.show([f"Silenced: {_span(made, known)}."], said.fields(made, known))


def unsilence(
    rule: Rule,
    *,
    group: Group = None,
    process: Process = None,
    lake: Lake = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """End the silences of a rule now; what fires then is told."""
    known, opened = _opened(process, lake, quiet=quiet)
    from flows import alerts as said  # noqa: PLC0415 (as above)

    with screen(as_json=as_json, quiet=quiet) as view:
        ended = said.unsilence(opened, said.Scope.of(known, rule, group), clock=_now)
        view.show(
            [f"No longer silenced: {_whose(span)}." for span in ended],
            {"ended": [said.fields(span, known) for span in ended]},
        )


def acknowledge(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The alert's key, as it is shown.")],
    *,
    by: By = None,
    process: Process = None,
    lake: Lake = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say that an alert was seen: nobody is reminded of it any more, and it shows who has it."""
    _known, opened = _opened(process, lake, quiet=quiet)
    from flows import alerts as said  # noqa: PLC0415 (as above)

    with screen(as_json=as_json, quiet=quiet) as view:
        alert = said.acknowledge(opened, key, by=by, clock=_now)
        view.show(
            [f"Acknowledged{f' by {by}' if by else ''}: {alert.key}."],
            {"key": alert.key, "by": by},
        )


WITHIN = (silence, unsilence, acknowledge)
"""The commands below `runut alerts`."""


def _now() -> datetime:
    return datetime.now(UTC)


def _elapsed(text: str) -> timedelta:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 (process files bring it)

    from eventlog.terms import Elapsed  # noqa: PLC0415 (as above)

    try:
        return TypeAdapter(Elapsed).validate_python(text)
    except ValidationError as error:
        raise UsageError(f'--for is "{text}"; expected e.g. "2h" or "3 days"') from error


def _opened(process: str | None, lake: str | None, *, quiet: bool) -> "tuple[Definition, Opened]":
    settings = settled(quiet=quiet, process=process, lake=lake)
    from flows import wire  # noqa: PLC0415 (process files take half a second)

    known = wire.definition(settings, here=Path.cwd())
    opened = wire.open_lake(settings)
    wire.require_same_process(opened, known)
    return known, opened


def _told(found: "Shown", known: "Definition") -> Iterator[str]:
    """The alerts as a person reads them."""
    parts = (("Firing", found.firing), ("Not firing yet", found.pending))
    for title, alerts_of in (*parts, ("Over in the last 7 days", found.over)):
        if alerts_of:
            yield f"{title}:"
        for alert in alerts_of:
            yield f"- {alert['alert_id']} ({alert['severity']}): {alert['wording']['en']}"
            yield from _more(alert)
    if not (found.firing or found.pending or found.over):
        yield "No alerts."
    if found.silences:
        yield "Silenced:"
        yield from (f"- {_span(span, known)}" for span in found.silences)


def _more(alert: Mapping[str, Any]) -> Iterator[str]:
    if alert["silenced"]:
        yield f"  silenced until {_minute(alert['silenced']['until'])}"
    if alert["state"] != "resolved":
        yield f"  key: {alert['key']}"


def _span(span: "Silence", known: "Definition") -> str:
    from flows.alerts import fields  # noqa: PLC0415 (as above)

    until = _minute(fields(span, known)["until"])
    by = f", {span.by}" if span.by else ""
    return f"{_whose(span)} until {until} ({span.reason}{by})"


def _whose(span: "Silence") -> str:
    rule = "all rules" if span.alert_id == "*" else span.alert_id
    return rule if span.attribute is None else f"{rule}, {span.attribute}={span.group}"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
