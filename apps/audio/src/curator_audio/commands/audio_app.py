"""What the engine's commands on finished runs need to know of recordings."""

from typing import Any

import pyarrow as pa

from curator_audio import __version__
from curator_audio.pipelines.kept_segments import rewrite_kept
from curator_audio.pipelines.segment_workflow import counts_of
from curator_audio.recordings.measure_recordings import READ, SOUND, SPEECH
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.report.page import build_page
from curator_engine.commands.item_app import ItemApp
from curator_engine.counted import counted
from curator_engine.files.output_folder import OutputFolder, take
from curator_engine.items.copies import COPIES
from curator_engine.running.run_record import read_record, write_record

SEGMENT_JOBS = ("curate", "transcribe", "diarize", "vad")
"""Jobs that leave `segments.parquet`."""


class AudioApp(ItemApp):
    """Recordings."""

    def change(self, output: str) -> OutputFolder:
        """Take the folder of a finished run of any job that makes segments.

        Raises:
            InputError: It is no such folder, or another run is writing into it.
        """
        made_by = read_record(output).get("job")
        job = str(made_by) if made_by in SEGMENT_JOBS else self.job
        return take(output, job=job, version=self.version, mode="resume", adopt=self.adopt)

    def apply(self, output: str, table: pa.Table, record: dict[str, Any]) -> tuple[int, str]:
        """Write data/ and the lists again out of the input, then the table."""
        before = SEGMENTS.read(output)
        marks = (each.column("keep").to_pylist() for each in (before, table))
        changed = sum(was != now for was, now in zip(*marks, strict=True))
        SEGMENTS.write(output, rewrite_kept(output, table, before, record.get("settings", {})))
        self.count(output, record)
        line = (
            f"marks of {counted(changed, 'segments')} changed; data/ and the lists agree with them"
        )
        return changed, line

    def count(self, output: str, record: dict[str, Any]) -> None:
        """The counts of run.json."""
        record["facts"] |= counts_of(SEGMENTS.read(output))
        write_record(output, record)

    def page(self, output: str) -> str:
        """The page with sounds."""
        return build_page(output)


AUDIO_APP = AudioApp(
    items=SEGMENTS,
    program="curator-audio",
    job="curate",
    version=__version__,
    lasting=(READ, SOUND, SPEECH, *COPIES),
    needs_file=False,
    shard_kinds=("audio", "metas"),
    shown=("uuid", "place", "start_s", "end_s", "keep", "path", "text"),
)
