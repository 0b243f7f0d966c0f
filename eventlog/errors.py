"""What can go wrong, sorted by what has to happen next.

The parent class is the verdict. Foreign errors are translated where the foreign library is owned,
and each verdict is handled in exactly one place (the command line, the flow, the decoder).
"""


class RunutError(Exception):
    """Anything that Runut itself says went wrong; its text is fit to be shown to a person."""


class StopError(RunutError):
    """A person must change something: the message names the thing, the value and the way out."""


class UsageError(StopError):
    """The command, a setting or the process definition is wrong; nothing has been touched."""


class RetryError(RunutError):
    """The same call may succeed later: back off and try again."""


class RejectError(RunutError):
    """This one event is unusable: set it aside with its reason and go on."""
