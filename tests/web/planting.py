"""A small office whose log is full of planted words: where one of them turns up, something leaks.

Every word is `zq`, four letters that say what it is, and a number; escaping leaves it as it is.
"""

import asyncio
import csv
import gzip
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import yaml

from engine.progress import Silent
from flows.importing import import_into
from flows.mine import mine
from flows.settings import Settings
from flows.wire import shipped_processes
from simulation.demo import demo_plants
from simulation.office import Office
from simulation.running import simulate
from simulation.writing import write
from web.access.doors import AccessConfig
from web.access.roles import Role
from web.access.tokens import new_token
from web.app import make_app

OFFICE = Office(cases=240, seed=5, start=date(2025, 1, 6), per_day=6.0)
WORD = re.compile(r"zq([a-z]{4})\d{3}", re.IGNORECASE)
AT_THE_DOOR = re.compile(r"\bp-[0-9a-f]{20}\b")
AWKWARD = "<b>&\"'é"
"""What has to be escaped, each way in another manner."""

PERSONS = frozenset({"case", "offi", "appl", "agen", "sens", "senr", "door"})
"""Case numbers, officers, applicants, agents, sensitive values: on no page but `/identify`."""
OF_CASES = frozenset({"note", "ract", "rdis", "rtyp", "runi", "rout", "roff"})
"""Free texts, and rare steps, districts, types, units, outcomes, offices: on pages of one case."""
COMMON = frozenset({"dist"})
"""What many have: on pages, once somebody has signed in."""

_RARE = {
    "district": ("rdis", 3),
    "permit_type": ("rtyp", 2),
    "office": ("roff", 4),
    "outcome": ("rout", 2),
    "affiliation": ("senr", 2),
}


def word(kind: str, number: int = 0) -> str:
    """A planted word.

    >>> word("case", 7)
    'zqcase007'
    """
    return f"zq{kind}{number:03d}"


def found(*parts: bytes) -> Counter[str]:
    """The kinds of planted words in the parts, also in what is packed in them, and how often."""
    text = "\n".join(_unpacked(part) for part in parts)
    kinds = Counter(match[1].lower() for match in WORD.finditer(text))
    kinds["door"] += len(AT_THE_DOOR.findall(text))
    return +kinds


def _unpacked(part: bytes) -> str:
    packed_whole = part.startswith(b"\x1f\x8b")
    text = (gzip.decompress(part) if packed_whole else part).decode("utf-8", "replace")
    for packed in re.findall(r"base64,([A-Za-z0-9+/=]+)", text):
        text += b64decode(packed).decode("utf-8", "replace")
    return text


@dataclass(frozen=True)
class Planted:
    """The results of the office, the key of its pseudonyms, and the numbers of its cases."""

    results: Path
    key: bytes
    cases: tuple[str, ...]


