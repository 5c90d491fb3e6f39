"""Recordings into clean segments: decode each once, measure, cut, decide, write what stays.

segments.parquet        a row per segment, with all scores, whether it is kept, and why not
data/                   the kept segments, a file each
manifest.jsonl          the same as NeMo's manifest
cuts.jsonl              the same as cuts of lhotse
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator_audio import __version__
from curator_audio.pipelines.segment_workflow import SegmentWorkflow, counts_of
from curator_audio.recordings.manifests import join_manifests
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.settings import CurateSettings
from curator_engine.running.shard_runs import ShardRun

NAME = "curate"


@dataclass(kw_only=True)
class CurateWorkflow(SegmentWorkflow[CurateSettings]):
    """Curate recordings; `curator-audio curate` in Python.

    Example:
        >>> settings = CurateSettings(inputs=["recordings"], output="curated")
        >>> CurateWorkflow(settings=settings).run().metadata["kept"]
        41
    """

    job, version = NAME, __version__

    def recipe(self) -> CurateSettings:
        """Its own settings."""
        return self.settings

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """The segments of all shards in their order, and the lists of what is kept."""
        table = SEGMENTS.sorted(SEGMENTS.read(run.path) for run in runs)
        SEGMENTS.write(output, table)
        join_manifests([run.path for run in runs], output, table)
        facts |= counts_of(table)
