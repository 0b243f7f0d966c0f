"""What of one case, and of the work on it, somebody may see: what is not named here, nobody sees.

Sensitive attributes are not shown of a single case at all: they have a basis for comparing groups,
and an auditor who must know more opens the file itself.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from web.access.pseudonyms import Pseudonyms
from web.access.roles import Role

CASE_COLUMNS: Final = (
    "start", "end", "open", "events", "variant", "throughput_seconds", "working_seconds",
    "clock_seconds", "clock_working_seconds", "applicant_seconds", "external_seconds",
    "office_seconds", "waiting_seconds", "waiting_working_seconds", "service_seconds",
    "over_term", "outcome",
)  # fmt: skip
"""Columns of `cases.parquet` that tell of the case and of nobody."""
ITEM_COLUMNS: Final = (
    "position", "activity", "unit", "enabled", "started", "completed", "waiting_seconds",
    "service_seconds", "waiting_working_seconds", "service_working_seconds", "cause",
)  # fmt: skip
"""Columns of `work_items.parquet` that tell of the work and of nobody."""


def allowed_attributes(run: Mapping[str, Any], role: Role) -> tuple[str, ...]:
    """The case attributes whose values the role may see, and choose cases by.

    `run` is `run.json`; where it does not say which attributes name persons or are sensitive, as
    older ones do not, none is allowed. Viewers get those alone that are meant for everybody.
    """
    return tuple(
        entry["name"]
        for entry in run.get("attributes") or []
        if not _kept_back(entry) and (role > Role.VIEWER or entry.get("preset") is True)
    )


def case_row(
    row: Mapping[str, Any], role: Role, *, pseudonyms: Pseudonyms, run: Mapping[str, Any]
) -> dict[str, Any] | None:
    """A row of `cases.parquet` as the role may see it; None for viewers, who see no case.

    `case` is the pseudonym. An auditor sees no more than an analyst, until the case is identified.
    """
    if role < Role.ANALYST:
        return None
    attributes = [name for name in allowed_attributes(run, role) if name not in _NEVER]
    return {
        **_some(row, attributes),
        **_some(row, _columns(CASE_COLUMNS, run)),
        "case": pseudonyms.of("case", str(row["case_id"])),
    }


def item_row(
    row: Mapping[str, Any], role: Role, *, pseudonyms: Pseudonyms
) -> dict[str, Any] | None:
    """A row of `work_items.parquet` as the role may see it; None for viewers.

    `officer` is the pseudonym of who did it, also where the name was replaced at the door.
    """
    if role < Role.ANALYST:
        return None
    resource = row.get("resource")
    return {
        "case": pseudonyms.of("case", str(row["case_id"])),
        "officer": None if resource is None else pseudonyms.of("officer", str(resource)),
        **_some(row, ITEM_COLUMNS),
    }


def identified_case(
    row: Mapping[str, Any], role: Role, *, run: Mapping[str, Any]
) -> dict[str, Any]:
    """What an auditor gets who has given a reason: the case's number, and whom it names.

    PermissionError for anybody else: the address must have refused before.
    """
    if role < Role.AUDITOR:
        raise PermissionError("only auditors identify cases")
    persons = [
        entry["name"]
        for entry in run.get("attributes") or []
        if entry.get("person") is True and entry.get("sensitive") is False
    ]
    return {"case_id": row["case_id"], **_some(row, persons)}


_NEVER: Final = frozenset({"case_id", "resource"})


def _kept_back(entry: Mapping[str, Any]) -> bool:
    """Whether the attribute names somebody or is sensitive, or nobody said that it is not."""
    return entry.get("person") is not False or entry.get("sensitive") is not False


def _columns(columns: Collection[str], run: Mapping[str, Any]) -> list[str]:
    """The columns, without those that the definition declares as an attribute to be kept back."""
    hidden = {entry["name"] for entry in run.get("attributes") or [] if _kept_back(entry)}
    return [name for name in columns if name not in hidden]


def _some(row: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    return {name: row[name] for name in columns if name in row}
