"""Recordings into clean segments: decode each once, measure, cut, decide, write what stays.

segments.parquet        a row per segment, with all scores, whether it is kept, and why not
data/                   the kept segments, a file each
manifest.jsonl          the same as NeMo's manifest
cuts.jsonl              the same as cuts of lhotse
"""

from dataclasses import dataclass

from curator_audio import __version__
from curator_audio.pipelines.segment_workflow import SegmentWorkflow
from curator_audio.settings import CurateSettings

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
