"""The audit log: written before anything is shown, and no line of it can be changed unnoticed."""

import json
import multiprocessing
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventlog.errors import RetryError, StopError
from web.access.audit import AuditLog, verify
from web.access.roles import Person, Role

SITI = Person(name="siti", role=Role.AUDITOR, how="oidc")
CASE = "case-0123456789abcdef"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audit.jsonl"


def filled(path, lines=5):
    log = AuditLog(path=path, clock=lambda: datetime(2026, 3, 2, 9, 14, tzinfo=UTC))
    for number in range(lines):
        log.append(SITI, "view case", CASE, query=f"a.district=north&n={number}", reason="Zoë's \n")
    return log


def test_a_line_says_who_saw_what_when_and_why(path):
    filled(path, 1)
    line = json.loads(path.read_text(encoding="utf-8"))
    digest = line.pop("digest")
    assert len(digest) == 64
    assert line == {
        "time": "2026-03-02T09:14:00.000+00:00", "who": "siti", "role": "auditor", "how": "oidc",
        "action": "view case", "subject": CASE, "query": "a.district=north&n=0",
        "reason": "Zoë's \n",
    }  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = verify(path)
    assert (found.lines, found.last, found.broken) == (1, digest, None)


def _changed(lines, at):
    lines[at] = lines[at].replace(b"siti", b"budi")


def _shuffled(lines, at):
    lines[at], lines[at - 1] = lines[at - 1], lines[at]


FORGERIES = {
    "a word is changed": (_changed, 3),
    "a line is taken out": (lambda lines, at: lines.pop(at), 3),
    "a line comes twice": (lambda lines, at: lines.insert(at, lines[at - 1]), 3),
    "two lines change places": (_shuffled, 2),
    "a line is added": (lambda lines, at: lines.insert(at, b'{"who":"budi"}\n'), 3),
    "a space is added": (lambda lines, at: lines.__setitem__(at, b" " + lines[at]), 3),
    "a digest is taken away": (lambda lines, at: lines.__setitem__(at, b"{}\n"), 3),
}


@pytest.mark.parametrize(("forge", "line"), FORGERIES.values(), ids=FORGERIES)
def test_what_is_changed_is_found_with_its_line(path, forge, line):
    filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    forge(lines, 3)
    path.write_bytes(b"".join(lines))
    found = verify(path)
    assert found.broken == line + 1
    assert found.lines == line


def test_a_missing_end_is_seen_by_whoever_kept_the_last_digest(path):
    filled(path)
    kept = verify(path).last
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert verify(path).broken is None
    assert verify(path).last != kept


def test_after_a_line_that_a_crash_cut_off_the_log_goes_on_and_says_so(path):
    log = filled(path)
    path.write_bytes(path.read_bytes()[:-20])
    log.append(SITI, "list cases")
    assert verify(path).broken == 5
    lines = path.read_bytes().splitlines()
    assert len(lines) == 6
    assert json.loads(lines[5])["action"] == "list cases"


def _write_many(path, together):
    together.wait()
    for _ in range(20):
        AuditLog(path=path).append(SITI, "view case", CASE)


def test_several_processes_write_one_chain(path):
    fork = multiprocessing.get_context("fork")
    together = fork.Barrier(3)
    writers = [fork.Process(target=_write_many, args=(path, together)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (verify(path).lines, verify(path).broken) == (60, None)


def test_what_cannot_be_written_stops_the_view_and_does_not_tell_where(tmp_path):
    (tmp_path / "file").touch()
    nowhere = AuditLog(path=tmp_path / "file" / "audit.jsonl")
    with pytest.raises(RetryError, match="written down who looked") as told:
        nowhere.append(SITI, "view case", CASE)
    assert str(tmp_path) not in str(told.value)
    with pytest.raises(StopError, match="RUNUT_SERVE_AUDIT_LOG"):
        nowhere.check()


def test_the_folder_of_the_log_is_made_for_the_server_alone(tmp_path):
    AuditLog(path=tmp_path / "state" / "audit.jsonl").check()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_stops_the_view():
    with pytest.raises(RetryError):
        AuditLog(path=Path("/dev/full")).append(SITI, "view case", CASE)


def test_a_case_number_never_gets_into_the_log(path):
    with pytest.raises(ValueError, match="pseudonyms"):
        AuditLog(path=path).append(SITI, "view case", "PBG-2026-000123")
    assert not path.exists()


def test_long_texts_are_cut_and_half_characters_kept(path):
    log = AuditLog(path=path)
    log.append(Person(name="s" * 5000, role=Role.VIEWER, how="proxy"), "export", reason="x" * 9999)
    log.append(SITI, "export", query="\ud800" * 9999, reason="\x00" * 9999)
    log.append(SITI, "export")
    assert verify(path).broken is None
    assert all(len(line) < 64 * 1024 for line in path.read_bytes().splitlines())
