"""NeMo Curator's filters of documents of texts and pictures: blur, QR codes, pictures per word, CLIP's score."""

import io
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator_engine.device import has_gpu
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_text.interleaved.batch_stages import BaseInterleavedFilterStage, PictureFilterStage
from curator_text.interleaved.documents import InterleavedBatch, Part
from curator_text.interleaved.picture_measures import Measures, Wanted, need
from curator_text.interleaved.watched_reader import WatchedReader

DEFAULT_BLUR_SCORE_THRESHOLD = 100.0
DEFAULT_QRCODE_SCORE_THRESHOLD = 0.05
DEFAULT_CLIP_MIN_SCORE = 0.15
DEFAULT_IMAGE_TO_TEXT_MIN_RATIO = 0.0
DEFAULT_IMAGE_TO_TEXT_MAX_RATIO = float("inf")
_SIDE = 512
"""Pixels of the longer side at which CLIP gets pictures; its own is shorter."""


@positional("drop_invalid_rows", "score_threshold", "name")
@dataclass(kw_only=True)
class InterleavedBlurFilterStage(PictureFilterStage):
    """Drop pictures that are blurred: the variance of their Laplacian is below the threshold.

    Example:
        >>> InterleavedBlurFilterStage(score_threshold=50.0)
    """

    name: str = "interleaved_blur_filter"
    score_threshold: float = DEFAULT_BLUR_SCORE_THRESHOLD
    wanted: Wanted = field(default=Wanted(sharpness=True), init=False, repr=False)

    def keeps(self, measures: Measures) -> bool:
        """From the threshold on."""
        return measures.get("sharpness", 0.0) >= self.score_threshold


@positional("drop_invalid_rows", "score_threshold", "name")
@dataclass(kw_only=True)
class InterleavedQRCodeFilterStage(PictureFilterStage):
    """Drop pictures of which QR codes cover the threshold or more.

    Example:
        >>> InterleavedQRCodeFilterStage(score_threshold=0.1)
    """

    name: str = "interleaved_qrcode_filter"
    score_threshold: float = DEFAULT_QRCODE_SCORE_THRESHOLD
    wanted: Wanted = field(default=Wanted(code_area=True), init=False, repr=False)

    def keeps(self, measures: Measures) -> bool:
        """Below the threshold."""
        return measures.get("code_area", 1.0) < self.score_threshold


@positional("drop_invalid_rows", "min_ratio", "max_ratio", "name")
@dataclass(kw_only=True)
class InterleavedImageToTextRatioFilterStage(BaseInterleavedFilterStage):
    """Drop documents with too few or too many pictures for each word.

    Example:
        >>> InterleavedImageToTextRatioFilterStage(max_ratio=0.1)
    """

    name: str = "interleaved_image_to_text_ratio_filter"
    min_ratio: float = DEFAULT_IMAGE_TO_TEXT_MIN_RATIO
    max_ratio: float = DEFAULT_IMAGE_TO_TEXT_MAX_RATIO

    def content_keep_mask(self, task: InterleavedBatch, df: Any) -> Any:
        """The rows of documents within the range, ends included; without words they count as one."""
        names, kinds = df["sample_id"], df["modality"]
        images = (kinds == "image").groupby(names).sum()
        texts = df["text_content"].where(kinds == "text").fillna("").astype(str)
        words = texts.str.split().str.len().groupby(names).sum()
        ratios = images / words.clip(lower=1)
        return names.map((ratios >= self.min_ratio) & (ratios <= self.max_ratio)).astype(bool)


def _of_clip() -> Resources:
    return Resources(cpus=1.0, gpu_memory_gb=20.0 if has_gpu() else 0.0)


@positional("drop_invalid_rows", "model_dir", "min_score", "name", "resources")
@dataclass(kw_only=True)
class InterleavedCLIPScoreFilterStage(BaseInterleavedFilterStage):
    """Drop pictures that fit none of their document's texts, by CLIP.

    Needs the extra `models`. A picture of a document without texts goes, as it fits none.

    Example:
        >>> InterleavedCLIPScoreFilterStage(model_dir="clip-vit-large-patch14", min_score=0.2)
    """

    name: str = "interleaved_clip_score_filter"
    model_dir: str | None = None
    """Folder or hub id of a CLIP model."""
    min_score: float = DEFAULT_CLIP_MIN_SCORE
    """Cosine between a picture and the text that it fits best, at least."""
    resources: Resources = field(default_factory=_of_clip)
    """What a worker needs: 20 GB of a GPU where there is one."""
    _model: Any = field(default=None, init=False, repr=False)
    _reader: WatchedReader | None = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            SettingsError: None is named.
        """
        if self.model_dir is None:
            raise SettingsError(f"{self.name} needs model_dir, the folder of a CLIP model.")
        from curator_engine.models.clip import Clip

        self._model, self._reader = Clip(self.model_dir), WatchedReader()

    def teardown(self) -> None:
        """Let the model go."""
        if self._reader is not None:
            self._reader.close()
        self._model = self._reader = None

    def content_keep_mask(self, task: InterleavedBatch, df: Any) -> Any:
        """All rows but pictures that fit no text."""
        is_picture = df["modality"] == "image"
        keep = ~is_picture
        pictures = defaultdict[str, list[tuple[int, Any]]](list)
        for index, data in self.iter_materialized_bytes(task, df, is_picture):
            pixels = None if data is None else self._pixels(data)
            if pixels is not None:
                pictures[df.loc[index, "sample_id"]].append((index, pixels))
        for sample, found in pictures.items():
            rows = df[(df["sample_id"] == sample) & (df["modality"] == "text")]
            texts = [
                each for each in rows["text_content"] if isinstance(each, str) and each.strip()
            ]
            if texts:
                scores = self._model.embed([pixels for _, pixels in found])
                best = (scores @ self._model.embed_texts(texts).T).max(axis=1)
                keep.loc[[index for index, _ in found]] = best >= self.min_score
        return keep

    def _pixels(self, data: bytes) -> Any:
        """A picture as a clip of one frame, shape (1, height, width, 3); None if it cannot be read."""
        assert self._reader is not None
        try:
            small = self._reader.small(Part(kind="image", data=data), _SIDE)
        except ValueError:
            return None
        return np.asarray(need("PIL.Image").open(io.BytesIO(small)))[None]
