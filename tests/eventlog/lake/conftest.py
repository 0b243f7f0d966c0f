"""A stream of made-up messages, lakes to put it in, and disks that fill up."""

import os
import re
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pytest

from eventlog import identity, schema
from eventlog.lake import Lake, Part

STREAM = "office/permit.events/0"


class Sent:
    """The stream's messages by offset: every third is unusable, the others are events."""

    stream = STREAM

    def batch(self, start, stop, attributes=("district",)):
        good = [offset for offset in range(start, stop) if offset % 3 != 2]
        bad = [offset for offset in range(start, stop) if offset % 3 == 2]
        rows = [
            {
                "event_id": f"event-{offset}",
                "case_id": f"PBG-{offset % 7}",
                "activity": ("Check", "Visit", "Decide")[offset % 5 % 3],
                "timestamp": 1_700_000_000_000_000 + offset,
                "lifecycle": "complete",
                "topic": "permit.events",
                "partition": 0,
                "offset": offset,
                "source": "office",
                **{name: f"{name}-{offset % 2}" for name in attributes},
            }
            for offset in good
        ]
        incoming = pa.Table.from_pylist(rows, schema=schema.incoming(attributes))
        rejects = [
            {
                "topic": "permit.events",
                "partition": 0,
                "offset": offset,
                "source": "office",
                "received": 0,
                "reason": "not JSON",
                "value": b"{",
            }
            for offset in bad
        ]
        return identity.finish(incoming), pa.Table.from_pylist(rejects, schema=schema.REJECTS)

    def append(self, writer, start, stop):
        events, rejects = self.batch(start, stop)
        writer.append(events, rejects, start=start, next=stop)

    def leave_rejects(self, writer, rejects, start, stop):
        """Do what a writer does that is killed between its rejects and its events."""
        nothing = identity.finish(schema.incoming(("district",)).empty_table())
        part = Part(stream=STREAM, events=nothing, rejects=rejects, start=start, next=stop)
        writer._joint._look_afresh([part])
        writer._joint._append_rejects([part])

    def assert_held(self, lake, position):
        """Exactly the messages below `position` are in: each once, as an event or a reject."""
        assert (lake.position(STREAM) or 0) == position
        offsets = sorted(lake.read(["offset"]).column("offset").to_pylist())
        assert offsets == [offset for offset in range(position) if offset % 3 != 2]
        set_aside = sorted(lake.rejects(10**9).column("offset").to_pylist())
        assert set_aside == [offset for offset in range(position) if offset % 3 == 2]


@pytest.fixture(scope="session")
def sent():
    return Sent()


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="building-permit", case_attributes=["district"])


class Disk:
    """A small disk of its own that can be filled to the last byte and freed again."""

    def __init__(self, path):
        self.path = path
        self._ballast = path / "ballast"

    def fill(self, *, leaving):
        """Fill the disk but for `leaving` bytes (whole pages of 4,096)."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
            file.truncate(self._ballast.stat().st_size - leaving)

    def free(self):
        self._ballast.unlink()

    def make_read_only(self):
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)


@pytest.fixture
def disk(tmp_path):
    """A disk of 2 MB; where this user may not mount one, the test is skipped."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(path)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs `mount` for a small disk of its own")
    if done.returncode:
        pytest.skip(f"may not mount a small disk here: {done.stderr.strip()}")
    yield Disk(path)
    # lazily: a virus scanner or an indexer may be looking at it
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture(scope="session")
def grow_older():
    """Makes a lake (of few commits) look as if it had lain there: grow_older(lake, days=3)."""

    def older(lake, *, days):
        milliseconds = days * 86_400_000
        past = time.time() - days * 86_400
        for name in ("events", "rejects"):
            for path in Path(lake.uri, name).rglob("*"):
                if path.suffix == ".json":
                    text = re.sub(
                        r'"(timestamp|deletionTimestamp|modificationTime)":(\d{13})',
                        lambda found: f'"{found[1]}":{int(found[2]) - milliseconds}',
                        path.read_text(),
                    )
                    path.write_text(text)
                if path.is_file():
                    os.utime(path, (past, past))

    return older
