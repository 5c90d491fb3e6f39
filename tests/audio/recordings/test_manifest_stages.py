import json
from pathlib import Path

import pytest
from audio.sounds import sound_file, tone, wav_archive
from web_server import serving

from curator_audio.recordings.entry_stages import GetAudioDurationStage, PreserveByValueStage
from curator_audio.recordings.manifest_stages import (
    AudioToDocumentStage,
    CreateInitialManifestFleursStage,
    ManifestReader,
    ManifestReaderStage,
)
from curator_engine.errors import BudgetExceededError, InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.fetch import FetchRules
from curator_engine.pipeline import Pipeline
from curator_engine.stages.jsonl_files import JsonlWriter
from curator_engine.task import EmptyTask, FileGroupTask


def run(*stages):
    return Pipeline("speech", stages=list(stages)).run(LocalExecutor({"workers": 1}))


def test_manifests_become_entries(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"audio_filepath": "a.wav"}\n\n{"n": 2}\n', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"n": 3}\n', encoding="utf-8")
    entries = [dict(task.data) for task in run(ManifestReader(manifest_path=str(tmp_path)))]
    assert entries == [{"audio_filepath": "a.wav"}, {"n": 2}, {"n": 3}]


def test_a_line_that_is_none_is_rejected(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 1}\nno\n', encoding="utf-8")
    stage = ManifestReaderStage()
    assert len(list(stage.process(FileGroupTask(data=[str(path)])))) == 1
    assert len(list(stage.process(FileGroupTask(data=[str(tmp_path / "gone.jsonl")])))) == 0


def test_what_a_file_system_needs_is_not_taken():
    with pytest.raises(SettingsError, match="storage_options"):
        ManifestReader(manifest_path="x", storage_options={"key": "value"})


def test_the_steps_of_the_fleurs_tutorial_run(tmp_path):
    (tmp_path / "dev").mkdir()
    lines: list[str] = []
    for name, seconds in (("one.wav", 0.5), ("two.wav", 2.0)):
        (tmp_path / "dev" / name).write_bytes(sound_file(tone(seconds)))
        lines.append(f"17\t{name}\tWhat is said in {name}.\twhat is said\t8000\tFEMALE")
    (tmp_path / "dev.tsv").write_text("\n".join(lines), encoding="utf-8")
    run(
        CreateInitialManifestFleursStage(lang="hy_am", split="dev", raw_data_dir=str(tmp_path)),
        GetAudioDurationStage(),
        PreserveByValueStage(input_value_key="duration", target_value=1.0, operator="ge"),
        AudioToDocumentStage(),
        JsonlWriter(path=str(tmp_path / "out")),
    )
    [path] = (tmp_path / "out").glob("*.jsonl")
    row = json.loads(path.read_text(encoding="utf-8"))
    assert (row["text"], row["duration"]) == ("What is said in two.wav.", 2.0)
    assert row["audio_filepath"] == str(tmp_path / "dev/two.wav")


def test_without_its_list_fleurs_says_how_to_get_it(tmp_path):
    stage = CreateInitialManifestFleursStage(
        lang="hy_am", split="dev", raw_data_dir=str(tmp_path), auto_download=False
    )
    with pytest.raises(InputError, match="hf download google/fleurs"):
        stage.process(EmptyTask())
    (tmp_path / "dev.tsv").write_text("no columns\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 has no recording"):
        stage.process(EmptyTask())


def test_what_is_not_there_of_fleurs_is_fetched_once(tmp_path):
    archive = wav_archive(**{"dev/one.wav": sound_file(tone(0.1))})
    answers = {
        "/hy_am/dev.tsv": (200, {}, b"17\tone.wav\tWhat is said.\twhat is said"),
        "/hy_am/audio/dev.tar.gz": (200, {}, archive),
    }
    with serving(answers) as site:
        stage = CreateInitialManifestFleursStage(
            lang="hy_am",
            split="dev",
            raw_data_dir=str(tmp_path / "fleurs"),
            url=site.url,
            rules=FetchRules(allow_private=True, retries=0),
        )
        [task] = stage.process(EmptyTask())
        assert [again.data for again in stage.process(EmptyTask())] == [task.data]
        assert set(site.asked.values()) == {1}
    assert task.data["text"] == "What is said."
    assert Path(task.data["audio_filepath"]).read_bytes() == sound_file(tone(0.1))
    assert sorted(path.name for path in (tmp_path / "fleurs").iterdir()) == ["dev", "dev.tsv"]
    with pytest.raises(SettingsError, match="needs split"):
        CreateInitialManifestFleursStage(lang="hy_am", raw_data_dir="fleurs")


def test_of_two_lines_one_that_is_none_is_half(tmp_path):
    (tmp_path / "m.jsonl").write_text('{"audio_filepath": "a.wav"}\n\n[1]\n', encoding="utf-8")
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("read", stages=[ManifestReader(manifest_path=str(tmp_path))]).run(executor)
