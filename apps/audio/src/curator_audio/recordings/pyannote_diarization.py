"""Who speaks when, and what several say at once, by pyannote, with NeMo Curator's name and parameters."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from curator_audio.models.outside_package import outside_package
from curator_audio.models.whisperx_vad import OFFSET, ONSET
from curator_audio.read.decode import open_audio, read_span
from curator_audio.recordings.diarizers import OURS, CampPlusDiarizer
from curator_audio.recordings.whisperx_vad import (
    MAX_LENGTH,
    MIN_LENGTH,
    VadModel,
    check_lengths,
    open_vad,
)
from curator_audio.speakers.rttm import rttm_lines
from curator_audio.speakers.turns import Turn
from curator_audio.task import AudioTask
from curator_audio.transcripts.words_by_speaker import add_non_speaker_segments
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

_RATE = 16_000

type _Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class _Time:
    start: float
    end: float


def has_overlap(turn: Any, overlaps: Iterable[Any]) -> bool:
    """Whether a turn shares a moment with one of some times, which all have `start` and `end`."""
    return any(each.start <= turn.end and each.end >= turn.start for each in overlaps)


@positional(
    *("hf_token", "model_name", "segmentation_batch_size", "embedding_batch_size", "min_length"),
    *("max_length", "audio_filepath_key", "segments_key", "overlap_segments_key", "name"),
    *("resources", "xenna_num_workers", "_pipeline", "_vad_model", "_rng"),
)
@dataclass(kw_only=True)
class PyAnnoteDiarizationStage(ProcessingStage[AudioTask, AudioTask]):
    """Set the segments of one speaker each, those of nobody between them, and apart the turns that overlap.

    pyannote.audio is not in our lock, and its models want a token of the hub: with them this stage has not
    run. `model_name="campplus"` with `vad_model="silero"` takes models of our own. Where a turn is longer than
    `max_length` it is cut at pauses into parts of random lengths, the same in every run. Unlike NeMo
    Curator's stage it writes an RTTM file only into a folder that it is given, never beside the recording.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        PyAnnoteDiarizationStage(model_name="campplus", vad_model="silero", rttm_out_dir="rttm")
    """

    name: str = "PyAnnoteDiarization"
    hf_token: str | None = None
    """Token of the hub, where the user has agreed to the model's terms."""
    model_name: str = "pyannote/speaker-diarization-3.1"
    """Hub id, or "campplus"."""
    segmentation_batch_size: int = 128
    embedding_batch_size: int = 128
    min_length: float = MIN_LENGTH
    """Seconds; turns that are not longer are left out."""
    max_length: float = MAX_LENGTH
    """Most seconds of a segment."""
    audio_filepath_key: str = "resampled_audio_filepath"
    segments_key: str = "segments"
    overlap_segments_key: str = "overlap_segments"
    vad_model: VadModel = "whisperx"
    """Whose model finds the pauses of long turns."""
    rttm_out_dir: str | None = None
    """Folder for an RTTM file per recording; one that is there is written again."""
    xenna_num_workers: int | None = None
    """Workers of this stage; as many as fit unless given."""
    resources: Resources = field(default_factory=Resources)
    _pipeline: Any = None
    _vad_model: Any = None
    _rng: random.Random | None = None

    def __post_init__(self) -> None:
        check_lengths(self.min_length, self.max_length)
        if min(self.segmentation_batch_size, self.embedding_batch_size) < 1:
            raise SettingsError("segmentation_batch_size and embedding_batch_size must be > 0.")

    def num_workers(self) -> int | None:
        """What was asked for."""
        return self.xenna_num_workers

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the models.

        Raises:
            ResourceError: What they need is not installed.
        """
        gpu = self.resources.requires_gpu
        if self._pipeline is None and self.model_name == OURS:
            self._pipeline = CampPlusDiarizer(device="gpu" if gpu else "cpu")
        elif self._pipeline is None:
            self._pipeline = self._pyannote(gpu=gpu)
        if self._vad_model is None:
            self._vad_model = open_vad(self.vad_model, gpu=gpu, onset=ONSET, offset=OFFSET)

    def _pyannote(self, *, gpu: bool) -> Any:
        package = outside_package("pyannote.audio", "pyannote.audio")
        import torch

        pipeline = package.Pipeline.from_pretrained(self.model_name, token=self.hf_token)
        pipeline.segmentation_batch_size = self.segmentation_batch_size
        pipeline.embedding_batch_size = self.embedding_batch_size
        return pipeline.to(torch.device("cuda" if gpu else "cpu"))

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return [], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Segments and overlaps."""
        return [], [self.segments_key, self.overlap_segments_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Set who speaks when.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        entry = task.data
        path = str(entry[self.audio_filepath_key])
        seconds = open_audio(path).seconds
        turns, overlaps = self._found(path, seconds)
        who = entry.get("audio_item_id") or entry.get("speaker_id") or Path(path).stem
        segments: _Rows = []
        doubled: _Rows = []
        dice = self._rng or random.Random(f"{self.min_length} {self.max_length} {Path(path).name}")
        for turn in turns:
            row = {"speaker": f"{who}_{turn.speaker}", "start": turn.start_s, "end": turn.end_s}
            if has_overlap(_Time(start=turn.start_s, end=turn.end_s), overlaps):
                doubled.append(row)
            elif turn.seconds > self.max_length:
                segments += self._cut(path, row, dice)
            elif turn.seconds > self.min_length:
                segments.append(row)
        add_non_speaker_segments(segments, seconds, self.max_length)
        entry |= {self.segments_key: segments, self.overlap_segments_key: doubled}
        if self.rttm_out_dir is not None:
            name = PurePath(path).stem
            lines = rttm_lines(name, turns).encode()
            write_atomic(join(self.rttm_out_dir, f"{name}.rttm"), lines)
        return task

    def _found(self, path: str, seconds: float) -> tuple[list[Turn], list[Any]]:
        """Turns inside of the recording, in order, and the times of several speakers."""
        if isinstance(self._pipeline, CampPlusDiarizer):
            found = self._pipeline.hear(path)
            return sorted(found.turns), [_Time(start=a, end=b) for a, b in found.overlaps]
        import torch

        samples = torch.from_numpy(read_span(path, 0.0, seconds)[None])
        said = self._pipeline({"waveform": samples, "sample_rate": _RATE})
        annotation = getattr(said, "speaker_diarization", said)
        turns = [
            Turn(start_s=max(0.0, time.start), end_s=min(time.end, seconds), speaker=str(speaker))
            for time, _, speaker in annotation.itertracks(yield_label=True)
        ]
        return sorted(t for t in turns if t.seconds > 0), list(annotation.get_overlap())

    def _cut(self, path: str, row: dict[str, Any], dice: random.Random) -> _Rows:
        """A long turn as parts of random lengths, which end at pauses."""
        start = row["start"]
        samples = read_span(path, start, row["end"])[None]
        spans = self._vad_model.get_vad_segments(samples, self.max_length, _RATE)
        parts: _Rows = []
        i = 0
        while i < len(spans):
            first, wanted = spans[i]["start"], dice.uniform(self.min_length, self.max_length)
            last, i = spans[i]["end"], i + 1
            while i < len(spans) and spans[i]["end"] - first < wanted:
                last, i = spans[i]["end"], i + 1
            parts.append({**row, "start": start + first, "end": start + last})
        return parts
