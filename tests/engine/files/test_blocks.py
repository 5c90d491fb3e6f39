"""Files of lines in blocks: every line once, whatever the cuts and the compression."""

import gzip
import itertools
import pathlib
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import OtherFormatError
from curator_engine.files.blocks import BrokenFileError, LongRow, iter_blocks, open_compressed
from curator_engine.files.storage import write_atomic

LINES = [f"line {i} ".encode() * (i % 7) + b"\n" for i in range(300)]
DATA = b"".join(LINES)


def joined(path, **options):
    return b"".join(data for _, data in iter_blocks(path, **options))


@pytest.fixture(params=["x.jsonl", "x.jsonl.gz", "x.jsonl.zst"])
def path(request, tmp):
    name = f"{tmp}/{request.param}"
    with open_compressed(name) as file:
        file.write(DATA)
    return name


def test_blocks_joined_are_the_file(path):
    assert joined(path, block_bytes=1000) == DATA


def test_every_block_ends_with_a_line(path):
    assert all(data.endswith(b"\n") for _, data in iter_blocks(path, block_bytes=1000))


def test_offsets_are_where_the_blocks_are(path):
    assert all(
        DATA[at : at + len(data)] == data for at, data in iter_blocks(path, block_bytes=1000)
    )


def test_a_line_longer_than_a_block_stays_whole(path):
    assert all(data.count(b"\n") >= 1 for _, data in iter_blocks(path, block_bytes=3))


def test_a_span_that_starts_at_the_beginning_ends_where_it_says(path):
    end = len(b"".join(LINES[:100]))
    assert joined(path, span=(0, end)) == DATA[:end]


@given(
    lines=st.lists(
        st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=20
    ),
    cuts=st.lists(st.integers(0, 420), max_size=4),
    block=st.integers(1, 50),
    tail=st.binary(max_size=5).map(lambda b: b.replace(b"\n", b"")),
)
def test_any_cutting_into_spans_gives_every_line_once(tmp_path_factory, lines, cuts, block, tail):
    # The first bytes of a compressed file would make it one.
    data = b" " + b"".join(lines) + tail
    path = str(tmp_path_factory.mktemp("spans") / "x.jsonl")
    write_atomic(path, data)
    edges = sorted({0, *[min(c, len(data)) for c in cuts], len(data)})
    spans = list(itertools.pairwise(edges))
    assert b"".join(joined(path, span=span, block_bytes=block) for span in spans) == data


def test_members_of_a_gzip_file_are_one_stream(tmp):
    write_atomic(f"{tmp}/x.gz", gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"\0" * 512)
    assert joined(f"{tmp}/x.gz") == b"a\nb\n"


def test_frames_of_a_zstd_file_are_one_stream(tmp):
    pack = zstandard.ZstdCompressor().compress
    write_atomic(f"{tmp}/x.zst", pack(b"a\n") + pack(b"b\n"))
    assert joined(f"{tmp}/x.zst") == b"a\nb\n"


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["x.gz", "x.zst"]
)
def test_a_cut_off_file_gives_what_is_readable_and_says_so(tmp, pack, request):
    name = f"{tmp}/{request.node.callspec.id}"
    packed = pack(zlib.compress(bytes(range(256)) * 4000, 0) + b"\n")
    write_atomic(name, packed[: len(packed) // 2])
    got = b""
    with pytest.raises(BrokenFileError, match="is cut off after"):
        for _, data in iter_blocks(name):
            got += data
    assert len(got) > 0 or name.endswith("zst")


def test_a_file_that_is_not_compressed_at_all_is_damaged(tmp):
    write_atomic(f"{tmp}/x.gz", b"plain text\n")
    with pytest.raises(BrokenFileError, match="is damaged"):
        joined(f"{tmp}/x.gz")


def test_an_empty_file_has_no_blocks(tmp):
    write_atomic(f"{tmp}/x.jsonl", b"")
    assert list(iter_blocks(f"{tmp}/x.jsonl")) == []


def test_compressing_the_same_twice_gives_the_same_bytes(tmp):
    for name in ("a.gz", "b.gz"):
        with open_compressed(f"{tmp}/{name}") as file:
            file.write(DATA)
    with pathlib.Path(f"{tmp}/a.gz").open("rb") as a, pathlib.Path(f"{tmp}/b.gz").open("rb") as b:
        assert a.read() == b.read()


@given(
    lengths=st.lists(st.integers(0, 40), max_size=20),
    block=st.integers(1, 60),
    most=st.integers(1, 30),
    packed=st.booleans(),
    ended=st.booleans(),
)
def test_longer_rows_are_given_by_their_length_and_all_others_whole(
    tmp_path_factory, lengths, block, most, packed, ended
):
    lines = [b"x" * n + b"\n" for n in lengths]
    if lines and not ended:
        lines[-1] = lines[-1][:-1]
    path = str(tmp_path_factory.mktemp("rows") / ("x.jsonl.gz" if packed else "x.jsonl"))
    with open_compressed(path) as file:
        file.write(b"".join(lines))
    at, found = 0, []
    for offset, data in iter_blocks(path, block_bytes=block, max_row=most):
        assert offset == at
        long = isinstance(data, LongRow)
        found += [data.length] if long else data.splitlines(keepends=True)
        at += data.length if long else len(data)
    assert found == [len(x) if len(x) > most else x for x in lines if x]


@pytest.mark.parametrize("ending", ["gz", "zst", "zstd", "xz", "bz2", "GZ"])
def test_an_ending_says_how_a_file_is_compressed(tmp, ending):
    with open_compressed(f"{tmp}/x.jsonl.{ending}") as file:
        file.write(DATA)
    assert joined(f"{tmp}/x.jsonl.{ending}") == DATA
    with pathlib.Path(f"{tmp}/x.jsonl.{ending}").open("rb") as raw:
        assert raw.read(1) != DATA[:1]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_the_first_bytes_say_what_the_ending_does_not(tmp, pack):
    write_atomic(f"{tmp}/x.jsonl", pack(DATA))
    assert joined(f"{tmp}/x.jsonl") == DATA


@pytest.mark.parametrize("span", [None, (0, 40), (40, 90)])
def test_an_array_is_refused_as_a_whole_and_gives_no_lines(tmp_path, span):
    (tmp_path / "x.json").write_bytes(b"[\n" + b'{"a": 1},\n' * 9 + b"{}]\n")
    with pytest.raises(OtherFormatError, match=r"x\.json is one JSON array"):
        next(iter_blocks(str(tmp_path / "x.json"), span=span))


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("a.csv", b"text\na\n", b'{"text": "a"}\n'),
        ("a.txt", b"a", b'{"path": "memory://blocks/a.txt", "text": "a"}\n'),
    ],
)
def test_remote_files_of_other_formats_become_lines(name, data, line):
    write_atomic(f"memory://blocks/{name}", data)
    assert list(iter_blocks(f"memory://blocks/{name}")) == [(0, line)]
    assert list(iter_blocks(f"memory://blocks/{name}", as_is=True)) == [(0, data)]
