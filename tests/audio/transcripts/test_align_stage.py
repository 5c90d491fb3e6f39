from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from audio.sounds import sound_file, tone

from curator_audio.recordings.split_long_audio import (
    JoinSplitAudioMetadataStage,
    SplitLongAudioStage,
)
from curator_audio.task import AudioTask
from curator_audio.transcripts.align_stage import (
    BaseASRProcessorStage,
    Heard,
    NeMoASRAlignerStage,
    Sound,
)
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources


@dataclass(kw_only=True)
class Lengths(BaseASRProcessorStage):
    """A recogniser that says how many tenths of a second a sound has."""

    resources: Resources = field(default_factory=Resources)
    asked: list[int] = field(default_factory=list[int])

    def hear(self, sounds: Sequence[Sound]) -> list[Heard]:
        import soundfile

        self.asked.append(len(sounds))
        heard: list[Heard] = []
        for sound in sounds:
            samples = soundfile.info(sound).frames if isinstance(sound, str) else len(sound)
            word = str(round(samples / 1600))
            heard.append(([{"word": word, "start": 0.0, "end": 0.1}], word))
        return heard


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(sound_file(tone(3)))
    return str(path)


def test_a_recording_is_cut_heard_and_joined(recording, tmp_path):
    stages: list[Any] = [
        SplitLongAudioStage(suggested_max_len=1.5, split_dir=str(tmp_path / "parts")),
        Lengths(),
        JoinSplitAudioMetadataStage(),
    ]
    entry = {
        "resampled_audio_filepath": recording,
        "duration": 3.0,
        "segments": [{"start": 0.0, "end": 1.2}, {"start": 1.3, "end": 3.0}],
    }
    tasks: list[Any] = [AudioTask(data=entry)]
    [task] = Pipeline("align", stages=stages).run(LocalExecutor(), initial_tasks=tasks)
    assert task.data["text"] == "12 18"
    assert [(word["start"], word["end"]) for word in task.data["alignment"]] == [
        (0.0, 0.1),
        (1.2, 1.3),
    ]


def test_without_parts_the_entry_itself_gets_what_is_said(recording):
    entries: list[dict[str, Any]] = [
        {"audio_filepath": recording},
        {"split_filepaths": [recording], "split_metadata": []},
        {"split_filepaths": [], "split_metadata": []},
    ]
    stage = Lengths(split_batch_size=1)
    tasks = [AudioTask(data=entry) for entry in entries]
    stage.process_batch(tasks)
    assert [task.data["text"] for task in tasks] == ["30", "30", ""]
    assert [len(task.data["alignment"]) for task in tasks] == [1, 1, 0]
    assert stage.asked == [1, 1]


def test_segments_are_heard_with_times_of_the_recording(recording):
    segments: list[dict[str, Any]] = [
        {"start": 0.5, "end": 2.5},
        {"start": 0.0, "end": 0.4},
        {"start": 9.0, "end": 11.0},
    ]
    entry = {"resampled_audio_filepath": recording, "turns": segments}
    Lengths(infer_segment_only=True, segments_key="turns").process(AudioTask(data=entry))
    assert [segment.get("text") for segment in segments] == ["20", None, None]
    assert segments[0]["words"] == [{"word": "20", "start": 0.5, "end": 0.6}]
    bare: dict[str, Any] = {"audio_filepath": recording, "segments": [{"start": 0, "end": 1}]}
    Lengths(infer_segment_only=True, compute_timestamps=False).process(AudioTask(data=bare))
    assert bare["segments"] == [{"start": 0, "end": 1, "text": "10"}]


def test_segments_with_files_of_their_own_are_listed():
    segments = [{"start": 0.0}, {"resampled_audio_filepath": "b.wav"}]
    entries: list[dict[str, Any]] = [{}, {"segments": segments}]
    stage = Lengths()
    assert stage._prepare_segment_batch_with_metadata(entries) == [
        {"resampled_audio_filepath": "b.wav", "metadata_idx": 1, "segment_idx": 1}
    ]
    assert stage._prepare_segment_batch_with_metadata(entries, cut_audio_segments=True) == []


@dataclass
class Hypothesis:
    """As NeMo's models give them."""

    text: str
    timestamp: dict[str, list[dict[str, Any]]]
    word_confidence: list[float] | None = None


class Recogniser:
    """Gives the same hypothesis for each sound, as a model of NeMo's would."""

    cfg = SimpleNamespace(preprocessor=SimpleNamespace(window_stride=0.01))

    def __init__(self, hypothesis: Hypothesis, *, all_too: bool = False) -> None:
        self.hypothesis, self.all_too = hypothesis, all_too

    def transcribe(self, sounds: list[Sound], *, override_config: object) -> Any:
        best = [self.hypothesis for _ in sounds]
        return (best, [best]) if self.all_too else best


STAMPS = [
    {"word": "so", "start_offset": 0, "end_offset": 5},
    {"word": "⁇", "start_offset": 10, "end_offset": 12},
]


@pytest.mark.parametrize(
    ("settings", "times"),
    [
        ({"decoder_type": "ctc"}, [(0.0, 0.4), (0.8, 0.96)]),
        ({"decoder_type": "rnnt"}, [(0.0, 0.32), (0.72, 0.88)]),
        ({"decoder_type": "ctc", "is_fastconformer": False}, [(0.0, 0.2), (0.4, 0.48)]),
    ],
)
@pytest.mark.parametrize("all_too", [False, True])
def test_frames_of_nemo_become_seconds(recording, settings, times, all_too):
    model = Recogniser(Hypothesis("so", {"word": STAMPS}, [0.123456]), all_too=all_too)
    stage = NeMoASRAlignerStage(**settings, _asr_model=model, _override_cfg={})
    stage.setup()
    entry = stage.process(AudioTask(data={"audio_filepath": recording})).data
    assert [(word["start"], word["end"]) for word in entry["alignment"]] == times
    assert [word["confidence"] for word in entry["alignment"]] == [0.1235, None]
    assert entry["text"] == "so "


def test_texts_without_times_and_of_letters():
    letters = [{"char": each, "start_offset": 0, "end_offset": 1} for each in "so"]
    hypothesis = Hypothesis("so", {"char": letters})
    bare = NeMoASRAlignerStage(compute_timestamps=False)
    assert bare.get_alignments_text(hypothesis) == ([], "so")
    stage = NeMoASRAlignerStage(timestamp_type="char", _asr_model=Recogniser(hypothesis))
    words, text = stage.get_alignments_text(hypothesis)
    assert ([word["word"] for word in words], text) == (["s", "o"], "so")


def test_what_is_missing_or_wrong_is_said():
    stage: Any = NeMoASRAlignerStage
    with pytest.raises(SettingsError, match="ctc or rnnt"):
        stage(decoder_type="other")
    with pytest.raises(SettingsError, match="split_batch_size"):
        Lengths(split_batch_size=0)
    with pytest.raises(ResourceError, match="nemo_toolkit"):
        NeMoASRAlignerStage(resources=Resources()).setup()
    with pytest.raises(ResourceError, match="nemo_toolkit"):
        NeMoASRAlignerStage(model_path="model.nemo").setup_on_node()
    with pytest.raises(NotImplementedError, match="hear"):
        BaseASRProcessorStage().process(AudioTask(data={"audio_filepath": "a.wav"}))
