"""The stage that cuts long recordings into windows of conversation, as NeMo Curator's."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curator_audio.windows.conversation import (
    LEAST_SEGMENTS,
    NO_SPEAKER,
    GrownWindow,
    Segment,
    WindowLimits,
    bandwidth_of,
    grow_window,
    speaker_seconds,
)
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task

_SPEAKERS_SHOWN = 5


@positional(
    *("total_segments", "total_dur", "swift_path", "audio_sample_rate", "lost_bw", "dur_lost_bw"),
    *("lost_sr", "dur_lost_sr", "lost_spk", "dur_lost_spk", "lost_win", "dur_lost_win"),
    *("lost_no_spkr", "dur_lost_no_spkr", "lost_next_seg_bm", "dur_lost_next_seg_bm"),
    "lost_win_full_data",
)
@dataclass(kw_only=True)
class BuilderStats:
    """Why segments begin no window: counts of them, and their seconds (`dur_`)."""

    total_segments: int = 0
    total_dur: float = 0.0
    swift_path: str = ""
    """Where the recording lies in an object store, if the entry says so."""
    audio_sample_rate: int = 0
    lost_bw: int = 0
    """Segments of too little bandwidth."""
    dur_lost_bw: float = 0.0
    lost_sr: int = 0
    """Segments of a recording whose sample rate is too low."""
    dur_lost_sr: float = 0.0
    lost_spk: int = 0
    """Windows of too few speakers."""
    dur_lost_spk: float = 0.0
    lost_win: int = 0
    """Windows that stay too short or have one segment."""
    dur_lost_win: float = 0.0
    lost_no_spkr: int = 0
    """Those among them that stopped at speech of nobody."""
    dur_lost_no_spkr: float = 0.0
    lost_next_seg_bm: int = 0
    """Those among them that stopped at a segment of too little bandwidth."""
    dur_lost_next_seg_bm: float = 0.0
    lost_win_full_data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The windows that were too short, with the segments before and after them."""

    def to_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return asdict(self)


@positional(
    *("name", "target_window_duration", "tolerance", "min_bandwidth", "min_sample_rate"),
    *("min_speakers", "max_speakers", "truncation", "drop_fields", "drop_fields_top_level"),
)
@dataclass(kw_only=True)
class ALMDataBuilderStage(ProcessingStage[Task[dict[str, Any]], Task[dict[str, Any]]]):
    """Set `windows`, `stats` and `truncation_events` of entries that have segments.

    Example:
        ALMDataBuilderStage(target_window_duration=60.0, max_speakers=3)
    """

    name: str = "alm_data_builder"
    target_window_duration: float = 120.0
    """Seconds of a window."""
    tolerance: float = 0.1
    """Share of them by which it may be shorter or longer."""
    min_bandwidth: int = 8000
    """Least bandwidth of a segment, in Hz."""
    min_sample_rate: int = 16000
    """Least sample rate of a recording, in Hz."""
    min_speakers: int = 2
    max_speakers: int = 5
    truncation: bool = True
    """Cut the last segment at a word to make it fit."""
    drop_fields: str = "words"
    """Fields of segments that windows are without, with commas between them."""
    drop_fields_top_level: str = "words,segments"
    """Fields that the entry is without afterwards."""

    def __post_init__(self) -> None:
        if self.target_window_duration <= 0 or not 0 <= self.tolerance < 1:
            raise SettingsError(
                f"target_window_duration={self.target_window_duration} must be above 0 and "
                f"tolerance={self.tolerance} from 0 to below 1."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments, and the rate at which they were recorded."""
        return [], ["segments", "audio_sample_rate"]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Windows, and why there are no more."""
        return [], ["windows", "stats", "truncation_events"]

    def process(self, task: Task[dict[str, Any]]) -> Task[dict[str, Any]]:
        """Set the windows of an entry."""
        entry = task.data
        segments: list[Segment] = entry.get("segments") or []
        rate = entry.get("audio_sample_rate", 0)
        stats = BuilderStats(
            total_segments=len(segments),
            total_dur=_seconds(segments),
            swift_path=entry.get("swift_audio_filepath", ""),
            audio_sample_rate=rate,
        )
        windows: list[dict[str, Any]] = []
        cuts = 0
        if rate < self.min_sample_rate:
            stats.lost_sr, stats.dur_lost_sr = len(segments), stats.total_dur
        else:
            for window, is_cut in self._windows(segments, stats):
                cuts += is_cut
                windows += [window] if window else []
        for key in _names(self.drop_fields_top_level):
            entry.pop(key, None)
        entry |= {"windows": windows, "stats": stats.to_dict(), "truncation_events": cuts}
        self.log_metric("segments_processed", len(segments))
        self.log_metric("windows_created", len(windows))
        return task

    def _windows(
        self, segments: Sequence[Segment], stats: BuilderStats
    ) -> Iterator[tuple[dict[str, Any] | None, bool]]:
        """A window or None for each segment of good bandwidth, and whether a segment was cut."""
        limits = WindowLimits(
            target_s=self.target_window_duration,
            tolerance=self.tolerance,
            min_bandwidth=self.min_bandwidth,
            min_speakers=self.min_speakers,
            max_speakers=self.max_speakers,
            truncation=self.truncation,
        )
        for first, segment in enumerate(segments):
            seconds = segment["end"] - segment["start"]
            if bandwidth_of(segment) < self.min_bandwidth:
                stats.lost_bw += 1
                stats.dur_lost_bw += seconds
                continue
            grown = grow_window(segments, first, limits)
            lasts = limits.shortest_s <= grown.end_s - segment["start"] <= limits.longest_s
            speakers = speaker_seconds(grown.segments)
            if not lasts or len(grown.segments) < LEAST_SEGMENTS:
                self._note_short(stats, segments, first, grown)
                yield None, grown.is_cut
            elif len(speakers) < self.min_speakers:
                stats.lost_spk += 1
                stats.dur_lost_spk += seconds
                yield None, grown.is_cut
            else:
                longest = sorted(speakers.values(), reverse=True)[:_SPEAKERS_SHOWN]
                longest += [0.0] * (_SPEAKERS_SHOWN - len(longest))
                shown = [self._shown(each) for each in grown.segments]
                yield {"segments": shown, "speaker_durations": longest}, grown.is_cut

    def _note_short(
        self, stats: BuilderStats, segments: Sequence[Segment], first: int, grown: GrownWindow
    ) -> None:
        """Count a window that did not grow long enough, by what it stopped at."""
        seconds = segments[first]["end"] - segments[first]["start"]
        following = segments[grown.stopped_at]
        stats.lost_win += 1
        stats.dur_lost_win += seconds
        if following.get("speaker", NO_SPEAKER) == NO_SPEAKER:
            stats.lost_no_spkr += 1
            stats.dur_lost_no_spkr += seconds
        elif bandwidth_of(following) < self.min_bandwidth:
            stats.lost_next_seg_bm += 1
            stats.dur_lost_next_seg_bm += seconds
        stats.lost_win_full_data.append(
            {
                "index": first,
                "window_segs": [self._shown(each) for each in grown.segments],
                "next_seg": self._shown(following),
                "prev_seg": self._shown(segments[max(first - 1, 0)]),
            }
        )

    def _shown(self, segment: Segment) -> Segment:
        dropped = _names(self.drop_fields)
        return {key: value for key, value in segment.items() if key not in dropped}


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


def _seconds(segments: Sequence[Segment]) -> float:
    return sum((each["end"] - each["start"] for each in segments), 0.0)
