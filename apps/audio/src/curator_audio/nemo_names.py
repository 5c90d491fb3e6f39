"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""

_ENTRIES = "curator_audio.recordings.entry_stages"
_BAND = {"BandFilterStage": (_ENTRIES, "BandFilterStage")}
_BANDWIDTH = {"BandwidthEstimationStage": (_ENTRIES, "BandwidthEstimationStage")}
_MONO = {"MonoConversionStage": (_ENTRIES, "MonoConversionStage")}
_RESAMPLE = {
    "ResampleAudioStage": ("curator_audio.recordings.resample_audio", "ResampleAudioStage")
}
_VAD = {
    "VADSegmentationStage": ("curator_audio.recordings.vad_segmentation", "VADSegmentationStage")
}

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.stages.audio.common": {
        name: (_ENTRIES, name) for name in ("GetAudioDurationStage", "PreserveByValueStage")
    },
    "nemo_curator.stages.audio.filtering": _BAND,
    "nemo_curator.stages.audio.filtering.band": _BAND,
    "nemo_curator.stages.audio.metrics.bandwidth": _BANDWIDTH,
    "nemo_curator.stages.audio.preprocessing": _MONO,
    "nemo_curator.stages.audio.preprocessing.mono_conversion": _MONO,
    "nemo_curator.stages.audio.segmentation": _VAD,
    "nemo_curator.stages.audio.segmentation.vad_segmentation": _VAD,
    "nemo_curator.stages.audio.tagging.resample_audio": _RESAMPLE,
    "nemo_curator.tasks": {"AudioTask": ("curator_audio.task", "AudioTask")},
    "nemo_curator.tasks.audio_task": {"AudioTask": ("curator_audio.task", "AudioTask")},
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
