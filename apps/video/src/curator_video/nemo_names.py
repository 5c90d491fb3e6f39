"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`.

Only what has the same name and parameters here: its other stages of video have others.
"""

_SHOTS = "curator_video.shots.find_shots"
_TASK = "curator_video.task"
_FIXED = {"FixedStrideExtractorStage": (_SHOTS, "FixedStrideExtractorStage")}
_NETWORK = {"TransNetV2ClipExtractionStage": (_SHOTS, "TransNetV2ClipExtractionStage")}
_TASKS = {name: (_TASK, name) for name in ("Clip", "Video", "VideoMetadata", "VideoTask")}

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.stages.video.clipping.clip_extraction_stages": _FIXED,
    "nemo_curator.stages.video.clipping.transnetv2_extraction": _NETWORK,
    "nemo_curator.tasks": {"VideoTask": (_TASK, "VideoTask")},
    "nemo_curator.tasks.video": _TASKS,
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
