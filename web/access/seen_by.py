"""What an auditor learns of a case that was identified: its number, and whom it names.

Sensitive attributes are not shown of a single case at all: they have a basis for comparing groups,
and an auditor who must know more opens the file itself.
"""

from collections.abc import Mapping
from typing import Any

from web.access.roles import Role


def identified_case(
    row: Mapping[str, Any], role: Role, *, run: Mapping[str, Any]
) -> dict[str, Any]:
    """What an auditor gets who has given a reason: the case's number, and whom it names.

    `row` is of `cases.parquet`, `run` is `run.json`; where it does not say which attributes name
    persons or are sensitive, as older ones do not, none is told. PermissionError for anybody else:
    the address must have refused before.
    """
    if role < Role.AUDITOR:
        raise PermissionError("only auditors identify cases")
    persons = [
        entry["name"]
        for entry in run.get("attributes") or []
        if entry.get("person") is True and entry.get("sensitive") is False
    ]
    return {"case_id": row["case_id"], **{name: row[name] for name in persons if name in row}}
