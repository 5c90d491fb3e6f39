import pytest

from curator_audio.windows.snippet_stages import (
    OverlapFilterStage,
    SnippetCutPlannerStage,
    SnippetRepetitionFilterStage,
)
from curator_engine.errors import InputError, SettingsError
from curator_engine.task import Task


def said(start, end, text="so"):
    return {"start": start, "end": end, "text": text}


def planned(*segments, **options):
    task = Task(data={"segments": list(segments)})
    for stage in (OverlapFilterStage(), SnippetCutPlannerStage(**options)):
        task = stage.process(task)
    return task


def test_a_plan_is_made_of_segments_that_do_not_overlap():
    task = planned(said(20, 25), said(0, 5), said(3, 8), said(10, 15), said(40, 41, ""))
    assert [(each["start"], each["end"]) for each in task.data["_snippet_plan"]] == [(10, 25)]
    counts = task._metadata["pretrain_long_form"]
    assert (counts["original_seg_count"], counts["original_seg_duration"]) == (5, 41.0)
    assert (counts["dropped_empty"], counts["dropped_overlap"], counts["planned_snippets"]) == (
        1,
        2,
        1,
    )
    assert counts["dropped_too_long"] == 0


def test_nothing_is_planned_for_nothing():
    task = planned()
    assert task.data["_snippet_plan"] == []
    assert task._metadata["pretrain_long_form"]["original_seg_duration"] == 0.0


def test_a_loop_of_words_goes(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"[UNK]": 0, "no": 1, "yes": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]").save_pretrained(tmp_path)
    stage = SnippetRepetitionFilterStage(tokenizer_path=str(tmp_path), ngram_n=2)
    stage.setup()
    task = planned(said(0, 5, "no no no no no no"), said(100, 105, "yes no yes no"))
    assert [each["start"] for each in stage.process(task).data["_snippet_plan"]] == [100]
    counts = task._metadata["pretrain_long_form"]
    assert counts["filtered_repetition_texts"] == ["no no no no no no"]
    assert (counts["dropped_repetition"], counts["planned_snippets"]) == (1, 1)
    stage.teardown()


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="max_duration_sec"):
        SnippetCutPlannerStage(max_duration_sec=0)
    with pytest.raises(SettingsError, match="min_duration_sec"):
        SnippetCutPlannerStage(max_duration_sec=1, min_duration_sec=2)
    with pytest.raises(SettingsError, match="max_segment_gap"):
        SnippetCutPlannerStage(max_segment_gap_in_snippet=-1)
    with pytest.raises(SettingsError, match="ngram_n"):
        SnippetRepetitionFilterStage(tokenizer_path="x", ngram_n=0)


def test_no_tokenizer_is_an_input_error():
    with pytest.raises(InputError, match="neither a folder nor a hub id"):
        SnippetRepetitionFilterStage(tokenizer_path="not there").setup()
