"""Read every recording of some files once: its measures, where speech is, and the scores of each segment."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from curator_audio.read.audio_error import AudioError, NoSoundError
from curator_audio.read.decode import Recording, open_audio, read_span
from curator_audio.read.stored import StoredAudio, stored_audio
from curator_audio.recordings.segment_table import id_of
from curator_audio.task import AudioBatch, Segment
from curator_engine.errors import UnreadableFileError
from curator_engine.items.limit import Limit
from curator_engine.redaction import redacted
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.task import FileGroupTask

if TYPE_CHECKING:
    from curator_audio.models.dnsmos import Dnsmos
    from curator_audio.models.silero import SileroVad
    from curator_audio.recordings.hear import Heard
    from curator_audio.segments.fit_segments import SegmentRule
    from curator_audio.segments.speech_spans import Span, SpeechRule

READ, SOUND, SPEECH = "read", "sound", "speech"
"""What drops a recording that cannot be read, a video without an audio track, and a recording in which nobody speaks."""
PASSED_OVER = "passed_over: "
"""What names of metrics begin with that count what a file holds beside recordings, by reason."""
_ROUNDED = 3
"""Decimals of seconds: a millisecond is the least that a table tells."""

type Cut = Literal["speech", "whole"]
type DnsmosWindows = Literal["one", "all", "off"]


@dataclass(kw_only=True)
class MeasureRecordings(ProcessingStage[FileGroupTask, AudioBatch]):
    """Decode each recording once, measure it, and cut it into segments; no samples are passed on.

    A recording that cannot be decoded goes to quarantine with the reason, and has a row too, as has one
    without speech, and a video without sound, which is no damage. Rows of lists that name a span of a recording are segments as they are.

    Example:
        >>> stage = MeasureRecordings(cut="whole")
        >>> [batch] = stage.process(FileGroupTask(data=["talk.flac"]))
        >>> batch.data[0].scores["loudness"]
        -23.4
    """

    cut: Cut = "speech"
    """Into what: stretches of speech, or none."""
    limits: list[Limit] = field(default_factory=list[Limit])
    """On scores; segments that break one are dropped."""
    speech: "SpeechRule | None" = None
    """What counts as speech; the usual one unless given."""
    segment: "SegmentRule | None" = None
    """How long segments are, likewise."""
    dnsmos: DnsmosWindows = "off"
    """Whether to rate segments by DNSMOS: by one window of 9 seconds, by all, or not."""
    _vad: "SileroVad | None" = field(default=None, init=False, repr=False)
    _dnsmos: "Dnsmos | None" = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the models that are asked for.

        Raises:
            ResourceError: One is not installed.
        """
        if self.cut == "speech":
            from curator_audio.models.silero import SileroVad

            self._vad = SileroVad()
        if self.dnsmos != "off":
            from curator_audio.models.dnsmos import Dnsmos

            self._dnsmos = Dnsmos()

    def teardown(self) -> None:
        """Let go of the models."""
        self._vad = self._dnsmos = None

    def process(self, task: FileGroupTask) -> Iterator[AudioBatch]:
        """The segments of each recording of a task."""
        count, tally = 0, Counter[str]()
        for file in files_of(task):
            for position, stored in enumerate(stored_audio(file.data[0], tally=tally)):
                segments = self._segments(file, stored, position)
                # The engine counts what is rejected by itself.
                count += segments[0].drop_stage != READ
                yield AudioBatch(data=segments, dataset_name=task.dataset_name)
        self.count_rows(count)
        for reason, number in tally.items():
            self.log_metric(PASSED_OVER + reason, number)

    def _segments(self, file: FileGroupTask, stored: StoredAudio, position: int) -> list[Segment]:
        about = _about(file, stored, position)
        try:
            if stored.problem:
                raise AudioError(stored.place, stored.problem)
            about["sha256"] = stored.sha256
            recording = open_audio(stored.source)
            spans = self._hear(recording, stored)
        except NoSoundError as error:
            segment = Segment(uuid=id_of(str(about["place"])), path=stored.path, about=about)
            segment.drop(SOUND, error.reason)
            return [segment]
        except UnreadableFileError as error:
            return [self._lost(file, stored, about, error)]
        about |= {
            "recording": id_of(str(about["place"]), stored.sha256),
            "format": recording.format,
            "codec": recording.codec,
            "rate": recording.rate,
            "channels": recording.channels,
            "recording_s": round(spans.heard.seconds, _ROUNDED),
        }
        segments = self._cut(recording, stored, about, spans)
        for segment in segments:
            segment.errors |= {READ: "; ".join(recording.notes)} if recording.notes else {}
        self.log_metric("seconds", spans.heard.seconds)
        return segments

    def _hear(self, recording: Recording, stored: StoredAudio) -> "_Spans":
        """Decode a recording, or a span of it, once.

        Raises:
            UnreadableFileError: It cannot be decoded.
        """
        from curator_audio.recordings.hear import hear
        from curator_audio.segments.fit_segments import fit_segments
        from curator_audio.segments.speech_spans import Span, speech_spans

        heard = hear(recording, vad=self._vad, start_s=stored.start_s, end_s=stored.end_s)
        speech = speech_spans(heard.speech, heard.seconds, rule=self.speech) if self._vad else None
        whole = [Span(0.0, heard.seconds)]
        if speech is None or stored.is_span:
            return _Spans(heard=heard, speech=speech, found=whole)
        found = fit_segments(speech, heard.levels.energies, rule=self.segment)
        return _Spans(heard=heard, speech=speech, found=found)

    def _cut(
        self, recording: Recording, stored: StoredAudio, about: dict[str, Any], spans: "_Spans"
    ) -> list[Segment]:
        if not spans.found:
            segment = self._segment(stored, about, spans, 0.0, spans.heard.seconds)
            segment.drop(SPEECH, "no speech")
            segment.about = _with_text(about, stored)
            return [segment]
        segments: list[Segment] = []
        for span in spans.found:
            segment = self._segment(stored, about, spans, *span)
            if self._dnsmos and self.dnsmos != "off":
                segment.scores |= self._quality(recording, segment)
            for limit in self.limits:
                if why := limit.broken_by(segment.scores):
                    segment.drop(limit.group, why)
            segments.append(segment)
        if len(segments) > 1:
            segments[0].about = _with_text(about, stored)
        return segments

    def _segment(
        self, stored: StoredAudio, about: dict[str, Any], spans: "_Spans", start: float, end: float
    ) -> Segment:
        """Of seconds of what was decoded, with its scores."""
        first = round(stored.start_s + start, _ROUNDED)
        last = round(stored.start_s + end, _ROUNDED)
        segment = Segment(
            uuid=id_of(about["recording"], f"{first:.3f}", f"{last:.3f}"),
            path=stored.source if isinstance(stored.source, str) else stored.path,
            start_s=first,
            end_s=last,
            # Which part of it is said in one of several segments is not known.
            text=stored.text if len(spans.found) == 1 else "",
            speech=[
                (round(stored.start_s + a, _ROUNDED), round(stored.start_s + b, _ROUNDED))
                for a, b in spans.inside(start, end)
            ],
            about=about,
        )
        own = spans.heard.levels.scores(start, end)
        length = round(last - first, _ROUNDED)
        segment.scores = {**spans.heard.scores, **own, "duration_s": length}
        if spans.speech is not None:
            segment.scores["speech_ratio"] = spans.share(start, end)
        if spans.heard.tones:
            segment.scores["tone_ratio"] = spans.heard.tones.ratio(start, end)
        return segment

    def _quality(self, recording: Recording, segment: Segment) -> dict[str, float]:
        """DNSMOS of a segment, of which only what is looked at is decoded again."""
        from curator_audio.scores.speech_quality import quality_span, speech_quality

        assert self._dnsmos is not None
        assert self.dnsmos != "off"
        span = (segment.start_s, segment.end_s)
        start, end = quality_span(*span) if self.dnsmos == "one" else span
        samples = read_span(recording.source, start, end, recording=recording)
        return speech_quality(self._dnsmos, samples, windows=self.dnsmos)

    def _lost(
        self, file: FileGroupTask, stored: StoredAudio, about: dict[str, Any], error: Exception
    ) -> Segment:
        reason = redacted(error.reason if isinstance(error, AudioError) else str(error))
        segment = Segment(uuid=id_of(str(about["place"])), path=stored.path, about=about)
        segment.drop(READ, reason)
        segment.errors[READ] = reason
        rest = stored.place == stored.path and bool(stored.problem)
        self.reject(Rejection(file=stored.place, reason=reason, rest=rest))
        return segment


