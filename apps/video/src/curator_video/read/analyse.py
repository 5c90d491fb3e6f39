"""Decode a video once, and leave on disk what all later stages look at: its track.

What is in a track is `track.py`'s. Memory does not grow with the length of the video.
"""

import json
import math
import shutil
from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.manifest import note_folder
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import storage_errors, unfinished
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import short_hash
from curator_video.read.array_decoders import check_backend
from curator_video.read.container import NoFramesError, VideoError
from curator_video.read.decode import Backend, open_decoder
from curator_video.read.frames import Frame
from curator_video.read.interlace import LOOK_EVERY, Deinterlace, Looks, is_combed, one_field
from curator_video.read.measures import measure_frame
from curator_video.read.packets import index_packets
from curator_video.read.read_video import local_file
from curator_video.read.time_stamps import Part
from curator_video.read.track import (
    MOTION_GRID,
    STILL_SIDE,
    STILLS_PER_SECOND,
    THUMB_HEIGHT,
    THUMB_WIDTH,
    Track,
    open_track,
)
from curator_video.task import Stamps, Video, VideoMetadata, VideoTask

_WHOLE = Part(frame=0, stamp=0.0)
_CLOSE = 1e-3
"""Seconds by which the length of what was decoded may differ from what the packets say."""


@dataclass(kw_only=True)
class AnalyseVideo(ProcessingStage[VideoTask, VideoTask]):
    """Decode the video and write its track; the only stage that decodes all of it.

    A track that a stopped run has finished is used again. The metrics `full_decodes` and
    `frames_decoded` count what was really decoded.
    """

    scratch: str
    """Local folder for tracks, about 0.3 GB for an hour of small frames and 0.8 GB for its stills."""
    decoder: Backend = "pyav"
    """Package that decodes."""
    motion: bool = True
    """Keep motion vectors, where the codec and the decoder give them."""
    threads: int = 1
    """For decoding."""
    deinterlace: Deinterlace = "auto"
    """Whether interlaced pictures are made whole before they are measured."""
    tone_map: bool = False
    """Whether pictures of high dynamic range are looked at as on a common screen."""
    writes_to: ClassVar[tuple[str, ...]] = ("scratch",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Check the settings.

        Raises:
            SettingsError: Less than one thread, scratch that is not a local folder, or a decoder
                that is not installed.
        """
        check_backend(self.decoder)
        if is_remote(self.scratch):
            raise SettingsError(f"{self.name}: scratch {self.scratch} is not a local folder.")
        if self.threads < 1:
            raise SettingsError(f"{self.name}: {self.threads} threads; take at least 1.")

    def process(self, task: VideoTask) -> VideoTask | None:
        """The task with its track; None, and the file in quarantine, if there is no frame.

        Raises:
            SettingsError: The decoder's package is not installed.
            StorageError: The track cannot be written, as on a full disk.
        """
        video = task.data
        settings = f"{self.decoder} {self.motion} {STILL_SIDE} {STILLS_PER_SECOND}"
        settings += f" {self.deinterlace} {self.tone_map}"
        folder = join(self.scratch, "tracks", short_hash(video.path, video.stamp, settings))
        track = _finished(folder) if video.stamp else None
        if track is None:
            try:
                with storage_errors(folder, "writing"):
                    track = self._write(local_file(video), folder, video.metadata)
            except VideoError as error:
                self.reject(Rejection(file=video.path, reason=str(error)))
                self.count_rows(0)
                return None
            self.log_metric("full_decodes", 1)
            self.log_metric("frames_decoded", track.num_frames)
        self.count_rows(1)
        video.track, video.num_frames = folder, track.num_frames
        if track.error:
            video.errors["analyse"] = track.error
        _settle(video, track)
        video.notes |= self._notes(track)
        return task

    def _notes(self, track: Track) -> dict[str, str]:
        """What is unusual about the pictures."""
        notes: dict[str, str] = {}
        if track.scan:
            made = "stays so" if self.deinterlace == "off" else "is deinterlaced"
            notes["interlaced"] = f"looks {track.scan}, and {made}"
        if len(track.sizes) > 1:
            first, *others = (f"{width}x{height}" for _, width, height in track.sizes)
            more = f", and {len(others) - 3} more times" if len(others) > 3 else ""
            notes["size"] = f"changes from {first} to {', '.join(others[:3])}{more}; is cut there"
        damaged, missing = int(track.damaged.sum()), len(track.missing)
        if damaged or missing:
            notes["damage"] = f"damaged frames: {damaged}; missing between others: {missing}"
        return notes

    def _write(self, path: str, folder: str, facts: VideoMetadata) -> Track:
        decoder = open_decoder(
            path,
            backend=self.decoder,
            stream=facts.stream,
            threads=self.threads,
            stamps=facts.stamps,
            rate=facts.framerate if facts.stamps != "pts" else 0.0,
            tone_map=facts.hdr if self.tone_map else "",
        )
        with TrackWriter(folder, deinterlace=self.deinterlace) as writer:
            for frame in decoder.frames(motion=self.motion):
                writer.add(frame)
            if not writer.num_frames:
                raise NoFramesError(
                    f"holds no picture that can be decoded: {decoder.error or 'no frame'}"
                )
            missing = np.zeros(0)
            if writer.num_frames < facts.num_frames and facts.stamps != "rate":
                expected = index_packets(path, stream=facts.stream).times - decoder.parts[0].stamp
                missing = missing_times(expected, np.array(writer.times))
            writer.finish(decoder.error, parts=decoder.parts, stamps=facts.stamps, missing=missing)
        return open_track(folder)


class TrackWriter:
    """Writes a track frame by frame; it takes its place, whole, when it is finished."""

    def __init__(self, folder: str, *, deinterlace: Deinterlace = "auto") -> None:
        self._target = Path(folder)
        self._scratch = unfinished(self._target)
        self._open = ExitStack()
        self._arrays: dict[str, GrowingArray] = {}
        self._measures: list[dict[str, float]] = []
        self._motion: NDArray[np.float32] | None = None
        self._due = 0.0
        self._still_size = (0, 0)
        self._end = 0.0
        self._deinterlace = deinterlace
        self._looks = Looks()
        self._sizes: list[tuple[int, int, int]] = []
        self.times = array("d")
        """Of the frames so far."""
        self.num_frames = 0

    def __enter__(self) -> Self:
        note_folder(str(self._target))
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def add(self, frame: Frame) -> None:
        """Take the next frame."""
        if not self.num_frames:
            self._begin(frame)
        if not self._sizes or self._sizes[-1][1:] != frame.size:
            self._sizes.append((self.num_frames, *frame.size))
            # A still before a change of the size shows nothing of the clip after it.
            self._due = frame.time
        if self.num_frames % LOOK_EVERY == 0:
            self._looks.frames.append((self.num_frames, is_combed(frame.luma())))
            self._looks.said += frame.interlaced
        if frame.time >= self._due:
            self._add_still(frame)
        if self._motion is None:
            self._motion = frame.motion()
        self.times.append(frame.time)
        self._arrays["keys"].append(frame.key)
        self._arrays["damaged"].append(frame.damaged)
        self._arrays["thumbs"].append(frame.rgb((THUMB_WIDTH, THUMB_HEIGHT)))
        self._end = frame.time + frame.duration
        self.num_frames += 1

    def finish(
        self,
        error: str,
        *,
        parts: Sequence[Part] = (_WHOLE,),
        stamps: Stamps = "pts",
        missing: NDArray[np.float64] | None = None,
    ) -> None:
        """Put the track in its place.

        Args:
            error: Why there are no more frames, where the file should have had some.
            parts: The stretches between jumps of the time stamps.
            stamps: Which time stamps were believed.
            missing: When frames are shown that could not be decoded, between others.
        """
        self._close_motion()
        self._open.close()
        names = sorted({name for each in self._measures for name in each})
        columns: dict[str, Any] = {
            name: np.array([each.get(name, math.nan) for each in self._measures], np.float32)
            for name in names
        }
        np.savez(self._scratch / "measures.npz", **columns)
        np.save(self._scratch / "times.npy", np.array(self.times))
        np.save(self._scratch / "missing.npy", np.zeros(0) if missing is None else missing)
        facts = {
            "end": self._end,
            "error": error,
            "stamps": stamps,
            "parts": [asdict(part) for part in parts],
            "sizes": self._sizes,
            "scan": self._looks.scan(),
        }
        (self._scratch / "track.json").write_text(json.dumps(facts), encoding="utf-8")
        shutil.rmtree(self._target, ignore_errors=True)
        self._scratch.rename(self._target)

    def _begin(self, frame: Frame) -> None:
        width, height = frame.shown_size
        scale = min(1.0, STILL_SIDE / max(width, height))
        self._still_size = max(1, round(width * scale)), max(1, round(height * scale))
        shapes: dict[str, tuple[DTypeLike, tuple[int, ...]]] = {
            "damaged": (np.bool_, ()),
            "keys": (np.bool_, ()),
            "thumbs": (np.uint8, (THUMB_HEIGHT, THUMB_WIDTH, 3)),
            "stills": (np.uint8, (self._still_size[1], self._still_size[0], 3)),
            "still_frames": (np.int64, ()),
            "motion": (np.float32, (MOTION_GRID, MOTION_GRID)),
        }
        for name, (dtype, shape) in shapes.items():
            array = GrowingArray(self._scratch / f"{name}.npy", dtype, shape)
            self._arrays[name] = array
            self._open.callback(array.close)

    def _add_still(self, frame: Frame) -> None:
        self._close_motion()
        self._arrays["stills"].append(frame.rgb(self._still_size))
        self._arrays["still_frames"].append(self.num_frames)
        luma = frame.luma()
        # Rows of two times look like the sharpest of pictures.
        if self._deinterlace == "on" or (self._deinterlace == "auto" and is_combed(luma)):
            luma = one_field(luma)
        self._measures.append(measure_frame(luma))
        self._due = (math.floor(frame.time * STILLS_PER_SECOND + 1e-6) + 1) / STILLS_PER_SECOND
        self._due -= 1e-6

    def _close_motion(self) -> None:
        """Write the last still's motion: of the first frame from there on that has vectors."""
        if self._measures:
            none = np.full((MOTION_GRID, MOTION_GRID), np.nan, np.float32)
            self._arrays["motion"].append(none if self._motion is None else self._motion)
        self._motion = None


class GrowingArray:
    """A `.npy` file to which rows are appended; its header is right after `close`."""

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
        self._dtype, self._shape, self._length = np.dtype(dtype), shape, 0
        self._file = path.open("wb")
        self._write_header()

    def append(self, row: Any) -> None:
        """Add one row."""
        self._file.write(np.ascontiguousarray(row, self._dtype).tobytes())
        self._length += 1

    def close(self) -> None:
        """Write the number of rows into the header and close the file."""
        if not self._file.closed:
            with self._file:
                self._file.seek(0)
                self._write_header()

    def _write_header(self) -> None:
        # numpy leaves room in the header for the first axis to grow.
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._length, *self._shape),
        }
        np.lib.format.write_array_header_1_0(self._file, header)


