"""The finished result in the output folder of a command, if it is there; else what a run replaces."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pyarrow.parquet as pq

from curator_engine.commands.cli import Console
from curator_engine.commands.settings import CommonSettings
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.run_record import changed_files, finished_facts, replaced
from curator_engine.task import short_hash
from curator_text.dedup.removal import known_path
from curator_text.dedup.run_folder import FILES
from curator_text.pipelines.run_record import tidy_up


class KnownByKey(Protocol):
    """A workflow whose record says what it was a run of."""

    key: str
    cache_path: str | None

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on."""
        ...


def finished_result(
    settings: CommonSettings,
    console: Console,
    workflow: KnownByKey,
    files: Sequence[FileInfo],
    *,
    is_current: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> dict[str, Any] | None:
    """The facts of a finished run of the same settings and input, or None if there is something to do.

    Says which, and with `--resume` what the run takes the place of.

    Args:
        settings: Those of the command.
        console: Is told.
        workflow: Gets its key.
        files: The input.
        is_current: Whether what a finished run was compared with is as it was, given its facts.
    """
    output = settings.output
    workflow.key = short_hash(
        repr(workflow.settings()), *(f"{file.path} {file.stamp}" for file in files)
    )
    if settings.resume:
        facts = finished_facts(output, workflow.key)
        if facts is not None and is_current(facts):
            if note := tidy_up(output, workflow.cache_path):
                console.warn(note)
            console.say(f"{output} is finished already; nothing to do.")
            return facts
        changed = _changed_files(output, files) if settings.limit is None else []
        line = replaced(output, workflow.settings(), key=workflow.key, files=changed)
        if facts is not None:
            line = f"{output} holds a finished run, and its index has changed since: its result is replaced"
        if line:
            console.say(line)
    console.say(f"result in {output}; if stopped, the same command with --resume goes on")
    return None


def _changed_files(output: str, files: Sequence[FileInfo]) -> list[str]:
    """How the input differs from that of the run that a folder holds; [] if that is not known."""
    path = join(output, FILES)
    if not exists(path):
        return []
    with open_read(path) as raw:
        rows = pq.read_table(raw, columns=["path", "stamp"]).to_pylist()
    now = {known_path(file.path): file.stamp for file in files}
    return changed_files({row["path"]: row["stamp"] for row in rows}, now)
