"""Write down what is said in the segments that are kept, and compare it with the text that came with them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator_audio.models.recognisers import (
    RecogniserBackend,
    backend_of,
    check_recogniser,
    open_recogniser,
)
from curator_audio.models.transcript import Aligner
from curator_audio.read.decode import open_audio, read_span
from curator_audio.read.stored import stored_audio
from curator_audio.task import AudioBatch, Segment
from curator_audio.transcripts.error_rate import word_errors
from curator_audio.transcripts.hallucination import hallucination_signs
from curator_audio.transcripts.normalize import normalize
from curator_audio.transcripts.speech_rate import speech_rate
from curator_engine.device import Device, has_gpu
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.items.limit import Limit
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

if TYPE_CHECKING:
    from curator_audio.models.transcript import Clip, Recogniser, Transcript, Word

STAGE, ALIGN = "transcribe", "align"
"""What segments have errors of."""


@dataclass(kw_only=True)
class TranscribeSegments(ProcessingStage[AudioBatch, AudioBatch]):
    """Give kept segments a transcript; where one fails, the segment has an error and goes on.

    Example:
        >>> stage = TranscribeSegments(model="draft")
        >>> stage.setup()
        >>> stage.process(batch).data[0].about["transcript"]
        'Ask not what your country can do for you.'
    """

    model: str
    """`draft`, a folder, a hub id, or the URL of an endpoint; see `models/recognisers.py`."""
    backend: RecogniserBackend = "auto"
    device: Device = "auto"
    language: str = ""
    """Code of the language that is spoken; found out for each segment if empty."""
    batch: int = 8
    """Segments that are given to the model together."""
    align: bool = False
    """Find when the words of the text that came with a segment are said, by the same model."""
    limits: list[Limit] = field(default_factory=list[Limit])
    """On what is known with a transcript; segments that break one are dropped."""
    _recogniser: "Recogniser | None" = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self._on_gpu and not self.resources.requires_gpu:
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def check(self) -> None:
        """Look whether the model can be opened: for use before any work.

        Raises:
            InputError: There is no such model.
            ResourceError: What runs it is not installed.
            SettingsError: The backend cannot run it.
        """
        check_recogniser(self.model, self.backend, align=self.align)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        self._recogniser = open_recogniser(
            self.model,
            backend=self.backend,
            device=self.device,
            language=self.language,
            batch=self.batch,
        )

    def teardown(self) -> None:
        """Let the model go."""
        self._recogniser = None

    def num_workers(self) -> int | None:
        """One where a model computes on the CPU: it takes all of them by itself."""
        is_remote = backend_of(self.model, self.backend) == "endpoint"
        return None if is_remote or self._on_gpu else 1

    def process(self, task: AudioBatch) -> AudioBatch:
        """Set the transcripts of a recording's segments."""
        assert self._recogniser is not None
        segments = task.kept()
        for first in range(0, len(segments), self.batch):
            few = segments[first : first + self.batch]
            clips = self._clips(few)
            heard = [segment for segment in few if segment.uuid in clips]
            made = self._recogniser.transcribe([clips[each.uuid] for each in heard])
            for segment, transcript in zip(heard, made, strict=True):
                self._set(segment, transcript, self._recogniser.name)
                if self.align and segment.text and not transcript.error:
                    self._align(segment, clips[segment.uuid], transcript.language)
        return task

    @property
    def _on_gpu(self) -> bool:
        if backend_of(self.model, self.backend) in ("endpoint", "draft"):
            return False
        return self.device == "gpu" or (self.device == "auto" and has_gpu())

    def _clips(self, segments: list[Segment]) -> dict[str, Any]:
        """The samples of segments by id; one whose recording is gone has an error instead."""
        clips: dict[str, Any] = {}
        try:
            recording = open_audio(source_of(segments[0]))
            for each in segments:
                clips[each.uuid] = read_span(
                    recording.source, each.start_s, each.end_s, recording=recording
                )
        except UnreadableFileError as error:
            for each in segments:
                each.errors[STAGE] = str(error)
        return clips

    def _align(self, segment: Segment, clip: "Clip", language: str) -> None:
        """Set the times of the words that came along; where they cannot be found, the segment says why."""
        assert isinstance(self._recogniser, Aligner)
        try:
            words = self._recogniser.align(clip, segment.text, language)
        except InputError as error:
            segment.errors[ALIGN] = str(error)
        else:
            segment.about = {**segment.about, "text_words": _timed(words)}

    def _set(self, segment: Segment, transcript: "Transcript", name: str) -> None:
        if transcript.error:
            segment.errors[STAGE] = transcript.error
            return
        signs = hallucination_signs(
            transcript.text, seconds=segment.seconds, language=transcript.language
        )
        # The facts of a recording are shared by its segments; these are the segment's own.
        segment.about = {
            **segment.about,
            "transcript": transcript.text,
            "recogniser": name,
            "language": transcript.language or None,
            "words": _timed(transcript.words),
            "signs": ", ".join(signs) or None,
        }
        rate = speech_rate(transcript.text, segment.seconds)
        segment.scores |= {"words_per_s": rate.words, "hallucination_signs": float(len(signs))}
        if transcript.confidence is not None:
            segment.scores["asr_confidence"] = transcript.confidence
        if segment.text:
            texts = (normalize(text) for text in (segment.text, transcript.text))
            rate_of_errors = word_errors(*texts).rate
            segment.scores |= {} if rate_of_errors is None else {"wer": rate_of_errors}
        for limit in self.limits:
            if why := limit.broken_by(segment.scores):
                segment.drop(limit.group, why)


def _timed(words: Sequence["Word"]) -> str | None:
    """Words with first and last second, as JSON; None of none."""
    timed = [[word.text, round(word.start_s, 3), round(word.end_s, 3)] for word in words]
    return json.dumps(timed, ensure_ascii=False) if timed else None


def source_of(segment: Segment) -> str | bytes:
    """What `open_audio` takes of a segment's recording: its path, or the bytes of a member of a tar.

    Raises:
        UnreadableFileError: It is not there any more.
    """
    if segment.path != segment.about.get("file") or not segment.about.get("member"):
        return segment.path
    for position, stored in enumerate(stored_audio(segment.path)):
        if position == segment.about["position"]:
            return stored.source
    raise UnreadableFileError(f"{segment.about['place']} is not there any more.")
