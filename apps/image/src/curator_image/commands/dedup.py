"""The command `curator-image dedup`: find copies among the pictures of a run by their stored fingerprints."""

import pyarrow as pa

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import dedup_copies
from curator_image.commands.image_app import IMAGE_APP
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.images.decide import pairs_of
from curator_image.images.image_table import IMAGES
from curator_image.pipelines.curate import find_again, semantic_search
from curator_image.result_settings import DedupSettings


def run(settings: DedupSettings, console: Console) -> JobResult:
    """See `dedup_copies`.

    Raises:
        CuratorError: Not the folder of a finished run, or its input is gone.
    """

    def find(output: str) -> tuple[pa.Table, pa.Table]:
        before = IMAGES.read(output)
        if settings.eps != "off":
            IMAGE_APP.searched(output, {})
        prints = FINGERPRINT_FILE.open(output)
        semantic = semantic_search([output], settings)
        table = find_again(
            output, before, prints, settings, semantic=semantic, progress=console.progress()
        )
        for line in semantic.said() if semantic else ():
            console.say(line)
        return table, pairs_of(table)

    return dedup_copies(IMAGE_APP, settings, console, find, apply=settings.apply)
