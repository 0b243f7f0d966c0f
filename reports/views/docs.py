"""The documentation as pages: what each figure means, and how it was computed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from reports.pages import Around, Link, render_in_shell

DOCS_ADDRESS = "/docs"
FIRST = "why"
"""What is shown when somebody asks for the documentation and names no page."""
_LISTED = ("why", "tutorial", "glossary", "glosarium", "evidence", "reference")
_WRITTEN_IN = {"glosarium": "id"}
"""The language of a page, where it is not English."""
_IMAGES = "images"
# What is wide scrolls by itself; columns are set by classes, for styles in attributes are barred;
# a head without words is no head.
_MEANT = {
    "<table>": '<div class="scroll" tabindex="0"><table>',
    "</table>": "</table></div>",
    ' style="text-align:right"': ' class="n"',
    ' style="text-align:left"': "",
    ' style="text-align:center"': "",
    "<th></th>": "<td></td>",
    '<th class="n"></th>': "<td></td>",
    "<pre>": '<pre tabindex="0">',
}


@dataclass(frozen=True, kw_only=True)
class Doc:
    """One page of the documentation; `name` is its path below `docs/`, without `.md`.

    `language` is the code of the one it is written in.
    """

    name: str
    language: str
    title: str
    html: Markup


def docs_folder() -> Path:
    """The documentation that came with Runut: beside the packages, in a wheel and in a checkout."""
    root = Path(__file__).resolve().parents[2]
    in_wheel = root / "runut_docs"
    return in_wheel if in_wheel.is_dir() else root / "docs"


@cache
def doc_names() -> tuple[str, ...]:
    """The names of all pages, as they stand in addresses."""
    folder = docs_folder()
    return tuple(
        sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md"))
    )


def images_folder() -> Path:
    """The pictures that pages refer to as `/docs/images/<name>`."""
    return docs_folder() / _IMAGES


@cache
def read_doc(name: str) -> Doc | None:
    """A page of the documentation; None where none has this name.

    What is raw HTML in it is shown as text; headings get addresses, relative links lead to the
    pages here, and links to files that are not pages become plain text.
    """
    if name not in doc_names():
        return None
    text = (docs_folder() / f"{name}.md").read_text(encoding="utf-8")
    tokens = _reader().parse(re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL))
    title = _name_headings(tokens) or name
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_lead_links(token.children, name))
    html = _reader().renderer.render(tokens, _reader().options, {})
    for written, meant in _MEANT.items():
        html = html.replace(written, meant)
    return Doc(name=name, language=_WRITTEN_IN.get(name, "en"), title=title, html=Markup(html))  # noqa: S704 - our own files, raw HTML off


def render_doc(name: str, around: Around) -> str | None:
    """A page of the documentation in the shell; None where none has this name."""
    doc = read_doc(name)
    if doc is None:
        return None
    return render_in_shell("docs.html.j2", around, doc=doc, others=_others(name))


def _others(here: str) -> tuple[Link, ...]:
    concepts = [name for name in doc_names() if name.startswith("concepts/")]
    named = [*(name for name in _LISTED if name in doc_names()), *concepts]
    return tuple(
        Link(title=doc.title, address=f"{DOCS_ADDRESS}/{name}", here=name == here)
        for name in named
        if (doc := read_doc(name)) is not None
    )


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _name_headings(tokens: Sequence[Token]) -> str:
    """Give each heading an address and put it a level lower; the text of the first one."""
    first, used = "", set[str]()
    for token, inner in pairwise(tokens):
        if token.type != "heading_open":
            continue
        words = "".join(
            child.content for child in inner.children or () if child.type in {"text", "code_inline"}
        )
        first = first or words
        slug = name = slug_of(words)
        times = 1
        while name in used:
            name, times = f"{slug}-{times}", times + 1
        used.add(name)
        token.attrSet("id", name)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return first


def slug_of(heading: str) -> str:
    """The address of a heading within its page, as code hosts make it.

    >>> slug_of("A promise: P50, P80, P90")
    'a-promise-p50-p80-p90'
    """
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _lead_links(tokens: Iterable[Token], name: str) -> Iterable[Token]:
    """The parts of a text with their links led to where these things are here."""
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""), name)
            open_links.append(target is not None)
            if target is None:
                continue
            token.attrSet("href", target)
        elif token.type == "link_close" and not open_links.pop():
            continue
        elif token.type == "image":
            token.attrSet("src", _image(str(token.attrGet("src") or ""), name))
        yield token


def _target(href: str, name: str) -> str | None:
    """Where a link leads from here; None for a file that is no page."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path:
        return href
    found = _beside(parts.path, name)
    if not found.endswith(".md") or found.removesuffix(".md") not in doc_names():
        return None
    part = f"#{parts.fragment}" if parts.fragment else ""
    return f"{DOCS_ADDRESS}/{found.removesuffix('.md')}{part}"


def _image(src: str, name: str) -> str:
    return f"{DOCS_ADDRESS}/{_beside(src, name)}"


def _beside(path: str, name: str) -> str:
    """A relative path of a page as one below `docs/`.

    >>> _beside("../glossary.md#case", "concepts/detours"), _beside("images/a.svg", "why")
    ('glossary.md#case', 'images/a.svg')
    """
    return normpath((PurePosixPath(name).parent / path).as_posix())
