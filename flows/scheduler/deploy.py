"""Tells the Prefect server what runs when, and stays to run it.

A second `runut deploy` with the same settings changes nothing on the server: each deployment
carries a hash of what it says as its version, and is written only when that differs.
"""

import asyncio
import hashlib
import signal
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    VersionInfo,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron, Schedule
from prefect.settings import PREFECT_API_URL
from prefect.types.entrypoint import EntrypointType

from eventlog.definition import Definition
from eventlog.errors import RetryError, UsageError
from flows import wire
from flows.names import slug
from flows.scheduler import automations
from flows.scheduler.registered import Change, Registered, ask
from flows.scheduler.scheduled import (
    Job,
    MineJob,
    ingest_flow,
    look_closer_flow,
    mine_flow,
    tidy_flow,
)
from flows.settings import OFF, Settings


class Deployment(RunnerDeployment):
    """A deployment that is written to the server only when it says something new."""

    async def aapply(
        self,
        schedules: list[dict[str, Any]] | None = None,
        work_pool_name: str | None = None,
        image: str | None = None,
        version_info: VersionInfo | None = None,
    ) -> UUID:
        """Register, unless the server has the same version already; the deployment's id."""
        there = await self._there()
        if there is not None and there.version == self.version:
            return there.id
        plain = version_info or VersionInfo(version=self.version or "", type="prefect:simple")
        return await super().aapply(schedules, work_pool_name, image, plain)

    async def registered(self) -> Registered:
        """Register, and tell what that changed."""
        there = await self._there()
        if there is not None and there.version == self.version:
            return Registered(name=self.full_name, id=there.id, change=Change.SAME)
        change = Change.MADE if there is None else Change.CHANGED
        return Registered(name=self.full_name, id=await self.aapply(), change=change)

    async def _there(self) -> DeploymentResponse | None:
        async with get_client() as client:
            try:
                return await client.read_deployment_by_name(self.full_name)
            except ObjectNotFound:
                return None


def deployments(settings: Settings, process: Definition, *, here: Path) -> list[Deployment]:
    """What the scheduler is to run for this process: ingest, mine, tidy, and look closer.

    The latter has a folder of results of its own beside the other, and waits to be asked.

    UsageError when the lake, the results or a schedule cannot be told from the settings.
    """
    lake = wire.absolute(wire.lake_address(settings))
    name = wire.process_reference(settings, here=here)
    results = str(wire.results_folder(settings).expanduser().resolve())
    closer = MineJob(process=name, lake=lake, results=f"{results}-alerts")
    plan: list[tuple[Flow[..., Any], Job, str, str]] = [
        (ingest_flow, Job(process=name, lake=lake), "schedule_ingest", settings.schedule_ingest),
        (
            mine_flow,
            MineJob(process=name, lake=lake, results=results),
            "schedule_mine",
            settings.schedule_mine,
        ),
        (tidy_flow, Job(process=name, lake=lake), "schedule_tidy", settings.schedule_tidy),
        (look_closer_flow, closer, "", OFF),
    ]
    zone = settings.schedule_timezone or process.timezone
    return [
        _deployment(flow, job, schedule=_schedule(cron, zone, setting=setting), process=process)
        for flow, job, setting, cron in plan
    ]


def _schedule(cron: str, zone: str, *, setting: str) -> Schedule | None:
    if cron == OFF:
        return None
    try:
        return Cron(cron, timezone=zone)
    except ValueError as error:
        raise UsageError(f'{setting} is "{cron}"; expected e.g. "0 5 * * mon-fri"') from error


def _deployment(
    flow: Flow[..., Any], job: Job, *, schedule: Schedule | None, process: Definition
) -> Deployment:
    says = {
        "runut": version("runut"),
        "flow": f"{flow.fn.__module__}.{flow.fn.__name__}",
        "job": job.model_dump(),
        "cron": schedule.cron if schedule else None,
        "timezone": schedule.timezone if schedule else None,
    }
    made = Deployment.from_flow(
        flow,
        name=slug(process.process),
        schedules=[schedule] if schedule else [],
        parameters={"job": job.model_dump()},
        tags=["runut"],
        version=hashlib.sha256(msgspec.json.encode(says, order="sorted")).hexdigest()[:16],
        # one lake, one at a time: who comes while another runs has nothing to add
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        # by module, so that it is found wherever Runut is installed
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, Deployment)
    return made


def require_server() -> str:
    """The address of a Prefect server that answers; errors say how to get one."""
    address: str | None = PREFECT_API_URL.value()
    if not address:
        raise UsageError(
            "there is no Prefect server to deploy to; start one with `prefect server start` and "
            "set PREFECT_API_URL, e.g. http://127.0.0.1:4200/api"
        )
    with get_client(sync_client=True) as client:
        trouble = client.api_healthcheck()
    if trouble is not None:
        raise RetryError(
            f"no Prefect server answers at {address} ({type(trouble).__name__}); is it running, "
            "and is PREFECT_API_URL right?"
        )
    return address


def register(wanted: Sequence[Deployment]) -> list[Registered]:
    """Write to the server what it does not have yet; what became of each, in the same order."""

    async def each() -> list[Registered]:
        return [await deployment.registered() for deployment in wanted]

    return ask(each())


def automate(
    settings: Settings, process: Definition, deployed: Sequence[Registered]
) -> automations.SetUp:
    """Set up what the server does by itself with these deployments."""
    ids = {each.name.partition("/")[0]: each.id for each in deployed}
    return ask(automations.set_up(settings, process, deployed=ids))


def stay(wanted: Sequence[Deployment]) -> int:
    """Run what is due until SIGINT or SIGTERM comes; gives the signal's number.

    Runs under way are cancelled. The schedules stay: what is due meanwhile runs late, when we
    are back.
    """
    return asyncio.run(_stay(wanted))


async def _stay(wanted: Sequence[Deployment]) -> int:
    runner = Runner(name="runut", pause_on_shutdown=False)
    for deployment in wanted:
        await runner.aadd_deployment(deployment)
    running = asyncio.create_task(runner.start())
    # From here on `start` has put up its own handler for SIGTERM, which (Prefect 3.8) never awaits
    # the stop that it begins; ours takes its place.
    await asyncio.sleep(0)
    came: list[int] = []
    stopping: list[asyncio.Task[None]] = []

    def stop(number: int) -> None:
        came.append(number)
        if runner.started and not stopping:
            stopping.append(asyncio.create_task(runner.astop()))
        else:
            running.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    with suppress(asyncio.CancelledError):
        await running
    return came[0] if came else 0


def when(deployment: Deployment) -> str:
    """The deployment's schedule in words."""
    said = [
        f"{one.schedule.cron} ({one.schedule.timezone})"
        for one in deployment.schedules or []
        if isinstance(one.schedule, CronSchedule)
    ]
    return ", ".join(said) or "only when asked"
