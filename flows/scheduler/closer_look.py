"""What is shown of a step that an alert fires about: who waits there, why, and what stands out.

From results that are fresh, and only what the report may show too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.names import slug
from reports.contents.waiting import NOBODY, Queue
from reports.suppress import Published
from reports.words.names import called

# More than one reads while it burns.
WORST = 5


def publish_closer_looks(
    published: Published | None, about: Sequence[str | None], *, folder: Path
) -> None:
    """One artifact for each activity, and one for the whole process where None is among them.

    Keys are the same from look to look at one activity.
    """
    if published is None:
        return
    for activity in about:
        create_markdown_artifact(
            key=key(published.process, activity),
            markdown=closer_look(published, activity, report=folder / "report.html"),
            description=f"Looked at because an alert fires about {activity or published.process}",
        )


def key(process: str, activity: str | None) -> str:
    """The artifact's key; names that letters and digits do not tell apart get a number beside.

    >>> key("office", "Check papers"), key("office", None)
    ('closer-look-office-check-papers', 'closer-look-office')
    >>> key("office", "Check (papers)")
    'closer-look-office-check-papers-349a11'
    """
    parts = ["closer-look", slug(process)]
    if activity is not None:
        plain = slug(activity)
        parts.append(plain)
        if plain != activity.lower().replace(" ", "-"):
            parts.append(hashlib.sha256(activity.encode()).hexdigest()[:6])
    return "-".join(part for part in parts if part)


def closer_look(published: Published, activity: str | None, *, report: Path) -> str:
    """A page of Markdown about one activity, or about the whole process."""
    title = published.process if activity is None else str(called(activity, published.names))
    lines = [f"# {title}", "", f"As of {published.as_of}, mined because an alert fires here."]
    if activity is not None:
        lines += ["", "## Who waits", "", *_waits(published, activity)]
    found = [finding for finding in published.findings if is_about(finding, activity)]
    lines += ["", "## What stands out", ""]
    lines += [
        f"- ({finding['severity']}) {finding['wording']['en']} — *{finding['wording']['id']}*"
        for finding in found[:WORST]
    ] or ["Nothing that may be told here."]
    if len(found) > WORST:
        lines += ["", f"{len(found) - WORST} more stand in the report."]
    return "\n".join([*lines, "", f"The whole report: `{report}`"])


def is_about(finding: Mapping[str, Any], activity: str | None) -> bool:
    """Whether the finding names the activity; with None, whether it is about the process's work.

    >>> is_about({"kind": "detour", "subject": {"activities": ["Check", "Pay"]}}, "Pay")
    True
    """
    if activity is None:
        return bool(finding["kind"] != "data-quality")
    subject = finding["subject"]
    return activity == subject.get("activity") or activity in (subject.get("activities") or ())


def _waits(published: Published, activity: str) -> list[str]:
    waiting = published.waiting
    if waiting is None:
        return ["Waiting was not analysed."]
    standing = waiting.standing.get(activity, NOBODY)
    about = "about " if standing.about else ""
    lines = [f"- {about}{standing.at:,} open applications stand here now"] if standing.at else []
    if standing.after:
        lines.append(f"- {about}{standing.after:,} open applications wait after it")
    lines += [_queue(queue, waiting.unit) for queue in waiting.queues if queue.activity == activity]
    return lines or ["Too few cases to tell, or nobody waited."]


def _queue(queue: Queue, unit: str) -> str:
    what = "waited" if queue.service_known else "took, waiting and work together,"
    where = f"{queue.unit}: " if queue.unit else ""
    said = [
        f"{queue.items:,} files {what} {queue.mean:.3g} {unit} on average",
        f"half of them {queue.median:.3g} or less, one in ten {queue.p90:.3g} or more",
    ]
    if queue.oldest is not None:
        said.append(f"the oldest that waits now: {queue.oldest:.3g} {unit}")
    return f"- {where}{'; '.join(said)}"
