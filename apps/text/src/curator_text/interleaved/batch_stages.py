"""NeMo Curator's base classes for stages on rows of documents, which see them as a pandas DataFrame.

A filter drops rows; positions are counted again, and what is left of a document without texts and pictures goes.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_text.interleaved.documents import InterleavedBatch, Part
from curator_text.interleaved.picture_measures import Measures, Wanted
from curator_text.interleaved.source_refs import bytes_of_rows
from curator_text.interleaved.watched_reader import WatchedReader

_KINDS = ("text", "image", "metadata", "table")


@positional("name")
@dataclass(kw_only=True)
class BaseInterleavedAnnotatorStage(ProcessingStage[InterleavedBatch, InterleavedBatch]):
    """Change the rows of documents: write `annotate`.

    Example:
        >>> class Lengths(BaseInterleavedAnnotatorStage):
        ...     def annotate(self, task, df):
        ...         return df.assign(chars=df["text_content"].str.len())
    """

    name: str = "base_interleaved_annotator"

    def inputs(self) -> tuple[list[str], list[str]]:
        """Those of every row."""
        return ["data"], sorted(InterleavedBatch.REQUIRED_COLUMNS)

    @abstractmethod
    def annotate(self, task: InterleavedBatch, df: Any) -> Any:
        """The rows as they are to be, as a DataFrame; `df` is a copy."""

    def process(self, task: InterleavedBatch) -> InterleavedBatch | None:
        """The task with other rows; None if none are left."""
        if not task.num_items:
            return task
        frame = self.annotate(task, task.to_pandas())
        if not len(frame):
            return None
        twin = task.fork()
        twin.data = frame.reset_index(drop=True)
        return twin


@positional("drop_invalid_rows", "name")
@dataclass(kw_only=True)
class BaseInterleavedFilterStage(BaseInterleavedAnnotatorStage):
    """Drop rows of documents: write `content_keep_mask`.

    Example:
        >>> class LongTexts(BaseInterleavedFilterStage):
        ...     def content_keep_mask(self, task, df):
        ...         return (df["modality"] != "text") | (df["text_content"].str.len() > 20)
    """

    name: str = "base_interleaved_filter"
    drop_invalid_rows: bool = True
    """Drop rows of no known kind, or at no place that a document has."""

    @abstractmethod
    def content_keep_mask(self, task: InterleavedBatch, df: Any) -> Any:
        """Which rows stay: a Series of booleans with the index of `df`."""

    def keep_mask(self, task: InterleavedBatch, df: Any) -> Any:
        """Which rows stay, with those that are no rows of a document gone if it is wished."""
        keep = self.content_keep_mask(task, df).astype(bool)
        return keep & _are_rows(df) if self.drop_invalid_rows else keep

    def iter_materialized_bytes(
        self, task: InterleavedBatch, df: Any, row_mask: Any
    ) -> Iterator[tuple[int, bytes | None]]:
        """The index and the bytes of some rows; None where they cannot be had."""
        rows = df[row_mask]
        names = [name for name in ("binary_content", "source_ref") if name in rows]
        found = bytes_of_rows(_without_missing(rows[names]))
        for index, (data, _) in zip(rows.index.tolist(), found, strict=True):
            yield index, data

    def annotate(self, task: InterleavedBatch, df: Any) -> Any:
        """The rows that stay, those of a document in their order, with positions from 0."""
        valid = _are_rows(df) if self.drop_invalid_rows else df["position"].notna()
        keep = self.keep_mask(task, df)
        self.count_drops(
            {
                reason: int(count)
                for reason, count in (
                    ("no row of a document", (~keep & ~valid).sum()),
                    (self.name, (~keep & valid).sum()),
                )
                if count
            }
        )
        kept = df[keep].copy()
        is_content = kept["modality"] != "metadata"
        content = kept[is_content].sort_values("position", kind="stable")
        places = content.groupby("sample_id", sort=False).cumcount()
        kept.loc[places.index, "position"] = places.astype(kept["position"].dtype)
        kept = kept[is_content | kept["sample_id"].isin(set(content["sample_id"]))]
        order = {name: at for at, name in enumerate(dict.fromkeys(df["sample_id"]))}
        kept["\0order"] = kept["sample_id"].map(order)
        return kept.sort_values(["\0order", "position"], kind="stable").drop(columns="\0order")


def _are_rows(df: Any) -> Any:
    is_metadata = df["modality"] == "metadata"
    places = (is_metadata & (df["position"] == -1)) | (~is_metadata & (df["position"] >= 0))
    return df["modality"].isin(_KINDS) & places


def _without_missing(rows: Any) -> list[dict[str, Any]]:
    """Rows as dicts; what pandas says is missing is None."""
    return [
        {name: value if isinstance(value, str | bytes) else None for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


@dataclass(kw_only=True)
class PictureFilterStage(BaseInterleavedFilterStage):
    """Drop pictures by what is measured of them, and those that cannot be read: write `keeps`."""

    wanted: Wanted = field(default_factory=Wanted, init=False, repr=False)
    _reader: WatchedReader | None = field(default=None, init=False, repr=False)

    def keeps(self, measures: Measures) -> bool:
        """Whether a picture with these measures stays."""
        raise NotImplementedError(f"{type(self).__name__} does not define keeps().")

    @property
    def reader(self) -> WatchedReader:
        """What measures pictures, in a process of its own."""
        if self._reader is None:
            self._reader = WatchedReader(wanted=self.wanted)
        return self._reader

    def teardown(self) -> None:
        """End the process that measures."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def content_keep_mask(self, task: InterleavedBatch, df: Any) -> Any:
        """All rows but pictures that do not stay."""
        is_picture = df["modality"] == "image"
        keep = ~is_picture
        for index, data in self.iter_materialized_bytes(task, df, is_picture):
            part = Part(kind="image", data=data)
            (found,) = self.reader.measure([part]) if data is not None else ({},)
            keep.loc[index] = isinstance(found, dict) and bool(found) and self.keeps(found)
        return keep


@positional("drop_invalid_rows", "min_aspect_ratio", "max_aspect_ratio", "name")
@dataclass(kw_only=True)
class InterleavedAspectRatioFilterStage(PictureFilterStage):
    """Drop pictures whose width over height is outside of a range.

    Example:
        >>> InterleavedAspectRatioFilterStage(min_aspect_ratio=0.5, max_aspect_ratio=2.0)
    """

    name: str = "interleaved_aspect_ratio_filter"
    min_aspect_ratio: float = 1.0
    max_aspect_ratio: float = 2.0

    def keeps(self, measures: Measures) -> bool:
        """Within the range, ends included."""
        ratio = measures["width"] / max(1, measures["height"])
        return self.min_aspect_ratio <= ratio <= self.max_aspect_ratio
