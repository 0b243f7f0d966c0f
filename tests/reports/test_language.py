"""Whatever people read on a page is in their language: words, numbers, dates and plurals."""

import re
from dataclasses import replace

import pytest

from eventlog.errors import UsageError
from reports.language import BRACKETED, LANGUAGES, language, say, say_many, speaking
from reports.page import render_published
from reports.pages import Around, links, render_page
from reports.publish import publish
from reports.sections import SECTIONS
from reports.suppress import suppress
from reports.unmarked import Words, sentences, unmarked
from reports.words.catalogue import SPOKEN_IN, messages, read_catalogue, updated
from reports.words.dates import day, moment, month
from reports.words.wording import (
    decimal,
    duration,
    gap_number,
    number,
    percent,
    points,
    share,
    worked,
)

OTHERS = [code for code in LANGUAGES if code != "en"]
PLACE = re.compile(r"%\((\w+)\)[rs]|\{(\w+)\}")
TAG = re.compile(r"</?\w+")
# Names in the data of these tests (conftest), which nobody translates.
DATA = (
    "building-permit", "Receive", "Check", "Decide", "Send", "Ask", "Appeal",
    "Refuse", "planning", "board", "counter", "kind of building", "house", "shop", "audit order",
    "ours", "south",
    "affiliation", "district", "north", "east", "west", "other", "none", "permit type", "Runut",
    "UTC", "Kind of building", "Affiliation", "District",
)  # fmt: skip
KNOWN = re.compile("|".join(sorted(map(re.escape, DATA), key=len, reverse=True)))


