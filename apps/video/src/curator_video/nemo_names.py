"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""


def _of(module: str, *names: str) -> dict[str, tuple[str, str]]:
    """The same names in a module here."""
    return {name: (f"curator_video.{module}", name) for name in names}


_STAGES = "nemo_curator.stages.video"
_READERS = _of("stages.reader", "VideoReader", "VideoReaderStage")
_FILES = _of("stages.clip_files", "ClipTranscodingStage")
_EMBEDDERS = _of("stages.embedders", "CosmosEmbed1EmbeddingStage", "CosmosEmbed1FrameCreationStage")
_FRAMES = _of(
    "stages.frame_choice",
    "FrameExtractionPolicy",
    "FrameExtractionSignature",
    "FramePurpose",
    "Resolution",
)
_TASKS = _of("task", "Clip", "ClipStats", "Video", "VideoMetadata", "VideoTask")

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    f"{_STAGES}.caption.caption_enhancement": _of("stages.captioners", "CaptionEnhancementStage"),
    f"{_STAGES}.caption.caption_generation": _of("stages.captioners", "CaptionGenerationStage"),
    f"{_STAGES}.caption.caption_preparation": _of("stages.captioners", "CaptionPreparationStage"),
    f"{_STAGES}.clipping.clip_extraction_stages": (
        _FILES | _of("stages.clip_spans", "FixedStrideExtractorStage")
    ),
    f"{_STAGES}.clipping.clip_frame_extraction": _of(
        "stages.clip_files", "ClipFrameExtractionStage"
    ),
    f"{_STAGES}.clipping.transnetv2_extraction": _of(
        "stages.clip_spans", "TransNetV2ClipExtractionStage"
    ),
    f"{_STAGES}.clipping.video_frame_extraction": _of(
        "stages.clip_spans", "VideoFrameExtractionStage"
    ),
    f"{_STAGES}.embedding.cosmos_embed1": _EMBEDDERS,
    f"{_STAGES}.filtering.clip_aesthetic_filter": _of("stages.filters", "ClipAestheticFilterStage"),
    f"{_STAGES}.filtering.motion_filter": _of(
        "stages.filters", "MotionFilterStage", "MotionVectorDecodeStage"
    ),
    f"{_STAGES}.io.clip_writer": _of("stages.clip_writer", "ClipWriterStage"),
    f"{_STAGES}.io.video_reader": _READERS,
    f"{_STAGES}.preview.preview": _of("stages.captioners", "PreviewStage"),
    "nemo_curator.tasks": _of("task", "VideoTask"),
    "nemo_curator.tasks.video": _TASKS,
    "nemo_curator.models.cosmos_embed1": _of("stages.named_models", "CosmosEmbed1"),
    "nemo_curator.models.qwen_lm": _of("stages.named_models", "QwenLM"),
    "nemo_curator.models.transnetv2": _of("stages.named_models", "TransNetV2"),
    "nemo_curator.utils.decoder_utils": _FRAMES
    | _of(
        "stages.file_facts",
        "SoftwareCodecMissingError",
        "VideoMetadata",
        "extract_video_metadata",
    ),
    "nemo_curator.utils.windowing_utils": _of(
        "stages.frame_choice", "WindowFrameInfo", "compute_windows"
    ),
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
