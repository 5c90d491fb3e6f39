"""Which part of which file an entry of a manifest means."""

import math
from collections.abc import Mapping
from typing import Any

from curator_audio.read.audio_error import AudioError


def entry_span(
    entry: Mapping[str, Any], *, audio_filepath_key: str = "audio_filepath"
) -> tuple[str, float, float]:
    """Path, first second and last second; to the end of the file if nothing says less.

    Segments have `start_ms` and `end_ms`, or `offset` and `duration`, as NeMo's manifests do. A
    `duration` alone is that of the file, and is not relied on.

    Raises:
        AudioError: There is no path, or a time is no number.

    Example:
        >>> entry_span({"audio_filepath": "a.wav", "offset": 2.0, "duration": 1.5})
        ('a.wav', 2.0, 3.5)
    """
    path = entry.get(audio_filepath_key)
    if not path:
        raise AudioError("an entry", f"has no {audio_filepath_key!r}, which names the recording")
    if "start_ms" in entry and "end_ms" in entry:
        return str(path), _number(entry, "start_ms") / 1000, _number(entry, "end_ms") / 1000
    if "offset" not in entry:
        return str(path), 0.0, math.inf
    start = _number(entry, "offset")
    end = start + _number(entry, "duration") if "duration" in entry else math.inf
    return str(path), start, end


def segment_entry(
    entry: Mapping[str, Any], segment: Mapping[str, Any], *, audio_filepath_key: str
) -> dict[str, Any]:
    """A segment of an entry as an entry of its own: with the recording's path, and times that `entry_span` reads.

    Example:
        >>> segment_entry(
        ...     {"audio_filepath": "a.wav"},
        ...     {"start": 1.0, "end": 3.0},
        ...     audio_filepath_key="audio_filepath",
        ... )["offset"]
        1.0
    """
    found = {audio_filepath_key: entry.get(audio_filepath_key), **segment}
    if "start" in segment and "end" in segment and "start_ms" not in segment:
        start, end = segment_span(segment)
        found |= {"offset": start, "duration": max(0.0, end - start)}
    return found


def segment_span(segment: Mapping[str, Any]) -> tuple[float, float]:
    """First and last second of a segment: by `start_ms` and `end_ms`, or `start` and `end` in seconds.

    Raises:
        AudioError: It has neither, or a time is no number.
    """
    if "start_ms" in segment and "end_ms" in segment:
        return _number(segment, "start_ms") / 1000, _number(segment, "end_ms") / 1000
    if "start" not in segment or "end" not in segment:
        raise AudioError("a segment", "has no start and end, in seconds")
    return _number(segment, "start"), _number(segment, "end")


def _number(entry: Mapping[str, Any], key: str) -> float:
    try:
        value = float(entry[key])
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise AudioError("an entry", f"{key}={entry[key]!r} is no time")
    return value
