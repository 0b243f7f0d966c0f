"""What becomes of an error at the command line: a clear line on stderr and an exit code.

0 done, 1 failed, 2 wrong usage or definition, 3 done but `--fail-on` matched; 130 and 143 stopped
by a signal. This is the one place where the command line handles the verdicts of errors.py.
"""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from typer import TyperException

from eventlog.errors import RetryError, RunutError, UsageError

DONE, FAILED, WRONG, MATCHED = 0, 1, 2, 3
SIGNALLED = 128


def exit_code(run: Callable[[], int | None], *, environment: Mapping[str, str]) -> int:
    """Run a command, tell on stderr what went wrong, and return the exit code."""
    try:
        with _stopped_by_sigterm():
            code = run() or DONE
            if code == SIGNALLED + signal.SIGINT:  # typer takes Ctrl-C and says nothing
                _say("stopped")
            sys.stdout.flush()
    except KeyboardInterrupt:
        _say("stopped")
        code = SIGNALLED + signal.SIGINT
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else FAILED
    except BrokenPipeError:
        # whoever read our output has read enough, e.g. `runut mine | head`; without this Python
        # would complain once more when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except Exception as error:  # noqa: BLE001 (the last place before a bare traceback)
        code, message = _verdict(error)
        if environment.get("RUNUT_DEBUG"):
            traceback.print_exception(error)
        elif message is None:
            message = _kept_for_later(error, environment)
        _say(message or _named(error))
    return code


def _verdict(error: Exception) -> tuple[int, str | None]:
    """The exit code, and what to say; None where the error is a fault of Runut."""
    match error:
        case TyperException():
            code = WRONG if error.exit_code == WRONG else FAILED
            return code, "\n".join(filter(None, [error.format_message(), _where_to_read(error)]))
        case UsageError():
            return WRONG, str(error)
        case RetryError():
            return FAILED, f"{error}\nThe same command may succeed later."
        case RunutError():
            return FAILED, str(error)
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return FAILED, f"{where}{error.strerror or error}"
        case _:
            return FAILED, None


def _say(message: str) -> None:
    if message:
        print(f"runut: {message}", file=sys.stderr)


def _where_to_read(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    said = error.format_message()
    return f"Try: {context.command_path} --help" if context is not None and said else ""


def _named(error: Exception) -> str:
    return f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _kept_for_later(error: Exception, environment: Mapping[str, str]) -> str:
    # mkstemp: only its owner may read it, for the account may hold what events say
    folder = environment.get("TMPDIR") or None
    descriptor, path = tempfile.mkstemp(prefix="runut-error-", suffix=".log", dir=folder, text=True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    return (
        f"{_named(error)}\nThis is a fault of Runut, not yours. The full account is in {path}; "
        "RUNUT_DEBUG=1 shows it here."
    )


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, through every `finally`, with exit code 143."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _say("stopped")
        raise SystemExit(SIGNALLED + signal.SIGTERM)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: whoever runs us there minds its own signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
