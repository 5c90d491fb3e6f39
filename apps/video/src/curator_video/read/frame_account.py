"""What became of every frame of a run: kept, dropped, left out for a reason, or in quarantine.

A frame that lies in several clips is counted once: as kept if any of them is kept. What is not in a
record of a finished video, such as a file that does not open, has frames that nobody knows.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

type LeftOut = Literal[
    "gradual change", "cropped", "too short", "gap", "not decodable", "beyond --limit"
]
"""Why a frame is in no clip. `cropped` is what the longest clip and the crop at the borders of shots
take off; a `gap` is a long pause, or a stretch with less than one frame per second."""
LEFT_OUT: tuple[str, ...] = get_args(LeftOut.__value__)


def account(
    videos: Mapping[str, Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The frames of each video by what became of them; they add up to `input`.

    Args:
        videos: The record of each finished video, by its path below the input folder.
        rows: Of `clips.parquet`: video, start_frame, end_frame and keep.
    """
    spans: dict[str, dict[bool, list[tuple[int, int]]]] = {
        name: {True: [], False: []} for name in videos
    }
    for row in rows:
        if row["video"] in spans:
            spans[row["video"]][bool(row["keep"])].append((row["start_frame"], row["end_frame"]))
    return {name: _of_video(videos[name].get("frames", {}), each) for name, each in spans.items()}


def _of_video(
    record: Mapping[str, Any], spans: Mapping[bool, list[tuple[int, int]]]
) -> dict[str, Any]:
    kept = covered(spans[True])
    clips = covered([*spans[True], *spans[False]])
    left_out = record.get("left_out", {})
    return {
        "input": record.get("input", clips),
        "kept": kept,
        "dropped": clips - kept,
        "left_out": {reason: left_out.get(reason, 0) for reason in LEFT_OUT},
        "quarantined": record.get("in_clips", clips) - clips,
    }


def totals(accounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of what `account` gives for each video; `left_out` is a list."""
    found = list(accounts)
    total: dict[str, Any] = {
        name: sum(each[name] for each in found)
        for name in ("input", "kept", "dropped", "quarantined")
    }
    total["left_out"] = [
        {"reason": reason, "frames": sum(each["left_out"][reason] for each in found)}
        for reason in LEFT_OUT
    ]
    return total


def covered[N: (int, float)](spans: Iterable[tuple[N, N]]) -> N | int:
    """How much lies in any of these spans [start, end)."""
    total, done = 0, None
    for start, end in sorted(spans):
        begin = start if done is None else max(start, done)
        if end > begin:
            total, done = total + end - begin, end
    return total
