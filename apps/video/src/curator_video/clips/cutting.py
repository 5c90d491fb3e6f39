"""Cut several clips out of a file in one way through it.

The file is entered at the key frame before the first clip; frames are told apart by the times in the
video's track, so a clip has exactly its frames whatever the container thinks of frame rates.
"""

import errno
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator_engine.files.storage import storage_errors
from curator_video.clips.clip_file import ClipFile
from curator_video.clips.stills import Pictures
from curator_video.read.container import reason_of
from curator_video.read.interlace import Deinterlacer
from curator_video.read.sound import Listener, Sound
from curator_video.read.time_stamps import stamp_of
from curator_video.read.track import Track
from curator_video.task import Clip, Encoded

_NEAR = 5e-4
"""Seconds by which the time of a frame may differ from that in the track."""
_JITTER = 0.2
"""The same for a key frame of containers that do not say when frames are shown, such as AVI."""
_TICK = 1e-6
_MARGINS = (0.0, 2.0, 30.0, None)
"""Seconds to enter a file before the wanted key frame, one after the other if it proves too late;
None is its beginning."""
_JUMP = 3.0
"""Seconds without a clip from which it pays to look for a later key frame."""
_OF_PICTURES = {errno.EAGAIN, errno.EDOM, errno.ERANGE, errno.EILSEQ, errno.EOVERFLOW}
"""FFmpeg's numbers for what it cannot make of a frame; all others are about the file."""
_SOUND_GRACE = 5.0
"""Seconds of video by which sound may come late in the file."""


@dataclass(kw_only=True)
class Cut:
    """A clip and the file that it gets."""

    clip: Clip
    file: ClipFile
    key: int
    """The number of the key frame at or before the clip's first frame."""
    begun: bool = field(default=False, init=False)
    ended: bool = field(default=False, init=False)
    """Whether all of its frames are in."""
    result: Encoded | str | None = field(default=None, init=False)
    """The file, or why there is none; None while it is written."""
    held: list[Any] = field(default_factory=list[Any], init=False)
    """Packets after the clip that go in only if one within it follows."""

    def fail(self, reason: str) -> None:
        """Give the clip up."""
        self.file.abort()
        self.result = reason


