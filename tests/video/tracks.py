"""Tracks written by tests from frames that they drew, without a video file."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curator_video.read.measures import measure_frame
from curator_video.read.track import MOTION_GRID, STILL_SIDE, THUMB_HEIGHT, THUMB_WIDTH
from curator_video.task import Clip, Video, VideoMetadata, VideoTask


def write_track(folder: Path, frames: Iterable[np.ndarray], *, fps=24.0, motion=None) -> str:
    """Write the track of RGB frames; stills are two per second.

    Args:
        folder: Made if it is not there.
        frames: Shape (height, width, 3) each.
        fps: Frames per second.
        motion: Shape (8, 8) or a number for all stills; NaN unless given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = max(1, round(fps / 2))
    thumbs, stills, at = [], [], []
    measures: dict[str, list[float]] = {}
    frames_size = (0, 0)
    for number, frame in enumerate(frames):
        picture, frames_size = Image.fromarray(frame), frame.shape[:2]
        thumbs.append(shrunk(picture, (THUMB_WIDTH, THUMB_HEIGHT)))
        if number % every == 0:
            scale = min(1.0, STILL_SIDE / max(picture.size))
            width, height = (round(side * scale) for side in picture.size)
            stills.append(shrunk(picture, (width, height)))
            at.append(number)
            for name, value in measure_frame(np.asarray(picture.convert("L"))).items():
                measures.setdefault(name, []).append(value)
    grid = np.full((MOTION_GRID, MOTION_GRID), np.nan if motion is None else motion)
    arrays = {
        "times": np.arange(len(thumbs)) / fps,
        "keys": np.arange(len(thumbs)) % 24 == 0,
        "damaged": np.zeros(len(thumbs), np.bool_),
        "missing": np.zeros(0),
        "thumbs": np.array(thumbs),
        "stills": np.array(stills),
        "still_frames": np.array(at, np.int64),
        "motion": np.broadcast_to(grid.astype(np.float32), (len(stills), *grid.shape)),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    of_stills: dict[str, Any] = {k: np.array(v, np.float32) for k, v in measures.items()}
    np.savez(folder / "measures.npz", **of_stills)
    facts = {
        "end": len(thumbs) / fps,
        "error": "",
        "stamps": "pts",
        "parts": [{"frame": 0, "stamp": 0.0}],
        "sizes": [(0, *reversed(frames_size))],
        "scan": "",
    }
    (folder / "track.json").write_text(json.dumps(facts))
    return str(folder)


def shrunk(picture: Image.Image, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def video_task(track: str, spans: list[tuple[int, int]], *, fps=24.0, size=(180, 320)) -> VideoTask:
    """A task of a video with that track and clips of frames [start, end)."""
    clips = [
        Clip(uuid=f"clip-{i}", source_video="a.mp4", span=(a / fps, b / fps), frames=(a, b))
        for i, (a, b) in enumerate(spans)
    ]
    facts = VideoMetadata(height=size[0], width=size[1], framerate=fps)
    return VideoTask(data=Video(path="a.mp4", metadata=facts, track=track, clips=clips))


def still_frames(picture: np.ndarray, count: int) -> list[np.ndarray]:
    return [picture] * count


def flat(level: int, size=(180, 320)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)
