"""The command `curator-audio dedup`: find copies among the segments of a run by their fingerprints."""

from collections import Counter

from curator_audio.commands.audio_app import AUDIO_APP
from curator_audio.pipelines.fingerprints import fingerprints_against, fingerprints_of
from curator_audio.recordings.copies import COPIES, brought_back, without_copies
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.result_settings import DedupSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.files.output_folder import refuse_overlap
from curator_engine.files.paths import join
from curator_engine.items.item_table import DUPLICATES
from curator_engine.running.run_record import read_record
from curator_engine.stages.table_files import write_table


def run(settings: DedupSettings, console: Console) -> JobResult:
    """Find copies, and mark them if asked to; those of an earlier call may come back.

    Raises:
        CuratorError: Not the folder of a finished run, or its input has changed or is gone.
    """
    output = settings.inputs[0]
    record = read_record(output)
    refuse_overlap(output, settings.against)
    with AUDIO_APP.change(output):
        before = brought_back(SEGMENTS.read(output))
        prints = fingerprints_of(output, before, workers=settings.workers)
        against, rejected = None, 0
        if settings.against:
            against, rejected = fingerprints_against(
                output, settings.against, workers=settings.workers
            )
        if rejected:
            console.warn(f"{rejected:,} recordings of --against cannot be read; see quarantine/")
        table, pairs = without_copies(
            before,
            prints,
            keep=settings.keep,
            near=settings.near == "drop",
            threshold=settings.threshold,
            min_overlap=settings.min_overlap,
            against=against,
        )
        write_table(join(output, DUPLICATES), pairs)
        counts = Counter(table.column("drop_stage").to_pylist())
        found = {stage: counts[stage] for stage in COPIES}
        lines = [
            ", ".join(f"{count:,} {stage}" for stage, count in found.items())
            + f" of {table.num_rows:,} segments are copies of "
            + f"{len(set(pairs.column('kept_id').to_pylist())):,} that stay"
        ]
        moved = 0
        if settings.apply:
            moved, line = AUDIO_APP.apply(output, table, record)
            lines.append(line)
        else:
            lines.append(
                f"listed in {join(output, DUPLICATES)}; --apply marks them and writes data/ again"
            )
        if note := AUDIO_APP.try_page(output):
            console.warn(note)
    summary = {"segments": table.num_rows, **found, "applied": settings.apply, "moved": moved}
    return JobResult(summary=summary, lines=lines, exit_code=3 if rejected else 0)
