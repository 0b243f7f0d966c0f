"""Puts the parts of docs/evidence.md together, each written by a script of its own."""

import re
from pathlib import Path

PARTS = ("detours", "equity", "watch")
_HEAD = """# Evidence

In a real log nobody knows the truth. In a simulated office (`runut simulate`) everybody does. Here
Runut looks for what was planted in such offices, and what it says is held against the truth. Every
figure on this page was written by a script (`make evidence`); none by hand.
"""


def place(page: Path, part: str, text: str) -> None:
    """Put a part, itself a page, into the whole page; its headings become one level smaller.

    The other parts stay as they are. ValueError for a part that is not among PARTS.
    """
    if part not in PARTS:
        raise ValueError(f"there is no part {part!r} of the evidence; known are {', '.join(PARTS)}")
    known = _parts(page.read_text("utf-8")) if page.exists() else {}
    known[part] = re.sub(r"^#", "##", text.strip(), flags=re.MULTILINE)
    told = [f"{_mark(name)}\n\n{known[name]}\n" for name in PARTS if name in known]
    page.write_text("\n".join([_HEAD, *told]), encoding="utf-8")


def _parts(text: str) -> dict[str, str]:
    found = re.split(r"^<!-- part: (\w+) -->$", text, flags=re.MULTILINE)
    return {name: content.strip() for name, content in zip(found[1::2], found[2::2], strict=True)}


def _mark(name: str) -> str:
    return f"<!-- part: {name} -->"
