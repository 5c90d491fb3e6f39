"""NeMo Curator's names of what language models and services write: Nemotron-CC, maths, translation."""

from curator_engine.entry_points import Home, same

_SYNTHETIC = "nemo_curator.stages.synthetic"
_DESIGNER = "curator_text.synthetic.data_designer"
_QA = same("curator_text.synthetic.generate", "LanguageFilter", "QAMultilingualSyntheticStage")
_NEMOTRON = same(
    "curator_text.synthetic.nemotron_cc",
    "DistillStage",
    "DiverseQAPostProcessingStage",
    "DiverseQAStage",
    "ExtractKnowledgeStage",
    "KnowledgeListPostProcessingStage",
    "KnowledgeListStage",
    "WikipediaParaphrasingStage",
)
_PROMPTS = same(
    "curator_text.synthetic.nemotron_cc",
    "DISTILL_PROMPT_TEMPLATE",
    "DIVERSE_QA_PROMPT_TEMPLATE",
    "EXTRACT_KNOWLEDGE_PROMPT_TEMPLATE",
    "KNOWLEDGE_LIST_PROMPT_TEMPLATE",
    "NEMOTRON_CC_DISTILL_SYSTEM_PROMPT",
    "NEMOTRON_CC_SYSTEM_PROMPT",
    "WIKIPEDIA_REPHRASING_PROMPT_TEMPLATE",
)

_TRANSLATION = "nemo_curator.stages.text.experimental.translation"
_FAITH = "curator_text.synthetic.faith_scores"
_CUT = "curator_text.synthetic.translation_segments"
_ASK = "curator_text.synthetic.translation"
_FAITH_FILTERS = same(_FAITH, "FaithEvalFilter", "FaithThresholdFilterStage")
_MEASURES = same(
    "curator_text.synthetic.translation_quality",
    "TextQualityMetricStage",
    "compute_text_quality_metric",
)
_EVALUATION = _FAITH_FILTERS | _MEASURES
_BASE = "curator_text.synthetic.translation_backends"
_BACKENDS: dict[str, dict[str, Home]] = {
    "_retry": same(_BASE, "retry_with_backoff"),
    "aws": same("curator_text.synthetic.aws_translation", "AWSTranslationBackend"),
    "base": same(_BASE, "ExecutorTranslationBackend", "TranslationBackend"),
    "google": same("curator_text.synthetic.google_translation", "GoogleTranslationBackend"),
    "nmt": same("curator_text.synthetic.nmt_translation", "NMTTranslationBackend"),
}
_INSIDES: dict[str, dict[str, Home]] = {
    "async_utils": same("curator_engine.models.ask_together", "run_async_safe"),
    "field_paths": same(
        "curator_text.synthetic.field_paths",
        "extract_nested_fields",
        "is_wildcard_path",
        "normalize_text_field",
        "parse_structured_value",
        "set_nested_fields",
    ),
    "metadata": same(
        "curator_text.synthetic.translation_metadata",
        "build_translation_metadata",
        "merge_faith_scores_into_metadata",
        "reconstruct_messages_with_translation",
    ),
    "prompt_loader": same("curator_text.synthetic.prompt_recipe", "load_prompt_template"),
}
_TRANSLATE = same(_ASK, "TranslationStage")
_TRANSLATION_STAGES: dict[str, dict[str, Home]] = {
    "format_translation_output": same(_ASK, "FormatTranslationOutputStage"),
    "merge_faith_scores": same(_FAITH, "MergeFaithScoresStage"),
    "reassembly": same(_CUT, "ReassemblyStage"),
    "segmentation": same(
        _CUT,
        "SegmentationStage",
        "is_line_translatable_content",
        "split_into_sentences_with_structure",
    ),
    "skipped_rows": same(_CUT, "RestoreSkippedRowsStage", "SkipExistingTranslationsStage"),
    "translate": same(_ASK, "SegmentTranslationStage"),
}
_ALL_TRANSLATION = {
    name: home
    for each in _TRANSLATION_STAGES.values()
    for name, home in each.items()
    if name[0].isupper()
}

SYNTHETIC_OFFERS: dict[str, dict[str, Home]] = {
    f"{_SYNTHETIC}.nemotron_cc.base": same("curator_text.synthetic.generate", "BaseSyntheticStage"),
    f"{_SYNTHETIC}.nemotron_cc.nemotron_cc": _NEMOTRON,
    f"{_SYNTHETIC}.nemotron_cc.nemo_data_designer.base": same(_DESIGNER, "NDDBaseSyntheticStage"),
    # Two stages of one name would be one for `get_stage_class`.
    f"{_SYNTHETIC}.nemotron_cc.nemo_data_designer.nemotron_cc": {
        f"{name}Stage": (_DESIGNER, f"NDD{name}Stage")
        for name in (
            *("Distill", "DiverseQA", "ExtractKnowledge", "KnowledgeList"),
            "WikipediaParaphrasing",
        )
    },
    f"{_SYNTHETIC}.nemo_data_designer.data_designer": same(_DESIGNER, "DataDesignerStage"),
    f"{_SYNTHETIC}.nemotron_cc.prompts": _PROMPTS,
    f"{_SYNTHETIC}.qa_multilingual_synthetic": _QA,
    _TRANSLATION: _TRANSLATE | _EVALUATION | _ALL_TRANSLATION,
    f"{_TRANSLATION}.evaluation": _EVALUATION,
    f"{_TRANSLATION}.evaluation.faith": _FAITH_FILTERS,
    f"{_TRANSLATION}.evaluation.text_quality": _MEASURES,
    f"{_TRANSLATION}.backends": same(
        _BASE, "TranslationBackend", "get_backend", "register_backend"
    ),
    **{f"{_TRANSLATION}.backends.{name}": home for name, home in _BACKENDS.items()},
    **{f"{_TRANSLATION}.utils.{name}": home for name, home in _INSIDES.items()},
    f"{_TRANSLATION}.pipeline": _TRANSLATE,
    f"{_TRANSLATION}.stages": _ALL_TRANSLATION,
    **{f"{_TRANSLATION}.stages.{name}": home for name, home in _TRANSLATION_STAGES.items()},
    "nemo_curator.stages.math.modifiers.llm_cleanup": same(
        "curator_text.synthetic.clean_up", "LLMCleanupStage"
    ),
}
"""By NeMo Curator's modules."""
