"""Which officers pick whose files ahead of their turn: review samples for restricted eyes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import numpy as np
from scipy import stats

from engine.treatment.asking import Asking
from engine.treatment.comparing import SEED, SURE
from engine.treatment.findings import severity
from engine.treatment.frame import Frame
from engine.treatment.gap import estimate, limits, rounded
from engine.treatment.lines import Lines
from engine.treatment.words import officers as officer_wording
from engine.treatment.words.figures import bases
from engine.treatment.words.officers import OfficerTold
from eventlog.kernels import Bools
from miners.equity.kernel import unadjusted
from miners.equity.rows import Grouping, Strata
from miners.favouritism.officer_sums import ahead_of
from miners.favouritism.officers import Scan, adjusted_limits, scan
from miners.favouritism.review import Reviewed, review
from miners.shares import SURE as WIDTH

_SECOND = 1_000_000


def officers(asking: Asking, lines: Lines) -> list[dict[str, Any]]:
    """Every pair of an officer and a group that was tested; those that are told with a sample.

    They are a family of tests of their own, since nothing of them leaves the restricted results.
    """
    frame = asking.frame
    scans = scan(
        lines.items,
        lines.waits,
        lines.owners,
        frame.picked,
        ahead=ahead_of(lines.overtakes, lines.picks),
        divided_by=_divided_by(frame),
    )
    p_values = np.concatenate([np.empty(0), *(one.p_value for one in scans)])
    known = ~np.isnan(p_values)
    q_values = np.full(len(p_values), np.nan)
    if bool(known.any()):
        q_values[known] = stats.false_discovery_control(p_values[known])
    chosen = np.nan_to_num(q_values, nan=1.0) <= SURE
    rows: list[dict[str, Any]] = []
    first, family = 0, {"chosen": int(chosen.sum()), "tests": int(known.sum())}
    for one in scans:
        part = slice(first, first + len(one))
        first += len(one)
        sure = one.sure(
            chosen[part],
            in_all=family["chosen"],
            tests=family["tests"],
            false=SURE,
            material=asking.material.share,
        )
        sure &= beside_colleagues(one, asking.material.share)
        rows += [
            _row(one, pair, float(q_values[part][pair]), sure, asking, lines, family)
            for pair in range(len(one))
        ]
    return rows


def beside_colleagues(one: Scan, material: float) -> Bools:
    """Which pairs [pairs] stand out beside what all other officers of the activity do with a group.

    Where the whole office takes a group's files late (they lie somewhere else first, or an order
    says so), each officer does; that is told of the group, and of no single officer.
    """
    _, key = np.unique(np.column_stack([one.attribute, one.value]), axis=0, return_inverse=True)
    more, picks = one.of_group - one.expected, one.picks.astype(np.float64)
    variance = (one.paired_error * picks) ** 2
    rest = [np.bincount(key, part)[key] - part for part in (more, picks, variance)]
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(rest[1] > 0, rest[0] / rest[1], 0.0)
        error = np.where(rest[1] > 0, np.sqrt(np.maximum(rest[2], 0)) / rest[1], 0.0)
        apart = one.paired - usual
        sure = np.abs(apart) > WIDTH * np.hypot(one.paired_error, error)
    same = apart * one.paired > 0
    return np.asarray(same & sure & (np.abs(apart) >= material))


def officer_findings(
    content: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The `favouritism` findings of officers; each says that it is restricted."""
    found = []
    for row in content["officers"]:
        if not row["told"]:
            continue
        said = OfficerTold.read(row, bases=bases([row["attribute"]], content["attributes"]))
        group = f"{row['attribute']}={row['group']}"
        parts = ["favouritism", row["activity"], row["resource"], group]
        found.append(
            {
                "id": "/".join(quote(part, safe="=") for part in parts),
                "kind": "favouritism",
                "subject": {
                    name: row[name] for name in ("activity", "resource", "attribute", "group")
                },
                "effect": {"unit": "positions", "raw": None, **row["positions"]},
                "q_value": row["q_value"],
                "cases": row["picks"],
                "cost": None,
                "severity": row["severity"],
                "strength": row["strength"],
                "wording": officer_wording.officer(said, names),
                "evidence": {
                    "paired": row["paired"],
                    "of_group": row["of_group"],
                    "expected": row["expected"],
                    "early": row["early"],
                    "halves": row["halves"],
                    "review": row["review"],
                    "restricted": True,
                },
            }
        )
    return found


