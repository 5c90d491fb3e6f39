"""The frame of the jobs that cut recordings into segments: decode each once, find out what is asked for, write.

A job says what it asks for as settings of `curate`, and what it writes beside `segments.parquet`.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_audio.models.recognisers import try_recogniser
from curator_audio.pipelines.fingerprints import fingerprints_in
from curator_audio.pipelines.kept_segments import write_kept
from curator_audio.recordings.copies import without_copies
from curator_audio.recordings.find_speakers import FindSpeakers, check_speakers
from curator_audio.recordings.manifests import MANIFEST
from curator_audio.recordings.measure_recordings import (
    PASSED_OVER,
    READ,
    SOUND,
    SPEECH,
    MeasureRecordings,
)
from curator_audio.recordings.rate_segments import STAGE as RATINGS
from curator_audio.recordings.rate_segments import RateSegments
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
from curator_engine.commands.settings import CommonSettings
from curator_engine.counted import counted
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.sharding import in_shard
from curator_engine.files.storage import exists, remove_tree
from curator_engine.items.item_table import DUPLICATES
from curator_engine.items.limit import Limit
from curator_engine.running.run_record import RECORD_FILE
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, Format, find_inputs
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask

_RATED = ("sigmos", "squim", "utmos")
"""Options that name networks which rate segments."""


@dataclass(kw_only=True)
class SegmentWorkflow[S: CommonSettings](FolderWorkflow[S]):
    """Recordings into segments, by what a job asks for."""

    draw = staticmethod(build_page)

    _models_are_known: bool = field(default=False, init=False, repr=False)

    @abstractmethod
    def recipe(self) -> CurateSettings:
        """What is found out and written, as settings of `curate`."""

    def finish(self, table: pa.Table, facts: dict[str, Any]) -> None:
        """Write what the job makes of the segments, and add to the facts.

        Args:
            table: Rows of `segments.parquet`.
            facts: The counts of `run.json`.
        """

    @classmethod
    def reads(cls, settings: S) -> Format:
        """Recordings, and files that hold some."""
        return "audio"

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def listed(self) -> Listing:
        """The input, which is listed once; folders of runs stand for their lists.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        if self.listing is None:
            found = find_recordings(self.settings.inputs)
            self.listing = in_shard(found, self.settings.shard)
        return self.listing

    def recorded(self) -> dict[str, Any]:
        """The settings that the result may depend on, and whether segments are written."""
        return super().recorded() | {"output_format": self.recipe().output_format}

    def check(self) -> None:
        """Look at the models that are asked for, once: the command looks before it makes a folder."""
        if self._models_are_known:
            return
        recipe = self.recipe()
        for stage in _ratings(recipe):
            stage.check()
        if recipe.transcribe:
            try_recogniser(recipe.transcribe, align=recipe.align, language=recipe.language or "")
        if recipe.speakers:
            check_speakers()
        self._models_are_known = True

    def stages(self) -> list[AnyStage]:
        """What every recording goes through once."""
        places = [list_of_run(each) for each in self.settings.inputs]
        source = FilePartitioner(file_paths=places, file_format="audio")
        return [source, *self._heard(join(self.cache, "parts"))]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Measure, decide, write."""
        recipe, output = self.recipe(), self.settings.output
        given = tasks_of(self.listed().files[: self.settings.limit]) if tasks is None else tasks
        parts = join(self.cache, "parts")
        steps.run("measure", self._heard(parts), given)
        table = SEGMENTS.read_parts(join(parts, ROWS))
        facts["notes"] = [*_passed_over(steps), *not_judged(recipe, table)]
        if recipe.dedup == "off":
            # An earlier run of other settings may have written it.
            remove_tree(join(output, DUPLICATES))
        else:
            prints = fingerprints_in(steps, given, table)
            table, pairs = without_copies(table, prints, near=recipe.dedup == "near")
            write_table(join(output, DUPLICATES), pairs)
        table = write_kept(
            steps,
            given,
            table,
            output_format=recipe.output_format,
            rate=recipe.rate,
            mono=recipe.mono,
        )
        SEGMENTS.write(output, table)
        counts = counts_of(table)
        self.finish(table, counts)
        facts |= counts

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which segments stay."""
        return "kept" in facts

    def _heard(self, parts: str) -> list[AnyStage]:
        recipe = self.recipe()
        stages: list[AnyStage] = [
            MeasureRecordings(
                cut=recipe.cut,
                limits=_limits(recipe),
                speech=SpeechRule(threshold=recipe.vad_threshold),
                segment=SegmentRule(max_s=recipe.max_segment, max_pause_s=recipe.max_pause),
                dnsmos=recipe.dnsmos,
            ),
            *_ratings(recipe),
        ]
        if recipe.speakers:
            # Before transcripts: what speakers drop need not be written down.
            stages.append(
                FindSpeakers(
                    max_speakers=recipe.max_speakers or 0,
                    device=recipe.device,
                    limits=_limits(recipe, "speakers"),
                )
            )
        if recipe.transcribe:
            stages.append(
                TranscribeSegments(
                    model=recipe.transcribe,
                    device=recipe.device,
                    language=recipe.language or "",
                    align=recipe.align,
                    limits=_limits(recipe, "transcribe"),
                )
            )
        return [*stages, WriteRows(parts=parts)]


