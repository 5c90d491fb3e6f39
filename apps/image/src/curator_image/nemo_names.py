"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""

_TASK = "curator_image.task"
_TASKS = {
    name: (_TASK, name)
    for name in ("ImageBatch", "ImageObject", "ImageSampleTask", "ImageTaskData")
}

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.tasks": _TASKS,
    "nemo_curator.tasks.image": _TASKS,
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
