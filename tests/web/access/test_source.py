"""Whoever uses the pages gets the source of what is running, and nothing that is not source."""

import asyncio
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from starlette.requests import Request

from web import source

ROOT = Path(source.__file__).parents[1]


@pytest.fixture(scope="module")
def names():
    with tarfile.open(fileobj=io.BytesIO(source._packed()[0])) as archive:
        return {name.partition("/")[2]: archive.getmember(name) for name in archive.getnames()}


def test_it_holds_the_program_its_licence_and_how_it_is_built(names):
    here = {"web/source.py", "eventlog/pseudonym.py", "reports/templates/report.css", "LICENSE",
            "pyproject.toml", "config/processes/building-permit.yaml"}  # fmt: skip
    assert here <= set(names)


def test_it_holds_all_that_is_kept_under_version_control_of_the_packages(names):
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(
        ["git", "ls-files", *source.PACKAGES, "config/processes"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    present = {name for name in listed.stdout.decode().splitlines() if (ROOT / name).is_file()}
    assert {name for name in present - set(names) if not Path(name).name.startswith(".")} == set()


def test_what_the_office_has_written_into_its_configuration_is_not_in_it(names, tmp_path):
    """Its own process, and the addresses to which its alerts go."""
    (tmp_path / "processes").mkdir()
    for name in (*source._EXAMPLES, "our-office.yaml"):
        (tmp_path / "processes" / name).write_text("x")
    packed = {name for name, _ in source._examples(tmp_path)}
    assert packed == {name for name in names if name.startswith("config/")}
    assert packed == {f"config/processes/{name}" for name in source._EXAMPLES}


def test_it_says_nothing_of_the_machine_it_was_packed_on(names):
    for name, entry in names.items():
        assert (entry.mtime, entry.uid, entry.uname, entry.mode) == (0, 0, "", 0o644)
        assert entry.isreg()
        assert "__pycache__" not in name


def test_what_is_no_source_stays_where_it_is(tmp_path):
    for name in ("a.py", "b.pem", "c.key", ".env", "tokens", ".hidden/d.py", "__pycache__/e.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "f.py").symlink_to("/etc/hostname")
    assert [name for name, _ in source._under(tmp_path, "web")] == ["web/a.py"]


def test_the_same_files_give_the_same_bytes_and_are_sent_once():
    assert source.pack() == source._packed()[0]

    def ask(headers):
        scope = {"type": "http", "method": "GET", "headers": headers}
        return asyncio.run(source.answer(Request(scope)))

    first = ask([])
    assert first.media_type == "application/gzip"
    again = ask([(b"if-none-match", first.headers["etag"].encode())])
    assert (again.status_code, again.body) == (304, b"")
