"""What the scheduler runs: ingest, mine, tidy and look closer, by the command line's functions.

Errors are handled by their verdict: what may succeed later is tried again with growing pauses,
what a person must change fails at once.
"""

import dataclasses
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from prefect.tasks import Task, exponential_backoff
from pydantic import BaseModel, ConfigDict, Field

from engine.alerting.book import firing
from engine.mining import Mined
from eventlog.errors import RetryError
from flows import alerting, wire
from flows.ingest import ingest
from flows.mine import mine
from flows.names import slug
from flows.scheduler import alert_events
from flows.scheduler.artifacts import counts_of, publish_results, published_of
from flows.scheduler.automations import LOOK_CLOSER
from flows.scheduler.closer_look import publish_closer_looks
from flows.scheduler.stages_shown import shown
from flows.settings import Settings, settle
from flows.tidy import tidy

P = ParamSpec("P")
R = TypeVar("R")
RETRIES = 5
FIRST_PAUSE_SECONDS = 2


class Job(BaseModel):
    """Which process, in which lake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    process: str = Field(description="Path of a process file, or the name of one")
    lake: str = Field(description="Folder or address of the lake")


class MineJob(Job):
    """Which process, in which lake, and where the results go."""

    results: str = Field(description="Folder that is replaced by the new results")


def may_succeed_later(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed run is worth trying again: only when its error says so."""
    return isinstance(state.result(raise_on_failure=False), RetryError)


def _settings(job: Job) -> Settings:
    """The job's own words over the environment of the process that serves it."""
    flags: dict[str, object] = job.model_dump()
    return settle(flags, environment=os.environ, folder=Path.cwd()).settings


def retrying(function: Callable[P, R]) -> Task[P, R]:
    """The function as a Prefect task, tried again with growing pauses after a RetryError only."""
    return Task(
        function,
        name=function.__name__.replace("_", " "),
        retries=RETRIES,
        retry_delay_seconds=exponential_backoff(FIRST_PAUSE_SECONDS),
        retry_jitter_factor=0.2,
        retry_condition_fn=may_succeed_later,
        # the same job twice is two jobs: the lake has moved on
        cache_policy=NO_CACHE,
        persist_result=False,
    )


@retrying
def read_topic(job: Job) -> dict[str, Any]:
    """Read the topic until caught up; what was read, as counts."""
    report = ingest(
        _settings(job), here=Path.cwd(), once=True, stop=lambda: False, progress=lambda _: None
    )
    return dataclasses.asdict(report)


@retrying
def mine_lake(job: MineJob) -> Mined:
    """Mine the lake into the folder of results, and show how far it is."""
    key, last = f"progress-{slug(_process_name(job))}", Path(job.results)
    with shown(key, last=last) as progress:
        return mine(_settings(job), here=Path.cwd(), progress=progress)


@retrying
def tell_alerts(job: MineJob, mined: Mined) -> int:
    """Send the alerts that fire and those that are over; how many that were."""
    settings = _settings(job)
    tell = partial(alert_events.emit, process=mined.process, lake=job.lake)
    return len(alerting.tell_alerts(settings, mined, here=Path.cwd(), tell=tell))


@retrying
def tidy_lake(job: Job) -> dict[str, Any]:
    """Tidy the lake; what was done, as counts."""
    return dataclasses.asdict(tidy(_settings(job), here=Path.cwd()))


@retrying
def activities_of_alerts(job: MineJob) -> list[str | None]:
    """The activities that alerts fire about now; None stands for alerts on no single one."""
    settings = _settings(job)
    process = wire.definition(settings, here=Path.cwd())
    alerts = firing(wire.open_lake(settings), process, url=settings.report_url)
    return list(dict.fromkeys(alert["subject"]["activity"] for alert in alerts))


@flow(name="ingest", persist_result=False)
def ingest_flow(job: Job) -> None:
    """Bring the lake up to date with the topic."""
    counts = read_topic(job)
    _publish_counts(f"ingest-{slug(_process_name(job))}", "Ingested", counts)
    _finish(job, "ingest", counts)


@flow(name="mine", persist_result=False)
def mine_flow(job: MineJob) -> None:
    """Mine the lake, replace the results, show what may be public, and tell of alerts."""
    settings = _settings(job)
    mined = mine_lake(job)
    published = publish_results(mined.folder, report_url=settings.report_url)
    # Last: results stand, whatever becomes of the topic for alerts.
    told = tell_alerts(job, mined)
    get_run_logger().info("told of %d alerts", told)
    _finish(job, "mine", {**counts_of(published), "alerts": told})


@flow(name=LOOK_CLOSER, persist_result=False)
def look_closer_flow(job: MineJob, alert: str | None = None, activity: str | None = None) -> None:
    """Mine the lake now, and show what stands out where alerts fire.

    `alert` and `activity` come from the alert that began this; what other alerts fire about by now
    is looked at with it, because their own runs were cancelled while this one was under way.
    """
    mined = mine_lake(job)
    published = published_of(mined.folder)
    about = list(dict.fromkeys([activity, *activities_of_alerts(job)]))
    get_run_logger().info('looked at %d places, first for the alert "%s"', len(about), alert)
    publish_closer_looks(published, about, folder=mined.folder)
    _finish(job, LOOK_CLOSER, {**counts_of(published), "places": len(about)})


@flow(name="tidy", persist_result=False)
def tidy_flow(job: Job) -> None:
    """Keep the lake quick: join small files, lay cases together, remove what is past keeping."""
    counts = tidy_lake(job)
    _publish_counts(f"tidy-{slug(_process_name(job))}", "Tidied", counts)
    _finish(job, "tidy", counts)


def _process_name(job: Job) -> str:
    return wire.definition(_settings(job), here=Path.cwd()).process


def _finish(job: Job, name: str, counts: Mapping[str, Any]) -> None:
    """Say that the run is done, and what it did as far as that is numbers."""
    numbers = {what: n for what, n in counts.items() if isinstance(n, int)}
    process, run = _process_name(job), str(flow_run.id)
    alert_events.emit_finished(process=process, flow=name, run=run, counts=numbers)


def _publish_counts(key: str, title: str, counts: Mapping[str, Any]) -> None:
    lines = [f"# {title}", "", *(f"- {name.replace('_', ' ')}: {n}" for name, n in counts.items())]
    create_markdown_artifact(key=key, markdown="\n".join(lines))
