"""A job for tests of the command line."""

import errno
from dataclasses import dataclass

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.settings import CommonSettings
from curator_engine.errors import InputError, InterruptedRunError


@dataclass(frozen=True, kw_only=True)
class ToySettings(CommonSettings):
    """Settings of the toy."""

    factor: float = 1.5
    """A number."""
    how: str = "well"
    """How it ends."""


def run(settings: ToySettings, console: Console) -> JobResult:
    """End as `how` says."""
    console.say("begun")
    if settings.how == "badly":
        raise InputError("the input is bad; mend it.")
    if settings.how == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "/out/part")
    if settings.how == "strangely":
        raise KeyError("surprise")
    if settings.how == "interrupted":
        raise KeyboardInterrupt
    if settings.how == "terminated":
        raise InterruptedRunError("terminated.")
    code = 3 if settings.how == "partly" else 0
    return JobResult(
        summary={"factor": settings.factor}, lines=[f"factor {settings.factor}"], exit_code=code
    )
