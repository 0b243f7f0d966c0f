"""Style sheet, scripts and pictures: read once when the server starts, kept long by browsers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_A_YEAR = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is sent, and a short hash of what is in it."""

    content: bytes
    kind: str
    hash: str


class Assets:
    """Files by their names, such as `map.js`; nothing else can be asked for."""

    def __init__(self, style: str) -> None:
        """`style` is the style sheet of all pages; the rest lies in `web/static`."""
        found = {
            path.relative_to(_STATIC).as_posix(): path.read_bytes()
            for path in sorted(_STATIC.rglob("*"))
            if path.suffix in _TYPES and path.is_file()
        }
        self._assets = {
            name: Asset(
                content=content,
                kind=_TYPES[Path(name).suffix],
                hash=hashlib.sha256(content).hexdigest()[:12],
            )
            for name, content in {**found, "page.css": style.encode()}.items()
        }

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where each file is: the address changes with what is in it."""
        return {name: f"/static/{name}?v={asset.hash}" for name, asset in self._assets.items()}

    def __contains__(self, name: str) -> bool:
        """Whether there is such a file; parts that are fetched when building may be missing."""
        return name in self._assets

    def answer(self, request: Request) -> Response:
        """The file that is asked for, else 404."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("Not found\n", status_code=404)
        lasting = _A_YEAR if request.query_params.get("v") == asset.hash else _AN_HOUR
        return Response(
            asset.content,
            media_type=asset.kind,
            headers={"Cache-Control": lasting, "ETag": f'"{asset.hash}"'},
        )
