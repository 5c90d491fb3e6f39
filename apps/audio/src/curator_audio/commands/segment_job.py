"""What the commands that make segments have in common: the input, and what is said of recordings."""

from dataclasses import dataclass
from typing import Any

from curator_audio.pipelines.segment_workflow import SegmentWorkflow, find_recordings
from curator_engine.commands.cli import JobResult
from curator_engine.commands.settings import CommonSettings
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.files.listing import Listing
from curator_engine.files.sharding import in_shard

_FACTS = (
    *("recordings", "segments", "kept", "dropped", "unreadable", "without_sound", "without_speech"),
    *("dropped_by", "recordings_s", "segments_s", "kept_s", "quarantined", "notes"),
)


@dataclass(kw_only=True)
class SegmentJob[S: CommonSettings, W: SegmentWorkflow[Any]](WorkflowJob[S, W]):
    """Recordings into segments."""

    has_kernels = True

    def listed(self) -> Listing:
        """The input, listed; folders of runs stand for their lists.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        return in_shard(find_recordings(self.settings.inputs), self.settings.shard)

    def said(
        self, facts: dict[str, Any], found: list[str], *, files: str, more: tuple[str, ...] = ()
    ) -> JobResult:
        """What is printed: recordings, what was found, what was lost, how fast, and where the result is.

        Args:
            facts: Of the run.
            found: Lines on what the job found out.
            files: Names of what it wrote.
            more: Facts of the job for `--json`.
        """
        seconds, heard = facts["total_time"], facts["recordings_s"]
        mute = facts.get("without_sound", 0)
        lines = [
            f"{counted(facts['recordings'], 'recordings')} of {heard:,.1f} s"
            + (f", {facts['unreadable']:,} unreadable" if facts["unreadable"] else "")
            + (f", {facts['without_speech']:,} without speech" if facts["without_speech"] else "")
            + (f", and {counted(mute, 'videos')} without sound" if mute else ""),
            *found,
        ]
        return self.told(
            facts,
            lines,
            {name: facts.get(name) for name in (*_FACTS, *more)},
            files=files,
            pace=f"{seconds:.1f} s, {heard / max(seconds, 0.001):,.0f} x real time",
        )
