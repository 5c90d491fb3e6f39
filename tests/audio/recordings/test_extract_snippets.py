import io
import json
import tarfile

import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.recordings.extract_snippets import (
    SnippetExtractionStage,
    build_audio_pretrain_pipeline,
    finalize_audio_pretrain_outputs,
    prepare_audio_pretrain_outputs,
)
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


def said(start, end, text="so it is"):
    return {"start": start, "end": end, "text": text}


def entry(folder, **more):
    (folder / "talk.wav").write_bytes(sound_file(tone(9.0, rate=22_050), rate=22_050))
    plan = [
        {"start": 1.0, "end": 3.5, "segments": [said(1.0, 2.0), said(2.5, 3.5)]},
        {"start": 8.0, "end": 8.5, "segments": [said(8.0, 8.5)]},
        {"start": 20.0, "end": 21.0, "segments": [said(20.0, 21.0)]},
    ]
    path = str(folder / "talk.wav")
    return AudioTask(data={"id": "a.b", "audio_filepath": path, "_snippet_plan": plan} | more)


def test_snippets_are_cut_and_counted_from_their_start(tmp_path):
    stage = SnippetExtractionStage(
        output_dir=str(tmp_path), output_audio_tar_path=str(tmp_path / "s.tar")
    )
    first, second = stage.process(entry(tmp_path, text="all", alignment=[1]))
    assert first.data["snippet_id"] == "a_b-1_000-3_500"
    assert first.data["duration"] == 2.5
    assert [each["start"] for each in first.data["segments"]] == [0.0, 1.5]
    assert first.data["text"] == "so it is so it is"
    assert "alignment" not in first.data
    assert second.data["audio_filepath"] == "a_b-8_000-8_500.flac"
    (part,) = (tmp_path / "s.tar.parts").glob("*.tar")
    with tarfile.open(part) as tar:
        sound = io.BytesIO(tar.extractfile("a_b-1_000-3_500.flac").read())
    assert soundfile.info(sound).samplerate == 16_000


def test_a_dry_run_reads_nothing_and_no_plan_gives_a_stub(tmp_path):
    stage = SnippetExtractionStage(
        output_dir=str(tmp_path), output_audio_tar_path=str(tmp_path / "s.tar"), dry_run=True
    )
    task = entry(tmp_path)
    task.data["audio_filepath"] = "gone.wav"
    assert [each.data["duration"] for each in stage.process(task)] == [2.5, 0.5, 1.0]
    (stub,) = stage.process(AudioTask(data={"id": "a", "_snippet_plan": []}))
    assert stub.data["snippet_id"] is None


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="output_format='mp3'"):
        SnippetExtractionStage(output_dir="o", output_audio_tar_path="t.tar", output_format="mp3")
    with pytest.raises(SettingsError, match="target_sample_rate"):
        SnippetExtractionStage(output_dir="o", output_audio_tar_path="t.tar", target_sample_rate=0)


def test_a_manifest_becomes_a_tar_a_list_and_counts(tmp_path):
    names = []
    for k in range(3):
        path = tmp_path / f"talk{k}.wav"
        path.write_bytes(sound_file(tone(6.0)))
        segments = [said(0.0, 1.0), said(1.5, 2.0), said(4.0, 5.0, "")]
        names.append({"id": f"t{k}", "audio_filepath": f"x/{path.name}", "segments": segments})
    manifest = tmp_path / "talks.jsonl"
    manifest.write_text("\n".join(map(json.dumps, [*names, {"id": "lost"}])), encoding="utf-8")
    out = tmp_path / "out"
    made = (str(out / "snippets.jsonl"), str(out / "metrics.json"), str(out / "snippets.tar"))
    prepare_audio_pretrain_outputs(*made)
    whole = build_audio_pretrain_pipeline(
        input_manifest=str(manifest),
        audio_dir=str(tmp_path),
        output_dir=str(out),
        output_manifest_path=made[0],
        metrics_path=made[1],
        max_duration_sec=10.0,
        tokenizer_path="none",
    )
    stages = [each for each in whole.stages if "Repetition" not in each.name]
    for _ in range(2):
        Pipeline("snippets", stages=stages).run(LocalExecutor())
        finalize_audio_pretrain_outputs(*made)
        rows = [json.loads(line) for line in (out / "snippets.jsonl").read_text().splitlines()]
        assert [row["snippet_id"] for row in rows] == [f"t{k}-0_000-2_000" for k in range(3)]
        with tarfile.open(out / "snippets.tar") as tar:
            assert tar.getnames() == [row["audio_filepath"] for row in rows]
        counts = json.loads((out / "metrics.json").read_text())
        assert (counts["num_input_audios"], counts["dropped"]["empty"]) == (3, 3)
        assert counts["snippet_duration_histogram_30s"] == {"0-30": 3}
    assert not list((out / "snippets.tar.parts").glob("*.tar"))


def test_a_tar_of_others_stays(tmp_path):
    (tmp_path / "s.tar").write_bytes(b"mine")
    stage = SnippetExtractionStage(
        output_dir=str(tmp_path), output_audio_tar_path=str(tmp_path / "s.tar")
    )
    with pytest.raises(InputError, match="not of a run of this stage"):
        Pipeline("cut", stages=[stage]).run(LocalExecutor(), initial_tasks=[entry(tmp_path)])
    assert (tmp_path / "s.tar").read_bytes() == b"mine"
