"""How the Prefect server tells of failed runs: through blocks that hold the address it sends to.

Blocks of Prefect's own kinds, for the server need not have Runut installed. The addresses lie on
the server, encrypted. What is sent says which flow failed, when and where to read why, and nothing
of the error itself, which may name what should stay in the office.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import PrefectClient
from prefect.events.actions import ActionTypes, CallWebhook, SendNotification
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_UI_URL
from pydantic import SecretStr

from eventlog.definition import Definition
from flows.names import slug
from flows.scheduler.registered import Change, Registered
from flows.settings import Settings

# All from the event itself: what Prefect would look up for a template (flow, flow_run…) is missing
# from it when the server is busy, and then nobody is told (3.8).
_STATE = "{{ event.resource['prefect.state-name'] }}"
_NAME = "{{ event.resource['prefect.resource.name'] }}"
_ID = "{{ event.resource['prefect.resource.id'] | replace('prefect.flow-run.', '') }}"
_FLOW = "{{ event.resource_in_role['flow']['prefect.resource.name'] }}"
_DEPLOYMENT = "{{ event.resource_in_role['deployment']['prefect.resource.name'] }}"
_RUN = f"{_FLOW}/{_DEPLOYMENT}"
_WORDS = {
    "en": f"A run of {_RUN} ended as {_STATE}.",
    "id": f"Satu proses {_RUN} berakhir sebagai {_STATE}.",
}

# Prefect keeps no block for apprise in general. This one hands every address that is not Slack's to
# apprise as it is; it is only called "Slack Webhook" on Prefect's pages.
AnyApprise = SlackWebhook
Act = Callable[[UUID], ActionTypes]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One way to tell: the block of this name, what it holds, and what to do with it."""

    name: str
    block: Webhook | AnyApprise
    act: Act

    @property
    def kind(self) -> str:
        """Prefect's name of the block's kind."""
        return self.block.get_block_type_slug()


def notices(settings: Settings, process: Definition) -> list[Notice]:
    """The ways that the settings name and the server can go by itself."""
    names = _names(process)
    found = []
    if settings.alerts_webhook is not None:
        headers = {"Content-Type": "application/json"}
        block = Webhook.model_validate({"url": settings.alerts_webhook, "headers": headers})
        found.append(Notice(name=names[_kind(Webhook)], block=block, act=_post))
    if settings.alerts_apprise is not None:
        every = " ".join(settings.alerts_apprise.get_secret_value().split())
        apprise = AnyApprise(url=SecretStr(every), notify_type="failure")
        found.append(Notice(name=names[apprise.get_block_type_slug()], block=apprise, act=_send))
    return found


async def keep(client: PrefectClient, notice: Notice) -> Registered:
    """Write the block unless the server has it as it should be."""
    try:
        there = await client.read_block_document_by_name(notice.name, notice.kind)
    except ObjectNotFound:
        there = None
    if there is not None and there.data.get("url") == notice.block.url.get_secret_value():
        return Registered(name=notice.name, id=there.id, change=Change.SAME)
    id_ = await notice.block.asave(notice.name, overwrite=True, client=client)
    change = Change.MADE if there is None else Change.CHANGED
    return Registered(name=notice.name, id=id_, change=change)


async def remove_others(
    client: PrefectClient, process: Definition, wanted: Mapping[str, Notice]
) -> list[Registered]:
    """Remove our blocks that no setting asks for any more, and the addresses with them."""
    removed = []
    for kind, name in _names(process).items():
        if name in wanted:
            continue
        try:
            there = await client.read_block_document_by_name(name, kind, include_secrets=False)
        except ObjectNotFound:
            continue
        await client.delete_block_document(there.id)
        removed.append(Registered(name=name, id=there.id, change=Change.REMOVED))
    return removed


def _names(process: Definition) -> dict[str, str]:
    """What our blocks are called, by their kind."""
    begin = f"runut-{slug(process.process)}"
    return {
        _kind(Webhook): f"{begin}-webhook",
        _kind(AnyApprise): f"{begin}-apprise",
    }


def _kind(block: type[Webhook | AnyApprise]) -> str:
    return block.get_block_type_slug()


def _post(block: UUID) -> ActionTypes:
    """The message as JSON."""
    says = {
        "event": "runut.run.failed",
        "key": f"run/{_ID}",
        "flow": _FLOW,
        "deployment": _DEPLOYMENT,
        "run": _NAME,
        "state": _STATE,
        "since": "{{ event.occurred }}",
        "url": _link(),
        "wording": _WORDS,
    }
    # People may name a run as they like: its name brings its own quotes.
    payload = json.dumps(says).replace(f'"{_NAME}"', _NAME.replace(" }}", " | tojson }}"))
    return CallWebhook(block_document_id=block, payload=payload)


def _send(block: UUID) -> ActionTypes:
    link = _link()
    body = [*_WORDS.values(), *([link] if link else [])]
    return SendNotification(
        block_document_id=block, subject=f"Runut: {_RUN} {_STATE}", body="\n\n".join(body)
    )


def _link() -> str | None:
    """Where to read why, as far as it is known where Prefect's pages are."""
    pages = PREFECT_UI_URL.value()
    return f"{pages}/runs/flow-run/{_ID}" if pages else None