def plant(folder: Path) -> Planted:
    """Simulate the office, plant the words, import and mine below `folder`."""
    write(simulate(OFFICE, demo_plants()), folder / "office")
    with (folder / "office" / "events.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cases = list(dict.fromkeys(row["case_id"] for row in rows))
    events = _rewritten(rows, {case: number for number, case in enumerate(cases)})
    with (folder / "events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(events[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(events)
    (folder / "process.yaml").write_text(yaml.safe_dump(_process(), allow_unicode=True))
    settings = Settings(
        process=str(folder / "process.yaml"),
        lake=str(folder / "lake"),
        results=folder / "results",
        key_file=folder / "key",
    )
    import_into(settings, [folder / "events.csv"], here=folder, progress=Silent())
    mine(settings, here=folder, progress=Silent())
    return Planted(
        results=folder / "results",
        key=(folder / "key").read_bytes(),
        cases=tuple(word("case", number) + AWKWARD for number in range(len(cases))),
    )


def _process() -> dict[str, object]:
    """That of the demonstration; officers keep their names, and two attributes come to it."""
    told = yaml.safe_load((shipped_processes() / "building-permit.yaml").read_text("utf-8"))
    told["case_attributes"] += ["note", "religion"]
    told["equity"]["groups"].append("religion")
    told["equity"]["sensitive"].append("religion")
    told["equity"]["legitimate"].remove("docs_complete")
    told["privacy"]["pseudonymise"] = ["agent"]
    told["voice"]["complaints"] = ["File complaint"]
    return dict(told)


def _rewritten(rows: list[dict[str, str]], number: dict[str, int]) -> list[dict[str, str]]:
    officers = sorted({row["resource"] for row in rows if row["resource"]})
    seen: set[str] = set()
    out = []
    for row in rows:
        case = number[row["case_id"]]
        told = {**row, "case_id": word("case", case) + AWKWARD, "note": "", "religion": ""}
        if row["resource"]:
            told["resource"] = word("offi", officers.index(row["resource"])) + AWKWARD
        if row["case_id"] not in seen:
            seen.add(row["case_id"])
            told |= _attributes(row, case)
        if row["outcome"]:
            told["outcome"] = _value("outcome", row["outcome"], case)
        out.append(told)
        if case in (20, 21) and row["activity"] == "Check completeness":
            out.append(_rare_step(told))
    # What cannot be read is set aside, with a reason that holds what was there.
    refused = {**out[0], "event_id": "refused", "note": word("note", 999)}
    return [*out, {**refused, "timestamp": word("appl", 999)}, {**refused, "case_id": ""}]


def _attributes(row: dict[str, str], case: int) -> dict[str, str]:
    return {
        "applicant": word("appl", case) + AWKWARD,
        "agent": word("agen", case % 7) if row["agent"] != "none" else "none",
        "note": word("note", case) + AWKWARD,
        "religion": word("sens", case % 3),
        "district": _value("district", word("dist") + row["district"], case),
        **{
            name: _value(name, row[name], case) for name in ("permit_type", "office", "affiliation")
        },
    }


def _value(attribute: str, value: str, case: int) -> str:
    """The value, or in the few cases that have another one, that; not the same few for each."""
    kind, few = _RARE[attribute]
    first = 40 + 10 * sorted(_RARE).index(attribute)
    return word(kind) + AWKWARD if value and first <= case < first + few else value


def _rare_step(row: dict[str, str]) -> dict[str, str]:
    """A step that hardly anybody takes, at a unit of its own, an hour after this event."""
    moment = datetime.fromisoformat(row["timestamp"]) + timedelta(hours=1)
    return {
        **row,
        "event_id": row["event_id"] + "-r",
        "activity": word("ract") + AWKWARD,
        "unit": word("runi") + AWKWARD,
        "timestamp": moment.isoformat(),
        "lifecycle": "complete",
    }


class Visitor:
    """Asks the pages as somebody, and keeps what every answer was."""

    def __init__(self, app, secret=None):
        self.app = app
        self.headers = {"authorization": f"Bearer {secret}"} if secret else {}

    def asks(self, *paths, method="GET", **more):
        """The answers to all paths, in their order."""

        async def walk():
            carrier = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 1))
            async with httpx.AsyncClient(
                transport=carrier, base_url="http://localhost", headers=self.headers
            ) as client:
                return [await client.request(method, path, **more) for path in paths]

        return asyncio.run(walk())

    def ask(self, path, **more):
        return self.asks(path, **more)[0]


@contextmanager
def visiting(results: Path, folder: Path, key: bytes) -> Iterator[dict[Role | None, "Visitor"]]:
    """Nobody (None), a viewer, an analyst and an auditor before the same pages of these results."""
    tokens = {role: new_token(f"the-{role.name.lower()}", role) for role in Role}
    (folder / "tokens").write_text("".join(f"{line}\n" for line, _ in tokens.values()))
    app = make_app(
        results,
        AccessConfig(listens="127.0.0.1", tokens=folder / "tokens"),
        audit_log=folder / "audit.jsonl",
        key=key,
        version="0",
    )
    visitors = {role: Visitor(app, secret) for role, (_, secret) in tokens.items()}
    yield {None: Visitor(app), **visitors}
    app._app.state.site.current.close()
