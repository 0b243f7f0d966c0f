"""The folder of results is replaced whole or not at all, and never somebody else's."""

import stat

import pytest

from eventlog.errors import UsageError
from flows.results import replaced


def write(folder, text):
    (folder / "run.json").write_text(text)


def test_new_results_take_the_place_of_the_old_and_are_for_few_eyes(tmp_path):
    folder = tmp_path / "new" / "results"
    for text in ("first", "second"):
        with replaced(folder) as draft:
            write(draft, text)
            (draft / text).touch()
        assert (folder / "run.json").read_text() == text
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["run.json", "second"]
    assert [path.name for path in folder.parent.iterdir()] == ["results"]


def test_after_an_error_the_old_results_stand(tmp_path):
    folder = tmp_path / "results"
    with replaced(folder) as draft:
        write(draft, "old")

    def fail_half_way():
        with replaced(folder) as draft:
            write(draft, "new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert (folder / "run.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_who_reads_on_keeps_reading_the_old_results(tmp_path):
    folder = tmp_path / "results"
    with replaced(folder) as draft:
        write(draft, "old")
    with (folder / "run.json").open() as reader:
        with replaced(folder) as draft:
            write(draft, "new")
        assert reader.read() == "old"


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_not_ours_is_refused(tmp_path, kind):
    folder = tmp_path / "photos"
    if kind == "folder":
        folder.mkdir()
        (folder / "wedding.jpg").touch()
    else:
        folder.touch()
    with pytest.raises(UsageError, match="photos"), replaced(folder):
        pytest.fail("it must not come to this")
    assert folder.exists()


def test_an_empty_folder_may_be_used(tmp_path):
    (tmp_path / "results").mkdir()
    with replaced(tmp_path / "results") as draft:
        write(draft, "x")
    assert (tmp_path / "results" / "run.json").exists()
