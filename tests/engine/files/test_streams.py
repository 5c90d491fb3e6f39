"""Compressed streams: in bounded memory, and what is amiss is said."""

import bz2
import gzip
import io
import lzma
import random
import tracemalloc

import pytest
import zstandard

from curator_engine.files.blocks import LongRow, iter_blocks
from curator_engine.files.storage import write_atomic
from curator_engine.files.streams import BrokenFileError, decompressed

PACK = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
}
WORDS = random.Random(1).randbytes(300_000)


def unpack(data, compression):
    return b"".join(decompressed(io.BytesIO(data), "x", compression))


def zstd_of_zeros(megabytes):
    """A frame of blocks that each stand for 128 KiB of one byte: 32,768 to 1."""
    blocks = [b"%c\0\x10a" % (2 + (k == 8 * megabytes - 1)) for k in range(8 * megabytes)]
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(blocks)


@pytest.mark.parametrize("compression", PACK)
def test_members_are_one_stream(compression):
    pack = PACK[compression]
    assert unpack(pack(WORDS) + pack(b"b"), compression) == WORDS + b"b"


@pytest.mark.parametrize("compression", PACK)
def test_a_cut_off_stream_is_said_to_be_so(compression):
    with pytest.raises(BrokenFileError, match="cut off after"):
        unpack(PACK[compression](WORDS)[:-1], compression)


@pytest.mark.parametrize("compression", PACK)
def test_another_stream_is_damaged(compression):
    with pytest.raises(BrokenFileError, match="damaged"):
        unpack(b"no such thing at all", compression)


def test_a_zstd_frame_may_look_back_two_gigabytes():
    params = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=params).compressobj()
    assert unpack(packer.compress(WORDS) + packer.flush(), "zstd") == WORDS


def test_frames_to_be_skipped_are_skipped():
    data = b"\x51\x2a\x4d\x18\x03\0\0\0abc" + PACK["zstd"](WORDS)
    assert unpack(data, "zstd") == WORDS


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jsonl.zst", zstd_of_zeros(200) + PACK["zstd"](b"\nb\n")),
        ("x.jsonl.bz2", 5 * bz2.compress(b"a" * (40 << 20)) + bz2.compress(b"\nb\n")),
    ],
    ids=["zst", "bz2"],
)
def test_a_row_without_end_takes_no_memory(tmp, name, data):
    write_atomic(f"{tmp}/{name}", data)
    tracemalloc.start()
    found = [
        (at, getattr(block, "length", block))
        for at, block in iter_blocks(f"{tmp}/{name}", max_row=1 << 20)
    ]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(0, (200 << 20) + 1), ((200 << 20) + 1, b"b\n")]
    assert peak < 24 << 20


def test_a_long_row_is_a_blank_line():
    assert LongRow.of(5) == b"\n"
