"""What the engine's commands on finished runs need to know of pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.commands.item_app import ItemApp
from curator_engine.commands.item_settings import SearchSettings
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.items.copies import COPIES
from curator_engine.items.item_table import DUPLICATES
from curator_engine.items.shards import FilesOf, Sample
from curator_engine.items.stored_embeddings import embedding_files
from curator_engine.running.run_record import read_record, write_record
from curator_engine.stages.table_files import write_table
from curator_image import __version__
from curator_image.duplicates.semantic import EMBEDDING
from curator_image.images.decide import pairs_of
from curator_image.images.image_table import IMAGES
from curator_image.images.packed import ending_for
from curator_image.images.written import WrittenImages
from curator_image.pipelines.curate import counts_of
from curator_image.pipelines.kept_images import rewrite_kept
from curator_image.read.picture import PictureError, open_picture
from curator_image.report.page import build_page
from curator_image.scores.embedding import load_clip


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
        table, _ = rewrite_kept(output, table, before, record.get("settings", {}))
        write_table(join(output, DUPLICATES), pairs_of(table))
        IMAGES.write(output, table)
        self.count(output, record)
        return changed, f"marks of {counted(changed, 'images')} changed; data/ agrees with them"

    def count(self, output: str, record: dict[str, Any]) -> None:
        """The counts of run.json."""
        record["facts"] |= counts_of(IMAGES.read(output))
        write_record(output, record)

    def files_of(self, output: str, table: pa.Table) -> FilesOf:
        """The picture as it lies in data/, loose or in a tar or table, and its caption as .txt."""
        names = ("uuid", "sha256", "caption")
        columns = (table.column(name).to_pylist() for name in names)
        known = {uuid: (sha256, caption) for uuid, sha256, caption in zip(*columns, strict=True)}
        record = read_record(output)
        is_anew = record.get("settings", {}).get("reencode", "off") != "off"
        written = WrittenImages(output)

        def files(sample: Sample) -> Mapping[str, bytes]:
            sha256, caption = known[sample.uuid]
            found = written.find(sample.path, "" if is_anew else sha256)
            text = {"txt": caption.encode("utf-8", "replace")} if caption else {}
            return {ending_for(found).removeprefix("."): found.data} | text

        return files

    def searched(self, output: str, record: dict[str, Any]) -> str:
        """The embeddings of `--embed`.

        Raises:
            InputError: There are none.
        """
        if not embedding_files(output, EMBEDDING):
            raise InputError(f"{output} holds no embeddings; curate again with --embed clip.")
        return EMBEDDING

    def query_vector(self, settings: SearchSettings, record: dict[str, Any]) -> NDArray[np.float32]:
        """CLIP's vector of a picture's file or of a text, shape (dims,).

        Raises:
            InputError: The file cannot be decoded, or there is no such model.
        """
        query = settings.inputs[1]
        name = settings.model or str(record.get("settings", {}).get("embed") or "clip")
        model = load_clip(None if name == "clip" else name, device=settings.device, option="search")
        if not Path(query).is_file():
            return np.asarray(model.embed_texts([query]), np.float32)[0]
        try:
            rgb = open_picture(Path(query).read_bytes()).rgb
        except (PictureError, OSError) as error:
            raise InputError(f"{query} cannot be read as a picture: {error}.") from error
        return np.asarray(model.embed([rgb[None]]), np.float32)[0]

    def found_line(self, output: str, row: dict[str, Any]) -> str:
        """With the place in the input."""
        dropped = "" if row["keep"] else ", dropped"
        return f"{row['similarity']:.4f}  {row['place']}{dropped}"

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
    shard_kinds=("images", "metas"),
    shown=("uuid", "place", "keep", "path", "caption"),
)
