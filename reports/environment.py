"""How templates are read: once for the whole process, whichever results and language are shown."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from reports.charts import bars
from reports.charts import histogram as charts
from reports.charts import voice as voice_bars
from reports.contents.terms import Limits
from reports.contents.waiting import CAUSES
from reports.language import say, spoken, worded
from reports.maps.graph import Place, place_name
from reports.maps.plan import frequency_text, gap_text, straying_text
from reports.views import finding as finding_page
from reports.withheld.counts import EVENT_COUNTS
from reports.words import dates, wording
from reports.words.names import NO_NAMES, attribute_words, called, first_capital
from reports.words.reasons import reason

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> jinja2.Environment:
    """The templates with what they call; words are in the language that is spoken.

    Nothing in it belongs to one report: names of activities come with the values (`names`), so
    that a template is compiled once and serves every process and both languages.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.install_gettext_callables(say, _say_many, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds this method
    made.globals.update(
        runs=_runs,
        place_name=place_name,
        frequency_text=frequency_text,
        straying_text=straying_text,
        gap_text=gap_text,
        no_time=_no_time,
        histogram=lambda told, title: Markup(charts.histogram(told, title=title)),  # noqa: S704 - our own writer, which escapes
        share_bar=lambda part: Markup(charts.share_bar(part)),  # noqa: S704 - numbers only
        span=charts.span,
        cause_key=lambda cause: Markup(charts.cause_key(cause)),  # noqa: S704 - our own colours
        three_bars=lambda gap, names, title: Markup(bars.three_bars(gap, names=names, title=title)),  # noqa: S704 - our own writer, which escapes
        adjusted=bars.adjusted,
        limits_text=bars.limits_text,
        split_bar=lambda days, title: Markup(charts.split_bar(days, title=title)),  # noqa: S704 - our own writer, which escapes
        sparkline=lambda told, title: Markup(charts.sparkline(told, title=title)),  # noqa: S704 - our own writer, which escapes
        voice_rows=lambda rows, names, unit, title: Markup(  # noqa: S704 - our own writer, which escapes
            voice_bars.rows_of_figures(rows, names=names, unit=unit, title=title)
        ),
        voice_scores=lambda scores, title: Markup(voice_bars.score_bars(scores, title=title)),  # noqa: S704 - our own writer, which escapes
        voice_figures=voice_bars.figures_text,
        causes_in_order=CAUSES,
        event_counts=EVENT_COUNTS,
        names=NO_NAMES,
        around=None,
    )
    made.filters.update(
        number=wording.number,
        decimal=wording.decimal,
        share=wording.share,
        percent=wording.percent,
        duration=wording.duration,
        worked=wording.worked,
        days=wording.days,
        whole_days=wording.whole_days,
        added=wording.added,
        case_days=wording.case_days,
        points=wording.points,
        signed=wording.signed,
        gap_number=wording.gap_number,
        gap_size=wording.gap_size,
        about=wording.about,
        unit_called=wording.unit_called,
        clean=wording.clean,
        called=_called,
        day=dates.day,
        month=dates.month,
        moment=dates.moment,
        words=_words,
        first_capital=first_capital,
        worded=worded,
        reason=reason,
        wording=finding_page.words_of,
        headline=finding_page.headline,
        address=finding_page.address,
        through=finding_page.through,
        known_of=finding_page.known_of,
        kind_called=finding_page.kind_called,
        severity_called=finding_page.severity_called,
    )
    return made


def compile_templates() -> None:
    """Read all templates now, so that the first reader of each page does not wait for that."""
    made = environment()
    for name in made.list_templates(extensions=["j2"]):
        made.get_template(name)


def _say_many(one: str, many: str, count: int) -> str:
    """As `say_many`; its values are filled in by the template."""
    return spoken().words.ngettext(one, many, count)


@jinja2.pass_context
def _words(context: Context, name: str) -> str:
    return attribute_words(name, context["names"])


@jinja2.pass_context
def _called(context: Context, place: Place) -> Place:
    return called(place, context["names"])


def _runs(activities: Sequence[str]) -> list[tuple[str, int]]:
    """Activities in order, each with how often it comes in a row."""
    return [(name, len(list(group))) for name, group in groupby(activities)]


def _no_time(days: Limits) -> bool:
    """Whether days and their limits would all read as nothing."""
    parts = (days.value, days.low or 0.0, days.high or 0.0)
    return not any(round(part, 1) for part in parts)
