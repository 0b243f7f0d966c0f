"""The page of the BPMN model: the picture, its numbers as a table, and the files to take along."""

from typing import Any

from reports.sections import BPMN
from reports.views.bpmn import AGREEMENTS, LOOKS, BpmnView, Fit, Look

VIEWER, _ = BPMN.scripts
"""What draws the model in the browser; it is there once `scripts/need-web` has fetched it."""


def look_named(name: str, view: BpmnView | None) -> Look:
    """What an address asks for; how often steps are done where that cannot be."""
    known = view.looks if view is not None else ()
    return next((look for look in known if look.value == name), Look.FREQUENCY)


def bpmn_values(view: BpmnView | None, fit: Fit, look: Look) -> dict[str, Any]:
    """What the page `BPMN` is made of; `view` is None where no model may be shown."""
    return {
        "bpmn": view,
        "fit": fit,
        "look": look,
        "looks": LOOKS,
        "agreements": AGREEMENTS,
        "viewer": VIEWER,
    }
