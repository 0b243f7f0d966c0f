"""What an alert says, in English and in Indonesian."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from engine.alerting.standing import Standing, Subject
from engine.alerting.wording import lasted, measured, worded
from eventlog.definition_alert import Alert

JAKARTA = timezone(timedelta(hours=7))
TEN = datetime(2026, 3, 2, 10, 20, tzinfo=JAKARTA)


def alert(measure="queue_length", value=41, unit="files", **more):
    fields = {
        "alert_id": "rule", "key": "rule/1", "state": "firing", "severity": "warning",
        "subject": Subject(activity="Review zoning"), "threshold": 40, "usual": None,
        "since": TEN, "evaluated": TEN, "cases": (), "rule": None, **more,
    }  # fmt: skip
    return Standing(measure=measure, value=value, unit=unit, **fields)


def test_it_says_what_is_usual_at_that_weekday_and_hour():
    said = worded(alert(usual=12.0))
    assert said["en"] == (
        "41 files wait at Review zoning (threshold 40; usual for Monday 10:00: 12), "
        "since 2026-03-02 10:20."
    )
    assert said["id"] == (
        "41 berkas menunggu di Review zoning (ambang 40; biasanya pada Senin pukul 10:00: 12), "
        "sejak 2026-03-02 10:20."
    )
    assert "usual" not in worded(alert("disparity_drift", 2, "days", usual=0.5))["en"]
    closed = worded(alert(usual=12.0), closed=True)
    assert "usual for a closed day at 10:00: 12" in closed["en"]
    assert "biasanya pada hari libur pukul 10:00: 12" in closed["id"]


def test_what_is_over_says_how_long_it_lasted():
    over = alert(value=5, state="resolved", evaluated=TEN + timedelta(days=1, hours=3, minutes=2))
    assert worded(over)["en"] == (
        "Over after 1 day 3 hours: 5 files wait at Review zoning (threshold 40); it had begun "
        "2026-03-02 10:20."
    )
    assert worded(over)["id"] == (
        "Selesai setelah 1 hari 3 jam: 5 berkas menunggu di Review zoning (ambang 40); "
        "berlangsung sejak 2026-03-02 10:20."
    )
    assert lasted(timedelta(seconds=59), "id") == "kurang dari satu menit"
    assert lasted(timedelta(hours=1), "en") == "1 hour"


def test_it_says_that_it_was_told_before_and_who_has_seen_it():
    said = worded(alert(), reminder=True, seen_by="")
    assert said["en"].startswith("Still: 41 files wait")
    assert said["en"].endswith("10:20. Acknowledged.")
    assert said["id"].startswith("Masih berlangsung: 41 berkas")
    assert said["id"].endswith(" Sudah diketahui.")


@pytest.mark.parametrize(
    ("measure", "value", "unit", "en", "indonesian"),
    [
        ("arrivals_less_completions", 12, "files",
         "12 more files came to Review zoning than were completed of late",
         "Belakangan ini berkas yang masuk ke Review zoning 12 lebih banyak daripada"),
        ("arrivals_less_completions", -1, "files",
         "1 fewer file came to Review zoning than was completed",
         "Belakangan ini berkas yang masuk ke Review zoning 1 lebih sedikit daripada"),
        ("arrivals_less_completions", 0, "files",
         "As many files came to Review zoning as were completed of late",
         "Belakangan ini berkas yang masuk ke Review zoning sama banyak dengan yang selesai"),
        ("soon_overdue_cases", 1, "files", "1 open application will soon be past its term",
         "1 permohonan yang belum selesai akan segera melewati standar waktu"),
        ("rework_share", 0.125, "share", "12.5 % of the work completed at Review zoning was rework",
         "12,5% dari pekerjaan yang diselesaikan di Review zoning adalah pengerjaan ulang"),
        ("disparity_drift", 2.5, "working days",
         "The wait at Review zoning, compared with that of others, has grown by 2.5 working days",
         "Waktu tunggu di Review zoning, dibandingkan dengan yang lain, bertambah 2,5 hari kerja"),
        ("disparity_drift", -1.0, "days", "has shrunk by 1 day", "berkurang 1 hari"),
        ("silence", 7, "working hours", "No event has come at Review zoning for 7 working hours",
         "Tidak ada kejadian di Review zoning selama 7 jam kerja"),
        ("silence", 1, "hours", "for 1 hour ", "selama 1 jam "),
        ("rejects", 1, "events", "1 event could not be used and was set aside",
         "1 kejadian tidak dapat dipakai dan disisihkan"),
        ("lag", 12345, "events", "12,345 events have not been read yet",
         "12.345 kejadian belum dibaca"),
    ],
)  # fmt: skip
def test_every_measure_has_words(measure, value, unit, en, indonesian):
    said = worded(alert(measure, value, unit))
    assert en in said["en"]
    assert indonesian in said["id"]


def test_a_silence_that_is_over_is_not_told_as_if_it_went_on():
    silent = alert("silence", 2, "working hours", state="resolved")
    assert ": the latest event at Review zoning came 2 working hours ago (" in worded(silent)["en"]
    assert "kejadian terakhir di Review zoning masuk 2 jam kerja yang lalu" in worded(silent)["id"]
    again = worded(replace(silent, value=0.01))
    assert ": events come at Review zoning again (" in again["en"]
    assert ": kejadian di Review zoning masuk lagi (" in again["id"]


def test_no_measure_is_told_by_its_bare_name():
    for measure in Alert.model_fields["measure"].annotation.__args__:
        said = worded(alert(measure, 7, "files"))
        assert measure not in said["en"].replace(" ", "_").lower(), said
        assert "{" not in said["en"] + said["id"]


def test_a_group_may_be_called_anything():
    odd = Subject(activity="Review {where}", attribute="district", group="{0} %s é")
    said = worded(replace(alert(), subject=odd))
    assert "41 files wait at Review {where}, for district “{0} %s é” (threshold" in said["en"]
    unit = Subject(attribute="unit", group="{x}")
    told = measured(measure="overdue_cases", value=2, unit="files", threshold=1, subject=unit)
    assert told["id"].endswith("melewati standar waktu, untuk unit kerja “{x}” (ambang 1)")
