"""The command `curator-audio dedup`: find copies among the segments of a run by their fingerprints."""

from dataclasses import replace

import pyarrow as pa

from curator_audio.commands.audio_app import AUDIO_APP
from curator_audio.pipelines.fingerprints import fingerprints_against, fingerprints_of
from curator_audio.recordings.copies import without_copies
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.result_settings import DedupSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import dedup_copies
from curator_engine.counted import counted
from curator_engine.files.output_folder import refuse_overlap
from curator_engine.items.copies import COPIES, FACTS
from curator_engine.items.item_table import lifted


def run(settings: DedupSettings, console: Console) -> JobResult:
    """See `dedup_copies`.

    Raises:
        CuratorError: Not the folder of a finished run, or its input has changed or is gone.
    """
    rejected = 0

    def find(output: str) -> tuple[pa.Table, pa.Table]:
        nonlocal rejected
        refuse_overlap(output, settings.against)
        before = lifted(SEGMENTS.read(output), COPIES, facts=FACTS)
        prints, against = fingerprints_of(output, before, workers=settings.workers), None
        if settings.against:
            against, rejected = fingerprints_against(
                output, settings.against, workers=settings.workers
            )
        if rejected:
            console.warn(
                f"{counted(rejected, 'recordings')} of --against cannot be read; see quarantine/"
            )
        return without_copies(
            before,
            prints,
            keep=settings.keep,
            near=settings.near == "drop",
            threshold=settings.threshold,
            min_overlap=settings.min_overlap,
            against=against,
        )

    result = dedup_copies(AUDIO_APP, settings, console, find, apply=settings.apply)
    return replace(result, exit_code=3) if rejected else result
