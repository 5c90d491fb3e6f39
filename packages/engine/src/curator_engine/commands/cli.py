"""The command line of an app: options from settings, one-line errors, exit codes.

`run_app` is all of it; what a job does is the job's. Results go to standard output, everything
else to standard error.
"""

import atexit
import importlib
import io
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from curator_engine.commands.command_line import parse_words
from curator_engine.commands.help_pages import asked_help
from curator_engine.commands.settings import (
    BaseSettings,
    CommonSettings,
    Job,
    close_name,
)
from curator_engine.commands.settings_file import dump_settings, load_settings, read_job_name
from curator_engine.commands.standard_input import STDIN
from curator_engine.errors import CuratorError, InterruptedRunError, SettingsError
from curator_engine.files.earlier import Adopt
from curator_engine.files.output_folder import OutputFolder, take
from curator_engine.files.paths import is_remote, local_path
from curator_engine.files.yaml_file import read_mapping
from curator_engine.redaction import redacted
from curator_engine.running.progress import Progress
from curator_engine.trouble import of_storage, remedy


@dataclass(frozen=True)
class Console:
    """What a job says to the person: lines on standard error."""

    quiet: bool = False
    verbose: bool = False

    def say(self, line: str) -> None:
        """A line that a person wants to know."""
        if not self.quiet:
            print(redacted(line), file=sys.stderr, flush=True)

    def warn(self, line: str) -> None:
        """A line that a person must know."""
        print(f"warning: {redacted(line)}", file=sys.stderr, flush=True)

    def progress(self) -> Progress | None:
        """A progress reporter, or None if the person wants silence."""
        return None if self.quiet else Progress()


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """How a job ended."""

    summary: dict[str, Any] = field(default_factory=dict[str, Any])
    """What `--json` prints."""
    lines: list[str] = field(default_factory=list[str])
    """What is printed otherwise."""
    exit_code: int = 0
    """0 done, 3 done with something in quarantine."""


def run_app(
    name: str, jobs: Sequence[Job], *, version: str, argv: Sequence[str] | None = None
) -> int:
    """Run the command line of an app.

    Args:
        name: The command.
        jobs: Its subcommands.
        version: What `--version` prints.
        argv: The arguments; those of the process unless given.

    Returns:
        The exit code: 0 done, 1 failed, 2 nothing was done because of the input, 3 done with
        something in quarantine, 130 or 143 interrupted.
    """
    # A mark alone would be taken for an option.
    words = [STDIN if w == "-" else w for w in (sys.argv[1:] if argv is None else argv)]
    signal.signal(signal.SIGTERM, _raise_terminated)
    _show_all_letters()
    label = name
    try:
        words = _expand_run(words, jobs)
        label = f"{name} {words[0]}" if words and not words[0].startswith("-") else name
        if page := asked_help(name, jobs, words):
            print(page)
            return 0
        result = _parse_and_run(name, jobs, version, words)
    except KeyboardInterrupt:
        return _fail(label, "interrupted; run again with --resume to go on.", 130)
    except BrokenPipeError:
        # The reader of our output is gone; keep Python from saying so once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 (the last place where an error becomes one line)
        return _explain(label, error, words)
    return result


def _show_all_letters() -> None:
    """Names of files may hold what the terminal's encoding, or none, has letters for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def leave(code: int) -> NoReturn:
    """End the process with the exit code that is decided, whatever is still alive in libraries.

    Threads of Arrow or Ray that are there when the interpreter takes itself apart can abort the
    process, and a finished run would end as a failed one. Exit handlers run all the same.
    """
    try:
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _parse_and_run(name: str, jobs: Sequence[Job], version: str, words: list[str]) -> int:
    options = words[: words.index("--")] if "--" in words else words
    if "--version" in options:
        print(version)
        return 0
    job = next((job for job in jobs if job.name == words[0]), None)
    if job is None:
        known = close_name(words[0], [job.name for job in jobs])
        raise SettingsError(f"unknown command {words[0]!r}; {known}")
    return _run_job(job, parse_words(job.settings, words[1:], _read_config(job, options)))


def _run_job(job: Job, settings: BaseSettings) -> int:
    settings = _local_paths(settings)
    settings.check()
    if settings.print_config:
        print(f"job: {job.name}\n{dump_settings(settings)}", end="")
        return 0
    if settings.needs_input and not settings.inputs:
        raise SettingsError(f"no input; for example: {job.example}")
    if isinstance(settings, CommonSettings) and settings.needs_output and not settings.output:
        raise SettingsError("no output folder; give one with -o OUT.")
    result: JobResult = function_of(job)(
        settings, Console(quiet=settings.quiet, verbose=settings.verbose)
    )
    if settings.json:
        print(json.dumps(result.summary))
    else:
        for line in result.lines:
            print(line)
    sys.stdout.flush()
    return result.exit_code


def function_of(job: Job) -> Callable[[Any, Console], JobResult]:
    """What runs a job."""
    if not isinstance(job.run, str):
        return job.run
    function = _named(job.run)
    function = getattr(function, "as_command", function)
    return partial(function, _named(job.app)) if job.app else function


def _named(place: str) -> Any:
    """What stands at "module:name"."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _local_paths(settings: BaseSettings) -> BaseSettings:
    """The settings, file:///path as /path: so is a local path everywhere treated as one."""
    changed: dict[str, Any] = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        if isinstance(value, str):
            changed[each.name] = local_path(value)
        elif isinstance(value, list):
            changed[each.name] = [local_path(item) for item in value]
    return replace(settings, **changed)


