import pytest

from curator_audio.task import AudioTask
from curator_audio.transcripts.wer_stages import ComputeWERStage, GetPairwiseWerStage
from curator_engine.errors import SettingsError


def compare(entry, **options):
    return ComputeWERStage(**options).process(AudioTask(data=entry)).data


def test_the_pairwise_rate_is_in_percent_of_the_texts_as_they_are():
    def rate(entry):
        return GetPairwiseWerStage().process(AudioTask(data=entry)).data.get("wer_pct")

    assert rate({"text": "ask not what", "pred_text": "ask not What"}) == 33.33
    assert rate({"text": "ask", "pred_text": ""}) == 100.0
    assert rate({"text": "ask"}) is None
    assert rate({"text": "", "pred_text": "ask"}) is None


def test_texts_are_normalised_before_they_are_compared():
    entry = {"text": "In 1813, he", "text_ref": "in eighteen thirteen she", "duration": 2.0}
    metrics = compare(entry)["metrics"]
    assert metrics["wer"] == {
        "wer": round(1 / 3, 4),
        "tokens": 3,
        "ins_rate": 0.0,
        "del_rate": 0.0,
        "sub_rate": round(1 / 3, 4),
    }
    assert metrics["cer"]["tokens"] == len("in 1813 she")
    assert metrics["cer"]["del_rate"] == round(1 / 11, 4)
    assert (metrics["word_rate"], metrics["char_rate"]) == (1.5, 4.5)
    assert "wer_pnc" not in metrics


def test_edges_are_compared_alone():
    entry = {"text": "one more time and the end", "text_ref": "more time and the end"}
    metrics = compare(entry, edge_length=4)["metrics"]
    assert metrics["end_cer"]["cer"] == 0.0
    assert metrics["start_cer"]["cer"] > 0


def test_each_segment_has_its_metrics_beside_those_it_had():
    segments = [
        {"text": "so", "text_ref": "so", "start": 1.0, "end": 2.0, "metrics": {"bandwidth": 8000}},
        {"text": "so", "text_ref": "..."},
    ]
    first, second = compare({"segments": segments})["segments"]
    assert (first["metrics"]["wer"]["wer"], first["metrics"]["bandwidth"]) == (0.0, 8000)
    assert second["metrics"] == {"wer": None, "cer": None, "metric_skip_reason": "empty_reference"}


def test_punctuation_and_capitals_may_count():
    entry = {"text": "So, what", "text_ref": "so what?"}
    metrics = compare(entry, compute_pnc_wer=True)["metrics"]
    assert (metrics["wer"]["wer"], metrics["wer_pnc"]["wer"]) == (0.0, 1.0)


def test_a_missing_text_and_odd_settings_are_errors():
    with pytest.raises(SettingsError, match="no text 'text_ref'"):
        compare({"text": "so"})
    with pytest.raises(SettingsError, match="must be less than"):
        ComputeWERStage(num_words_look_back=200)
    with pytest.raises(SettingsError, match="edge_length"):
        ComputeWERStage(edge_length=0)