@dataclass(kw_only=True)
class Scissors:
    """One way through a file that is open."""

    file: Any
    stream: Any
    sound: Sound | None
    track: Track
    pictures: Pictures | None
    """Makes the frames of the clips; None copies packets."""
    cuts: list[Cut]
    """In the order of their first frames."""
    deinterlacer: Deinterlacer | None = None
    """Makes whole pictures of decoded frames, where they are interlaced."""
    leap: bool = True
    """Whether what no clip needs is passed over by seeking; never where stamps are not believed."""
    frames_decoded: int = field(default=0, init=False)
    _heard: float = field(default=-1.0, init=False)
    """Up to when sound has come, in seconds from the first frame."""
    _last: int = field(default=-1, init=False)
    """The number of the last frame."""
    _listener: Listener | None = field(default=None, init=False)
    _jumped: set[str] = field(default_factory=set[str], init=False)

    def run(self) -> None:
        """Write all files; afterwards every cut has a result.

        Raises:
            StorageError: A file cannot be written, as on a full disk.
        """
        try:
            # Where stamps are not believed, frames are counted from the beginning of the file.
            self.leap = self.leap and not self.track.counted
            margins = _MARGINS if self.leap else (None,)
            while waiting := [cut for cut in self.cuts if cut.result is None and not cut.begun]:
                if not any(self._run_from(waiting[0], margin) for margin in margins):
                    waiting[0].fail("its beginning cannot be reached in the file")
        finally:
            for cut in self.cuts:
                if cut.result is None:
                    cut.file.abort()

    def _run_from(self, target: Cut, margin: float | None) -> bool:
        """Go on from a cut until nothing is left or it pays to jump; False if that begins too late."""
        wanted = target.key if self.pictures is None else target.clip.frames[0]
        entry = None if margin is None else float(self.track.times[target.key]) - margin
        if not self._enter(entry):
            return False
        fresh = margin is not None
        for item in self._whole_items():
            seconds = self._seconds(item)
            if seconds is None:
                continue
            number = self._number(item, seconds)
            if fresh and number > wanted:
                return False
            fresh = False
            self._offer(item, number)
            seconds = self.track.time_of(number) if self.track.counted else seconds
            self._settle(seconds)
            if self._may_leave(seconds, target):
                return True
        if fresh:
            # Entered after the last key frame: nothing can be decoded from there.
            return False
        self._settle(float("inf"))
        return True

    def _seconds(self, item: Any) -> float | None:
        """When a frame or packet is shown; without a time stamp a frame follows the last one."""
        stamp = stamp_of(item, "pts")
        if self.track.counted:
            return self.track.time_of(self._last + 1)
        if stamp is not None:
            return float(stamp * item.time_base) - self.track.parts[0].stamp
        return self.track.time_of(self._last + 1) if self._last >= 0 else None

    def _number(self, item: Any, seconds: float) -> int:
        """The number of a frame, or of the next one at the time of a packet."""
        if self.track.counted:
            self._last += 1
            return self._last
        times = self.track.times
        number = int(np.searchsorted(times, seconds - _NEAR))
        if self.pictures is None:
            return number
        if self._last < 0:
            number = self._entered_at(item, seconds, number)
        elif seconds <= self.track.time_of(self._last) + _TICK:
            # As in the track, a frame whose time does not rise follows the one before.
            number = self._last + 1
        self._last = max(number, self._last + 1)
        return self._last

    def _entered_at(self, frame: Any, seconds: float, number: int) -> int:
        """The number of the first frame after seeking, which is a key frame in most cases."""
        keys = np.flatnonzero(self.track.keys)
        if not frame.key_frame or not len(keys):
            return number
        times = self.track.times[keys]
        nearest = int(np.abs(times - seconds).argmin())
        return int(keys[nearest]) if abs(times[nearest] - seconds) < _JITTER else number

    def _enter(self, seconds: float | None) -> bool:
        """Go to the key frame before a time, or to the beginning; whether that was possible."""
        from av.error import FFmpegError

        self._heard, self._last = -1.0, -1
        if self.deinterlacer:
            self.deinterlacer.flush()
        self._listener = Listener(sound=self.sound) if self.sound else None
        for cut in self.cuts:
            if cut.result is None and not cut.begun:
                cut.file.forget()
        if not self.leap:
            # The file is where it was opened: seeking would ask its time stamps.
            return True
        start = self.stream.start_time or 0
        if seconds is not None:
            start = round((seconds + self.track.parts[0].stamp) / self.stream.time_base)
        try:
            self.file.seek(start, stream=self.stream, backward=True)
        except (FFmpegError, OSError):
            return False
        return True

    def _packets(self) -> Iterator[Any]:
        """Packets up to where the file ends or cannot be read on."""
        from av.error import FFmpegError

        streams = [self.stream, *([self.sound.stream] if self.sound else [])]
        packets = self.file.demux(*streams)
        while True:
            try:
                yield next(packets)
            except (StopIteration, FFmpegError, OSError):
                return

    def _whole_items(self) -> Iterator[Any]:
        """Frames or packets of the video; sound on the way is listened to."""
        for packet in self._packets():
            if packet.stream.index != self.stream.index:
                self._listen(packet)
                continue
            for item in self._items(packet):
                if self.deinterlacer and hasattr(item, "pict_type"):
                    yield from self.deinterlacer.push(item)
                else:
                    yield item
        if self.deinterlacer:
            yield from self.deinterlacer.flush()

    def _items(self, packet: Any) -> Iterator[Any]:
        """Frames or, to copy, the packet itself; nothing of what is damaged."""
        from av.error import FFmpegError

        if self.pictures is None or all(cut.ended or cut.result for cut in self.cuts):
            if packet.size:
                yield packet
            return
        try:
            frames = packet.decode()
        except (FFmpegError, OSError):
            return
        for frame in frames:
            self.frames_decoded += 1
            yield frame

    def _offer(self, item: Any, number: int) -> None:
        """Give a frame or packet to every clip that it belongs to."""
        pictures: dict[tuple[int, int], Any] = {}
        for cut in self.cuts:
            # What is shown before a copy's key frame needs one that is not in the copy.
            first = cut.key if self.pictures is None else cut.clip.frames[0]
            if cut.result is not None or cut.ended or number < first:
                continue
            with _losing(cut):
                if self.pictures is None:
                    self._copy(cut, item, number)
                elif number >= cut.clip.frames[1]:
                    cut.ended = True
                else:
                    size = cut.file.size
                    picture = pictures.get(size) or self.pictures.make(item, size)
                    pictures[size] = picture
                    begin, until = (self.track.time_of(i) for i in (number, number + 1))
                    cut.begun = True
                    cut.file.add_frame(picture, seconds=begin, duration=until - begin)
                    cut.ended = number == cut.clip.frames[1] - 1

    def _copy(self, cut: Cut, packet: Any, number: int) -> None:
        """Take a packet between the clip's key frame and its end."""
        if not cut.begun:
            if not (packet.is_keyframe or number == cut.key):
                return
            if number > cut.clip.frames[0]:
                raise ValueError("no key frame at or before its beginning")
            cut.begun = True
        if number < cut.clip.frames[1]:
            for each in cut.held:
                cut.file.add_packet(each, origin=self.track.parts[0].stamp, shown=False)
            shown, until = (self.track.time_of(i) for i in (number, number + 1))
            origin = self.track.parts[0].stamp
            cut.file.add_packet(packet, origin=origin, duration=until - shown)
            cut.held.clear()
            return
        cut.held.append(packet)
        stamp = packet.pts if packet.dts is None else packet.dts
        # Nothing that is decoded from here on is shown before this time.
        cut.ended = (
            float(stamp * packet.time_base) - self.track.parts[0].stamp >= cut.file.end - _NEAR
        )

    def _listen(self, packet: Any) -> None:
        """Give sound to the clips in which it is heard."""
        if self.sound is None:
            return
        open_cuts = [cut for cut in self.cuts if cut.result is None]
        if not self.sound.encoder:
            if packet.pts is None or not packet.size:
                return
            stamp = float(packet.pts * packet.time_base)
            begin = self.track.time_of_stamp(stamp, after=self._heard)
            if begin is None:
                return
            self._heard = begin
            for cut in open_cuts:
                with _losing(cut):
                    cut.file.add_sound_packet(packet, origin=stamp - begin)
            return
        for stamp, samples in self._listener.hear(packet) if self._listener else ():
            begin = self.track.time_of_stamp(stamp, after=self._heard)
            if begin is None:
                continue
            self._heard = max(self._heard, begin + samples.shape[1] / self.sound.rate)
            for cut in open_cuts:
                with _losing(cut):
                    cut.file.add_sound(samples, seconds=begin)

    def _settle(self, seconds: float) -> None:
        """Finish the clips that have all they get, now that the picture is at this time."""
        for cut in self.cuts:
            if cut.result is not None:
                continue
            end = cut.file.end
            quiet = self.sound is None or self._heard >= end or seconds > end + _SOUND_GRACE
            if (cut.ended and quiet) or seconds == float("inf"):
                with _losing(cut):
                    self._finish(cut)

    def _finish(self, cut: Cut) -> None:
        expected, have = cut.clip.frames[1] - cut.clip.frames[0], cut.file.num_frames
        if have < expected or (self.pictures and have > expected):
            raise ValueError(f"{have} of its {expected} frames could be read")
        cut.result = cut.file.close()

    def _may_leave(self, seconds: float, target: Cut) -> bool:
        """Whether all is done, or the next clip is far and has a key frame ahead."""
        open_cuts = [cut for cut in self.cuts if cut.result is None]
        if not open_cuts:
            return True
        if not self.leap or any(cut.begun for cut in open_cuts):
            return False
        following = open_cuts[0]
        ahead = float(self.track.times[following.key]) - seconds > _JUMP
        if following is target or not ahead or following.clip.uuid in self._jumped:
            return False
        self._jumped.add(following.clip.uuid)
        return True


@contextmanager
def _losing(cut: Cut) -> Generator[None]:
    """Give up one clip, and only it, if what is done for it fails.

    Raises:
        StorageError: Its file cannot be written, which is not the clip's fault.
    """
    from av.error import FFmpegError

    try:
        yield
    except (FFmpegError, OSError, ValueError) as error:
        cut.fail(reason_of(error))
        if isinstance(error, OSError) and error.errno not in _OF_PICTURES:
            with storage_errors(cut.file.path, "writing"):
                raise
