"""Who applies for what: applicants, their groups, and how these go together with honest reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simulation.chance import Flags, Floats, drawn, stream
from simulation.hours import Ints
from simulation.innocence import BusySeason, IncompleteFiles
from simulation.misconduct import Surcharge
from simulation.office import Office
from simulation.plants import Plant, concern
from simulation.process import GROUPS

Texts = npt.NDArray[np.object_]

APPLICANTS_PER_CASE = 0.75
# Median floor area in square metres, basic fee and fee per square metre in rupiah.
AREA = MappingProxyType({"house": 120, "shop": 220, "warehouse": 700})
FEE = MappingProxyType(
    {"house": (500_000, 9_000), "shop": (900_000, 14_000), "warehouse": (1_500_000, 18_000)}
)
ROUNDING = 1_000
BUSY_MONTH = 1.1  # a season from here on counts as busy
CONFOUNDED_PULL = 0.5
ELSEWHERE = 0.1  # share of files for a building outside the applicant's own district


@dataclass(frozen=True, kw_only=True)
class Applications:
    """All applications in the order of their arrival; every array has one entry a case.

    `attributes` are texts by name, those known at entry; `area` is in square metres, fees are in
    rupiah, `arrived` in seconds of UTC. `overcharged`: what each plant, by place, adds.
    """

    ids: Sequence[str]
    arrived: Ints
    attributes: Mapping[str, Texts]
    area: Ints
    fee_official: Ints
    fee_charged: Ints
    overcharged: Mapping[int, Ints]

    def in_group(self, attribute: str, group: str) -> Flags:
        """Which cases belong to the group."""
        return np.asarray(self.attributes[attribute] == group, np.bool_)


def draw_applications(office: Office, plants: Sequence[Plant], arrived: Ints) -> Applications:
    """Draw applicants and their files, then let each file take its place in time.

    With `office.confounding` above 0 the affiliation `other` builds more warehouses, lives more in
    the east, files more at the office `hill`, in the busy months and with more gaps: all of it
    slows files down without anybody treating them differently.
    """
    files = _files(office, plants)
    order = _order(office, plants, files, arrived)
    attributes = {name: values[order] for name, values in files.items()}
    area = np.asarray(attributes.pop("area"), np.int64)
    attributes["area"] = area.astype(str).astype(object)
    official, charged, overcharged = _fees(office, plants, attributes, area)
    zone = ZoneInfo(office.hours.zone)
    ids = [
        f"PBG-{datetime.fromtimestamp(at, tz=zone).year}-{n:06d}"
        for n, at in enumerate(arrived.tolist(), start=1)
    ]
    return Applications(
        ids=ids,
        arrived=arrived,
        attributes=MappingProxyType(attributes),
        area=area,
        fee_official=official,
        fee_charged=charged,
        overcharged=overcharged,
    )


def _named(attribute: str, uniform: Floats, shares: npt.ArrayLike) -> Texts:
    return np.asarray(GROUPS[attribute], object)[drawn(uniform, shares)]


def _applicants(office: Office, chance: np.random.Generator) -> dict[str, Texts]:
    count = max(1, round(APPLICANTS_PER_CASE * office.cases))
    k = office.confounding
    names = np.array([f"applicant-{n}" for n in range(1, count + 1)], object)
    affiliation = _named("affiliation", chance.random(count), [0.55, 0.25, 0.2])
    other = (affiliation == "other")[:, None]
    company = _named("applicant_type", chance.random(count), [0.7, 0.3])
    home = _named(
        "district",
        chance.random(count),
        np.where(other, [1 - 0.6 * k, 1, 1 + 1.4 * k, 1 - 0.4 * k], [1.0, 1, 1, 1]),
    )
    uses = np.where((company == "company")[:, None], [0.3, *[0.7 / 8] * 8], [0.6, *[0.4 / 8] * 8])
    return {
        "applicant": names,
        "affiliation": affiliation,
        "applicant_type": company,
        "district": home,
        "agent": _named("agent", chance.random(count), uses),
    }


def _files(office: Office, plants: Sequence[Plant]) -> dict[str, Texts]:
    chance = stream(office.seed, "files")
    n, k = office.cases, office.confounding
    people = _applicants(office, stream(office.seed, "applicants"))
    weight = stream(office.seed, "activity of applicants").pareto(3.0, len(people["applicant"])) + 1
    who = drawn_applicants(chance.random(n), weight)
    files = {name: values[who] for name, values in people.items()}
    elsewhere = _named("district", chance.random(n), [1.0, 1, 1, 1])
    files["district"] = np.where(chance.random(n) < ELSEWHERE, elsewhere, files["district"])
    other = files["affiliation"] == "other"
    company = files["applicant_type"] == "company"
    base = np.where(company[:, None], [0.3, 0.42, 0.28], [0.66, 0.23, 0.11])
    files["permit_type"] = _named(
        "permit_type",
        chance.random(n),
        base * np.where(other[:, None], [1 - 0.35 * k, 1, 1 + 1.0 * k], [1.0, 1, 1]),
    )
    by_district = {
        "north": [0.15, 0.75, 0.1],
        "south": [0.8, 0.1, 0.1],
        "east": [0.15, 0.1, 0.75],
        "west": [0.6, 0.3, 0.1],
    }
    shares = np.array([by_district[str(name)] for name in files["district"]])
    files["office"] = _named("office", chance.random(n), shares)
    gaps = 0.22 + 0.15 * k * other + 0.05 * (files["permit_type"] == "warehouse")
    gaps -= 0.06 * (files["agent"] != "none")
    for plant in plants:
        if isinstance(plant, IncompleteFiles):
            gaps = gaps + plant.points * (files[plant.attribute] == plant.group)
    lacking = chance.random(n) < gaps * office.incomplete
    files["docs_complete"] = np.where(lacking, "no", "yes").astype(object)
    median = np.array([AREA[str(kind)] for kind in files["permit_type"]])
    files["area"] = np.maximum(20, median * np.exp(0.45 * chance.standard_normal(n))).round()
    return files


def drawn_applicants(uniform: Floats, weight: Floats) -> npt.NDArray[np.intp]:
    """Applicants by weight: some apply again and again."""
    bounds = np.cumsum(weight)
    found: npt.NDArray[np.intp] = np.searchsorted(bounds, uniform * bounds[-1], side="right")
    return found


def _order(
    office: Office, plants: Sequence[Plant], files: Mapping[str, Texts], arrived: Ints
) -> npt.NDArray[np.intp]:
    """Which file comes at which arrival: files that are pulled come rather in busy months.

    Files and arrivals are ranked, each by its pull plus noise, and matched rank by rank, so neither
    the arrivals nor the files change, only who comes when.
    """
    chance = stream(office.seed, "season")
    pull = CONFOUNDED_PULL * office.confounding * (files["affiliation"] == "other")
    for plant in plants:
        if isinstance(plant, BusySeason):
            pull = pull + plant.pull * (files[plant.attribute] == plant.group)
    months = arrived.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    busy = np.asarray(office.season)[months] >= BUSY_MONTH
    n = office.cases
    by_file = np.argsort(pull + chance.standard_normal(n), kind="stable")
    by_arrival = np.argsort(2.0 * busy + chance.standard_normal(n), kind="stable")
    order = np.empty(n, np.intp)
    order[by_arrival] = by_file
    return order


def _fees(
    office: Office, plants: Sequence[Plant], attributes: Mapping[str, Texts], area: Ints
) -> tuple[Ints, Ints, dict[int, Ints]]:
    """Tariff and what is charged: mostly the same, some small corrections, some waivers."""
    basic, metre = np.array([FEE[str(kind)] for kind in attributes["permit_type"]]).T
    official = _rounded(basic + metre * area)
    chance = stream(office.seed, "fees")
    kind = drawn(chance.random(office.cases), [0.82, 0.13, 0.05])
    correction = np.choose(kind, [0.0, 0.03, 0.0]) * chance.standard_normal(office.cases)
    charged = _rounded(official * (1 + correction - 0.25 * (kind == 2)))  # noqa: PLR2004  (waiver)
    overcharged: dict[int, Ints] = {}
    for n, plant in enumerate(plants):
        if isinstance(plant, Surcharge):
            hit = np.asarray(attributes[plant.attribute] == plant.group, np.bool_)
            hit &= stream(office.seed, concern(plants, n)).random(office.cases) < plant.portion
            more = _rounded(hit * (official * plant.rate + plant.amount))
            overcharged[n] = more
            charged = charged + more
    return official, charged, overcharged


def _rounded(money: npt.ArrayLike) -> Ints:
    return (np.asarray(money, np.float64) / ROUNDING).round().astype(np.int64) * ROUNDING
