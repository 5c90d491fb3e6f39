from typing import Any

import pytest
from image_drawings import photo

from curator_engine.errors import InputError
from curator_image.images.image_table import IMAGES
from curator_image.pipelines.curate import CurateWorkflow
from curator_image.pipelines.model_stages import model_stages, needs_pixels
from curator_image.score_table import ScoreOptions
from curator_image.settings import CurateSettings


def names(**options: Any) -> list[str]:
    return [type(stage).__name__ for stage in model_stages(ScoreOptions(**options))]


def test_only_captions_are_scored_unless_models_are_asked_for():
    assert names() == ["ScoreCaptions"]
    assert not needs_pixels(ScoreOptions())


def test_all_that_is_asked_for_comes_in_order_of_its_cost():
    asked: dict[str, Any] = {"codes": True, "text_area": True, "embed": "clip"}
    asked |= {"aesthetic": "laion", "nsfw": "head.pth", "caption_similarity": True}
    assert names(**asked, caption="org/model", device="cpu") == [
        "ScoreCaptions",
        "CountCodes",
        "ImageEmbeddingStage",
        "ImageAestheticFilterStage",
        "ImageNSFWFilterStage",
        "ScoreCaptionSimilarity",
        "ScoreTextArea",
        "CaptionImages",
    ]


@pytest.mark.parametrize(
    "option",
    [{"codes": True}, {"text_area": True}, {"nsfw": "open"}, {"embed": "clip"}, {"caption": "o/m"}],
)
def test_what_looks_at_pictures_needs_their_pixels(option: dict[str, Any]):
    assert needs_pixels(ScoreOptions(**option))


def test_a_model_that_can_be_nowhere_is_refused_before_any_work(tmp_path):
    with pytest.raises(InputError, match=r"neither a folder nor a hub id; check --embed\."):
        model_stages(ScoreOptions(embed=str(tmp_path / "none")))


def test_heads_only_score():
    stages = model_stages(ScoreOptions(embed="clip", aesthetic="laion", nsfw="head.pth"))
    heads: list[Any] = [stage for stage in stages if hasattr(stage, "only_score")]
    assert [stage.only_score for stage in heads] == [True, True]


def test_scores_of_models_that_are_asked_for_are_columns(tmp_path):
    pytest.importorskip("zxingcpp")
    (tmp_path / "in").mkdir()
    photo().resize((64, 64)).save(tmp_path / "in" / "a.png")
    output = str(tmp_path / "out")
    settings = CurateSettings(inputs=[str(tmp_path / "in")], output=output, codes=True)
    CurateWorkflow(settings=settings).run()
    table = IMAGES.read(output)
    assert table.column("codes").to_pylist() == [0.0]
    assert table.column("caption_words").to_pylist() == [0.0]
