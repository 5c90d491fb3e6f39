"""The command `merge`: its settings, and how an app gets it. The work is `merge.py`'s."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.settings import BaseSettings, Flag, Group, Job, Kind, Short
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class MergeSettings(BaseSettings):
    """Settings of `merge`."""

    takes: ClassVar[str] = "SHARDS"
    """The folder with the folders of the shards: the -o of the runs with --shard."""
    output: Annotated[str, Short("o"), Group.FILES, Kind.FOLDER] = ""
    """Folder for the result, outside of that of the shards."""
    drop_shards: Annotated[Flag, Group.FILES] = False
    """Remove what the shards have written when all of it is in the result."""
    resume: Annotated[Flag, Group.RUNNING] = False
    """Go on with a merge that was stopped."""
    overwrite: Annotated[Flag, Group.RUNNING] = False
    """Remove the result of an earlier run first."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or no output.
        """
        super().check()
        if len(self.inputs) > 1:
            raise SettingsError(
                f"one folder of shards, please; {len(self.inputs)} were given. For several jobs, merge each."
            )
        if self.inputs and not self.output:
            raise SettingsError("no output folder; give one with -o OUT.")
        if self.resume and self.overwrite:
            raise SettingsError("--resume and --overwrite exclude each other; choose one.")


def merge_job(program: str, workflows: Mapping[str, str]) -> Job:
    """The command `merge` of an app.

    Args:
        program: The app's command.
        workflows: Where the workflow of each job is that can be done in shards, as "module:class".
    """
    return Job(
        name="merge",
        settings=MergeSettings,
        run=partial(_run, workflows=workflows),
        help="Join what the shards of a job have left (--shard) to one run.",
        example=f"{program} merge shards -o result",
    )


def _run(settings: MergeSettings, console: Console, *, workflows: Mapping[str, str]) -> JobResult:
    from curator_engine.commands.merge import merge

    return merge(settings, console, workflows=workflows)
