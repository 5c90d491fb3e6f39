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
_STAGES, _MODELS = "nemo_curator.stages.audio", "nemo_curator.models.asr"
_SED = "nemo_curator.models.sed"


def _of(module: str, *names: str) -> dict[str, tuple[str, str]]:
    """The same names in a module here."""
    return {name: (f"curator_audio.{module}", name) for name in names}


_BUILDER = _of("windows.alm_data_builder", "ALMDataBuilderStage", "BuilderStats")
_OVERLAP = _of("windows.alm_data_overlap", "ALMDataOverlapStage")
_WER = _of("transcripts.wer_stages", "ComputeWERStage", "GetPairwiseWerStage")
_FLEURS = _of("recordings.manifest_stages", "CreateInitialManifestFleursStage")
_READ_SPEECH = _of("recordings.read_speech", "CreateInitialManifestReadSpeechStage")
_TO_TABLES = _of("recordings.manifest_stages", "AudioToDocumentStage")
_ASR = _of("transcripts.asr_stage", "ASRStage")
_CONCATENATION = _of("recordings.concatenate_segments", "SegmentConcatenationStage")
_JOINED = _CONCATENATION | _of("segments.original_times", "SegmentMapping")
_TIMES = _of("segments.original_times", "TimestampMapperStage")
_SNIPPETS = _of(
    "recordings.extract_snippets",
    "SnippetExtractionStage",
    "build_audio_pretrain_pipeline",
    "finalize_audio_pretrain_outputs",
    "prepare_audio_pretrain_outputs",
)
_SEPARATION = _of("recordings.speaker_separation", "SpeakerSeparationStage")
_SIGMOS = _of("scores.sigmos_filter", "SIGMOSFilterStage")
_UTMOS = _of("scores.utmos_filter", "UTMOSFilterStage")
_HALLUCINATION = _of("transcripts.whisper_hallucination", "WhisperHallucinationStage")

