"""How a finding reads where the exact number of events would give a small group away."""

import re
from collections.abc import Mapping
from typing import Any

from reports.wording import share

_COUNTED = re.compile(r"^[\d.,]+ (?:of|dari) [\d.,]+ ")
_THE = {"en": "{share} of ", "id": "{share} dari "}


def without_totals(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """The finding with a rounded share of events instead of the two counts that make it.

    A finding about cases stays as it is: their number is told anyway, or it is withheld.
    """
    evidence = finding.get("evidence", {})
    if evidence.get("of") != "events":
        return finding
    part = evidence["affected"] / evidence["total"]
    return {
        **finding,
        "effect": {**finding["effect"], "value": round(part, 3)},
        "evidence": {"of": "events"},
        "wording": {
            language: _COUNTED.sub(_THE[language].format(share=share(part)), text)
            for language, text in finding["wording"].items()
        },
    }