def _finished(folder: str) -> Track | None:
    """The track that is there already, if it is whole."""
    try:
        return open_track(folder)
    except (OSError, ValueError, KeyError):
        return None


def missing_times(expected: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times at which there should be a frame between those that were found, and is none near.

    Args:
        expected: Shape (packets,): when the packets say that frames are shown.
        found: Shape (frames,), rising.
    """
    if len(found) < 2:
        return np.zeros(0)
    within = expected[(expected > found[0]) & (expected < found[-1])]
    after = np.searchsorted(found, within).clip(1, len(found) - 1)
    nearest = np.minimum(within - found[after - 1], found[after] - within)
    return within[nearest > np.median(np.diff(found)) / 2]


def _settle(video: Video, track: Track) -> None:
    """Believe what was decoded, where the packets promised more or less."""
    facts = video.metadata
    promised = facts.num_frames + facts.headless
    lost = bool(video.errors) or facts.headless > 0 or len(track.missing) > 0
    if lost:
        video.undecodable = max(0, promised - track.num_frames)
    # Without an error, packets that gave no frame hold none, as some of VP8 do.
    more = track.num_frames > facts.num_frames
    if more or not lost or track.end > facts.duration + _CLOSE:
        frames = track.num_frames if more or not lost else facts.num_frames
        length = track.end if abs(track.end - facts.duration) > _CLOSE else facts.duration
        same = (frames, length) == (facts.num_frames, facts.duration)
        rate = facts.framerate if same or length <= 0 else frames / length
        video.metadata = replace(facts, num_frames=frames, duration=length, framerate=rate)
