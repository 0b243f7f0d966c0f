"""A target of the page and whether it is met."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One target and whether it is met: None where nothing was measured."""

    what: str
    target: str
    measured: str
    met: bool | None

    @property
    def word(self) -> str:
        """The verdict as the page has it."""
        return {None: "not measured", True: "met", False: "**not met**"}[self.met]
