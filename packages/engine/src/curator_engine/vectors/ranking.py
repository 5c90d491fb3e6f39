"""Which of similar items comes first, and so stays: an order of the rows of one cluster.

Ties go by the id, so the order does not depend on how the rows were read.
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.positional import positional
from curator_engine.stages.partition import partition_of

type Keep = Literal["hard", "easy", "random"]

_ODD = 0x9E3779B97F4A7C15


@positional("metadata_cols", "ascending", "strategy", "random_seed")
@dataclass(frozen=True, kw_only=True)
class RankingStrategy:
    """An order by columns, or at random."""

    metadata_cols: tuple[str, ...] | list[str] = ()
    """Columns to sort by, the first one first; what lacks a value comes last."""
    ascending: bool | tuple[bool, ...] | list[bool] = True
    """Lowest first; one for all columns, or one each."""
    random_seed: int = 42
    strategy: Literal["sort", "random"] = "sort"

    def __post_init__(self) -> None:
        if self.strategy == "sort" and not self.metadata_cols:
            raise SettingsError("a ranking by columns needs metadata_cols=.")
        if not isinstance(self.ascending, bool) and len(self.ascending) != len(self.metadata_cols):
            raise SettingsError(
                f"ranking has {len(self.metadata_cols)} columns and {len(self.ascending)} directions; "
                "give one ascending= for all, or one each."
            )

    @classmethod
    def metadata_based(cls, metadata_cols: list[str], ascending: bool | list[bool] = True) -> Self:
        """By columns (NeMo Curator's name)."""
        return cls(metadata_cols=metadata_cols, ascending=ascending)

    @classmethod
    def random(cls, random_seed: int = 42) -> Self:
        """At random, the same for the same seed (NeMo Curator's name)."""
        return cls(strategy="random", random_seed=random_seed)

    def order(self, cluster: pa.Table, *, id_field: str) -> NDArray[np.int64]:
        """Row numbers, first to last.

        Args:
            cluster: The rows.
            id_field: The column that breaks ties.

        Raises:
            InputError: A column is missing.
        """
        missing = [
            name for name in (*self.metadata_cols, id_field) if name not in cluster.schema.names
        ]
        if missing:
            raise InputError(
                f"the ranking needs the column {missing[0]!r}; there are {', '.join(cluster.schema.names)}. "
                "Name it in metadata_fields."
            )
        table = cluster
        keys: list[Any] = self._keys()
        if self.strategy == "random":
            drawn = partition_of(cluster, [id_field], 1 << 62).astype(np.uint64)
            odd = np.uint64((_ODD * (2 * self.random_seed + 1)) % (1 << 64))
            mixed = (drawn ^ (drawn >> np.uint64(29))) * odd
            table = cluster.select([id_field]).append_column("_drawn", pa.array(mixed))
            keys = [("_drawn", "ascending")]
        # Nulls come last, which is Arrow's default.
        options = pc.SortOptions(sort_keys=[*keys, (id_field, "ascending")])
        found: Any = pc.call_function("sort_indices", [table], options)
        return found.to_numpy().astype(np.int64)

    def _keys(self) -> list[tuple[str, str]]:
        up = self.ascending
        directions = [up] * len(self.metadata_cols) if isinstance(up, bool) else up
        return [
            (name, "ascending" if each else "descending")
            for name, each in zip(self.metadata_cols, directions, strict=True)
        ]


def ranking_for(
    keep: Keep, *, distance_metric: Literal["cosine", "l2"] = "cosine", random_seed: int = 42
) -> RankingStrategy:
    """The ranking by distance to the centre that a word names.

    Args:
        keep: "hard" puts the farthest first, "easy" the nearest, "random" draws.
        distance_metric: Which distance.
        random_seed: For "random".

    Raises:
        SettingsError: Another word.
    """
    if keep == "random":
        return RankingStrategy.random(random_seed)
    if keep not in ("hard", "easy"):
        raise SettingsError(f"which_to_keep={keep!r} is not one of hard, easy, random.")
    column = DISTANCE_COLUMNS[distance_metric]
    return RankingStrategy(metadata_cols=(column,), ascending=keep == "easy")


DISTANCE_COLUMNS = {"cosine": "cosine_dist_to_cent", "l2": "l2_dist_to_cent"}
"""Columns that `kmeans.py` adds."""
