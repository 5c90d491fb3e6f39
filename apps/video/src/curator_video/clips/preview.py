"""Small moving pictures of clips: animated WebP, a frame per second.

They are made of the track's stills where those are high enough, else of the clip's own file, which is
short; the video is never decoded again.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.stage import ProcessingStage
from curator_video.read.container import VideoError
from curator_video.read.decode import open_decoder
from curator_video.read.frames import Picture
from curator_video.read.track import Track, open_track
from curator_video.task import Clip, Video, VideoTask

PREVIEWS = "previews"
_MAX_FRAMES = 60
"""Of one preview; longer spans have it that they are shown faster."""
_ENOUGH = 0.75
"""Part of the height from which a still will do: decoding the clip takes ten times as long."""
_EARLY = 1e-3
"""Seconds by which a still may come late; containers round time stamps."""


@dataclass(kw_only=True)
class PreviewClips(ProcessingStage[VideoTask, VideoTask]):
    """Write `previews/<clip>/<start>_<end>.webp` for each window of a clip, or for the whole clip.

    The two numbers are frames within the clip.
    """

    output: str
    """Folder of the run."""
    fps: float = 1.0
    """Pictures per second of video; as many are shown per second."""
    height: int = 240
    """Pixels; of the video itself if it is lower."""
    quality: int = 50
    """Of WebP, 0 to 100."""
    always_stills: bool = False
    """Take the track's stills also where they are lower than `height`: it spares decoding the clips."""
    skip_filtered: bool = False
    """Leave out clips that are dropped already."""
    writes_to: ClassVar[tuple[str, ...]] = ("output",)

    def __post_init__(self) -> None:
        if self.fps <= 0 or self.height < 1 or not 0 <= self.quality <= 100:
            raise SettingsError(
                f"previews with fps={self.fps}, height={self.height}, quality={self.quality}: "
                "the first two must be above 0, the quality from 0 to 100."
            )

    def process(self, task: VideoTask) -> VideoTask:
        """Write the previews; one that cannot be made is an error of its clip.

        Raises:
            StorageError: A file cannot be written.
        """
        video = task.data
        clips = [clip for clip in video.clips if not (self.skip_filtered and clip.drop_reason)]
        track = open_track(video.track) if clips else None
        for clip in clips:
            length = clip.frames[1] - clip.frames[0]
            spans = [(each.start_frame, each.end_frame) for each in clip.windows] or [(0, length)]
            for start, end in spans:
                try:
                    data = self._draw(video, clip, track, (start, end))
                except (VideoError, OSError, ValueError) as error:
                    clip.errors["preview"] = f"frames {start} to {end}: {error}"
                    break
                name = join(PREVIEWS, clip.uuid, f"{start}_{end}.webp")
                write_atomic(join(self.output, name), data)
                clip.preview = clip.preview or name
        return task

    def _draw(
        self, video: Video, clip: Clip, track: Track | None, window: tuple[int, int]
    ) -> bytes:
        """The preview of a window, frames [start, end) of the clip, as a file."""
        if track is None:
            raise ValueError("the video has no track")
        frames = (clip.frames[0] + window[0], clip.frames[0] + window[1])
        begin, end = track.time_of(frames[0]), track.time_of(frames[1])
        count = min(_MAX_FRAMES, max(1, int((end - begin) * self.fps)))
        times = [begin + (end - begin) * i / count for i in range(count)]
        if self.fps * (end - begin) <= _MAX_FRAMES:
            times = [begin + i / self.fps for i in range(count)]
        height = min(self.height, video.metadata.height or self.height)
        low = not len(track.stills) or track.stills.shape[1] < _ENOUGH * height
        # Stills have the shape of the first frame.
        low = low or len(track.sizes) > 1
        if low and clip.encoded and not self.always_stills:
            shift = clip.encoded.start
            pictures = _from_file(clip.encoded.path, [time - shift for time in times])
        else:
            pictures = _from_stills(track, frames, times)
        return _webp([_scaled(each, height) for each in pictures], self.fps, self.quality)


def _from_stills(
    track: Track, frames: tuple[int, int], times: Sequence[float]
) -> Iterator[Picture]:
    there = track.stills_within(frames)
    if there.stop <= there.start or there.start >= len(track.stills):
        raise ValueError("the track has no still of them")
    shown = track.times[track.still_frames[there]]
    for time in times:
        nearest = int(np.searchsorted(shown, time + _EARLY, side="right")) - 1
        place = there.start + max(0, nearest)
        yield track.pictures(slice(place, place + 1))[0]


def _from_file(path: str, times: Sequence[float]) -> Iterator[Picture]:
    for frame in open_decoder(path).at_times(times):
        yield frame.rgb()


def _scaled(picture: Picture, height: int) -> Image.Image:
    image = Image.fromarray(picture)
    if image.height <= height:
        return image
    width = max(1, round(image.width * height / image.height))
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _webp(images: Sequence[Image.Image], fps: float, quality: int) -> bytes:
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=max(1, round(1000 / fps)),
        loop=0,
        quality=quality,
        method=4,
    )
    return buffer.getvalue()