def _row(
    one: Scan,
    pair: int,
    q_value: float,
    sure: Bools,
    asking: Asking,
    lines: Lines,
    family: Mapping[str, int],
) -> dict[str, Any]:
    frame, told = asking.frame, bool(sure[pair])
    grouping = frame.picked[int(one.attribute[pair])]
    paired, error = one.paired[pair : pair + 1], one.paired_error[pair : pair + 1]
    # A pair that was chosen for being far off has wider limits for it.
    low, high = paired - WIDTH * error, paired + WIDTH * error
    if told:
        low, high = adjusted_limits(paired, error, false=SURE, **family)
    early, early_error = float(one.early[pair]), float(one.early_error[pair])
    samples = _samples(one, pair, asking, lines) if told else ()
    material = asking.material.share
    return {
        "activity": one.activity,
        "resource": lines.items.resource.vocabulary.labels[int(one.officer[pair])],
        "attribute": grouping.attribute,
        "group": grouping.names[int(one.value[pair])],
        "picks": int(one.picks[pair]),
        "of_group": rounded(float(one.of_group[pair])),
        "expected": rounded(float(one.expected[pair])),
        "paired": {
            "value": rounded(float(paired[0])),
            "ci_low": rounded(float(low[0])),
            "ci_high": rounded(float(high[0])),
            "p_value": rounded(float(one.paired_p[pair]), 9),
        },
        "early": {
            "value": rounded(early),
            "ci_low": rounded(early - WIDTH * early_error),
            "ci_high": rounded(early + WIDTH * early_error),
            "p_value": rounded(float(one.early_p[pair]), 9),
        },
        "positions": _positions(one, pair, grouping, lines) if told else None,
        "p_value": rounded(float(one.p_value[pair]), 9),
        "q_value": rounded(q_value, 9),
        "halves": [
            {"value": rounded(float(part[pair])), "p_value": rounded(float(p[pair]), 9)}
            for part, p in zip(one.halves, one.half_p, strict=True)
        ],
        "told": told,
        "severity": severity(float(paired[0]), material) if told else None,
        "strength": "moderate" if told else None,
        "review": [_sample(each, asking) for each in samples],
        "restricted": True,
    }


def _positions(
    one: Scan, pair: int, grouping: Grouping, lines: Lines
) -> dict[str, float | None] | None:
    """How many places the officer's picks of the group gained over the officer's other picks."""
    code = lines.items.activity.vocabulary.labels.index(one.activity)
    waits = lines.waits
    rows = lines.at(code)
    mine = rows[waits.picked[rows] & (waits.officer[rows] == one.officer[pair])]
    own = grouping.take(lines.items.case[mine].astype(np.int64))
    found = unadjusted(lines.overtakes.net[mine], own, None, seed=SEED)
    return limits(estimate(found, int(one.value[pair])))


def _samples(one: Scan, pair: int, asking: Asking, lines: Lines) -> Sequence[Reviewed]:
    frame, cases = asking.frame, len(asking.whole.case_ids)
    served = frame.service_class or {}
    classes = Strata.of([*served.values(), np.zeros(cases, np.int64)]).stratum
    unknown = np.zeros(cases, bool)
    for code in served.values():
        unknown |= code < 0
    return review(
        one,
        pair,
        lines.items,
        lines.waits,
        lines.overtakes,
        frame.picked,
        service_class=np.where(unknown, -1, classes),
        cluster=frame.cluster,
        divided_by=_divided_by(frame),
        applicant=asking.whole.applicant,
    )


def _divided_by(frame: Frame) -> list[Grouping]:
    """The attributes by which work may rightly be shared out: groups, and what is legitimate."""
    named = {each.attribute: each for each in frame.groups}
    named |= {name: frame.known(name) for name in frame.legitimate if name not in named}
    picked = {each.attribute for each in frame.picked}
    return [each for name, each in named.items() if name not in picked]


def _sample(each: Reviewed, asking: Asking) -> dict[str, Any]:
    moment = datetime.fromtimestamp(each.picked / _SECOND, tz=UTC)
    return {
        "case_id": asking.whole.case_ids[each.case].as_py(),
        "picked": moment.isoformat(),
        "passed_older": each.passed,
        "passed_by_younger": each.passed_by,
        "notes": list(each.notes),
    }
