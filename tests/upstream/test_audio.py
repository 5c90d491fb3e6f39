"""The steps of NeMo Curator's tutorials for speech, by its names and keywords: clean speech of one person each, and long talks word by word."""

import json
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
import soundfile
from audio.speech import SaysTurns, write_talk

from curator_engine.executors.local import LocalExecutor

_AUDIO = "stages.audio"
_NAMES = {
    "pipeline": "Pipeline",
    f"{_AUDIO}.advanced_pipelines.audio_data_filter.audio_data_filter": "AudioDataFilterStage",
    f"{_AUDIO}.common": "ManifestReader",
    f"{_AUDIO}.datasets.readspeech.create_initial_manifest": "CreateInitialManifestReadSpeechStage",
    f"{_AUDIO}.io.convert": "AudioToDocumentStage",
    f"{_AUDIO}.io.extract_segments": "SegmentExtractionStage extract_segments",
    f"{_AUDIO}.tagging.inference.nemo_asr_align": "BaseASRProcessorStage",
    f"{_AUDIO}.tagging.merge_alignment_diarization": "MergeAlignmentDiarizationStage",
    f"{_AUDIO}.tagging.resample_audio": "ResampleAudioStage",
    f"{_AUDIO}.tagging.split": "JoinSplitAudioMetadataStage SplitLongAudioStage",
    "stages.resources": "Resources",
    "stages.text.io.writer": "JsonlWriter",
}
"""By the modules that a script imports them from."""
nemo: Any = SimpleNamespace(
    **{
        name: getattr(import_module(f"nemo_curator.{path}"), name)
        for path, names in _NAMES.items()
        for name in names.split()
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a recording of two people, named as in the dataset."""
    place = tmp_path_factory.mktemp("tutorial")
    (place / "dns").mkdir()
    write_talk(place / "dns" / "book_00025_chp_0019_reader_04069_0_seg_1_seg1.wav")
    return place


def test_read_speech_becomes_clean_segments_of_one_person_each(folder):
    config = {
        "mono_conversion": {"output_sample_rate": 16_000},
        "vad": {"min_duration_sec": 0.5},
        "utmos": {"enable": False},
        "sigmos": {"enable": False},
        "speaker_separation": {"diar_model": SaysTurns("0 2.9 a", "3.1 5.9 b", "6.1 8.6 a")},
    }
    pipeline = nemo.Pipeline(name="readspeech")
    pipeline.add_stage(
        nemo.CreateInitialManifestReadSpeechStage(
            raw_data_dir=str(folder / "dns"), max_samples=10, auto_download=False
        )
    )
    pipeline.add_stage(nemo.AudioDataFilterStage(config=config))
    pipeline.add_stage(nemo.AudioToDocumentStage())
    pipeline.add_stage(nemo.JsonlWriter(path=str(folder / "clean")))
    pipeline.run(LocalExecutor())
    rows = [
        json.loads(line)
        for path in (folder / "clean").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert {row["speaker_id"] for row in rows} == {"a", "b"}
    nemo.extract_segments(str(folder / "clean"), str(folder / "segments"), "flac")
    names = sorted(path.name for path in (folder / "segments").glob("*.flac"))
    assert len(names) == len(rows)
    assert {name.split("_speaker_")[1][0] for name in names} == {"a", "b"}
    seconds = sum(soundfile.info(folder / "segments" / name).duration for name in names)
    assert seconds == pytest.approx(sum(row["duration"] for row in rows), abs=0.01)


@dataclass(kw_only=True)
class Counter(nemo.BaseASRProcessorStage):
    """A recogniser of a user's that says a word each second, in the form of NeMo Curator's subclasses."""

    resources: Any = field(default_factory=lambda: nemo.Resources(cpus=1.0))

    def setup(self, worker_metadata: object = None) -> None:
        """Load nothing."""

    def process(self, task: Any) -> Any:
        """Write a text into each part."""
        for part in task.data["split_metadata"]:
            words = range(int(part["duration"]))
            part["text"] = " ".join(f"{n}" for n in words)
            part["alignment"] = [{"word": f"{n}", "start": n, "end": n + 0.5} for n in words]
        return task

    def process_batch(self, tasks: list[Any]) -> list[Any]:
        """One after the other."""
        return [self.process(task) for task in tasks]


def test_a_long_talk_is_split_aligned_joined_and_given_to_its_speakers(folder):
    [talk] = (folder / "dns").iterdir()
    turns = [{"speaker": "a", "start": 0.0, "end": 2.9}, {"speaker": "b", "start": 3.0, "end": 5.9}]
    turns.append({"speaker": "a", "start": 6.0, "end": 8.6})
    entry = {"audio_filepath": str(talk), "segments": turns}
    (folder / "list.jsonl").write_text(json.dumps(entry), encoding="utf-8")
    pipeline = nemo.Pipeline(name="tagging")
    for stage in (
        nemo.ManifestReader(manifest_path=str(folder / "list.jsonl")),
        nemo.ResampleAudioStage(resampled_audio_dir=str(folder / "resampled")),
        nemo.SplitLongAudioStage(suggested_max_len=4.0),
        Counter(),
        nemo.JoinSplitAudioMetadataStage(),
        nemo.MergeAlignmentDiarizationStage(),
    ):
        pipeline.add_stage(stage)
    [task] = pipeline.run(LocalExecutor())
    assert task.data["split_offsets"] == [0.0, 2.9, 5.9]
    assert task.data["text"] == "0 1 0 1 2 0 1"
    assert [turn["text"] for turn in task.data["segments"]] == ["0 1", "0 1 2", "0 1"]
    assert len([*(folder / "resampled").glob("*_of_3.wav")]) == 3
