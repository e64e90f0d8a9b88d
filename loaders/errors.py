"""Errors a user can act on: one or two lines, an exit code, never a traceback."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    BLOCKED = 3
    REJECTED = 4
    STOPPED = 5
    INTERRUPTED = 130


class UserError(Exception):
    """Something the user can put right.

    `message` says what is wrong and where, `hint` what to do about it. Neither may hold a
    value of a source field: both end up on terminals and in CI logs.
    """

    def __init__(self, message: str, hint: str = "", code: Exit = Exit.ERROR) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message
