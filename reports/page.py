"""The report: one file that opens without a network, may be mailed, and prints well."""

import base64
import hashlib

from markupsafe import Markup

from reports.context import values_of
from reports.environment import environment
from reports.language import speaking
from reports.pages import mailed_stylesheet
from reports.results import Results
from reports.sections import SECTIONS
from reports.suppress import Published, suppress

_PARTS = tuple(part for section in SECTIONS for part in section.parts)


def render_report(results: Results) -> str:
    """The whole report as one HTML document, with every small cell taken out before.

    The same results give the same text. Nothing is fetched: the page forbids itself everything
    but its own style sheet (Content-Security-Policy with a hash).
    """
    return render_published(suppress(results))


def render_published(published: Published, *, language: str = "en") -> str:
    """The report of results that have already been suppressed."""
    style = mailed_stylesheet()
    with speaking(language):
        return (
            environment()
            .get_template("report.html.j2")
            .render(
                values_of(published, _PARTS),
                style=Markup(style),  # noqa: S704 - our own file
                policy=_policy(style),
            )
        )


def _policy(style: str) -> str:
    """What the page may load: its own style sheet, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
