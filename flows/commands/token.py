"""`runut token`: a way in for one person or program, where there is no identity provider."""

from typing import Annotated

import typer

from flows.options import AsJson, examples
from flows.screen import screen

EXAMPLES = examples(
    "runut token ministry-report --role viewer",
    "runut token siti --role analyst --json",
)


def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, as the log says it.")],
    *,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="What it opens: viewer, analyst or auditor.")
    ],
    as_json: AsJson = False,
) -> None:
    """Draw a token for `runut serve`: a secret to hand over, and a line that knows it by a digest.

    The secret is shown once and kept nowhere. Put the line into the file that RUNUT_SERVE_TOKENS
    names; take it out to end the token and all its sessions.
    """
    from web.access.roles import role_named  # noqa: PLC0415 (brings the server's libraries)
    from web.access.tokens import new_token  # noqa: PLC0415 (as above)

    line, secret = new_token(name, role_named(role))
    with screen(as_json=as_json, quiet=False) as view:
        view.show(
            [f"Secret, to hand over: {secret}", f"Line, for the file of tokens: {line}"],
            {"secret": secret, "line": line},
        )
