"""Those who come with a token: a long random word of which the server keeps only a digest."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import HTTPConnection

from eventlog.errors import StopError, UsageError
from web.access.roles import Person, Role, role_named

_PREFIX = "runut_"
_BYTES = 32
# A secret of this shape was drawn by `new_token`: 256 random bits, which nobody can try out. So
# one pass of SHA-256 keeps it; slow hashes are for words that people think up, refused here.
_SECRET = re.compile(r"runut_[A-Za-z0-9_-]{43}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[^\s#]{1,100}")
_WORDS = 3


def new_token(name: str, role: Role) -> tuple[str, str]:
    """A line for the file of tokens, and the secret to hand over; the secret is kept nowhere."""
    if not (_NAME.fullmatch(name) and name.isprintable()):
        raise UsageError(f'"{name}" cannot name a token; expected one word, e.g. "ministry-report"')
    secret = _PREFIX + secrets.token_urlsafe(_BYTES)
    return f"{name} {role.name.lower()} {_digest(secret)}", secret


def _digest(secret: str) -> str:
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"


@dataclass(kw_only=True)
class Tokens:
    """The file of tokens: a line `name role digest` each, and remarks after `#`.

    It is read anew when it has changed: taking a line out ends that token, and all sessions that
    began with it, at the next request.
    """

    path: Path
    _read: tuple[tuple[int, int, int], dict[str, tuple[Role, str]]] | None = field(
        default=None, repr=False
    )

    def person(self, request: HTTPConnection) -> Person | None:
        """Whoever the header `Authorization: Bearer …` names."""
        secret = bearer(request)
        return None if secret is None else self.owner(secret)

    def owner(self, secret: str) -> Person | None:
        """Whose token this is; each line is compared in full, in the same time wherever it stands.

        StopError when the file cannot be read, or a line of it.
        """
        lines = self._lines()
        if not _SECRET.fullmatch(secret):
            return None
        digest = _digest(secret).encode()
        found = None
        for name, (role, kept) in lines.items():
            if hmac.compare_digest(kept.encode(), digest):
                found = Person(name=name, role=role, how="token")
        return found

    def confirms(self, person: Person) -> bool:
        """Whether the token that a session began with still stands in the file, with its role."""
        role, _ = self._lines().get(person.name, (None, ""))
        return role is person.role

    def check(self) -> None:
        """StopError unless the file can be read and all its lines are well-formed."""
        self._lines()

    def _lines(self) -> dict[str, tuple[Role, str]]:
        try:
            state = self.path.stat()
            now = (state.st_mtime_ns, state.st_size, state.st_ino)
            if self._read is None or self._read[0] != now:
                self._read = (now, _parsed(self.path.read_text(encoding="utf-8"), self.path))
        except (OSError, UnicodeDecodeError) as error:
            raise StopError(
                f"the file of tokens {self.path} cannot be read: {error}; "
                "`runut token NAME --role viewer` prints a line for it"
            ) from error
        return self._read[1]


def bearer(request: HTTPConnection) -> str | None:
    """The secret in the header `Authorization: Bearer …`, if there is such a header."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _parsed(text: str, path: Path) -> dict[str, tuple[Role, str]]:
    found: dict[str, tuple[Role, str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        # The line is not repeated in the message: somebody may have put the secret itself there.
        where = f"{path}: line {number}"
        if len(words) != _WORDS or not _DIGEST.fullmatch(words[2]):
            raise StopError(
                f'{where} is not "name role sha256:…"; `runut token NAME --role viewer` prints one'
            )
        if words[0] in found:
            raise StopError(f'{where} names "{words[0]}" a second time; give each token its name')
        try:
            found[words[0]] = (role_named(words[1]), words[2])
        except UsageError as error:
            raise StopError(f"{where}: {error}") from error
    return found
