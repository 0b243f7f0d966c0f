"""The process of the simulated office: its steps, who does them, and the routes a file may take."""

from types import MappingProxyType
from typing import Final, NamedTuple

SUBMIT: Final = "Submit application"
CHECK: Final = "Check completeness"
REQUEST: Final = "Request documents"
RESUBMIT: Final = "Resubmit documents"
ASSESS: Final = "Assess fee"
PAY: Final = "Pay fee"
ZONING: Final = "Review zoning"
INSPECT: Final = "Inspect site"
FIRE: Final = "Fire brigade advice"
SIGN: Final = "Sign decision"
ISSUE: Final = "Issue decision"
REFUSE: Final = "Refuse"
WITHDRAW: Final = "Withdraw"
COMPLAIN: Final = "File complaint"

ACTIVITIES: Final = (
    SUBMIT,
    CHECK,
    REQUEST,
    RESUBMIT,
    ASSESS,
    PAY,
    ZONING,
    INSPECT,
    FIRE,
    SIGN,
    ISSUE,
    REFUSE,
    WITHDRAW,
    COMPLAIN,
)
APPLICANT_STEPS: Final = (SUBMIT, RESUBMIT, PAY, WITHDRAW, COMPLAIN)

UNIT_OF: Final = MappingProxyType(
    {
        CHECK: "counter",
        REQUEST: "counter",
        ASSESS: "finance",
        ZONING: "planning",
        INSPECT: "inspection",
        FIRE: "fire brigade",
        SIGN: "head office",
        ISSUE: "counter",
        REFUSE: "head office",
    }
)
UNITS: Final = ("counter", "finance", "planning", "inspection", "fire brigade", "head office")
OFFICE_STEPS: Final = tuple(UNIT_OF)

# What a permit of each type passes through when nothing is wrong with the file.
ROUTES: Final = MappingProxyType(
    {
        "house": (CHECK, ASSESS, PAY, ZONING, INSPECT, SIGN, ISSUE),
        "shop": (CHECK, ASSESS, PAY, ZONING, INSPECT, SIGN, ISSUE),
        "warehouse": (CHECK, ASSESS, PAY, ZONING, INSPECT, FIRE, SIGN, ISSUE),
    }
)
# A file may fail here; it is then signed and refused without the steps between.
GATES: Final = (ZONING, INSPECT, SIGN)
OUTCOME_OF: Final = MappingProxyType({ISSUE: "approved", REFUSE: "rejected", WITHDRAW: "withdrawn"})

# The case attributes by which a plant may name a group, with every value they take.
GROUPS: Final = MappingProxyType(
    {
        "permit_type": ("house", "shop", "warehouse"),
        "applicant_type": ("individual", "company"),
        "district": ("north", "south", "east", "west"),
        "affiliation": ("none", "ruling", "other"),
        "docs_complete": ("yes", "no"),
        "office": ("central", "harbour", "hill"),
        "agent": ("none", *(f"agent-{n}" for n in range(1, 9))),
    }
)
# Columns of the log, in this order, after the eight fixed ones.
ENTRY_ATTRIBUTES: Final = (*GROUPS, "area", "applicant")
LATER_ATTRIBUTES: Final = ("fee_official", "fee_charged", "outcome", "satisfaction_score")
CASE_ATTRIBUTES: Final = (*ENTRY_ATTRIBUTES, *LATER_ATTRIBUTES)


class Step(NamedTuple):
    """One step on the route of one case.

    `begins` and `ends` name the plants (places in the list of plants) whose detour starts with this
    step or is over when it completes; an end carries the working days that the detour takes, or,
    where nothing began it, the working days that it adds. `visit` counts earlier executions of the
    same activity in the case. `beside` are steps that run at the same time.
    """

    activity: str
    unit: str | None
    visit: int = 0
    begins: tuple[int, ...] = ()
    ends: tuple[tuple[int, float], ...] = ()
    beside: tuple["Step", ...] = ()


def step(activity: str) -> Step:
    """The ordinary execution of an activity by its own unit.

    >>> step("Assess fee").unit
    'finance'
    """
    return Step(activity, UNIT_OF.get(activity))