@dataclass(frozen=True, kw_only=True)
class _Spans:
    """What is known of a recording once it has been decoded; seconds count from where that began."""

    heard: "Heard"
    speech: "list[Span] | None"
    """None where it was not looked for."""
    found: "list[Span]"
    """Of segments."""

    def inside(self, start: float, end: float) -> list[tuple[float, float]]:
        """The parts of a span that are speech."""
        common = [(max(start, each.start_s), min(end, each.end_s)) for each in self.speech or []]
        return [(a, b) for a, b in common if a < b]

    def share(self, start: float, end: float) -> float:
        """Which share of a span is speech."""
        total = sum(b - a for a, b in self.inside(start, end))
        return round(min(1.0, total / max(end - start, 1e-9)), 6)


def _with_text(about: dict[str, Any], stored: StoredAudio) -> dict[str, Any]:
    """The facts of a recording, with the text of the whole of it."""
    return {**about, "recording_text": stored.text or None}


def _about(file: FileGroupTask, stored: StoredAudio, position: int) -> dict[str, Any]:
    """What is known of a recording before it is decoded."""
    path = file.data[0]
    name = name_of(file)
    fields = json.dumps(stored.fields, ensure_ascii=False, default=str) if stored.fields else None
    place = stored.place
    return {
        "source": name,
        "file": path,
        "stamp": file.stamp,
        "member": stored.member,
        "place": name + place[len(path) :] if place.startswith(path) else place,
        "position": position,
        "fields": fields,
    }
