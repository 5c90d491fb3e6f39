"""Find pictures that mean the same as one that stays, by the vectors of --embed: the engine's search.

It sees what a picture is of, not which picture it is: two photos of one dog may be alike. So it is asked for,
never done by itself.
"""

from collections.abc import Sequence
from typing import Literal

import pyarrow as pa

from curator_engine.device import Device
from curator_engine.items.near_duplicates import find_near_duplicates, read_embeddings
from curator_engine.items.stored_embeddings import embedding_files
from curator_engine.vectors.choose_eps import EpsChoice

EMBEDDING = "clip"
"""Name of the embeddings that --embed makes."""
_FOUND = pa.schema({"uuid": pa.string(), "kept_id": pa.string(), "similarity": pa.float32()})


class SemanticSearch:
    """Gives the pictures whose vector is near to that of one that stays, as a search of `items.copies`.

    Args:
        folders: Of runs, with the vectors.
        eps: What has a cosine similarity of at least 1 - eps goes; auto looks for the valley.
        device: Where to compare.
    """

    def __init__(
        self, folders: Sequence[str], eps: float | Literal["auto"], *, device: Device = "auto"
    ) -> None:
        self._files = [file for each in folders for file in embedding_files(each, EMBEDDING)]
        self._eps: float | Literal["auto"] = eps
        self._device: Device = device
        self.choice: EpsChoice | None = None
        """The eps of the last search, and why."""

    def __call__(self, order: Sequence[str]) -> pa.Table:
        """A row per picture that goes, with `uuid`, `kept_id` and `similarity`; one without a vector stays.

        Args:
            order: Ids, by the right to stay.
        """
        ids, matrix, _ = read_embeddings(self._files, set(order))
        place = {each: row for row, each in enumerate(ids)}
        known = [each for each in order if each in place]
        if not known:
            return _FOUND.empty_table()
        found = find_near_duplicates(
            known, matrix[[place[each] for each in known]], eps=self._eps, device=self._device
        )
        self.choice = found.choice
        return found.table.select(["id", *_FOUND.names[1:]]).rename_columns(_FOUND.names)

    def said(self) -> list[str]:
        """The eps that was taken, as a line; none before a search."""
        return [f"semantic: {self.choice.reason}"] if self.choice else []
