"""One clip's file while it is written: encoded frames or copied packets, and the sound that goes with them.

What is written when is `cutting.py`'s to say. The file has a temporary name until it is whole. Times
are seconds from the video's first frame; in the file they begin at 0.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.manifest import note
from curator_engine.files.storage import storage_errors, unfinished
from curator_video.clips.encoders import keep_priority
from curator_video.read.edit_list import show_until
from curator_video.read.sound import Sound
from curator_video.task import Encoded

_CONTAINERS: dict[str, set[str]] = {
    "mp4": {"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mjpeg"},
    "webm": {"vp8"},
}
"""Video codecs that a kind of file takes."""


def container_for(codec: str) -> str:
    """The kind of file for video of this codec: mp4 where it may hold it, else webm or matroska."""
    return next((name for name, each in _CONTAINERS.items() if codec in each), "matroska")


@dataclass(kw_only=True)
class ClipFile:
    """A clip's file that is being written; made on disk when its first frame or packet comes."""

    path: str
    container: str
    """As FFmpeg names it."""
    start: float
    """When the clip starts: of a copy, its key frame."""
    end: float
    size: tuple[int, int]
    add_video: Callable[[Any, Any], Any]
    """Makes the video stream of a container, given the first frame or packet."""
    video_codec: str
    sound: Sound | None = None
    num_frames: int = field(default=0, init=False)
    _file: Any = field(default=None, init=False)
    _video: Any = field(default=None, init=False)
    _audio: Any = field(default=None, init=False)
    _waiting: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]], init=False)
    """Sound that came before the first frame."""
    _encoding: list[Any] = field(default_factory=list[Any], init=False)
    """The streams whose encoders must be emptied at the end."""
    _stamp: int = field(default=-1, init=False)
    """Of the last frame, in the encoder's unit."""
    _latest: Any = field(default=None, init=False)
    """The last encoded packet, which is not written before the next one comes."""
    _first_dts: int = field(default=0, init=False)
    _hidden: int = field(default=0, init=False)
    """Packets that others need and that lie after the clip."""
    _samples: int = field(default=0, init=False)
    """Samples of sound so far, silence included."""
    _has_sound: bool = field(default=False, init=False)
    """Whether any sound lies within the clip."""

    @property
    def scratch(self) -> str:
        """The temporary name."""
        return str(unfinished(Path(self.path)))

    def add_frame(self, frame: Any, *, seconds: float, duration: float) -> None:
        """Encode a frame, which has the size and format of the clip."""
        self._open(frame)
        base = self._video.codec_context.time_base
        frame.time_base = base
        self._stamp = max(round((seconds - self.start) / base), self._stamp + 1)
        frame.pts = self._stamp
        frame.duration = max(1, round(duration / base))
        frame.pict_type = 0
        self.num_frames += 1
        self._mux_video(self._video.encode(frame))

    def _mux_video(self, packets: list[Any]) -> None:
        """Write encoded packets but for the last one."""
        for packet in packets:
            if self._latest is None:
                self._first_dts = packet.dts
            else:
                self._file.mux(self._latest)
            self._latest = packet

    def _end_video(self) -> None:
        """Write the last encoded packet, so that the picture ends with the clip."""
        packets = self._video.encode(None)
        length = round((self.end - self.start) / self._video.codec_context.time_base)
        for packet in (self._latest, *packets):
            if packet is not None and packet.pts == self._stamp:
                packet.duration = max(1, length - packet.pts)
        self._mux_video(packets)
        if self._latest is not None:
            # The one that is shown last may not be the last in the file, by which its length is told.
            rest = length - (self._latest.dts - self._first_dts)
            own = length - self._stamp if self._latest.pts == self._stamp else 1
            self._latest.duration = max(own, rest)
            self._file.mux(self._latest)

    def add_packet(
        self, packet: Any, *, origin: float, duration: float = 0.0, shown: bool = True
    ) -> None:
        """Copy a packet of the video.

        Args:
            packet: Of the source.
            origin: The time stamp of the video's first frame.
            duration: Seconds that it is shown, where the packet does not say: a last one of no length
                is not shown.
            shown: False for one after the end that frames of the clip need.

        Raises:
            ValueError: The file cannot hide what is not to be shown.
        """
        if not shown and self.container != "mp4":
            raise ValueError("its last frames need one after its end, which cannot be hidden")
        self._open(packet)
        self.num_frames += shown
        self._hidden += not shown
        self._copy(packet, self._video, origin, duration=duration)

    def add_sound_packet(self, packet: Any, *, origin: float) -> None:
        """Copy a packet of sound, if it starts within the clip."""
        seconds = float(packet.pts * packet.time_base) - origin
        if self.start <= seconds < self.end:
            self._has_sound = True
            self._when_open(lambda: self._copy(packet, self._audio, origin))

    def add_sound(self, samples: NDArray[np.float32], *, seconds: float) -> None:
        """Encode sound; what lies outside the clip is cut off to the sample.

        Args:
            samples: Shape (channels, samples), at the rate of `sound`.
            seconds: When the first of them is heard.
        """
        rate = self.sound.rate if self.sound else 1
        at, total = round((seconds - self.start) * rate), round((self.end - self.start) * rate)
        if at >= total or at + samples.shape[1] <= 0:
            return
        samples = samples[:, max(0, -at) : total - at]
        self._has_sound = True
        self._when_open(lambda: self._encode_sound(samples, max(0, at)))

    def close(self) -> Encoded:
        """Finish the file and give it its name.

        Raises:
            ValueError: Nothing was written.
            StorageError: The disk is full, or the file cannot be put in its place.
        """
        if self._file is None:
            raise ValueError("no frame of it could be read")
        for stream in self._encoding:
            if stream is self._video:
                self._end_video()
            else:
                self._file.mux(stream.encode(None))
        self._file.close()
        self._release()
        if self.sound and not self._has_sound:
            _drop_sound(self.scratch, self.container)
        if self._hidden:
            show_until(self.scratch, self.end - self.start)
        with storage_errors(self.path, "writing"):
            Path(self.scratch).replace(self.path)
        return Encoded(
            path=self.path,
            width=self.size[0],
            height=self.size[1],
            framerate=self.num_frames / (self.end - self.start),
            num_frames=self.num_frames,
            video_codec=self.video_codec,
            audio_codec=self.sound.codec if self.sound and self._has_sound else "",
            num_bytes=Path(self.path).stat().st_size,
            start=self.start,
        )

    def abort(self) -> None:
        """Leave nothing of the file."""
        from av.error import FFmpegError

        if self._file is not None:
            with suppress(FFmpegError, OSError, ValueError):
                self._file.close()
        self._release()
        # Where it cannot be removed, it could not be written, which is said.
        with suppress(OSError):
            Path(self.scratch).unlink(missing_ok=True)

    def _release(self) -> None:
        """Let the encoders go, which hold many frames."""
        self._file = self._video = self._audio = self._latest = None
        self._encoding.clear()
        self._waiting.clear()

    def forget(self) -> None:
        """Drop sound that came before the first frame, since it will come again."""
        self._waiting.clear()
        self._has_sound = False

    def _open(self, first: Any) -> None:
        if self._file is not None:
            return
        note(self.path)
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._file = _create(self.scratch, self.container)
        self._video = self.add_video(self._file, first)
        if self.sound:
            self._audio = _sound_stream(self._file, self.sound)
        # Streams must all be there before the first packet is written. The encoder starts here.
        with keep_priority():
            self._file.start_encoding()
        self._encoding = [self._video] if hasattr(first, "pict_type") else []
        self._encoding += [self._audio] if self.sound and self.sound.encoder else []
        for write in self._waiting:
            write()
        self._waiting.clear()

    def _when_open(self, write: Callable[[], None]) -> None:
        if self._file is None:
            self._waiting.append(write)
        else:
            write()

    def _copy(self, packet: Any, stream: Any, origin: float, *, duration: float = 0.0) -> None:
        import av

        twin = av.Packet(bytes(packet))
        shift = round((origin + self.start) / packet.time_base)
        twin.time_base = packet.time_base
        twin.duration = packet.duration or round(duration / packet.time_base)
        twin.pts = None if packet.pts is None else packet.pts - shift
        twin.dts = None if packet.dts is None else packet.dts - shift
        twin.is_keyframe = packet.is_keyframe
        twin.stream = stream
        self._file.mux(twin)

    def _encode_sound(self, samples: NDArray[np.float32], at: int) -> None:
        import av

        if not self.sound or self._audio is None:
            return
        if at > self._samples:
            # Silence where the source has none keeps the rest in step with the picture.
            silence = np.zeros((samples.shape[0], at - self._samples), np.float32)
            samples = np.concatenate([silence, samples], axis=1)
        else:
            samples = samples[:, self._samples - at :]
        if not samples.shape[1]:
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout=self.sound.layout
        )
        frame.sample_rate, frame.time_base = self.sound.rate, Fraction(1, self.sound.rate)
        frame.pts = self._samples
        self._samples += samples.shape[1]
        self._file.mux(self._audio.encode(frame))


def _create(path: str, container: str) -> Any:
    import av

    # Matroska's files have a random number in them unless they are to be the same again.
    options = {"movflags": "+faststart"} if container == "mp4" else {"fflags": "+bitexact"}
    return av.open(path, "w", format=container, options=options)


def _drop_sound(path: str, container: str) -> None:
    """Write the file again without its sound track, in which nothing is."""
    import av

    whole = f"{path}.silent"
    note(whole)
    try:
        with av.open(path) as source, _create(whole, container) as target:
            video = source.streams.video[0]
            stream = target.add_stream_from_template(video, opaque=True)
            for packet in source.demux(video):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
        Path(whole).replace(path)
    finally:
        Path(whole).unlink(missing_ok=True)


def _sound_stream(file: Any, sound: Sound) -> Any:
    if not sound.encoder:
        return file.add_stream_from_template(sound.stream, opaque=True)
    stream = file.add_stream(sound.encoder, rate=sound.rate)
    stream.layout = sound.layout
    stream.codec_context.thread_count = 1
    return stream
