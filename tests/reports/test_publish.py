"""The files that may be passed on, and the one that may not."""

import json
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from eventlog.errors import StopError
from reports.publish import publish


def written(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_results_folder_gets_its_map_its_report_and_its_public_part(
    tmp_path, results_of, office
):
    publish(results_of(office), tmp_path)
    assert set(written(tmp_path)) == {
        "map.svg", "report.html", "report.id.html",
        "public/map.json", "public/map.svg", "public/variants.csv",
    }  # fmt: skip


def test_where_queues_and_terms_were_asked_for_their_public_part_is_there(tmp_path, everything):
    publish(everything, tmp_path)
    files = written(tmp_path)
    told = json.loads(files["public/bottlenecks.json"])
    assert [queue["activity"] for queue in told["queues"]] == ["Check", "Decide", "Send"]
    assert told["queues"][1]["officers"] is None
    assert told["not_shown"] == {"queues": 1, "places": 2}
    assert all(place["cases"] % 5 == 0 for place in told["open"])
    terms = json.loads(files["public/lateness.json"])
    assert terms["term"]["share"]["value"] == 0.1
    assert [one["group"] for one in terms["groups"]] == ["house", "shop"]
    assert not any(b"secret unit" in content or b"77777" in content for content in files.values())


def test_only_the_inner_map_is_exact(tmp_path, results_of, office):
    publish(results_of(office), tmp_path)
    files = written(tmp_path)
    assert b"Appeal" in files.pop("map.svg")
    assert all(b"Appeal" not in content for content in files.values())


def test_the_public_map_keeps_the_contract_and_holds_no_small_number(tmp_path, results_of, office):
    publish(results_of(office), tmp_path)
    told = json.loads((tmp_path / "public" / "map.json").read_text(encoding="utf-8"))
    assert {"activities", "edges", "starts", "ends"} <= told.keys()
    assert told["starts"] == {"Receive": 110}
    assert told["not_shown"]["paths"] > 0
    for row in told["activities"] + told["edges"]:
        assert row["cases"] is None or row["cases"] >= 5
    variants = pd.read_csv(tmp_path / "public" / "variants.csv")
    assert list(variants.columns) == ["rank", "cases", "share", "events", "activities", "about"]
    assert (variants["cases"] >= 5).all()


def test_publishing_twice_gives_the_same_bytes(tmp_path, results_of, office):
    publish(results_of(office), tmp_path)
    first = written(tmp_path)
    publish(results_of(office), tmp_path)
    assert written(tmp_path) == first


@pytest.mark.parametrize("traces", [[], [["a"]], [["a", "a"]] * 3, [["a\x00", "<b>"]] * 7])
def test_any_log_can_be_published(tmp_path, results_of, traces):
    publish(results_of(traces), tmp_path)
    for name in ("map.svg", "public/map.svg"):
        ET.fromstring((tmp_path / name).read_text(encoding="utf-8"))
    json.loads((tmp_path / "public" / "map.json").read_text(encoding="utf-8"))


def test_a_folder_that_is_not_there_is_named_with_the_way_out(tmp_path, results_of, office):
    with pytest.raises(
        StopError, match=r"nowhere: the report cannot be written .* make the folder"
    ):
        publish(results_of(office), tmp_path / "nowhere")
