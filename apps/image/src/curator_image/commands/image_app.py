"""What the engine's commands on finished runs need to know of pictures."""

from typing import Any

import pyarrow as pa

from curator_engine.commands.item_app import ItemApp
from curator_engine.files.paths import join
from curator_engine.items.item_table import DUPLICATES
from curator_engine.running.run_record import write_record
from curator_engine.stages.table_files import write_table
from curator_image import __version__
from curator_image.images.decide import COPIES, pairs_of
from curator_image.images.image_table import IMAGES
from curator_image.pipelines.curate import counts_of
from curator_image.pipelines.kept_images import rewrite_kept
from curator_image.report.page import build_page


class ImageApp(ItemApp):
    """Pictures."""

    def apply(self, output: str, table: pa.Table, record: dict[str, Any]) -> tuple[int, str]:
        """Write data/ again out of the input, then the table."""
        before = IMAGES.read(output)
        changed = sum(
            was != now
            for was, now in zip(
                before.column("keep").to_pylist(), table.column("keep").to_pylist(), strict=True
            )
        )
        table = rewrite_kept(output, table, before, record.get("settings", {}))
        write_table(join(output, DUPLICATES), pairs_of(table))
        IMAGES.write(output, table)
        self.count(output, record)
        return changed, f"{changed:,} images changed their mark; data/ was written again"

    def count(self, output: str, record: dict[str, Any]) -> None:
        """The counts of run.json."""
        record["facts"] |= counts_of(IMAGES.read(output))
        write_record(output, record)

    def page(self, output: str) -> str:
        """The page with sizes and groups of copies."""
        return build_page(output)


IMAGE_APP = ImageApp(
    items=IMAGES,
    program="curator-image",
    job="curate",
    version=__version__,
    lasting=("read", *COPIES),
    needs_file=False,
    shown=("uuid", "place", "keep", "path", "caption"),
)
