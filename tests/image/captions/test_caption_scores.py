from dataclasses import dataclass, field
from typing import Any

import pytest
from image_drawings import photo, rgb_of
from tiny_models import write_clip

from curator_engine.items.item import Item
from curator_engine.models.clip import Clip
from curator_image.captions.caption_scores import (
    ScoreCaptions,
    ScoreCaptionSimilarity,
    caption_scores,
)
from curator_image.scores.embedding import ImageEmbeddingStage
from curator_image.task import ImageBatch, ImageObject


@dataclass(kw_only=True)
class Row(Item):
    about: dict[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("A dog's bone, 3 cats & a well-known cat.", 9),
        ("赤いバス", 4),
        ("빨간 버스", 2),
        ("красный автобус", 2),
        ("__--!!", 0),
    ],
)
def test_words_are_counted_in_any_script(text, words):
    assert caption_scores(text)["caption_words"] == words


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("a red bus in the street", 0),
        ("buy now", 0),
        ("Buy buy BUY buy buy", 1),
        ("a red bus and a red bus there", 1 / 3),
    ],
)
def test_runs_of_three_words_that_recur_are_repetition(text, repeated):
    assert caption_scores(text)["caption_repetition"] == pytest.approx(repeated)


def test_a_row_without_a_caption_has_no_words():
    items = [Row(uuid="a", about={"caption": "a red bus"}), Row(uuid="b", about={"caption": None})]
    task = ImageBatch(data=[ImageObject(metadata={"item": item}) for item in items])
    ScoreCaptions().process(task)
    assert items[0].scores == {"caption_words": 3, "caption_repetition": 0}
    assert items[1].scores == {"caption_words": 0}


def test_similarity_is_the_cosine_of_clip_s_vectors(tmp_path):
    folder = write_clip(tmp_path / "clip")
    images = [
        ImageObject(image_data=rgb_of(photo(seed=i)), metadata={"caption": text})
        for i, text in enumerate(["a bus", "", "b " * 200])
    ]
    embedding = ImageEmbeddingStage(model_dir=folder, device="cpu")
    stage = ScoreCaptionSimilarity(model_dir=folder, device="cpu")
    for each in (embedding, stage):
        each.setup()
    done = stage.process(embedding.process(ImageBatch(data=images))).data
    text = Clip(folder, device="cpu").embed_texts(["a bus"])[0]
    assert done[0].metadata["caption_similarity"] == pytest.approx(text @ done[0].embedding)
    assert "caption_similarity" not in done[1].metadata
    assert -1 <= done[2].metadata["caption_similarity"] <= 1
