"""The command `curator-image dedup`: find copies among the pictures of a run by their stored fingerprints."""

from collections import Counter

from curator_engine.commands.cli import Console, JobResult
from curator_engine.files.paths import join
from curator_engine.items.item_table import DUPLICATES
from curator_engine.running.run_record import read_record
from curator_engine.stages.table_files import write_table
from curator_image.commands.image_app import IMAGE_APP
from curator_image.images.decide import COPIES, pairs_of, without_copies
from curator_image.images.fingerprints import open_fingerprints
from curator_image.images.image_table import IMAGES
from curator_image.images.originals import Originals
from curator_image.result_settings import DedupSettings


def run(settings: DedupSettings, console: Console) -> JobResult:
    """Find copies, and mark them if asked to; those of an earlier call may come back.

    Raises:
        CuratorError: Not the folder of a finished run, or its input is gone.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with IMAGE_APP.change(output):
        before = IMAGES.read(output)
        table = without_copies(
            before, open_fingerprints(output), settings, data_of=Originals(before)
        )
        pairs = pairs_of(table)
        counts = Counter(table.column("drop_stage").to_pylist())
        found = {stage: counts[stage] for stage in COPIES}
        lines = [
            ", ".join(f"{count:,} {stage}" for stage, count in found.items())
            + f" of {table.num_rows:,} images are copies of "
            + f"{len(set(pairs.column('kept_id').to_pylist())):,} that stay"
        ]
        if settings.apply:
            moved, line = IMAGE_APP.apply(output, table, record)
            lines.append(line)
        else:
            moved = 0
            write_table(join(output, DUPLICATES), pairs)
            lines.append(
                f"listed in {join(output, DUPLICATES)}; --apply marks them and writes data/ again"
            )
        if note := IMAGE_APP.try_page(output):
            console.warn(note)
    summary = {"images": table.num_rows, **found, "applied": settings.apply, "moved": moved}
    return JobResult(summary=summary, lines=lines)
