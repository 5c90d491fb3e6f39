"""Where somebody speaks in recordings.

rttm/                   a file per recording: its stretches of speech
segments.parquet        a row per stretch, as that of `curate`, with its measures
manifest.jsonl          the same as NeMo's manifest; it names the input's files and spans
cuts.jsonl              the same as cuts of lhotse
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_audio import __version__
from curator_audio.pipelines.segment_workflow import SegmentWorkflow
from curator_audio.recordings.by_recording import by_recording, kept, names_of
from curator_audio.recordings.write_rttm import write_rttm
from curator_audio.settings import CurateSettings, VadSettings
from curator_audio.speakers.turns import Turn

SPEECH = "speech"
"""What RTTM files have as the speaker."""


@dataclass(kw_only=True)
class VadWorkflow(SegmentWorkflow[VadSettings]):
    """Find speech in recordings; `curator-audio vad` in Python.

    Example:
        >>> settings = VadSettings(inputs=["recordings"], output="speech")
        >>> VadWorkflow(settings=settings).run().metadata["kept_s"]
        312.5
    """

    job, version = "vad", __version__

    def recipe(self) -> CurateSettings:
        """No segment is dropped, and none is written."""
        given = self.settings
        return CurateSettings(
            inputs=given.inputs,
            output=given.output,
            vad_threshold=given.vad_threshold,
            max_pause=given.max_pause,
            max_segment=given.max_segment,
            output_format="none",
        )

    def finish(self, table: pa.Table, facts: dict[str, Any]) -> None:
        """Write the RTTM files."""
        recordings = by_recording(table)
        spans = [
            [Turn(start_s=r["start_s"], end_s=r["end_s"], speaker=SPEECH) for r in kept(rows)]
            for rows in recordings
        ]
        write_rttm(self.settings.output, dict(zip(names_of(recordings), spans, strict=True)))
