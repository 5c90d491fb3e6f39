"""The stage `transcribe`, which this app offers to others by the entry point group `curator.stages`.

It takes a task whose data has path, start and end (seconds), and adds text, language and segments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_audio.models.recognisers import RecogniserBackend, check_recogniser, open_recogniser
from curator_audio.models.transcript import Transcript, Word
from curator_audio.read.decode import open_audio, read_span
from curator_engine.device import Device, choose_device
from curator_engine.errors import CuratorError
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage, Produced
from curator_engine.task import Task

type SpanTask = Task[dict[str, Any]]

_PAUSE_S = 0.7
"""Seconds between two words from which they belong to two segments."""
_LONGEST_S = 10.0
"""Longest segment that is not cut, in seconds."""


class TranscriptionError(CuratorError):
    """A recogniser gave no transcript of a span."""


@dataclass(kw_only=True)
class TranscribeSpan(ProcessingStage[SpanTask, SpanTask]):
    """Write down what is said in spans of files.

    Example:
        TranscribeSpan(model="draft").process(Task(data={"path": "talk.mp4", "start": 3.0, "end": 8.0}))
    """

    model: str = "draft"
    """draft, a folder, a hub id or an address; see `models/recognisers.py`."""
    backend: RecogniserBackend = "auto"
    language: str = ""
    """Code of the language that is spoken; found out for each span if empty."""
    device: Device = "auto"
    batch: int = 8
    """Spans that are heard together."""
    _recogniser: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_recogniser(self.model, self.backend)
        if self.model != "draft" and choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
        """
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
        return None if self.resources.requires_gpu else 1

    def process(self, task: SpanTask) -> SpanTask:
        """Transcribe one span.

        Raises:
            AudioError: There is no sound, or none that can be decoded.
            TranscriptionError: The recogniser fails.
        """
        return self._transcribe([task])[0]

    def process_batch(self, tasks: list[SpanTask]) -> list[Produced]:
        """Transcribe some spans together; where one fails all do, and are asked alone then."""
        return list(self._transcribe(tasks))

    def _transcribe(self, tasks: list[SpanTask]) -> list[SpanTask]:
        heard = self._recogniser.transcribe([_samples(task.data) for task in tasks])
        for task, transcript in zip(tasks, heard, strict=True):
            if transcript.error:
                raise TranscriptionError(transcript.error)
            seconds = task.data["end"] - task.data["start"]
            task.data = {
                **task.data,
                "text": transcript.text,
                "language": transcript.language,
                "segments": segments_of(transcript, seconds),
            }
        return tasks


def _samples(data: dict[str, Any]) -> Any:
    """The sound of a span, whose times are those of the file's time stamps."""
    recording = open_audio(data["path"])
    start, end = (data[key] - recording.start_s for key in ("start", "end"))
    return read_span(data["path"], start, end, recording=recording)


def segments_of(transcript: Transcript, seconds: float) -> list[dict[str, Any]]:
    """Start, end and text of the parts of a transcript: at pauses, and where they get long.

    Args:
        transcript: With words, or it is one part.
        seconds: Length of what was heard.
    """
    if not transcript.words:
        whole = {"start": 0.0, "end": seconds, "text": transcript.text}
        return [whole] if transcript.text else []
    groups: list[list[Word]] = []
    for word in transcript.words:
        last = groups[-1] if groups else []
        if not last or _ends(last, word):
            groups.append([word])
        else:
            last.append(word)
    return [_segment(group, seconds) for group in groups]


def _ends(words: Sequence[Word], following: Word) -> bool:
    is_long = following.end_s - words[0].start_s > _LONGEST_S
    return is_long or following.start_s - words[-1].end_s > _PAUSE_S


def _segment(words: Sequence[Word], seconds: float) -> dict[str, Any]:
    start = min(words[0].start_s, seconds)
    return {
        "start": start,
        "end": max(start, min(words[-1].end_s, seconds)),
        "text": " ".join(word.text for word in words),
    }
