"""The commands work on a lake on object storage as they do on one in a folder."""

import pytest


@pytest.fixture
def aws(object_store, monkeypatch):
    """The way into the store, told as every S3 program is told it."""
    for name, value in object_store.items():
        if name != "AWS_ALLOW_HTTP":  # only Delta Lake knows that one
            monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("aws")
def test_import_and_mine_give_the_same_as_in_a_folder(runut, permits, process_file, here, request):
    there = f"s3://runut/{request.node.name}"
    for lake, out in (("lake", "ours"), (there, "theirs")):
        ran = runut("import", permits, "--process", process_file, "--lake", lake)
        assert ran.code == 0, ran.err
        ran = runut("mine", "--process", process_file, "--lake", lake, "--out", out)
        assert ran.code == 0, ran.err
        assert "3 cases" in ran.out
    ours, theirs = (
        {path.name: path.read_bytes() for path in (here / out).iterdir() if path.is_file()}
        for out in ("ours", "theirs")
    )
    assert ours.keys() == theirs.keys() >= {"cases.parquet", "run.json", "report.html"}
    # these say which lake it was and how long it took
    telling = {"run.json", "report.html", "report.id.html"}
    assert {name for name in ours if ours[name] != theirs[name]} <= telling


@pytest.mark.usefixtures("aws")
def test_a_second_import_adds_nothing(runut, permits, process_file, request):
    lake = f"s3://runut/{request.node.name}"
    runut("import", permits, "--process", process_file, "--lake", lake)
    ran = runut("import", permits, "--process", process_file, "--lake", lake)
    assert ran.code == 0, ran.err
    assert "nothing" in ran.out or "0 " in ran.out, ran.out


@pytest.mark.usefixtures("aws")
def test_a_lake_that_is_not_there_is_said_to_be_none(runut, process_file):
    ran = runut("mine", "--process", process_file, "--lake", "s3://runut/none", "--out", "results")
    ran.failed_clearly("s3://runut/none: there is no lake here")


@pytest.mark.usefixtures("aws")
def test_a_guess_is_not_kept_on_object_storage(runut, permits, request):
    lake = f"s3://runut/{request.node.name}"
    ran = runut("import", permits, "--lake", lake)
    ran.failed_clearly("--process")
    again = runut("mine", "--lake", lake, "--process", "building-permit", "--out", "results")
    again.failed_clearly("there is no lake here")  # none was left behind
