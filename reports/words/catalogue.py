"""What there is to translate, gathered from the code and the templates, and written as catalogues.

Run it (`make messages`) after a sentence was added or changed: `locale/<code>/LC_MESSAGES/runut.po`
then has each message of now, those that are new without a translation yet. The file has no dates
and no line numbers, so that nothing changes in it but words.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from reports.language import CATALOGUES, LANGUAGES

SPOKEN_IN = ("reports", "web")
"""The packages in which sentences stand that people read on pages."""
_ROOT = Path(__file__).parents[2]
_HEADER = """\
# What Runut says, in {name}.
# One message is one sentence or label; what %(name)s stands for is filled in.
# Terms are those of docs/glossary.md. `make messages` adds what is new.
"""
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "say", "mark")),
    **dict.fromkeys(("ngettext", "say_many"), (1, 2)),
}
# As reports.environment reads templates: what is trimmed there is no part of a message here.
_TEMPLATES = dict.fromkeys(
    ("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "newstyle_gettext"), "true"
) | {"silent": "false"}
_WIDTH = 100
_PLURALS = {"id": "nplurals=1; plural=0;"}
"""How many forms a language has for counts; Babel does not know it of Indonesian."""
# Headers that tell when and by what program a file was written.
_CHURN = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Report-Msgid-Bugs-To",
          "Last-Translator", "Language-Team", "Project-Id-Version")  # fmt: skip


def path_of(code: str) -> Path:
    """Where the catalogue of a language stands."""
    return CATALOGUES / code / "LC_MESSAGES" / "runut.po"


def messages() -> Catalog:
    """Every message of the code and the templates, with the files that say it."""
    found = Catalog(charset="utf-8")
    for path in _files():
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if path.suffix == ".py" else _TEMPLATES
        name = path.relative_to(_ROOT).as_posix()
        for line, message, comments, context in extract_from_file(
            method, path, keywords=_KEYWORDS, options=options
        ):
            found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def read_catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one where there is none yet."""
    path = path_of(code)
    if not path.is_file():
        empty = Catalog(locale=code, charset="utf-8")
        empty.mime_headers = [("Plural-Forms", _PLURALS[code])]
        return empty
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str) -> str:
    """The text of the catalogue of a language with the messages of now, and no others."""
    catalogue = read_catalogue(code)
    catalogue.update(messages(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = _HEADER.format(name=LANGUAGES[code]).rstrip()
    written = BytesIO()
    write_po(written, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(f'"{c}' for c in _CHURN)))


def _files() -> Iterator[Path]:
    for package in SPOKEN_IN:
        files = (_ROOT / package).rglob("*")
        yield from sorted(path for path in files if path.suffix in {".py", ".j2"})


def main() -> None:
    """Write the catalogues of all languages but English, which is what the code says."""
    for code in LANGUAGES:
        if code != "en":
            path = path_of(code)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(updated(code), encoding="utf-8")


if __name__ == "__main__":
    main()
