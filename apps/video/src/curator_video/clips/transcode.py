"""Cut the clips out of their video.

Clips are encoded exactly, or their packets are copied from a key frame on. How it is done is
`cutting.py`'s; which encoders there are is in `encoders.py`.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import short_hash
from curator_video.clips.clip_file import ClipFile, container_for
from curator_video.clips.copied_clips import fault_of_copy
from curator_video.clips.cutting import Cut, Scissors
from curator_video.clips.encoders import (
    EncoderName,
    check_quality,
    choose_encoder,
    codec_of,
    makes_ten_bit,
)
from curator_video.clips.stills import Pictures, even_size
from curator_video.read.container import VideoError, open_video, pixel_aspect
from curator_video.read.interlace import Deinterlace, Deinterlacer
from curator_video.read.read_video import local_file
from curator_video.read.sound import sound_for
from curator_video.read.tone_map import ToneMapper
from curator_video.read.track import Track, open_track
from curator_video.task import Clip, Encoded, Video, VideoTask

_MAX_RATE = Fraction(240)
_MAX_TICKS = 1_000_000
"""Frames and units of time per second that all encoders take."""
_ENDINGS = {"mp4": ".mp4", "webm": ".webm", "matroska": ".mkv"}


@dataclass(kw_only=True)
class TranscodeClips(ProcessingStage[VideoTask, VideoTask]):
    """Write each clip to a file of its own; one that fails is dropped with the reason.

    The video must have its track. An encoded clip has exactly its frames, upright, with their time
    stamps; a copied one starts at the key frame at or before, and may be turned by its player.
    """

    scratch: str
    """Folder for the files until they are written to their place."""
    encoder: EncoderName = "auto"
    """auto takes the first that works here, libx264 before the others; copy does not encode."""
    quality: int | None = None
    """The encoder's constant quality; lower is better. Its own default unless given."""
    threads: int = 1
    """Of the decoder and of each encoder."""
    ten_bit: bool = False
    """Keep ten bits per sample, where source and encoder have them."""
    deinterlace: Deinterlace = "auto"
    """Whether interlaced pictures are made whole; auto for videos that look interlaced. Not for copies."""
    tone_map: bool = False
    """Bring high dynamic range to the common one. Not for copies."""
    audio: bool = True
    """Keep the sound."""
    skip_filtered: bool = False
    """Leave out clips that are dropped already."""
    _encoder: str = field(default="", init=False)
    writes_to: ClassVar[tuple[str, ...]] = ("scratch",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Find the encoder.

        Raises:
            SettingsError: It does not work here, or the quality is out of its range.
        """
        if self.threads < 1:
            raise SettingsError(f"{self.name}: {self.threads} threads; take at least 1.")
        self._encoder = choose_encoder(self.encoder)
        check_quality(self._encoder, self.quality)

    def process(self, task: VideoTask) -> VideoTask:
        """Write the files of the task's clips.

        Raises:
            StorageError: A file cannot be written, as on a full disk.
        """
        video = task.data
        self._note(video)
        clips = [clip for clip in video.clips if not (self.skip_filtered and clip.drop_reason)]
        if clips:
            for clip, result in self._results(video, sorted(clips, key=lambda each: each.frames)):
                clip.encoded = result if isinstance(result, Encoded) else None
                if isinstance(result, str):
                    clip.errors["transcode"] = result
                    clip.drop("transcode", result)
            self.log_metric("clips_transcoded", sum(clip.encoded is not None for clip in clips))
            self.log_metric("clips_failed", sum("transcode" in clip.errors for clip in clips))
        return task

    def _results(self, video: Video, clips: list[Clip]) -> list[tuple[Clip, Encoded | str]]:
        """The file of each clip, or why there is none; clips whose copies are no good are encoded."""
        if self._encoder != "copy":
            return self._encoded(video, clips, encoder=self._encoder)
        track = open_track(video.track)
        found: dict[str, Encoded | str] = {c.uuid: _not_copied(track, c) for c in clips}
        able = [clip for clip in clips if not found[clip.uuid]]
        for clip, each in self._cut(video, able, encoder="copy"):
            found[clip.uuid] = _checked(each, track)
        failed = [clip for clip in clips if isinstance(found[clip.uuid], str)]
        if failed:
            encoder = choose_encoder("auto")
            video.notes["transcode"] = (
                f"{len(failed)} clips are encoded with {encoder}, since they cannot be copied: "
                f"{found[failed[0].uuid]}"
            )
            again = self._encoded(video, failed, encoder=encoder)
            found |= {clip.uuid: each for clip, each in again}
        return [(clip, found[clip.uuid]) for clip in clips]

    def _encoded(
        self, video: Video, clips: list[Clip], *, encoder: str
    ) -> list[tuple[Clip, Encoded | str]]:
        """The same, encoded.

        All of their frames could be decoded from the beginning of the file on. Those that fail after
        seeking may need what lies before their key frame, such as headers, and get it.
        """
        found = self._cut(video, clips, encoder=encoder)
        if open_track(video.track).counted:
            return found
        failed = [clip for clip, each in found if isinstance(each, str)]
        again = {c.uuid: each for c, each in self._cut(video, failed, encoder=encoder, leap=False)}
        return [(clip, again.get(clip.uuid, each)) for clip, each in found]

    def _cut(
        self, video: Video, clips: list[Clip], *, encoder: str, leap: bool = True
    ) -> list[tuple[Clip, Encoded | str]]:
        if not clips:
            return []
        track = open_track(video.track)
        try:
            with open_video(local_file(video), stream=video.metadata.stream) as (file, stream):
                scissors = self._scissors(video, clips, track, file, stream, encoder=encoder)
                scissors.leap = leap
                scissors.run()
        except VideoError as error:
            return [(clip, str(error)) for clip in clips]
        self.log_metric("transcode_frames_decoded", scissors.frames_decoded)
        return [(cut.clip, cut.result or "was not written") for cut in scissors.cuts]

    def _scissors(
        self,
        video: Video,
        clips: list[Clip],
        track: Track,
        file: Any,
        stream: Any,
        *,
        encoder: str,
    ) -> Scissors:
        stream.codec_context.thread_count = self.threads
        if self.threads > 1:
            stream.codec_context.thread_type = "AUTO"
        pictures = None if encoder == "copy" else self._pictures(video, stream, encoder)
        codec = video.metadata.video_codec if pictures is None else codec_of(encoder)
        container = container_for(codec)
        number = video.metadata.audio_stream if self.audio else -1
        sound = sound_for(
            container,
            file.streams[number] if number >= 0 else None,
            steady=video.metadata.audio_is_steady,
        )
        keys = np.flatnonzero(track.keys)
        cuts: list[Cut] = []
        for clip in clips:
            before = int(np.searchsorted(keys, clip.frames[0], side="right")) - 1
            key = int(keys[before]) if before >= 0 else 0
            width, height = track.size_of(clip.frames[0])
            start = track.time_of(key if pictures is None else clip.frames[0])
            to_file = ClipFile(
                path=join(self._folder(video), clip.uuid + _ENDINGS[container]),
                container=container,
                start=start,
                end=track.time_of(clip.frames[1]),
                size=even_size(replace(video.metadata, width=width, height=height)),
                add_video=_Copied(stream).add_stream if pictures is None else pictures.add_stream,
                video_codec=codec,
                sound=sound,
            )
            cuts.append(Cut(clip=clip, file=to_file, key=key))
        return Scissors(
            file=file,
            stream=stream,
            sound=sound,
            track=track,
            pictures=pictures,
            cuts=cuts,
            deinterlacer=self._deinterlacer(track) if pictures else None,
        )

    def _deinterlacer(self, track: Track) -> Deinterlacer | None:
        if self.deinterlace == "off" or (self.deinterlace == "auto" and not track.scan):
            return None
        return Deinterlacer(scan=track.scan or "interlaced")

    def _note(self, video: Video) -> None:
        """Say what clips of high dynamic range are."""
        facts = video.metadata
        ten_bit = self.ten_bit and facts.is_10_bit_color and makes_ten_bit(self._encoder)
        if facts.hdr and self._encoder != "copy" and not self.tone_map and not ten_bit:
            video.notes["hdr"] = (
                f"has high dynamic range ({facts.hdr}), which its clips keep with eight bits only"
            )

    def _folder(self, video: Video) -> str:
        return join(self.scratch, "clips", short_hash(video.path))

    def _pictures(self, video: Video, stream: Any, encoder: str) -> Pictures:
        facts = video.metadata
        rate = Fraction(facts.framerate or 25).limit_denominator(1001)
        base = stream.time_base
        return Pictures(
            metadata=facts,
            encoder=encoder,
            quality=self.quality,
            threads=self.threads,
            ten_bit=self.ten_bit and facts.is_10_bit_color,
            rate=min(max(rate, Fraction(1)), _MAX_RATE),
            time_base=base if base.denominator <= _MAX_TICKS else Fraction(1, 90_000),
            tone_mapper=ToneMapper(facts.hdr) if facts.hdr and self.tone_map else None,
            aspect=Fraction(pixel_aspect(stream)).limit_denominator(1000),
        )


def _checked(copy: Encoded | str, track: Track) -> Encoded | str:
    """The file of a copied clip; what is wrong with it, and no file, if it is not good."""
    if isinstance(copy, str):
        return copy
    first = np.asarray(track.thumbs[track.frame_at(copy.start)])
    if fault := fault_of_copy(copy, first):
        Path(copy.path).unlink()
    return fault or copy


def _not_copied(track: Track, clip: Clip) -> str:
    """Why a clip's packets would be no good as they are; empty if they may be."""
    if track.counted:
        return "the time stamps of the file are wrong or jump"
    if not track.keys[: clip.frames[0] + 1].any():
        return "no key frame at or before its beginning"
    return ""


@dataclass(frozen=True)
class _Copied:
    """The stream of a clip that is copied: as in the source, with its display matrix."""

    source: Any

    def add_stream(self, file: Any, _first: Any) -> Any:
        return file.add_stream_from_template(self.source, opaque=True)
