"""What is written down holds together: links, words, numbers of decisions, licences, no traces."""

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from engine import findings
from eventlog.definition_file import load

from .markdown import PAGES as PAGES_WITH_COMMANDS
from .markdown import ROOT, name_of

PAGES = sorted([*PAGES_WITH_COMMANDS, ROOT / "CHANGELOG.md"])
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
DEPENDENCIES = ROOT / "docs" / "decisions" / "0003-dependencies.md"
GLOSSARIES = ("glossary.md", "glosarium.md")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def prose(page):
    return CODE.sub("", page.read_text(encoding="utf-8"))


def anchors(page):
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(page):
    text = prose(page)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r' src="([^"]+)"', text)
    for link in links:
        if re.match(r"https://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_can_be_reached_from_the_readme():
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)\s#]+\.md)", page.read_text(encoding="utf-8"))
        left += [(page.parent / link).resolve() for link in links if "://" not in link]
    decisions = set(DECISIONS)  # they are read one after the other
    assert set(PAGES) - reached <= decisions


def terms():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith(("| English", "| ---"))
    ]
    assert {len(row) for row in rows} == {4}
    return rows


def test_the_glossary_has_each_word_once_and_in_both_languages():
    english, indonesian, meaning, _ = zip(*terms(), strict=True)
    assert all(english + indonesian + meaning)
    assert len(set(english)) == len(english)
    assert len(set(indonesian)) == len(indonesian)


def test_the_indonesian_glossary_has_the_same_words():
    text = (ROOT / "docs" / "glosarium.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith(("| Indonesia ", "| ---"))
    ]
    assert {(english, own) for own, english, _ in rows} == {(each[0], each[1]) for each in terms()}
    assert rows == sorted(rows)
    assert all(meaning for *_, meaning in rows)


def test_one_thing_has_one_name():
    avoided = {
        word.strip(): term
        for term, _, _, others in terms()
        for word in others.split(",")
        if word.strip()
    }
    for page in PAGES:
        if page.name in GLOSSARIES:
            continue
        for word, term in avoided.items():
            found = re.search(rf"\b{re.escape(word)}s?\b", prose(page), re.IGNORECASE)
            assert not found, f'{name_of(page)} says "{word}"; the glossary has "{term}"'


def test_every_word_of_the_glossary_is_used():
    text = " ".join(prose(page) for page in PAGES if page.name not in GLOSSARIES).lower()
    text = " ".join(text.split())
    for term, *_ in terms():
        assert re.search(rf"\b{re.escape(term)}", text), term


def test_findings_say_the_same_indonesian_words_as_the_glossary():
    words = {english: indonesian for english, indonesian, *_ in terms()}
    checks = findings._WORDING
    for english, indonesian in (("case", words["case"]), ("event", words["event"])):
        for name, wording in checks.items():
            if re.search(rf"\b{english}s?\b", wording["en"]):
                assert indonesian in wording["id"], name
    assert findings._OF["cases"]["id"] == words["case"]


def test_decisions_are_numbered_and_dated():
    for number, decision in enumerate(DECISIONS, start=1):
        assert re.fullmatch(rf"{number:04}-[a-z0-9-]+\.md", decision.name), decision.name
        title, empty, dated, *_ = decision.read_text(encoding="utf-8").splitlines()
        assert title.startswith(f"# {number}. "), decision.name
        assert not empty
        assert re.fullmatch(r"\*20\d\d-\d\d-\d\d, (accepted|replaced by \d+)\*", dated), (
            decision.name
        )


def test_the_changelog_keeps_its_form():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - 20\d\d-\d\d-\d\d", v) for v in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def names(requirements):
    return {re.match(r"[\w.-]+", each)[0].lower() for each in requirements if isinstance(each, str)}


def test_every_dependency_is_explained_with_the_licence_that_it_states():
    text = DEPENDENCIES.read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| \S.* \|$", text, re.MULTILINE))
    del told["package"], told["---"]
    assert set(told) == names(PROJECT["project"]["dependencies"])
    groups = PROJECT["dependency-groups"].values()
    extras = PROJECT["project"]["optional-dependencies"].values()
    for name in set().union(*map(names, [*groups, *extras])):
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text.lower()), name
    for name, licence in told.items():
        stated = metadata.metadata(name).get("License-Expression")
        assert stated in {None, licence.strip()}, f"{name} says {stated}"


def test_the_picture_of_the_map_shows_the_demo_and_nothing_else():
    picture = ET.parse(ROOT / "docs" / "images" / "demo-map.svg")
    written = [text.text for text in picture.findall(".//{*}text")]
    names = {text for text in written if text and text[0].isupper() and ":" not in text}
    process = load(ROOT / "config" / "processes" / "building-permit.yaml")
    assert len(names) > 10
    assert names <= set(process.activities)


def tracked():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


TRACES = {
    "a machine's path": re.compile(r"/(?:work|root|Users)/\w|/home/(?!runut\b)\w|/tmp/\w"),
    "a registry's address": re.compile(
        r"(?<!emit-)index-url[= ]\S|pypi\.org/simple|pythonhosted\.org"
        r"|repo1?\.maven|registry\.\w+\.\w|artifactory|://nexus|://mirror",
    ),
}


@pytest.mark.parametrize("trace", TRACES)
def test_no_tracked_text_names_the_machine_that_it_was_made_on(trace):
    own = str(ROOT)
    for file in tracked():
        if file == Path(__file__):
            continue  # it has to name what it looks for
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = TRACES[trace].search(text)
        assert not found, f"{name_of(file)}: {found and found[0]}"
        assert own not in text, name_of(file)