OFFERS: dict[str, dict[str, tuple[str, str]]] = {
    f"{_MODELS}.base": _of("models.asr_adapters", "ASRAdapter", "ASRResult"),
    f"{_MODELS}.nemo_asr": _of("models.asr_adapters", "NeMoASRAdapter"),
    f"{_MODELS}.qwen_asr": _of("models.asr_adapters", "QwenASRAdapter"),
    f"{_MODELS}.qwen_omni": _of("models.qwen_omni", "QwenOmniASRAdapter"),
    _SED: _of("models.sed_adapters", "SEDAdapter", "SEDResult", "get_model_class"),
    f"{_SED}.base": _of("models.sed_adapters", "SEDAdapter", "SEDResult"),
    f"{_SED}.cnn14": _of(
        "models.cnn14",
        "AttBlock",
        "Cnn14DecisionLevelAtt",
        "Cnn14DecisionLevelAvg",
        "Cnn14DecisionLevelMax",
        "ConvBlock",
        "init_bn",
        "init_layer",
        "interpolate",
        "pad_framewise_output",
    ),
    f"{_SED}.panns": _of("models.sed_adapters", "PANNsSEDAdapter"),
    f"{_STAGES}.inference.speaker_diarization.pyannote": _of(
        "recordings.pyannote_diarization", "PyAnnoteDiarizationStage", "has_overlap"
    ),
    f"{_STAGES}.inference.speaker_diarization.sortformer": _of(
        "recordings.sortformer", "InferenceSortformerStage"
    ),
    f"{_STAGES}.inference.vad.whisperx_vad": _of("models.whisperx_vad", "WhisperXVADModel")
    | _of("recordings.whisperx_vad", "WhisperXVADStage"),
    f"{_STAGES}.inference.sed.stage": _of("scores.sound_events", "SEDInferenceStage"),
    f"{_STAGES}.advanced_pipelines.audio_data_filter.audio_data_filter": _of(
        "recordings.audio_data_filter", "AudioDataFilterStage"
    ),
    f"{_STAGES}.advanced_pipelines.audio_data_filter.config": _of(
        "recordings.audio_filter_config", "get_enabled_stages", "load_config"
    ),
    f"{_STAGES}.alm": _BUILDER | _OVERLAP,
    f"{_STAGES}.alm.alm_data_builder": _BUILDER,
    f"{_STAGES}.alm.alm_data_overlap": _OVERLAP,
    f"{_STAGES}.alm.pretrain.planning": {
        **_of(
            "windows.snippets",
            "filter_empty_segments",
            "find_overlapping_indices",
            "plan_snippets",
            "relativize_segments",
        ),
        **_of(
            "windows.snippet_stages",
            "OverlapFilterStage",
            "SnippetCutPlannerStage",
            "SnippetRepetitionFilterStage",
        ),
    },
    f"{_STAGES}.alm.pretrain.extraction": {
        name: _SNIPPETS[name] for name in ("SnippetExtractionStage",)
    },
    f"{_STAGES}.alm.pretrain.pipeline": {
        name: place for name, place in _SNIPPETS.items() if name.islower()
    },
    f"{_STAGES}.alm.pretrain.finalize": {
        name: place for name, place in _SNIPPETS.items() if name.endswith("outputs")
    },
    f"{_STAGES}.alm.pretrain.io": _of(
        "recordings.snippet_lists",
        "PretrainMetricsAggregatorStage",
        "ReadLongFormManifestStage",
        "SnippetManifestWriterStage",
    ),
    f"{_STAGES}.alm.pretrain.utils": _of(
        "recordings.snippet_lists", "histogram_30s", "make_snippet_id"
    ),
    f"{_STAGES}.postprocessing": _TIMES,
    f"{_STAGES}.postprocessing.timestamp_mapper": _TIMES,
    f"{_STAGES}.preprocessing.concatenation": _JOINED,
    f"{_STAGES}.tagging.merge_alignment_diarization": _of(
        "transcripts.words_by_speaker", "MergeAlignmentDiarizationStage"
    ),
    f"{_STAGES}.tagging.prepare_module_segments": _of(
        "transcripts.module_segments", "PrepareModuleSegmentsStage"
    ),
    f"{_STAGES}.tagging.inference.nemo_asr_align": _of(
        "transcripts.align_stage", "BaseASRProcessorStage", "NeMoASRAlignerStage"
    ),
    f"{_STAGES}.tagging.split": _of(
        "recordings.split_long_audio", "JoinSplitAudioMetadataStage", "SplitLongAudioStage"
    )
    | _of("recordings.split_align_join", "SplitASRAlignJoinStage"),
    f"{_STAGES}.tagging.text.chinese_conversion": _of(
        "transcripts.written_form", "ChineseConversionStage"
    ),
    f"{_STAGES}.tagging.text.itn": _of("transcripts.written_form", "InverseTextNormalizationStage"),
    f"{_STAGES}.tagging.utils": _of("transcripts.words_by_speaker", "add_non_speaker_segments"),
    f"{_STAGES}.inference.base": _of(
        "models.adapter_stage", "AdapterInferenceStage", "InferenceAdapter"
    ),
    f"{_STAGES}.inference.asr": _ASR,
    f"{_STAGES}.inference.asr.stage": _ASR,
    f"{_STAGES}.metrics.wer": _WER,
    f"{_STAGES}.metrics.squim": _of("scores.squim", "TorchSquimQualityMetricsStage"),
    f"{_STAGES}.text_filtering.whisper_hallucination": _HALLUCINATION,
    "nemo_curator.stages.audio.common": {
        name: (_ENTRIES, name)
        for name in ("GetAudioDurationStage", "PreserveByValueStage", "get_audio_duration")
    }
    | _of(
        "recordings.manifest_stages", "ManifestReader", "ManifestReaderStage", "ManifestWriterStage"
    ),
    f"{_STAGES}.datasets.fleurs": _FLEURS,
    f"{_STAGES}.datasets.fleurs.create_initial_manifest": _FLEURS,
    f"{_STAGES}.datasets.readspeech": _READ_SPEECH,
    f"{_STAGES}.datasets.readspeech.create_initial_manifest": _READ_SPEECH,
    f"{_STAGES}.io.convert": _TO_TABLES,
    f"{_STAGES}.io.extract_segments": _of(
        "recordings.extract_segments",
        "SegmentExtractionStage",
        "detect_combo",
        "extract_segments",
        "extract_segments_by_timestamps",
        "extract_speaker_diar_segments",
        "extract_speaker_segments_by_timestamps",
        "load_manifest",
        "load_manifests",
    ),
    f"{_STAGES}.filtering": _BAND | _SIGMOS | _UTMOS,
    f"{_STAGES}.filtering.band_filter_module.features": _of(
        "scores.band_features", "AudioFeatureExtractor"
    ),
    f"{_STAGES}.filtering.band_filter_module.predict": _of(
        "scores.band_predictor", "BandPredictor"
    ),
    f"{_STAGES}.filtering.sigmos": _SIGMOS,
    f"{_STAGES}.filtering.sigmos_filter_module.third_party.sigmos.sigmos": _of(
        "models.sigmos", "SigMOS", "Version", "build_sigmos_model"
    ),
    f"{_STAGES}.filtering.utmos": _UTMOS,
    "nemo_curator.stages.audio.filtering.band": _BAND,
    "nemo_curator.stages.audio.metrics.bandwidth": _BANDWIDTH,
    "nemo_curator.stages.audio.preprocessing": _MONO | _CONCATENATION,
    "nemo_curator.stages.audio.preprocessing.mono_conversion": _MONO,
    "nemo_curator.stages.audio.segmentation": _VAD | _SEPARATION,
    f"{_STAGES}.segmentation.speaker_separation": _SEPARATION,
    f"{_STAGES}.segmentation.speaker_separation_module.speaker_sep": _of(
        "recordings.speaker_separation", "SpeakerResult", "SpeakerSeparator", "load_audio"
    ),
    "nemo_curator.stages.audio.segmentation.vad_segmentation": _VAD,
    "nemo_curator.stages.audio.tagging.resample_audio": _RESAMPLE,
    "nemo_curator.tasks": {"AudioTask": ("curator_audio.task", "AudioTask")},
    "nemo_curator.tasks.audio_task": {"AudioTask": ("curator_audio.task", "AudioTask")},
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
