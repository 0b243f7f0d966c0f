"""What the Prefect server does by itself: a closer look when an alert fires, word of failed runs.

Set up by `runut deploy`, and written only when they say something new: each carries a hash of what
it says at the end of its description. Who switches one off in Prefect's pages finds it off after
the next `runut deploy` too. Automations without our tag and hash are somebody else's.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from prefect.client.orchestration import PrefectClient, get_client
from prefect.events.actions import ActionTypes, RunDeployment
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger

from eventlog.definition import Definition
from flows.scheduler.alert_events import matching
from flows.scheduler.notices import keep, notices, remove_others
from flows.scheduler.registered import Change, Registered
from flows.settings import Settings

TAG = "runut"
# The flow that an alert starts, by its name on the server.
LOOK_CLOSER = "look-closer"
_HASH = re.compile(r"\[([0-9a-f]{16})\]$")
# However many alerts fire about one activity, they start one closer look in this time.
ONE_LOOK_IN = timedelta(minutes=15)
# A flow that fails at every turn is told of once in this time.
ONE_NOTICE_IN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """What became of our automations, and of the blocks that they send through."""

    automations: Sequence[Registered]
    blocks: Sequence[Registered]

    @property
    def tells_of_failures(self) -> bool:
        """Whether anybody hears of a failed run."""
        return any(block.change is not Change.REMOVED for block in self.blocks)


def closer_look_name(process: str) -> str:
    """What the automation is called that looks closer when an alert fires."""
    return f"runut: {process}: look closer when an alert fires"


def failure_name(process: str) -> str:
    """What the automation is called that tells of failed runs."""
    return f"runut: {process}: tell when a run fails"


async def set_up(settings: Settings, process: Definition, *, deployed: Mapping[str, UUID]) -> SetUp:
    """Bring the automations and the blocks that they send through up to date.

    `deployed` are the ids of our deployments by the name of their flow. Where the settings name no
    way that the server can go by itself, nobody is told of failed runs, and what there was for
    that is removed.
    """
    ways = notices(settings, process)
    async with get_client() as client:
        blocks = [await keep(client, way) for way in ways]
        wanted = [_closer_look(process, deployed[LOOK_CLOSER])]
        if ways:
            acts = [way.act(block.id) for way, block in zip(ways, blocks, strict=True)]
            wanted.append(_told_of_failures(process, list(deployed.values()), acts))
        made = [await _keep(client, each) for each in wanted]
        gone = [] if ways else await _remove(client, failure_name(process.process))
        # Last: an automation that is gone no longer needs its block.
        blocks += await remove_others(client, process, {way.name: way for way in ways})
    return SetUp(automations=[*made, *gone], blocks=blocks)


def _closer_look(process: Definition, deployment: UUID) -> AutomationCore:
    """A run of look-closer for the activity of an alert that fires."""
    return _signed(
        name=closer_look_name(process.process),
        says=f"When an alert of {process.process} fires, mines again and shows what stands out at "
        "its activity.",
        trigger=EventTrigger(
            expect={"runut.alert.firing"},
            match={"prefect.resource.id": matching(process.process)},
            for_each={"runut.activity"},
            threshold=1,
            within=ONE_LOOK_IN,
        ),
        actions=[
            RunDeployment(
                deployment_id=deployment,
                parameters={
                    "alert": "{{ event.payload.alert_id }}",
                    "activity": "{{ event.payload.subject.activity }}",
                },
            )
        ],
    )


def _told_of_failures(
    process: Definition, deployments: Sequence[UUID], actions: list[ActionTypes]
) -> AutomationCore:
    """Word of a run of one of our deployments that failed, ran out of time or crashed."""
    return _signed(
        name=failure_name(process.process),
        says=f"Tells when a run of {process.process} failed or crashed, once an hour a flow.",
        trigger=EventTrigger(
            expect={
                "prefect.flow-run.Failed",
                "prefect.flow-run.Crashed",
                "prefect.flow-run.TimedOut",
            },
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={
                "prefect.resource.role": "deployment",
                "prefect.resource.id": [f"prefect.deployment.{each}" for each in deployments],
            },
            for_each={"related:deployment:prefect.resource.id"},
            threshold=1,
            within=ONE_NOTICE_IN,
        ),
        actions=actions,
    )


def _signed(
    *, name: str, says: str, trigger: EventTrigger, actions: list[ActionTypes]
) -> AutomationCore:
    """The automation with a hash of all that it says."""
    # sets have no order of their own: "sorted" gives them one
    content = [says, trigger.model_dump(), *(each.model_dump() for each in actions)]
    sum_of_it = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:16]
    return AutomationCore(
        name=name,
        description=f"{says} Kept by `runut deploy` [{sum_of_it}]",
        tags=[TAG],
        trigger=trigger,
        actions=actions,
    )


async def _keep(client: PrefectClient, wanted: AutomationCore) -> Registered:
    there = await _ours(client, wanted.name)
    if not there:
        made = await client.create_automation(wanted)
        return Registered(name=wanted.name, id=made, change=Change.MADE)
    ours = there[0]
    if _sum(ours) == _sum(wanted):
        return Registered(name=wanted.name, id=ours.id, change=Change.SAME)
    # Through a dump: an update sends only what was set by name, and leaves out even the kinds.
    said = {**wanted.model_dump(exclude={"owner_resource"}), "enabled": ours.enabled}
    await client.update_automation(ours.id, AutomationCore.model_validate(said))
    return Registered(name=wanted.name, id=ours.id, change=Change.CHANGED)


async def _remove(client: PrefectClient, name: str) -> list[Registered]:
    there = await _ours(client, name)
    for ours in there:
        await client.delete_automation(ours.id)
    return [Registered(name=name, id=ours.id, change=Change.REMOVED) for ours in there]


async def _ours(client: PrefectClient, name: str) -> list[Automation]:
    found = await client.read_automations_by_name(name)
    return [each for each in found if TAG in each.tags and _sum(each) is not None]


def _sum(automation: AutomationCore) -> str | None:
    found = _HASH.search(automation.description)
    return found and found[1]
