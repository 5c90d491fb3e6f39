import pytest

from curator_audio.recordings.snippet_lists import (
    PretrainMetricsAggregatorStage,
    ReadLongFormManifestStage,
    SnippetManifestWriterStage,
    histogram_30s,
    make_snippet_id,
    summary_of,
)
from curator_audio.task import AudioTask
from curator_engine.errors import InputError
from curator_engine.task import EmptyTask


def test_paths_are_those_of_the_folder(tmp_path):
    manifest = tmp_path / "m.jsonl"
    manifest.write_text('{"audio_filepath": "/far/a.wav", "id": "a"}\n\n', encoding="utf-8")
    (task,) = ReadLongFormManifestStage(input_manifest=str(manifest), audio_dir="talks").process(
        EmptyTask()
    )
    assert task.data["audio_filepath"] == "talks/a.wav"
    with pytest.raises(InputError, match="is not there"):
        list(
            ReadLongFormManifestStage(input_manifest="gone.jsonl", audio_dir="talks").process(
                EmptyTask()
            )
        )


def test_what_stands_for_no_snippet_is_counted_and_not_listed():
    stub = AudioTask(data={"id": "a", "snippet_id": None})
    assert SnippetManifestWriterStage(output_path="m.jsonl").line(stub) is None
    row = PretrainMetricsAggregatorStage(output_path="m.json").line(stub) or {}
    assert (row["is_stub"], row["out_duration_sec"]) == (True, 0.0)
    assert PretrainMetricsAggregatorStage(output_path="m.json").line(AudioTask(data={})) is None
    found = summary_of([row, row])
    assert (found["num_input_audios"], found["num_output_snippets"]) == (1, 0)


def test_ids_have_no_dots():
    assert make_snippet_id("a.b", 0.0004, 11.7) == "a_b-0_000-11_700"


def test_bins_that_are_empty_are_told():
    assert histogram_30s([]) == {}
    assert histogram_30s([30.0]) == {"0-30": 0, "30-60": 1}
