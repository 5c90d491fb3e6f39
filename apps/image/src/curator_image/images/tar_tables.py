"""A table beside each tar of kept pictures, as NeMo Curator's `ImageWriterStage` has them.

000000-00000.tar        <id>.jpg and what goes with it
000000-00000.parquet    image_id, tar_file, member_name, original_path, metadata, scores
"""

import json
from typing import Any

import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.stages.table_files import write_table
from curator_image.images.image_writer import ROWS

_TAR = ".tar/"
_SCORES = ("aesthetic_score", "nsfw_score")


def write_tar_tables(folder: str, table: pa.Table, *, below: str) -> None:
    """Write the tables.

    Args:
        folder: Where the tars lie.
        table: Rows of `images.parquet`, of which the kept ones lie in these tars.
        below: The name of that folder, which paths in the table begin with.

    Raises:
        StorageError: A table cannot be written.
    """
    known = [name for name in _SCORES if name in table.column_names]
    columns = ["uuid", "keep", "path", "place", "caption", "fields", *known]
    tars: dict[str, list[dict[str, Any]]] = {}
    for row in table.select(columns).to_pylist():
        if not row["keep"] or _TAR not in (row["path"] or ""):
            continue
        stem, _, member = row["path"].removeprefix(f"{below}/").partition(_TAR)
        about = {"caption": row["caption"] or "", **json.loads(row["fields"] or "{}")}
        tars.setdefault(stem, []).append(
            {
                "image_id": row["uuid"],
                "tar_file": f"{stem}.tar",
                "member_name": member,
                "original_path": row["place"],
                "metadata": json.dumps(about, ensure_ascii=False),
                **{name: row[name] for name in known},
            }
        )
    for stem, rows in tars.items():
        write_table(join(folder, f"{stem}.parquet"), pa.Table.from_pylist(rows, ROWS))
