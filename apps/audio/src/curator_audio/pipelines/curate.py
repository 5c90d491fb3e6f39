"""Recordings into clean segments: decode each once, measure, cut, decide, write what stays.

segments.parquet        a row per segment, with all scores, whether it is kept, and why not
data/                   the kept segments, a file each
manifest.jsonl          the same as NeMo's manifest
cuts.jsonl              the same as cuts of lhotse
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_audio import __version__
from curator_audio.models.recognisers import check_recogniser
from curator_audio.pipelines.kept_segments import write_kept
from curator_audio.recordings.measure_recordings import (
    PASSED_OVER,
    READ,
    SPEECH,
    MeasureRecordings,
)
from curator_audio.recordings.recording_tasks import tasks_of
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.recordings.transcribe_segments import TranscribeSegments
from curator_audio.recordings.write_rows import ROWS, WriteRows
from curator_audio.report.page import build_page
from curator_audio.score_table import SCORE_TABLE
from curator_audio.segments.fit_segments import SegmentRule
from curator_audio.segments.speech_spans import SpeechRule
from curator_audio.settings import CurateSettings
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.files.paths import join
from curator_engine.report.html_page import try_page
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, Format
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask

NAME = "curate"


@dataclass(kw_only=True)
class CurateWorkflow(FolderWorkflow[CurateSettings]):
    """Curate recordings; `curator-audio curate` in Python.

    Example:
        >>> settings = CurateSettings(inputs=["recordings"], output="curated")
        >>> CurateWorkflow(settings=settings).run().metadata["kept"]
        41
    """

    job, version = NAME, __version__

    @classmethod
    def reads(cls, settings: CurateSettings) -> Format:
        """Recordings, and files that hold some."""
        return "audio"

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def check(self) -> None:
        """Look at the model that is asked for."""
        if self.settings.transcribe:
            check_recogniser(self.settings.transcribe)

    def stages(self) -> list[AnyStage]:
        """What every recording goes through once."""
        source = FilePartitioner(file_paths=self.settings.inputs, file_format="audio")
        return [source, *self._measured(join(self.cache, "parts"))]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Measure, decide, write."""
        settings, output = self.settings, self.settings.output
        given = tasks_of(self.listed().files[: settings.limit]) if tasks is None else tasks
        parts = join(self.cache, "parts")
        steps.run("measure", self._measured(parts), given)
        facts["notes"] = _passed_over(steps)
        table = write_kept(
            steps,
            given,
            SEGMENTS.read_parts(join(parts, ROWS)),
            output_format=settings.output_format,
            rate=settings.rate,
            mono=settings.mono,
        )
        SEGMENTS.write(output, table)
        facts |= counts_of(table)

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which segments stay."""
        return "kept" in facts

    @classmethod
    def page_of(cls, output: str) -> str | None:
        """Write `report.html`."""
        return try_page(build_page, output)

    def _measured(self, parts: str) -> list[AnyStage]:
        settings = self.settings
        heard = {score.column for score in SCORE_TABLE if score.made_by == "transcribe"}
        limits = settings.score_limits()
        measure = MeasureRecordings(
            cut=settings.cut,
            limits=[limit for limit in limits if limit.score not in heard],
            speech=SpeechRule(threshold=settings.vad_threshold),
            segment=SegmentRule(max_s=settings.max_segment, max_pause_s=settings.max_pause),
            dnsmos=settings.dnsmos,
        )
        if not settings.transcribe:
            return [measure, WriteRows(parts=parts)]
        transcribe = TranscribeSegments(
            model=settings.transcribe,
            device=settings.device,
            language=settings.language or "",
            limits=[limit for limit in limits if limit.score in heard],
        )
        return [measure, transcribe, WriteRows(parts=parts)]


def counts_of(table: pa.Table) -> dict[str, Any]:
    """How many recordings and segments there are, which stay and which go, and as what."""
    stages = Counter(table.column("drop_stage").to_pylist())
    kept, unread = stages.pop("", 0), stages.pop(READ, 0)
    silent = stages.pop(SPEECH, 0)
    names = ("recording", "recording_s", "start_s", "end_s", "keep", "drop_stage")
    rows = table.select(list(names)).to_pylist()
    lengths = {row["recording"]: row["recording_s"] for row in rows if row["recording"]}
    seconds = {
        "recordings_s": sum(lengths.values()),
        "segments_s": sum(_length(r) for r in rows if r["drop_stage"] not in (READ, SPEECH)),
        "kept_s": sum(_length(row) for row in rows if row["keep"]),
    }
    return {
        "recordings": len(lengths) + unread,
        "segments": kept + sum(stages.values()),
        "kept": kept,
        "dropped": sum(stages.values()),
        "unreadable": unread,
        "without_speech": silent,
        "dropped_by": dict(sorted(stages.items())),
        **{name: round(value, 3) for name, value in seconds.items()},
    }


def _length(row: dict[str, Any]) -> float:
    return float(row["end_s"] - row["start_s"])


def _passed_over(steps: Steps) -> list[str]:
    """What tars and lists hold beside recordings, as a line; none if nothing."""
    counts: dict[str, float] = {}
    for stage in steps.reports["measure"].stages:
        counts |= {k: v for k, v in stage.metrics.items() if v and k.startswith(PASSED_OVER)}
    said = [f"{count:,.0f} {name.removeprefix(PASSED_OVER)}" for name, count in counts.items()]
    return [f"passed over in files: {', '.join(sorted(said))}"] if said else []
