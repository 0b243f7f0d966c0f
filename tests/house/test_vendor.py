"""What others wrote for the pages: pinned, checked, and nothing else is put to use."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = json.loads((ROOT / "web" / "vendor.json").read_text())
NODE = shutil.which("node")


@pytest.mark.parametrize("part", PARTS, ids=[part["name"] for part in PARTS])
def test_each_part_is_pinned_with_hash_and_licence(part):
    assert re.fullmatch(r"\d+\.\d+\.\d+", part["version"])
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", part["integrity"])
    assert part["licence"]
    assert part["files"]
    ignored = subprocess.run(
        ["git", "check-ignore", *part["files"].values()],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert set(ignored.stdout.split()) == set(part["files"].values()), "these would be committed"


def package(text):
    """A package as npm packs it."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/drawing.js")
        entry.size = len(text)
        archive.addfile(entry, BytesIO(text))
    return packed.getvalue()


@pytest.fixture
def clone(tmp_path):
    """A clone with one part to fetch, and an npm that brings what `sent` holds."""
    if NODE is None:
        pytest.skip("needs Node: apt-get install nodejs")
    for name in ("scripts", "web", "bin"):
        (tmp_path / name).mkdir()
    for name in ("need-web", "with-apt"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\necho asked >>asked\ncp sent .cache/web/drawing-1.2.3.tgz\n")
    npm.chmod(0o755)
    real = package(b"draw()")
    digest = base64.b64encode(hashlib.sha512(real).digest()).decode()
    listed = {
        "name": "drawing",
        "version": "1.2.3",
        "licence": "MIT",
        "integrity": f"sha512-{digest}",
        "files": {"drawing.js": "web/static/vendor/drawing.js"},
    }
    (tmp_path / "web" / "vendor.json").write_text(json.dumps([listed]))
    (tmp_path / "sent").write_bytes(real)
    return tmp_path


def need_web(clone):
    path = f"{clone / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [clone / "scripts" / "need-web"],
        check=False,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_a_part_is_fetched_once(clone):
    assert need_web(clone).returncode == 0
    assert (clone / "web/static/vendor/drawing.js").read_text() == "draw()"
    assert need_web(clone).returncode == 0
    assert (clone / "asked").read_text() == "asked\n"
    shutil.rmtree(clone / "web/static")
    assert need_web(clone).returncode == 0
    assert (clone / "web/static/vendor/drawing.js").exists()
    assert (clone / "asked").read_text() == "asked\n", "what was kept is good enough"


def test_what_has_another_hash_is_not_put_to_use(clone):
    (clone / "sent").write_bytes(package(b"spy()"))
    done = need_web(clone)
    assert done.returncode == 1
    assert "drawing 1.2.3 is not what web/vendor.json expects" in done.stderr
    assert not (clone / "web/static").exists()