def forms(message):
    """What a message says in English: one form, or one for each count."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def said(message):
    """What it says in the other language."""
    told = message.string or ""
    return [told] if isinstance(told, str) else list(told)


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_and_no_other(code):
    """`make messages` was run, and somebody translated what it added."""
    catalogue = read_catalogue(code)
    assert {m.id for m in catalogue} == {m.id for m in messages()}
    assert not catalogue.obsolete
    assert [m.id for m in catalogue if m.id and m.fuzzy] == []
    assert [m.id for m in catalogue if m.id and not all(said(m))] == []


@pytest.mark.parametrize("code", OTHERS)
def test_gathering_messages_anew_changes_nothing_but_what_the_code_says(code):
    """No date, no line number and no path of a machine."""
    text = updated(code)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:", text) is None
    assert re.search(r"^#: .*:\d", text, re.MULTILINE) is None
    assert set(re.findall(r"^#: (\w+)/", text, re.MULTILINE)) == set(SPOKEN_IN)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_filled_in_with_what_the_english_is_filled_in_with(code):
    for message in read_catalogue(code):
        if not message.id:
            continue
        english = forms(message)
        names = [set(PLACE.findall(form)) for form in english]
        for told in said(message):
            places = set(PLACE.findall(told))
            # Where a language has one form only, it must serve one as well as many.
            assert places == (names[0] if len(english) == 1 else set.union(*names)), (english, told)
            assert sorted(TAG.findall(told)) == sorted(TAG.findall(english[-1])), told
            bare = PLACE.sub("", told).replace("%%", "")
            assert "%" not in bare or "%" in PLACE.sub("", english[-1]).replace("%%", ""), told
            assert told[:1].isspace() == english[0][:1].isspace(), told
            assert told.rstrip()[-1:] in ".:;,?!" or english[0][-1] not in ".:;,?!", told


def test_indonesian_has_one_form_for_all_counts():
    assert read_catalogue("id").num_plurals == 1
    with speaking("id"):
        for count in (0, 1, 2, 1234):
            told = say_many("%(told)s other way, not listed", "%(told)s other ways, not listed",
                            count, told=number(count))  # fmt: skip
            assert told == f"{number(count)} jalur lain, tidak dicantumkan"


def test_numbers_and_durations_are_written_as_in_the_language():
    written = {}
    for code in LANGUAGES:
        with speaking(code):
            written[code] = [
                number(1_234_567), decimal(1234.56), share(0.4567), share(0.0004), percent(0.8),
                duration(0), duration(90), duration(7200), duration(86_400 * 3.25), worked(5400),
                gap_number(0.05, "share"), gap_number(98_000.5, "days"), points(0.031),
            ]  # fmt: skip
    assert written["en"] == [
        "1,234,567", "1,234.6", "45.7 %", "< 0.1 %", "80 %",
        "0 s", "1.5 min", "2 h", "3.2 d", "1.5 h",
        "+5.0", "+98,000.5", "+3.1",
    ]  # fmt: skip
    assert written["id"] == [
        "1.234.567", "1.234,6", "45,7%", "< 0,1%", "80%",
        "0 detik", "1,5 menit", "2 jam", "3,2 hari", "1,5 jam",
        "+5,0", "+98.000,5", "+3,1",
    ]  # fmt: skip


def test_dates_are_written_as_in_the_language():
    times = ("2026-08-02", "2026-05-17T23:59:00+07:00", "not a day", "")
    assert [day(one) for one in times] == ["2 Aug 2026", "17 May 2026", "not a day", ""]
    with speaking("id"):
        assert [day(one) for one in times] == ["2 Agu 2026", "17 Mei 2026", "not a day", ""]
        assert month("2026-10") == "Okt 2026"
        assert moment("2026-12-01T09:05:59+07:00") == "1 Des 2026 pukul 09.05 UTC+7"
    assert moment("2026-12-01T09:05:59-03:30") == "1 Dec 2026, 09:05 UTC-03:30"


def test_outside_and_after_a_page_it_is_english_again():
    with speaking("id"):
        with speaking("en"):
            assert say("Findings") == "Findings"
        assert say("Findings") == "Temuan"
    assert say("Findings") == "Findings"
    with pytest.raises(UsageError, match="'xx' is not known; expected en or id"):
        language("xx")


@pytest.fixture(scope="module")
def whole(everything, equity_of, favouritism_of, gap, silent, picked):
    """An office of which everything is told that a report can tell."""
    return suppress(
        replace(
            everything,
            run={
                **everything.run,
                "counts": {"stored": 480, "repeats_dropped": 1, "events": 479, "rejects": 0},
                "rejects": {},
                "switched_off": {
                    "open cases": "the process file does not say under clock what closes a case",
                    "treatment by district": "80% of applications got it only after entry: what "
                    "comes after entry is part of the treatment that is compared",
                },
            },
            equity=equity_of(
                gap(),
                silent(attribute="district", group="north"),
                silent(attribute="district", group="north", measure="waiting", activity="Decide",
                       why_not="few", smallest_seen=None),
                intersections=[silent(attribute="affiliation+district", group="other+north",
                                      cases=603, others=3_900, smallest_seen=1.13)],
                routes=[{"attribute": "affiliation", "p_value": 0.001, "q_value": 0.004}],
                fee_speed={"rho": -0.123, "ci_low": -0.151, "ci_high": -0.092, "p_value": 0.001,
                           "q_value": 0.004, "rows": 4_203},
            ),
            favouritism=favouritism_of(picked(), picked(group="other", told=False)),
        )
    )  # fmt: skip


def test_every_word_of_the_report_is_marked_for_translation(whole):
    """Rendered in brackets, no word stands outside of them but names in the data."""
    page = render_published(whole, language=BRACKETED)
    assert unmarked(page, DATA, sentences(whole, "en")) == []


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.name)
def test_every_word_of_a_live_page_is_marked_for_translation(section, whole):
    with speaking(BRACKETED):
        pages = links(section.name)
    around = Around(language=BRACKETED, pages=pages, person="Runut", role="UTC", can_leave=True,
                    source="/source")  # fmt: skip
    page = render_page(whole, section.name, around)
    assert unmarked(page, (*DATA, *LANGUAGES.values()), sentences(whole, "en")) == []


def test_the_indonesian_report_is_in_indonesian(whole):
    page = render_published(whole, language="id")
    text = " ".join(" ".join(Words(page).text.split()).split())
    assert '<html lang="id">' in page
    for words in (
        "Kejadian dari 2 Jan 2026 sampai 2 Mar 2026. Keadaan per 2 Mar 2026 pukul 09.14 UTC.",
        "Cara penghitungan", "hari-permohonan", "Perlakuan yang setara",
        "Di mana permohonan menunggu",
    ):  # fmt: skip
        assert words in text, words
    assert not re.search(r"\d\.\d+ ?%", text)
    assert (
        re.findall(r".{,30}\b(?:the|of|and|cases|with|days|which)\b.{,30}", KNOWN.sub(" ", text))
        == []
    )


def test_a_folder_of_results_has_a_report_in_each_language(everything, tmp_path):
    names = {"id": {"Check": "Periksa kelengkapan"}}
    publish(everything, tmp_path, names)
    english = (tmp_path / "report.html").read_text(encoding="utf-8")
    indonesian = (tmp_path / "report.id.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in english
    assert '<html lang="id">' in indonesian
    assert "Periksa kelengkapan" in indonesian
    assert "Periksa kelengkapan" not in english
    policies = [re.search(r'Policy" content="(.*?)"', page)[1] for page in (english, indonesian)]
    assert policies[0] == policies[1]
    assert "default-src" in policies[0]