def find_recordings(inputs: Sequence[str]) -> Listing:
    """The files of an input; the folder of a run stands for the list of its kept segments.

    Raises:
        InputError: A path is missing or nothing matches.
    """
    return find_inputs([list_of_run(each) for each in inputs], file_format="audio")


def list_of_run(place: str) -> str:
    """The list of kept segments, if a place is the folder of a run; else the place."""
    lists = join(place, MANIFEST)
    return lists if exists(join(place, RECORD_FILE)) and exists(lists) else place


def counts_of(table: pa.Table) -> dict[str, Any]:
    """How many recordings and segments there are, which stay and which go, and as what."""
    stages = Counter(table.column("drop_stage").to_pylist())
    kept, unread = stages.pop("", 0), stages.pop(READ, 0)
    mute, silent = stages.pop(SOUND, 0), stages.pop(SPEECH, 0)
    names = ("recording", "recording_s", "start_s", "end_s", "keep", "drop_stage")
    rows = table.select(list(names)).to_pylist()
    lengths = {row["recording"]: row["recording_s"] for row in rows if row["recording"]}
    seconds = {
        "recordings_s": sum(lengths.values()),
        "segments_s": sum(_length(r) for r in rows if r["drop_stage"] != SPEECH),
        "kept_s": sum(_length(row) for row in rows if row["keep"]),
    }
    return {
        "recordings": len(lengths) + unread,
        "segments": kept + sum(stages.values()),
        "kept": kept,
        "dropped": sum(stages.values()),
        "unreadable": unread,
        "without_sound": mute,
        "without_speech": silent,
        "dropped_by": dict(sorted(stages.items())),
        **{name: round(value, 3) for name, value in seconds.items()},
    }


def _ratings(recipe: CurateSettings) -> list[RateSegments]:
    """What rates segments; nothing if no network is asked for."""
    asked = {name: value for name in _RATED if (value := getattr(recipe, name))}
    limits = _limits(recipe, RATINGS)
    return [RateSegments(**asked, device=recipe.device, limits=limits)] if asked else []


def _limits(recipe: CurateSettings, stage: str = "") -> list[Limit]:
    """The limits on what a stage finds out; without one, on what is measured."""
    later = {"speakers": "speakers", "transcribe": "transcribe"} | dict.fromkeys(_RATED, RATINGS)
    made_by = {score.column: later.get(score.made_by, "") for score in SCORE_TABLE}
    return [limit for limit in recipe.score_limits() if made_by[limit.score] == stage]


def not_judged(recipe: CurateSettings, table: pa.Table) -> list[str]:
    """Lines on limits on what kept segments lack, as word errors where no text came with them.

    Args:
        recipe: The limits.
        table: Rows of `segments.parquet`.
    """
    kept = table.filter(table.column("keep"))
    asked = {score.column for score in SCORE_TABLE if recipe.measures(score)}
    names = dict.fromkeys(limit.score for limit in recipe.score_limits() if limit.score in asked)
    lacking = {name: kept.column(name).null_count for name in names}
    return [
        f"{count:,} of {counted(kept.num_rows, 'kept segments')} without {name} are not judged by it"
        for name, count in lacking.items()
        if count
    ]


def _length(row: dict[str, Any]) -> float:
    return float(row["end_s"] - row["start_s"])


def _passed_over(steps: Steps) -> list[str]:
    """What tars and lists hold beside recordings, as a line; none if nothing."""
    counts: dict[str, float] = {}
    for stage in steps.reports["measure"].stages:
        counts |= {k: v for k, v in stage.metrics.items() if v and k.startswith(PASSED_OVER)}
    said = [f"{count:,.0f} {name.removeprefix(PASSED_OVER)}" for name, count in counts.items()]
    return [f"passed over in files: {', '.join(sorted(said))}"] if said else []
