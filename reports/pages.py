"""The pages of `runut serve`: one section each, in a shell with navigation, language and footer.

A page has the same parts as the mailed report, from the same values; around them it has links.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from eventlog.errors import UsageError
from reports.charts.colours import chip_style
from reports.context import values_of
from reports.environment import TEMPLATES, environment
from reports.language import LANGUAGES, language, mark, say, speaking
from reports.sections import FINDINGS, NAVIGATION, SECTIONS, Section, section_named
from reports.suppress import Published
from reports.views import finding as finding_page

__all__ = [
    "SECTIONS",
    "Around",
    "Link",
    "Section",
    "links",
    "mailed_stylesheet",
    "render_finding",
    "render_findings",
    "render_in_shell",
    "render_page",
    "stylesheet",
]

_LIVE_RULES = re.compile(r"(?s)/\* live: .*?/\* end live \*/\n")
_MOST = 6
"""So many findings stand on the first page."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page that the navigation leads to; `here` is whether one is on it."""

    title: str
    address: str
    here: bool = False


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a live page has around its content: all plain values.

    `path` and `query` are the address as it was asked for; `person` and `role` who looks, in words;
    `assets` the addresses of files by their logical names ("page.css", "map.js"); `source` where
    the source code is; `can_leave` whether a login is in use; `leave` where its form is sent to.
    `form_token` is the word that every form that is posted must carry; `free` is
    whether who looks may choose applications freely, and see cases; `root` is
    what all our addresses begin with behind a proxy (`path` begins with it too).
    """

    language: str
    path: str = "/"
    query: str = ""
    pages: tuple[Link, ...] = ()
    person: str = ""
    role: str = ""
    assets: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    can_leave: bool = False
    leave: str = "/sign-out"
    form_token: str = ""
    free: bool = False
    root: str = ""
    process: str = ""
    as_of: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        """Refuse a language that pages cannot be read in."""
        language(self.language)

    def at(self, path: str) -> str:
        """The address of another page of ours, in the language that was asked for.

        >>> Around(language="id", query="lang=id&paths=40").at("/map?through=Check#table")
        '/map?through=Check&lang=id#table'
        """
        asked = [pair for pair in parse_qsl(self.query) if pair[0] == "lang"]
        path = self.root + path
        if not asked:
            return path
        path, hash_sign, part = path.partition("#")
        return f"{path}{'&' if '?' in path else '?'}{urlencode(asked[-1:])}{hash_sign}{part}"

    @property
    def languages(self) -> tuple[tuple[str, str, str], ...]:
        """Each language's code and own name, and this page in it: the query is kept."""
        kept = [pair for pair in parse_qsl(self.query, keep_blank_values=True) if pair[0] != "lang"]
        return tuple(
            (code, name, f"{self.path}?{urlencode([*kept, ('lang', code)])}")
            for code, name in LANGUAGES.items()
        )


def links(here: str, *, without: Collection[str] = ()) -> tuple[Link, ...]:
    """The navigation, in the language spoken, on the page named `here`; `without` some pages."""
    return tuple(
        Link(title=say(one.title), address=one.address, here=one.name == here)
        for one in NAVIGATION
        if one.name not in without
    )


def render_page(published: Published, section: str, around: Around, **more: object) -> str:
    """A whole page of one section, by its name; UsageError for a name that no section has."""
    found = section_named(section)
    if found is None:
        known = ", ".join(one.name for one in SECTIONS)
        raise UsageError(f"section {section!r} is not known; expected one of {known}")
    return render_section(published, found, around, **more)


def render_section(published: Published, section: Section, around: Around, **more: object) -> str:
    """As `render_page`, of a section that is put together for one address."""
    with speaking(around.language):
        values = {
            **values_of(published, section.parts),
            "section": section,
            "top_findings": _top(published, section),
            "not_asked": section.not_asked(published.run.get("switched_off", {})),
            **more,
        }
        return _render("section.html.j2", _around(published, around), values)


def render_findings(
    published: Published, around: Around, *, kind: str = "", severity: str = ""
) -> str:
    """All findings that may be told, or those of a kind and severity, in their order."""
    with speaking(around.language):
        found = published.findings
        more = {
            "chosen": finding_page.chosen(found, kind, severity),
            "kinds": _choices(found, "kind", finding_page.KINDS, kind, {"severity": severity}),
            "severities": _choices(
                found, "severity", finding_page.SEVERITIES, severity, {"kind": kind}
            ),
        }
    page = replace(FINDINGS, parts=("every-finding",))
    return render_section(published, page, around, **more)


def render_finding(published: Published, finding_id: str, around: Around) -> str | None:
    """The page of one finding; None where no finding that may be told has this id."""
    finding = finding_page.find(published, finding_id)
    if finding is None:
        return None
    with speaking(around.language):
        words, headline = finding_page.words_of(finding), finding_page.headline(finding)
        more = {
            "told": finding_page.tell(finding, published),
            "headline": headline,
            "rest": words.removeprefix(headline).strip(),
        }
    page = Section(name="finding", title=mark("Finding"), parts=("finding",))
    return render_section(published, page, around, **more)


def _choices(
    findings: Sequence[Mapping[str, Any]],
    name: str,
    called: Mapping[str, str],
    chosen: str,
    others: Mapping[str, str],
) -> tuple[Link, ...]:
    """Links to the findings of each kind (or severity) that there is, and to all of them."""
    there = {str(one.get(name)) for one in findings}
    told = [("", say("All")), *((key, say(word)) for key, word in called.items() if key in there)]
    return tuple(
        Link(
            title=title,
            address="/findings"
            + ("?" + urlencode(asked) if (asked := _asked({**others, name: key})) else ""),
            here=key == chosen,
        )
        for key, title in told
    )


def _asked(pairs: Mapping[str, str]) -> dict[str, str]:
    return {key: pairs[key] for key in ("kind", "severity") if pairs[key]}


def _top(published: Published, section: Section) -> Sequence[Mapping[str, Any]]:
    """The findings that a page leads to: its own, or on the first page the gravest of all."""
    if section is SECTIONS[0]:
        return published.findings[:_MOST]
    if "quality" in section.parts:
        return ()
    return [one for one in published.findings if one.get("kind") in section.kinds]


def render_in_shell(template: str, around: Around, **values: object) -> str:
    """A page from any template that extends `page.html.j2`, with values of its own."""
    with speaking(around.language):
        return _render(template, around, {"language": around.language, **values})


def stylesheet() -> str:
    """The style sheet of the live pages."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8") + chip_style()


def mailed_stylesheet() -> str:
    """The same without what only live pages have: their shell, the explorer and its like."""
    return _LIVE_RULES.sub("", stylesheet())


def _around(published: Published, around: Around) -> Around:
    """The same, named after the results where it has no name."""
    return replace(
        around,
        process=around.process or published.process,
        as_of=around.as_of or published.as_of,
    )


def _render(template: str, around: Around, values: Mapping[str, Any]) -> str:
    return environment().get_template(template).render({"around": around, **values})
