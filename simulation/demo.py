"""The office of `runut demo`: eighteen months with six things wrong, and some that only look so."""

from simulation.innocence import Batches, FastLane, SizeEffect
from simulation.misconduct import (
    DuplicateApproval,
    ExtraDocuments,
    Favouritism,
    PingPong,
    Surcharge,
    Understaffed,
)
from simulation.office import Office
from simulation.plants import Plant


def demo_office() -> Office:
    """Some 5,000 applications from October 2024 until March 2026."""
    return Office(cases=5000, seed=2026)


def demo_plants() -> tuple[Plant, ...]:
    """What is wrong in the demo, and three innocent reasons for delay beside it."""
    return (
        Understaffed(),
        DuplicateApproval(share=0.12, days=4.0),
        PingPong(share=0.1, days=6.0),
        ExtraDocuments(points=0.15),
        Favouritism(share=0.6),
        Surcharge(),
        FastLane(permit_type="house"),
        SizeEffect(),
        Batches(),
    )
