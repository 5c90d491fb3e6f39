"""Hashes of windows as tensor code: those of `kernels.py` and `window_kernels.py`, on any device.

Documents lie one after the other in slots, one per character; a document of fewer characters than a
window has is filled up, and each has one slot more, for its end. So a window is a slot whose
`width`th successor belongs to the same document. Tensors have no unsigned numbers that compute, so
int32 and int64 stand for them, and shifts to the right mask what the sign fills in.
"""

import importlib
from dataclasses import dataclass
from typing import Any

type Tensor = Any
"""A torch tensor; torch is imported only where something is computed."""

_MASK_32, _MASK_64 = (1 << 32) - 1, (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Where the windows of some documents are; all tensors int64, on one device."""

    width: int
    """Characters per window."""
    document: Tensor
    """Of each window, ascending; each document has one window or more."""
    slot: Tensor
    """Of each window's first character."""
    starts: Tensor
    """Byte position of each slot's character; the document's end where there is none."""
    of_character: Tensor
    """Slot of each character."""
    lacking: Tensor
    """Characters that each document has less than a window."""


def lay_out(text: Tensor, offsets: Tensor, width: int) -> Windows:
    """Find the windows.

    Args:
        text: Valid UTF-8, uint8, shape (bytes,).
        offsets: Where the documents begin, and the end; int64, shape (documents + 1,); none is empty.
        width: Characters per window.
    """
    torch: Any = importlib.import_module("torch")
    begins = torch.nonzero((text & 0xC0) != 0x80).squeeze(1)
    before = torch.searchsorted(begins, offsets)
    characters = before.diff()
    room = characters.clamp(min=width) + 1
    base = room.cumsum(0) - room
    of_slot = torch.repeat_interleave(room)
    starts = offsets[1:][of_slot]
    of_character = torch.repeat_interleave(base - before[:-1], characters)
    of_character += torch.arange(len(begins), device=text.device)
    starts[of_character] = begins
    slot = torch.nonzero(of_slot[width:] == of_slot[:-width]).squeeze(1)
    return Windows(
        width=width,
        document=of_slot[slot],
        slot=slot,
        starts=starts,
        of_character=of_character,
        lacking=(width - characters).clamp(min=0),
    )


def murmur_hashes(text: Tensor, windows: Windows, seed: int) -> Tensor:
    """MurmurHash3_x86_32 of every window, int32, shape (windows,)."""
    torch: Any = importlib.import_module("torch")
    first = windows.starts[windows.slot]
    size = windows.starts[windows.slot + windows.width] - first
    words = torch.nn.functional.pad(text, (0, 3)).int()
    words = words[:-3] | words[1:-2] << 8 | words[2:-1] << 16 | words[3:] << 24
    scrambled = _scramble(words)
    last = len(text) - 1
    h = torch.full_like(first, _signed_32(seed), dtype=torch.int32)
    longest = min(int(size.max()), 4 * windows.width) if len(size) else 0
    for at in range(0, longest - 3, 4):
        word = scrambled[(first + at).clamp_(max=last)]
        h = torch.where(size >= at + 4, _absorb(h, word), h)
    # Of one to three bytes that are left; of none, the mask leaves 0, which changes nothing.
    left = size & 3
    tail = words[(first + size - left).clamp_(max=last)]
    h = h ^ _scramble(tail & ((1 << 8 * left) - 1).int())
    return _finish(h ^ size.int())


def rolling_hashes(text: Tensor, windows: Windows, key: int) -> Tensor:
    """The mixed cyclic polynomial of every window, int64, shape (windows,)."""
    torch: Any = importlib.import_module("torch")
    values = torch.zeros(len(windows.starts), dtype=torch.int64, device=text.device)
    points = _points(text, windows.starts[windows.of_character])
    values[windows.of_character] = mix(points * signed(GOLDEN) ^ signed(key))
    # A hash of two spans is the first one's, turned by the other's length, with the other's: the
    # width is reached by doubling, and by adding one where its binary digits say so.
    hashes, length = values, 1
    for digit in f"{windows.width:b}"[1:]:
        hashes = _turn(hashes[:-length], length) ^ hashes[length:]
        length *= 2
        if digit == "1":
            hashes = _turn(hashes[:-1], 1) ^ values[length:]
            length += 1
    hashes = hashes[windows.slot]
    # The zeros after a document shorter than a window have turned its hash too far.
    too_far = windows.lacking[windows.document] & 63
    short = torch.nonzero(too_far).squeeze(1)
    back = too_far[short]
    there = hashes[short]
    turned = (there >> back) & ((1 << (64 - back)) - 1)
    hashes[short] = turned | there << (64 - back)
    return mix(hashes)


def mix(x: Tensor) -> Tensor:
    """Murmur3's 64-bit finaliser."""
    x = (x ^ _right(x, 33)) * signed(0xFF51AFD7ED558CCD)
    x = (x ^ _right(x, 33)) * signed(0xC4CEB9FE1A85EC53)
    return x ^ _right(x, 33)


def signed(number: int) -> int:
    """The signed number with the same 64 bits."""
    return ((number & _MASK_64) ^ 1 << 63) - (1 << 63)


def _signed_32(number: int) -> int:
    return ((number & _MASK_32) ^ 1 << 31) - (1 << 31)


def _right(x: Tensor, bits: int) -> Tensor:
    """An int64 shifted to the right as if unsigned."""
    return (x >> bits) & ((1 << (64 - bits)) - 1)


def _turn(x: Tensor, bits: int) -> Tensor:
    """An int64 rotated to the left."""
    bits &= 63
    return x << bits | _right(x, 64 - bits) if bits else x


def _rotate(x: Tensor, bits: int) -> Tensor:
    """An int32 rotated to the left."""
    return x << bits | ((x >> (32 - bits)) & ((1 << bits) - 1))


def _scramble(word: Tensor) -> Tensor:
    return _rotate(word * _signed_32(0xCC9E2D51), 15) * 0x1B873593


def _absorb(h: Tensor, scrambled: Tensor) -> Tensor:
    return _rotate(h ^ scrambled, 13) * 5 + _signed_32(0xE6546B64)


def _finish(h: Tensor) -> Tensor:
    h = (h ^ ((h >> 16) & 0xFFFF)) * _signed_32(0x85EBCA6B)
    h = (h ^ ((h >> 13) & 0x7FFFF)) * _signed_32(0xC2B2AE35)
    return h ^ ((h >> 16) & 0xFFFF)


def _points(text: Tensor, begins: Tensor) -> Tensor:
    """The code points of the characters that begin at these bytes."""
    torch: Any = importlib.import_module("torch")
    points = text[begins].long()
    longer = torch.nonzero(points >= 0x80).squeeze(1)
    lead, at, last = points[longer], begins[longer], len(text) - 1
    more = 1 + (lead >= 0xE0).long() + (lead >= 0xF0)
    point = lead & (0x3F >> more)
    for k in range(1, 4):
        tail = text[(at + k).clamp(max=last)].long() & 0x3F
        point = torch.where(more >= k, point << 6 | tail, point)
    points[longer] = point
    return points
