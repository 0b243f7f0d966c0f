"""A finding does not tell the number of events that the rest of the report rounds."""

import json

from engine.findings import data_quality
from miners.quality import Check
from reports.told import without_totals


def finding(of):
    return data_quality(
        Check(check="tied", column="timestamp", affected=1_234, total=8_577, of=of, cases=300)
    )


def test_shares_stand_in_for_exact_numbers_of_events():
    told = without_totals(finding("events"))
    assert told["wording"]["en"].startswith("14.4 % of events have the same time")
    assert told["wording"]["id"].startswith("14.4 % dari kejadian memiliki waktu")
    assert told["effect"]["value"] == 0.144
    text = json.dumps(told, ensure_ascii=False)
    assert not any(number in text for number in ("8577", "8,577", "8.577", "1234", "1,234"))


def test_findings_about_cases_stay():
    assert without_totals(finding("cases")) == finding("cases")
