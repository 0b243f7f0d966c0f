"""`runut deploy`: a Prefect server's schedules, and what it does when an alert fires."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands.common import settled
from flows.failures import SIGNALLED
from flows.options import AsJson, Lake, Out, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from flows.scheduler.registered import Registered

UNTOLD = (
    "Nobody is told of failed runs: neither RUNUT_ALERTS_WEBHOOK nor RUNUT_ALERTS_APPRISE is set."
)
EXAMPLES = examples(
    "runut deploy --process building-permit --lake lake --out results",
    'RUNUT_SCHEDULE_MINE="0 5 * * mon-fri" runut deploy',
)


def deploy(
    *,
    process: Process = None,
    lake: Lake = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int | None:
    """Register the flows ingest, mine and tidy with a Prefect server, and stay to run them.

    The server is the one that PREFECT_API_URL names. Schedules come from the settings
    (`runut settings`), in the process's time zone unless RUNUT_SCHEDULE_TIMEZONE says otherwise;
    "off" leaves one out. A fourth flow looks closer when an alert fires, and the server tells of
    failed runs where alerts go by web or apprise. Registering again changes nothing that is there
    already. Ends at Ctrl-C or SIGTERM.
    """
    settings = settled(quiet=quiet, process=process, lake=lake, results=out)
    from flows import wire  # noqa: PLC0415 (process files take half a second)

    found = wire.definition(settings, here=Path.cwd())
    # Prefect takes seconds to import, and nothing else needs it
    from flows.scheduler import deploy as prefect  # noqa: PLC0415

    wanted = prefect.deployments(settings, found, here=Path.cwd())
    address = prefect.require_server()
    deployed = prefect.register(wanted)
    automated = prefect.automate(settings, found, deployed)
    when = [prefect.when(each) for each in wanted]
    with screen(as_json=as_json, quiet=quiet) as view:
        view.show(
            [
                f"Serving {len(wanted)} deployments of {found.process} on {address}:",
                *(
                    f"- {each.name}: {said} ({each.change})"
                    for each, said in zip(deployed, when, strict=True)
                ),
                "What the server does by itself:",
                *(f"- {each.name} ({each.change})" for each in automated.automations),
                *(f"- block {each.name} ({each.change})" for each in automated.blocks),
                *([] if automated.tells_of_failures else [UNTOLD]),
            ],
            {
                "server": address,
                "deployments": [
                    {**as_fields, "schedule": said}
                    for as_fields, said in zip(_fields(deployed), when, strict=True)
                ],
                "automations": _fields(automated.automations),
                "blocks": _fields(automated.blocks),
            },
        )
    number = prefect.stay(wanted)
    return SIGNALLED + number if number else None


def _fields(found: "Sequence[Registered]") -> list[dict[str, Any]]:
    return [{"name": each.name, "id": str(each.id), "change": each.change} for each in found]
