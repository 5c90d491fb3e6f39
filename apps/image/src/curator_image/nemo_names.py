"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""


def _of(module: str, *names: str) -> dict[str, tuple[str, str]]:
    """The same names in a module here."""
    return {name: (f"curator_image.{module}", name) for name in names}


_TASKS = _of("task", "ImageBatch", "ImageObject", "ImageSampleTask", "ImageTaskData")
_STAGES = "nemo_curator.stages.image"
_OMNI = "nemo_curator.stages.synthetic.omni"

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.models.nsfw": _of(
        "models.nsfw_scorer", "NSFWModel", "NSFWScorer", "Normalization"
    ),
    f"{_STAGES}.deduplication.removal": _of(
        "images.duplicates_removal", "ImageDuplicatesRemovalStage"
    ),
    f"{_STAGES}.embedders.clip_embedder": _of("scores.embedding", "ImageEmbeddingStage"),
    f"{_STAGES}.filters.aesthetic_filter": _of("scores.model_filters", "ImageAestheticFilterStage"),
    f"{_STAGES}.filters.base": _of("scores.model_filters", "BaseFilterStage"),
    f"{_STAGES}.filters.nsfw_filter": _of("scores.model_filters", "ImageNSFWFilterStage"),
    f"{_STAGES}.io.convert": _of("images.convert", "ConvertImageBatchToDocumentBatchStage"),
    f"{_STAGES}.io.image_reader": _of("images.image_reader", "ImageReaderStage"),
    f"{_STAGES}.io.image_writer": _of("images.image_writer", "ImageWriterStage"),
    f"{_OMNI}.base": _of("synthetic.ask_images", "ModelProcessingStage", "SkipSample"),
    f"{_OMNI}.io": _of("synthetic.dataset_reader", "HFDatasetImageReaderStage")
    | _of("synthetic.sample_writer", "JsonlSampleWriterStage", "merge_output_shards"),
    f"{_OMNI}.ocr_conversationalize": _of("synthetic.ocr_data", "OCRConversationData"),
    f"{_OMNI}.ocr_dense_qa": _of(
        "synthetic.dense_qa", "build_conversation", "build_dense_conversation", "build_qa_tagged"
    ),
    f"{_OMNI}.ocr_nemotron_v2": _of("synthetic.nemotron_ocr", "OCRNemotronV2Stage"),
    f"{_OMNI}.ocr_scoring_qa": _of("synthetic.score_boxes", "OCRScoringQAStage"),
    f"{_OMNI}.utils.conversation": _of(
        "synthetic.conversation",
        *("AudioMedia", "ConversationSample", "ImageMedia", "Media", "Message", "VideoMedia"),
    ),
    "nemo_curator.tasks": _TASKS,
    "nemo_curator.tasks.image": _TASKS,
    "nemo_curator.tasks.ocr": _of("synthetic.ocr_data", "OCRData", "OCRDenseItem"),
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
