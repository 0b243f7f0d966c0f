"""Which attributes cannot be told apart from what is legitimate, or from nothing at all."""

from collections.abc import Iterator, Sequence

from engine.treatment.comparing import COVERED, Tested
from engine.treatment.coverage import covered
from engine.treatment.frame import Frame, Off


def inseparable(frame: Frame, tests: Sequence[Tested]) -> Iterator[Off]:
    """The groups that hardly have comparable others, and what they go together with."""
    for grouping in frame.groups:
        coverage = [one.gap.coverage for one in tests if one.gap.attribute == grouping.attribute]
        if not coverage or max(coverage) >= COVERED:
            continue
        alone = [
            name
            for name, code in frame.legitimate.items()
            if name != grouping.attribute and covered(code, grouping.place) < COVERED
        ]
        if alone:
            names = " and ".join(alone)
            why = (
                f"whoever has the same {names} mostly has the same {grouping.attribute}: the two "
                f"cannot be told apart, and what differs can only be told of {names}"
            )
        else:
            why = (
                f"only {max(coverage):.0%} of a group have comparable others; fewer legitimate "
                "attributes, bands, or a longer equity.entry_period would leave more"
            )
        yield (f"equal treatment by {grouping.attribute}", why)
