"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""

_TASK = "curator_image.task"
_TASKS = {
    name: (_TASK, name)
    for name in ("ImageBatch", "ImageObject", "ImageSampleTask", "ImageTaskData")
}

_EMBEDDING = "curator_image.scores.embedding"
_FILTERS = "curator_image.scores.model_filters"

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.stages.image.embedders.clip_embedder": {
        "ImageEmbeddingStage": (_EMBEDDING, "ImageEmbeddingStage")
    },
    "nemo_curator.stages.image.filters.aesthetic_filter": {
        "ImageAestheticFilterStage": (_FILTERS, "ImageAestheticFilterStage")
    },
    "nemo_curator.stages.image.filters.base": {"BaseFilterStage": (_FILTERS, "BaseFilterStage")},
    "nemo_curator.stages.image.filters.nsfw_filter": {
        "ImageNSFWFilterStage": (_FILTERS, "ImageNSFWFilterStage")
    },
    "nemo_curator.tasks": _TASKS,
    "nemo_curator.tasks.image": _TASKS,
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
