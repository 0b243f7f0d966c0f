"""The source code of this very server, as the licence promises it to everybody who uses it.

AGPL-3.0, section 13: whoever uses a modified version over a network must be able to get its
source. So it is packed from the files that are running, not from some page of the project.
"""

import gzip
import hashlib
import importlib.metadata
import importlib.util
import io
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

ADDRESS: Final = "/source"
PACKAGES: Final = (
    "connectors", "engine", "eventlog", "flows", "miners", "reports", "simulation", "web",
)  # fmt: skip
_NAME: Final = "runut-source"
# Kinds of files that the program is made of. Anything else that lies in a folder of it (a key, a
# list of tokens, a copy of some log) is nobody's source.
_KINDS: Final = frozenset(
    {".bpmn", ".css", ".html", ".j2", ".js", ".json", ".md", ".po", ".pot", ".py", ".svg", ".toml"}
    | {".txt", ".typed", ".woff2", ".yaml", ".yml"}
)
# The process files that come with the program. What else lies in `config` is the office's own: its
# process, and where its alerts are sent.
_EXAMPLES: Final = ("bpic15.yaml", "building-permit.bpmn", "building-permit.yaml",
                    "wabo-receipt.yaml")  # fmt: skip
_BESIDE: Final = ("LICENSE", "README.md", "pyproject.toml", "requirements.lock")


async def answer(request: Request) -> Response:
    """The archive; a browser that has it already is told so."""
    archive, tag = await run_in_threadpool(_packed)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{_NAME}.tar.gz"'
    return Response(archive, media_type="application/gzip", headers=headers)


@cache
def _packed() -> tuple[bytes, str]:
    archive = pack()
    return archive, f'"{hashlib.sha256(archive).hexdigest()[:32]}"'


def pack() -> bytes:
    """All source files in one .tar.gz; the same files give the same bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, filename="", mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in sorted(dict(_files()).items()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(f"{_NAME}/{name}")
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _files() -> Iterator[tuple[str, Path]]:
    """Each file by its name in the archive."""
    root = _home("web").parent
    for package in PACKAGES:
        yield from _under(_home(package), package)
    # In an installed program, what lies beside the packages are other programs.
    if (root / "pyproject.toml").is_file() and (root / "eventlog").is_dir():
        yield from _examples(root / "config")
        yield from ((name, root / name) for name in _BESIDE if (root / name).is_file())
    else:
        yield from _examples(root / "runut_config")
        yield from _licence()


def _home(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations)))


def _under(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        if path.suffix in _KINDS and not hidden and path.is_file() and not path.is_symlink():
            yield f"{name}/{inside.as_posix()}", path


def _examples(config: Path) -> Iterator[tuple[str, Path]]:
    folder = config / "processes"
    return ((f"config/processes/{name}", folder / name) for name in _EXAMPLES)


def _licence() -> Iterator[tuple[str, Path]]:
    for file in importlib.metadata.files("runut") or []:
        if file.name in _BESIDE:
            yield file.name, Path(str(file.locate()))
