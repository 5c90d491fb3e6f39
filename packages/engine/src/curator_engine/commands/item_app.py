"""What the commands on finished runs need to know of an app: an app of clips, pictures or recordings extends it."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.commands.item_settings import SearchSettings
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.earlier import Earlier
from curator_engine.files.output_folder import OutputFolder, take
from curator_engine.files.paths import join
from curator_engine.items.item_page import build_page
from curator_engine.items.item_table import ItemTable
from curator_engine.items.marks import apply_marks
from curator_engine.items.near_duplicates import STAGE, read_embeddings
from curator_engine.items.page_data import gather
from curator_engine.items.shards import KINDS, FilesOf
from curator_engine.items.stored_embeddings import choose_embedding, embedding_files
from curator_engine.report import html_page
from curator_engine.vectors.choose_eps import FALLBACK_EPS


@dataclass(frozen=True, kw_only=True)
class ItemApp:
    """An app whose runs hold a table of items; its methods are what an app may do differently.

    Example:
        APP = ItemApp(items=PICTURES, program="curator-image", job="curate", version="0.1.0")


        def run(settings, console):
            return filter_items(APP, settings, console)
    """

    items: ItemTable
    program: str
    """The app's command."""
    job: str
    """Its command that makes runs."""
    version: str
    lasting: tuple[str, ...] = (STAGE,)
    """What drops items for good: a condition on scores does not bring them back."""
    needs_file: bool = True
    """Whether only an item with a file in the run's folder can come back."""
    no_file_hint: str = "run again so that dropped ones have files"
    """What to do to get items back whose file was not written."""
    fallback_eps: float = FALLBACK_EPS
    """For fingerprints whose similarities have no clear valley."""
    shard_kinds: tuple[str, str] = KINDS
    """Folders of the tars: that of the files and that of the metas."""
    shown: tuple[str, ...] = ("uuid", "source", "keep", "path")
    """Columns that `search` tells of what it finds."""

    def change(self, output: str) -> OutputFolder:
        """Take the folder of a finished run, to change what is in it.

        Raises:
            InputError: It is no such folder, or another run is writing into it.
        """
        return take(output, job=self.job, version=self.version, mode="resume", adopt=self.adopt)

    def adopt(self, folder: str) -> Earlier | None:
        """What a version without manifests left in a folder of a run; None if it is not ours."""
        return None

    def adopt_shards(self, folder: str) -> Earlier | None:
        """What such a version left in a folder of shards."""
        return None

    def files_of(self, output: str, table: pa.Table) -> FilesOf | None:
        """What reads the files of items for `shard`, if an item is more or less than the file at its path."""
        return None

    def rank(self, table: pa.Table, keep: Literal["best", "first"]) -> list[str]:
        """The ids in the order in which items have a right to stay; that of the table unless an app knows better."""
        return ids_of(table)

    def count(self, output: str, record: dict[str, Any]) -> None:
        """Write again what counts kept items, such as summary.json, after marks have changed."""

    def apply(self, output: str, table: pa.Table, record: dict[str, Any]) -> tuple[int, str]:
        """Make the folder agree with a table of other marks.

        Returns:
            The number of files that moved, and what to say.
        """
        moved = apply_marks(output, table, self.items)
        self.count(output, record)
        return (
            moved,
            f"{counted(moved, 'files')} moved; {self.items.file} and what was made of it agree",
        )

    def page(self, output: str) -> str:
        """The page of a run."""
        data = gather(output, self.items)
        return build_page(data, program=f"{self.program} {self.version}")

    def write_page(self, output: str) -> None:
        """Write `report.html`.

        Raises:
            InputError: It is not the folder of a finished run.
            StorageError: The page cannot be written.
        """
        html_page.write(output, self.page(output))

    def try_page(self, output: str) -> str | None:
        """Write the page; a line that says why there is none, if so."""
        return html_page.try_page(self.page, output)

    def searched(self, output: str, record: dict[str, Any]) -> str:
        """The kind of embeddings that `search` looks at.

        Raises:
            InputError: There are none.
        """
        return choose_embedding(output)

    def query_vector(self, settings: SearchSettings, record: dict[str, Any]) -> NDArray[np.float32]:
        """The embedding of what is looked for, if it is no id of an item; shape (dims,).

        Raises:
            CuratorError: It has none.
        """
        raise InputError(f"{settings.inputs[1]!r} is no id of {self.items.unit}; give one.")

    def found_line(self, output: str, row: dict[str, Any]) -> str:
        """What `search` prints of an item."""
        where = join(output, row["path"]) if row["path"] else row["uuid"]
        return f"{row['similarity']:.4f}  {where}{'' if row['keep'] else ', dropped'}"


def ids_of(table: pa.Table) -> list[str]:
    """The ids of a table's items, in order."""
    return [str(each) for each in table.column("uuid").to_pylist()]


def stored(output: str, name: str, wanted: set[str]) -> tuple[list[str], NDArray[np.float32]]:
    """The ids and embeddings of a kind, shapes (items,) and (items, dims); unusable ones are left out."""
    ids, matrix, _ = read_embeddings(embedding_files(output, name), wanted)
    return ids, matrix
