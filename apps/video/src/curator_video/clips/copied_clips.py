"""Look once more at a clip whose packets were copied, as its file may not be what its source was.

A decoder needs more than packets, such as headers that a source has elsewhere or that change on the way.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.container import VideoError, open_video, reason_of
from curator_video.read.decode import open_decoder
from curator_video.read.packets import index_packets
from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH
from curator_video.task import Encoded

_SAME = 10.0
"""Mean difference of two small pictures, of levels from 0 to 255, up to which they are the same."""
_FIRST_SOUND = 50
"""Packets of sound by which the first must be heard."""


def fault_of_copy(copy: Encoded, first: NDArray[np.uint8]) -> str:
    """What is wrong with the file of a copied clip; empty if it is good.

    Args:
        copy: The clip's file.
        first: Its first picture as it is in the source, RGB of shape (27, 48, 3).
    """
    try:
        index = index_packets(copy.path)
        if len(index.times) != copy.num_frames:
            return f"{len(index.times)} of its {copy.num_frames} frames are in the copy"
        decoder = open_decoder(copy.path)
        frame = next(iter(decoder.frames(motion=False)), None)
        if frame is None or decoder.error or frame.damaged:
            return "the copy's first picture cannot be decoded"
        seen = frame.rgb((THUMB_WIDTH, THUMB_HEIGHT)).astype(np.int16)
        if np.abs(seen - first).mean() > _SAME:
            return "the copy's first picture is not the one in the source"
        return _fault_of_sound(copy)
    except VideoError as error:
        return f"the copy {error}"


def _fault_of_sound(copy: Encoded) -> str:
    """What is wrong with its sound, of which a part at the beginning is decoded."""
    from av.error import FFmpegError

    with open_video(copy.path) as (container, _):
        tracks: list[Any] = list(container.streams.audio)
        if bool(copy.audio_codec) != bool(tracks):
            return (
                "the copy has no sound" if copy.audio_codec else "the copy has sound of no source"
            )
        if not tracks:
            return ""
        try:
            for count, packet in enumerate(container.demux(tracks[0])):
                if packet.decode():
                    return ""
                if count >= _FIRST_SOUND:
                    break
        except (FFmpegError, OSError, ValueError) as error:
            return f"the copy's sound cannot be decoded: {reason_of(error)}"
    return "the copy's sound cannot be decoded"
