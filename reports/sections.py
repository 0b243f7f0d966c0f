"""Which pages there are, in which order, and of which parts each is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.language import mark


@dataclass(frozen=True, kw_only=True)
class Section:
    """One page: its name in the address, its title, its parts, and what findings belong to it.

    A part is a file `sections/<part>.html.j2`; those of `further` stand below what stands out.
    `scripts` are logical names of scripts that make the live page handier. Pages without parts are
    made by others from more than may be told here. `empty` says what is missing where
    there is nothing, and how to get it; `off` is how the names of what `run.json` says was not
    analysed begin, as far as they belong here; `docs` is the page of the documentation that says
    how it is computed.
    """

    name: str
    title: str
    parts: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    empty: str = ""
    off: tuple[str, ...] = ()
    docs: str = ""

    @property
    def address(self) -> str:
        """Where the page is; the first one is what people see when they come."""
        return "/" if self.name == _FIRST else f"/{self.name}"

    def not_asked(self, off: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        """What was not analysed and would stand on this page: its name, and why it was not."""
        return tuple((name, str(why)) for name, why in off.items() if name.startswith(self.off))


_FIRST = "scorecard"
SECTIONS: tuple[Section, ...] = (
    Section(
        name=_FIRST,
        title=mark("Scorecard"),
        parts=("scorecard",),
        further=("scorecard-whole",),
        empty=mark(
            "The process file names no indicators yet. Write a part “scorecard” with the ones you "
            "steer by, and their targets, and they will stand here."
        ),
        off=("scorecard",),
    ),
    Section(
        name="map",
        title=mark("Map"),
        parts=("map",),
        docs="concepts/the-map",
        scripts=("map.js", "replay.js"),
    ),
    Section(
        name="detours",
        title=mark("Detours"),
        parts=("detours", "rework"),
        docs="concepts/detours",
        kinds=("detour",),
        empty=mark("Detours were not looked for in these results."),
        off=(
            "detours",
            "a prescribed procedure",
            "repeated steps",
            "skipped steps",
            "wrong order",
            "inserted steps",
            "the order of ",
            "the rules for ",
            "whether the office or the applicant",
            "which applications were withdrawn",
        ),
    ),
    Section(
        name="bottlenecks",
        title=mark("Bottlenecks"),
        parts=("waiting", "handover"),
        docs="concepts/where-applications-wait",
        kinds=("bottleneck",),
        empty=mark(
            "Where applications wait was not looked at, or too few of them wait to tell. Events "
            "with a resource, a unit and the start of work tell most."
        ),
        off=("what waits", "open cases", "waiting apart from service", "bottlenecks", "handover"),
    ),
    Section(
        name="treatment",
        title=mark("Fair treatment"),
        parts=("equity",),
        docs="concepts/fair-treatment",
        kinds=("disparity", "fee", "favouritism"),
        empty=mark(
            "Nobody's treatment was compared. Write a part “equity” that names the groups to "
            "compare and what may make a difference by law."
        ),
        off=(
            "equity",
            "equal treatment",
            "treatment ",
            "favouritism",
            "fees",
            "legitimate",
            "the order in which files are picked",
            "waiting apart from work",
            "outcomes",
        ),
    ),
    Section(
        name="voice",
        title=mark("Citizens' voice"),
        parts=("voice",),
        empty=mark(
            "What citizens say is not known here. Write a part “voice” that names the events of "
            "complaints, or the attribute with the answers of a survey."
        ),
        off=("voice",),
    ),
    Section(
        name="promises",
        title=mark("Promises"),
        parts=("throughput", "terms"),
        docs="concepts/lateness-and-promises",
        kinds=("lateness", "unpredictability"),
        empty=mark(
            "Nothing can be said of terms and promises. Write a part “clock” that says when the "
            "time of an application begins and ends, and a part “standard” with its term."
        ),
        off=("lateness", "late ", "working time", "unpredictab", "promises", "national holidays"),
    ),
    Section(
        name="before-after",
        title=mark("Before and after"),
        parts=("before-after",),
        empty=mark(
            "There is nothing to compare yet. When a reform has a date, cases from before and "
            "after it can be set beside each other on the map."
        ),
        off=("before and after", "change"),
    ),
    Section(name="variants", title=mark("Variants"), parts=("variants",)),
    Section(
        name="quality",
        title=mark("Data quality"),
        parts=("quality", "how"),
        docs="concepts/events-and-their-order",
        kinds=("data-quality",),
    ),
)
"""The pages that need nothing but what may be told of the results, in the order of reading."""

FINDINGS = Section(name="findings", title=mark("Findings"))
BPMN = Section(
    name="bpmn",
    title=mark("Model (BPMN)"),
    parts=("bpmn",),
    scripts=("vendor/bpmn-navigated-viewer.production.min.js", "bpmn.js"),
)
CASES = Section(name="cases", title=mark("Cases"), parts=("cases",))
DOCS = Section(name="docs", title=mark("Documentation"))
NAVIGATION: tuple[Section, ...] = (
    SECTIONS[0],
    FINDINGS,
    *SECTIONS[1:-1],
    BPMN,
    SECTIONS[-1],
    CASES,
    DOCS,
)
"""All pages that the navigation leads to, in its order."""


def section_named(name: str) -> Section | None:
    """The page with this name in its address."""
    return next((one for one in SECTIONS if one.name == name), None)
