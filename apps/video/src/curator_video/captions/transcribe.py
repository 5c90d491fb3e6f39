"""Write down what is said in clips, by a stage that the audio app offers.

The stage is the entry point `transcribe` of the group `curator.stages`: a subclass of
`ProcessingStage` whose settings are keywords, all with defaults. It takes a task whose `data` is

    {"path": file with sound, "start": seconds, "end": seconds}

with the seconds as the file's own time stamps count them, and gives one task whose `data` has at least

    {"text": str, "language": str, "segments": [{"start": seconds, "end": seconds, "text": str}, ...]}

with the segments' seconds from the start of the span, and an empty text where nobody speaks. It is set
up and torn down as any stage is; where it cannot read a span it raises a `CuratorError`, OSError,
ValueError or RuntimeError, which costs that clip its transcript.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from curator_engine.entry_points import find_stage
from curator_engine.errors import CuratorError
from curator_engine.resources import NodeInfo, WorkerMetadata
from curator_engine.stage import AnyStage, ProcessingStage
from curator_engine.task import Task
from curator_video.read.read_video import local_file
from curator_video.task import Clip, Video, VideoTask, kept_clips

STAGE = "transcribe"
PACKAGE = "curator-audio"


class TranscriptError(CuratorError):
    """The audio app's stage gave something else than a transcript."""


@dataclass(kw_only=True)
class TranscribeClips(ProcessingStage[VideoTask, VideoTask]):
    """Set the transcript of the clips that are kept; it stays empty without sound.

    A clip on which this fails has `errors["transcribe"]` and goes on.

    Raises:
        ResourceError: The audio app is not installed.
    """

    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Settings of the audio app's stage."""
    offer: str = "transcribe"
    """Name of the entry point."""
    _stage: AnyStage = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stage = find_stage(self.offer, package=PACKAGE)(**self.options)
        self.resources = self._stage.resources

    def num_workers(self) -> int | None:
        """As many as the audio app's stage wants."""
        return self._stage.num_workers()

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Prepare a node for the audio app's stage."""
        self._stage.setup_on_node(node_info, worker_metadata)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Set up the audio app's stage."""
        self._stage.setup(worker_metadata)

    def teardown(self) -> None:
        """Release what it took."""
        self._stage.teardown()

    def process(self, task: VideoTask) -> VideoTask:
        """Set the clips' transcripts."""
        video = task.data
        clips = kept_clips(task)
        for clip in clips:
            clip.errors.pop(STAGE, None)
            clip.transcript = {}
        if not video.metadata.audio_codec or not clips:
            return task
        path = local_file(video)
        spans: list[Task[Any]] = [
            Task(data=_span(path, video, clip), task_id=f"{task.task_id}_{i}")
            for i, clip in enumerate(clips)
        ]
        for clip, heard in zip(clips, self._hear(spans), strict=True):
            if isinstance(heard, Exception):
                clip.errors[STAGE] = " ".join(f"{type(heard).__name__}: {heard}".split())
            else:
                clip.transcript = heard
        self.log_metric("transcripts", sum(bool(clip.transcript) for clip in clips))
        return task

    def _hear(self, spans: list[Task[Any]]) -> list[dict[str, Any] | Exception]:
        """A transcript or an error per span; each alone where they fail together."""
        try:
            given = list(self._stage.process_batch(spans))
            if len(given) != len(spans):
                raise TranscriptError(f"{len(given)} transcripts for {len(spans)} spans")
            return [_transcript(each) for each in given]
        except (CuratorError, OSError, ValueError, RuntimeError) as error:
            if len(spans) == 1:
                return [error]
        return [self._hear([span])[0] for span in spans]


def _span(path: str, video: Video, clip: Clip) -> dict[str, Any]:
    start, end = (seconds + video.metadata.start_time for seconds in clip.span)
    return {"path": path, "start": round(start, 6), "end": round(end, 6)}


def _transcript(given: Any) -> dict[str, Any]:
    """The transcript in a task.

    Raises:
        TranscriptError: It is not of the form that is promised.
    """
    data: Any = getattr(given, "data", None)
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise TranscriptError("the audio app's stage gave no text")
    language, segments = data.get("language", ""), data.get("segments", [])
    if not isinstance(language, str) or not isinstance(segments, list):
        raise TranscriptError("language is no text or segments are no list")
    return {
        "text": data["text"],
        "language": language,
        "segments": [_segment(each) for each in segments],
    }


def _segment(given: Any) -> dict[str, Any]:
    try:
        start, end, text = float(given["start"]), float(given["end"]), given["text"]
    except (KeyError, TypeError, ValueError) as error:
        raise TranscriptError("a segment has no start, end and text") from error
    if not isinstance(text, str) or not (math.isfinite(start) and start <= end < math.inf):
        raise TranscriptError("a segment has no start, end and text")
    return {"start": start, "end": end, "text": text}
