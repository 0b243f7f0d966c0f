"""The pages as blocks: what a fenced block holds, and what the comment before it says.

A console block shows below each `$` line what the output begins with (`…` stands for anything).
A comment before a block may say more: `<!-- file: x -->` the block is the content of x;
`<!-- exits: 2 -->` so it ends; `<!-- needs: broker -->` what must be there (broker, prefect,
containers, make, cluster, duckdb); `<!-- runs until stopped -->` the last command goes on, and
where it serves pages, one is asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RUN = {"sh", "console", "python"}
FENCE = re.compile(
    r"(?:^<!-- (?P<says>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of a page, and what the comment before it says."""

    kind: str
    text: str
    line: int
    says: Mapping[str, str]

    @property
    def needs(self):
        return self.says.get("needs", "nothing")

    @property
    def commands(self):
        """Each command with the output that the page shows for it."""
        if self.kind == "sh":
            lines = (line.partition("  #")[0].strip() for line in self.text.splitlines())
            return [(line, "") for line in lines if line]
        heads = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not heads[0].strip(), f"line {self.line}: output without a command"
        return [(head, shown) for head, _, shown in (part.partition("\n") for part in heads[1:])]


def blocks(page):
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = [part.partition(":") for part in (match["says"] or "").split(";")]
        says = {name.strip(): value.strip() for name, _, value in words if name.strip()}
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(kind=match["kind"], text=match["text"], line=line, says=says))
    return found


def name_of(page):
    return str(page.relative_to(ROOT))
