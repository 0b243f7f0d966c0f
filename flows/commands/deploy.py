"""`runut deploy`: ingest, mine and tidy on a Prefect server's schedules."""

from pathlib import Path

from flows.commands.common import settled
from flows.failures import SIGNALLED
from flows.options import AsJson, Lake, Out, Process, Quiet, examples
from flows.screen import screen

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
    "off" leaves one out. Registering again changes nothing that is there already. Ends at Ctrl-C
    or SIGTERM.
    """
    settings = settled(quiet=quiet, process=process, lake=lake, results=out)
    from flows import wire  # noqa: PLC0415 (process files take half a second)

    found = wire.definition(settings, here=Path.cwd())
    # Prefect takes seconds to import, and nothing else needs it
    from flows import deploy as prefect  # noqa: PLC0415

    wanted = prefect.deployments(settings, found, here=Path.cwd())
    address = prefect.require_server()
    ids = prefect.register(wanted)
    with screen(as_json=as_json, quiet=quiet) as view:
        view.show(
            [
                f"Serving {len(wanted)} deployments of {found.process} on {address}:",
                *(f"- {each.full_name}: {prefect.when(each)}" for each in wanted),
            ],
            {
                "server": address,
                "deployments": [
                    {"name": each.full_name, "id": str(id_), "schedule": prefect.when(each)}
                    for each, id_ in zip(wanted, ids, strict=True)
                ],
            },
        )
    number = prefect.stay(wanted)
    return SIGNALLED + number if number else None