def _expand_run(words: list[str], jobs: Sequence[Job]) -> list[str]:
    """`run job.yaml ...` as the job that the file names; a file that lists steps is for `run` itself."""
    if not words or words[0] != "run" or words[1:2] in (["-h"], ["--help"]):
        return words
    if len(words) < 2:
        example = next((job.example for job in jobs if job.name == "run"), "run job.yaml")
        raise SettingsError(f"run needs a YAML file; for example: {example}")
    if any(job.name == "run" for job in jobs) and (
        words[1].startswith("-") or _has_steps(words[1])
    ):
        return words
    return [read_job_name(words[1]), "--config", words[1], *words[2:]]


def _has_steps(path: str) -> bool:
    """Whether a YAML file lists steps, or names no job: then it is no settings of one job.

    Raises:
        SettingsError: It cannot be read, or is no mapping.
    """
    keys = {str(key.value) for key, _ in read_mapping(path)}
    return "steps" in keys or "job" not in keys


def _read_config(job: Job, words: list[str]) -> dict[str, Any]:
    """The settings of the file that `--config` names."""
    for i, word in enumerate(words):
        path = words[i + 1] if word == "--config" and i + 1 < len(words) else None
        path = word.partition("=")[2] if word.startswith("--config=") else path
        if path:
            values = load_settings(job.settings, path)
            return {key: value for key, value in values.items() if key != "config"}
    return {}


def take_output(
    settings: CommonSettings,
    console: Console,
    *,
    job: str,
    version: str,
    inputs: Sequence[str],
    adopt: Adopt | None = None,
) -> OutputFolder:
    """Take the output folder of a command as `--resume` and `--overwrite` say, when its input is known.

    Args:
        settings: The settings of the command.
        console: Is told what was adopted, replaced or taken over.
        job: The job, as in `run.json`.
        version: Of the app.
        inputs: The files that were listed.
        adopt: Knows the folders of versions without manifests.

    Raises:
        InputError: It holds something that the run would mix with or destroy.
    """
    mode = "overwrite" if settings.overwrite else "resume" if settings.resume else "new"
    folder = take(
        settings.output,
        job=job,
        version=version,
        mode=mode,
        inputs=[*settings.inputs, *inputs],
        adopt=adopt,
    )
    for line in folder.said:
        console.say(line)
    return folder


def free_disk_bytes(path: str) -> int | None:
    """Free space where the path is or will be, or None if it is remote."""
    if is_remote(path):
        return None
    place = Path(path).resolve()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _explain(label: str, error: Exception, words: list[str]) -> int:
    if "-v" in words or "--verbose" in words:
        sys.stderr.write(redacted("".join(traceback.format_exception(error))))
    if isinstance(error, CuratorError):
        return _fail(label, str(error), error.exit_code)
    path = error.filename if isinstance(error, OSError) else None
    if trouble := of_storage(error):
        doing = "while writing" if trouble.startswith("disk full") else "at"
        where = f" {doing} {path}" if path else ""
        return _fail(label, f"{trouble}{where}; {remedy(trouble)} and run again with --resume.", 1)
    if path and isinstance(error, OSError):
        return _fail(label, f"{error.strerror}: {path}; mend that and run again with --resume.", 1)
    message = " ".join(f"{type(error).__name__}: {error}".split())
    return _fail(label, f"unexpected {message}. Run again with -v for the traceback.", 1)


def _fail(label: str, message: str, code: int) -> int:
    print(f"{label}: {redacted(message)}", file=sys.stderr, flush=True)
    return code


def _raise_terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    error = InterruptedRunError("terminated; run again with --resume to go on.")
    error.exit_code = 143
    raise error
