"""Turn decoded frames into what an encoder takes: upright, of even size, eight bits unless asked."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from curator_video.clips.encoders import add_video_stream, makes_ten_bit
from curator_video.read.filter_graph import filters_for
from curator_video.read.tone_map import ToneMapper
from curator_video.task import VideoMetadata

_TURNS = {
    0: [],
    90: [("transpose", "clock")],
    180: [("hflip", ""), ("vflip", "")],
    270: [("transpose", "cclock")],
}
_BT709 = 1
_LIMITED = 1
"""FFmpeg's numbers for colours of HD video and for the range 16..235."""


@dataclass(kw_only=True)
class Pictures:
    """Makes the frames of a video's clips, and the streams that they go into.

    Colours keep their meaning: a stream says which primaries, curve and range its frames have. So
    high dynamic range stays what it is, with eight bits instead of ten unless `ten_bit`.
    """

    metadata: VideoMetadata
    encoder: str
    quality: int | None
    threads: int
    ten_bit: bool
    rate: Fraction
    """Frames per second, for the encoder's rate control only."""
    time_base: Fraction
    """Unit of the source's time stamps, which the clips keep."""
    aspect: Fraction = Fraction(1)
    """Width of a stored pixel divided by its height."""
    tone_mapper: ToneMapper | None = None
    """Brings frames of high dynamic range to the common one."""
    _scaler: Any = field(default=None, init=False)
    _graph: Any = field(default=None, init=False)
    _shape: tuple[int, int] = field(default=(0, 0), init=False)
    """Of the frames that the graph takes."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the clips: those of the video as it is shown, made even."""
        return even_size(self.metadata)

    def make(self, frame: Any, size: tuple[int, int] | None = None) -> Any:
        """A frame for the encoder; its time stamps are the caller's to set.

        Args:
            frame: As it was decoded.
            size: Width and height of the clip; those of the video unless given.
        """
        from av.video.reformatter import VideoReformatter

        frame = self.tone_mapper.map(frame) if self.tone_mapper else frame
        width, height = size or self.size
        turned = self.metadata.rotation % 180 != 0
        is_rgb = "rgb" in frame.format.name or "gbr" in frame.format.name
        if self._scaler is None:
            # A scaler of each frame's own would be made anew for each frame.
            self._scaler = VideoReformatter()
        made = self._scaler.reformat(
            frame,
            width=height if turned else width,
            height=width if turned else height,
            format="yuv420p10le" if self.ten_bit and makes_ten_bit(self.encoder) else "yuv420p",
            dst_colorspace=_BT709 if is_rgb else None,
            dst_color_range=_LIMITED if is_rgb else None,
        )
        for name in ("color_primaries", "color_trc"):
            setattr(made, name, _BT709 if is_rgb else getattr(frame, name))
        upright = not self.metadata.mirrored and not self.metadata.rotation
        return made if upright else self._turn(made)

    def add_stream(self, file: Any, first: Any) -> Any:
        """The stream of a clip's file for frames like this one, which `make` made."""
        stream = add_video_stream(
            file,
            self.encoder,
            size=(first.width, first.height),
            rate=self.rate,
            time_base=self.time_base,
            quality=self.quality,
            threads=self.threads,
            ten_bit=self.ten_bit,
        )
        context = stream.codec_context
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(context, name, getattr(first, name))
        if self.aspect != 1:
            turned = self.metadata.rotation % 180 != 0
            context.sample_aspect_ratio = 1 / self.aspect if turned else self.aspect
        return stream

    def _turn(self, frame: Any) -> Any:
        if self._graph is None or self._shape != (frame.width, frame.height):
            mirror = [("hflip", "")] if self.metadata.mirrored else []
            turns = [*mirror, *_TURNS[self.metadata.rotation]]
            self._graph = filters_for(frame, turns, time_base=self.time_base)
            self._shape = frame.width, frame.height
        self._graph.vpush(frame)
        turned = self._graph.vpull()
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(turned, name, getattr(frame, name))
        return turned


def even_size(metadata: VideoMetadata) -> tuple[int, int]:
    """The size that the video has when it is shown, without an odd last column or row."""
    return max(2, metadata.width // 2 * 2), max(2, metadata.height // 2 * 2)
