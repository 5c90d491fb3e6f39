"""Measure captions: how long they are, how often they repeat themselves, and how well they fit.

The caption is that of the picture's row, or `metadata["caption"]` outside of a run.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator_engine.device import Device, choose_device
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import is_dropped, item_of, set_score
from curator_image.scores.embedding import load_clip
from curator_image.task import ImageBatch, ImageObject

# Han and kana are written without spaces: each sign counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+(?:['\u2019][^\W_]+)*")
_RUN = 3


def caption_of(image: ImageObject) -> str:
    """The caption of a picture; empty if it has none."""
    about: dict[str, Any] = getattr(item_of(image), "about", image.metadata)
    return str(about.get("caption") or "")


def caption_scores(text: str) -> dict[str, float]:
    """Words of a caption, and how much of it is repeated.

    Returns:
        "caption_words", and "caption_repetition": the share of its runs of three words that occur
        more than once, whatever their case.

    Example:
        >>> caption_scores("a red bus, a red bus, a red bus")
        {'caption_words': 9.0, 'caption_repetition': 1.0}
    """
    words = _WORD.findall(text.lower())
    runs = Counter(zip(*(words[i:] for i in range(_RUN)), strict=False))
    repeated = sum(count for count in runs.values() if count > 1)
    return {
        "caption_words": float(len(words)),
        "caption_repetition": repeated / max(1, runs.total()),
    }


@dataclass(kw_only=True)
class ScoreCaptions(ProcessingStage[ImageBatch, ImageBatch]):
    """Set the scores of the captions; a picture without one has 0 words and no other score."""

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores."""
        for image in task.data:
            text = caption_of(image)
            scores = caption_scores(text) if text.strip() else {"caption_words": 0.0}
            for name, value in scores.items():
                set_score(image, name, value)
        return task


@dataclass(kw_only=True)
class ScoreCaptionSimilarity(ProcessingStage[ImageBatch, ImageBatch]):
    """Set `caption_similarity`: the cosine of CLIP's vectors of a picture and its caption.

    `ImageEmbeddingStage` with the same model goes before. A long caption is cut where CLIP ends, as a
    rule after some 55 words.
    """

    model_dir: str | None = None
    """As that of `ImageEmbeddingStage`."""
    device: Device = "auto"
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=0.25)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: What it needs is not installed, or there is no GPU.
        """
        self._model = load_clip(self.model_dir, device=self.device, option="--caption-similarity")

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores of the pictures that have both an embedding and a caption."""
        known = [
            (image, image.embedding, text)
            for image in task.data
            if image.embedding is not None
            and not is_dropped(image)
            and (text := caption_of(image).strip())
        ]
        if known:
            texts = self._model.embed_texts([text for _, _, text in known])
            vectors = np.stack([vector for _, vector, _ in known])
            cosines = (texts.astype(np.float64) * vectors).sum(axis=1)
            for (image, _, _), cosine in zip(known, cosines, strict=True):
                set_score(image, "caption_similarity", float(cosine))
        return task

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None
