"""Names of NeMo Curator for what language models and services write: the modules where its tutorials import them."""

import pytest

from curator_text.synthetic_names import SYNTHETIC_OFFERS

ROOM = "nemo_curator.stages.text.experimental.translation"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (f"{ROOM}.backends", "TranslationBackend get_backend register_backend"),
        (f"{ROOM}.backends.base", "ExecutorTranslationBackend TranslationBackend"),
        (f"{ROOM}.evaluation", "FaithEvalFilter TextQualityMetricStage"),
        (f"{ROOM}.utils.field_paths", "extract_nested_fields set_nested_fields"),
        (ROOM, "TranslationStage SegmentationStage"),
        ("nemo_curator.stages.synthetic.nemotron_cc.nemotron_cc", "DiverseQAStage"),
        ("nemo_curator.stages.math.modifiers.llm_cleanup", "LLMCleanupStage"),
    ],
)
def test_what_tutorials_import_is_there(module, names):
    assert set(names.split()) <= set(SYNTHETIC_OFFERS[module])
