"""The cuts of a video as a file for people and editing programs: CSV, EDL or JSON."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Literal

from curator_video.read.track import Track
from curator_video.shots.cuts import Cut
from curator_video.shots.find_shots import shots_between

type Format = Literal["csv", "edl", "json"]

_FIELDS = ("shot", "start", "end", "start_frame", "end_frame", "change", "score")


@dataclass(frozen=True, kw_only=True)
class ListedShot:
    """A shot, and the change that it begins with."""

    shot: int
    """From 1."""
    start: float
    """Seconds [start, end) from the first frame."""
    end: float
    start_frame: int
    """Frames [start, end); start is a cut: the first frame of the shot."""
    end_frame: int
    change: str
    """hard, fade, dissolve, wipe, or start for the first."""
    score: float | None
    """Of the change, in the detector's unit."""


def list_shots(cuts: list[Cut], track: Track) -> list[ListedShot]:
    """The shots in order; the frames of gradual changes are in none of them."""
    kinds = {cut.end: cut.kind for cut in cuts}
    return [
        ListedShot(
            shot=i + 1,
            start=round(track.time_of(shot.start), 6),
            end=round(track.time_of(shot.end), 6),
            start_frame=shot.start,
            end_frame=shot.end,
            change=kinds.get(shot.start, "start"),
            score=None if shot.score is None else round(shot.score, 4),
        )
        for i, shot in enumerate(shots_between(cuts, track.num_frames))
    ]


def written(shots: list[ListedShot], *, form: Format, path: str, framerate: float) -> str:
    """The list as the text of a file.

    Args:
        shots: Of one video.
        form: The format of the file.
        path: Of the video.
        framerate: Frames per second, for the time codes of an EDL.
    """
    match form:
        case "csv":
            out = io.StringIO()
            table = csv.writer(out, lineterminator="\n")
            table.writerow(_FIELDS)
            table.writerows([getattr(shot, name) for name in _FIELDS] for shot in shots)
            return out.getvalue()
        case "json":
            facts = {"video": path, "framerate": framerate, "shots": [vars(s) for s in shots]}
            return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
        case "edl":
            return _edl(shots, path, max(1, round(framerate)))


def _edl(shots: list[ListedShot], path: str, rate: int) -> str:
    """A CMX 3600 list: time codes in frames of an even rate, as the format has no other."""
    name = " ".join(path.replace("\\", "/").rsplit("/", 1)[-1].split())
    lines = [f"TITLE: {name}", "FCM: NON-DROP FRAME", ""]
    at = 0
    for shot in shots:
        first, last = round(shot.start * rate), round(shot.end * rate)
        last = max(last, first + 1)
        codes = [_time_code(n, rate) for n in (first, last, at, at + last - first)]
        lines.append(f"{shot.shot:03d}  AX       V     C        {' '.join(codes)}")
        lines.append(f"* FROM CLIP NAME: {name}")
        at += last - first
    return "\n".join(lines) + "\n"


def _time_code(frames: int, rate: int) -> str:
    seconds, rest = divmod(frames, rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"
