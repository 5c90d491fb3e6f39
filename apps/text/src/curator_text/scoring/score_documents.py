"""Read documents and score them by the filters of a recipe: the first step of `filter`.

Writes two files per block: `<task id>.arrow` with a row per document (`id`, which is null where the
document has none; `position`, `length` and `line` as in `sign.py`; a column per score), and
`<task id>.npz` with `position` by document and `bad`, which removal needs.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_text.filters.recipe import Recipe
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.removal.array_files import save_arrays, save_table
from curator_text.removal.block_stage import BlockStage, rows_of
from curator_text.scoring.score_tables import score_names


@dataclass(kw_only=True)
class ScoreDocuments(BlockStage):
    """Score the documents of a file or span, block by block."""

    recipe: Recipe
    recipe_key: str
    """Changes with whatever the scores may depend on."""
    with_ids = True

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the scores of a block."""
        scores = self.recipe.scores(block.values)
        columns: dict[str, Any] = {
            **rows_of(block),
            **{name: scores[name] for name in score_names(self.recipe)},
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        save_arrays(f"{stem}.npz", {"position": block.position, "bad": block.bad})
