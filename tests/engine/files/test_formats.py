"""What files are: by their endings, else by their first bytes."""

import bz2
import gzip
import lzma
import os

import pytest
import zstandard

from curator_engine.errors import InputError
from curator_engine.files.formats import compression_of, ending_of, format_of, format_of_bytes, look
from curator_engine.files.listing import find_files
from curator_engine.files.storage import write_atomic

ROW = b'{"text": "a"}\n'
MP4 = b"\0\0\0\x18ftypisom" + bytes(100)
PACK = [gzip.compress, zstandard.ZstdCompressor().compress, lzma.compress, bz2.compress]


def listed(*inputs, formats=("jsonl", "parquet"), **options):
    return find_files(list(inputs), formats=formats, **options)


def names(*inputs, **options):
    return [file.name for file in listed(*inputs, **options).files]


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("a/b.TXT", ".txt"),
        ("b.txt.GZ", ".txt.gz"),
        ("b.gz", ".gz"),
        ("README", ""),
        (".hidden", ""),
        ("a.b/c", ""),
        ("a.2020.csv", ".csv"),
    ],
)
def test_an_ending_is_in_small_letters_with_that_of_its_compression(path, ending):
    assert ending_of(path) == ending


@pytest.mark.parametrize(
    "name", ["a.JSONL", "a.jsonlines", "a.NdJson.zstd", "a.json.xz", "a.jsonl.bz2"]
)
def test_lines_are_known_by_their_ending(name):
    assert format_of(name) == "jsonl"


@pytest.mark.parametrize("pack", [bytes, *PACK])
@pytest.mark.parametrize("name", ["part-00000", "a.data", "a.gz.part"])
def test_lines_without_a_known_ending_are_known_by_their_first_bytes(tmp, name, pack):
    write_atomic(f"{tmp}/{name}", pack(ROW))
    assert names(tmp) == [name]
    assert format_of(f"{tmp}/{name}") == "jsonl"


def test_a_file_that_becomes_another_is_looked_at_again(tmp):
    write_atomic(f"{tmp}/a", ROW)
    assert look(f"{tmp}/a").format == "jsonl"
    write_atomic(f"{tmp}/a", MP4)
    assert look(f"{tmp}/a").format == "video"


@pytest.mark.parametrize(
    "head",
    [
        MP4,
        b"\x1a\x45\xdf\xa3" + bytes(99),
        b"RIFF\0\0\0\0AVI LIST",
        (b"\x47" + bytes(187)) * 4,
        b"\0\0\x01\xba" + bytes(99),
        b"FLV\x01\x05",
    ],
)
def test_videos_are_known_by_their_first_bytes(tmp, head):
    write_atomic(f"{tmp}/in/movie", head)
    write_atomic(f"{tmp}/in/b.Mp4", b"x")
    write_atomic(f"{tmp}/in/cover.jpg", b"x")
    found = listed(f"{tmp}/in", formats=["video"])
    assert [file.name for file in found.files] == ["b.Mp4", "movie"]
    assert found.note == "passed over: 1 .jpg"


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe0" + bytes(99),
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        b"\0\0\0\x1cftypheic\0\0\0\0",
        b"II*\0" + bytes(99),
        b"a.jpg".ljust(257, b"\0") + b"ustar\x0000" + bytes(200),
    ],
)
def test_pictures_and_tars_are_known_by_their_first_bytes(tmp, head):
    write_atomic(f"{tmp}/in/picture", head)
    write_atomic(f"{tmp}/in/b.Jpg", b"x")
    write_atomic(f"{tmp}/in/shard.tar.gz", b"x")
    write_atomic(f"{tmp}/in/film.mp4", b"x")
    found = listed(f"{tmp}/in", formats=["image"])
    assert [file.name for file in found.files] == ["b.Jpg", "picture", "shard.tar.gz"]
    assert found.note == "passed over: 1 .mp4"


def test_what_is_passed_over_is_counted_by_ending_the_most_frequent_first(tmp):
    for name in ("a.jsonl", "b.csv", "c.txt", "d.txt", "README", "movie.mp4", ".hidden"):
        write_atomic(f"{tmp}/{name}", b"x,y\n")
    found = listed(tmp)
    assert found.note == "passed over: 2 .txt, 1 .csv, 1 .mp4, 1 hidden, 1 without an ending"


def test_lines_under_another_ending_are_hinted_at_and_taken_if_asked_for(tmp):
    write_atomic(f"{tmp}/a.jsonl", ROW)
    write_atomic(f"{tmp}/b.txt", ROW)
    write_atomic(f"{tmp}/c.parquet", b"PAR1")
    assert listed(tmp).note == "passed over: 1 .txt; --format jsonl takes more"
    found = listed(tmp, formats=["jsonl"], forced=True)
    assert [file.name for file in found.files] == ["a.jsonl", "b.txt"]
    assert found.note == "passed over: 1 .parquet"


def test_a_named_file_is_tried_whatever_its_ending(tmp):
    write_atomic(f"{tmp}/b.mp4", ROW)
    write_atomic(f"{tmp}/c.log", b"broken\n" + ROW)
    assert names(f"{tmp}/b.mp4") == ["b.mp4"]
    assert names(f"{tmp}/c.log", formats=["jsonl"], forced=True) == ["c.log"]
    assert names(f"{tmp}/c.log", formats=["video"]) == ["c.log"]


def test_named_files_that_are_no_input_are_passed_over_beside_others_only(tmp):
    write_atomic(f"{tmp}/a.jsonl", ROW)
    write_atomic(f"{tmp}/README.md", b"# Words\n")
    found = listed(f"{tmp}/README.md", f"{tmp}/a.jsonl")
    assert ([file.name for file in found.files], found.note) == (["a.jsonl"], "passed over: 1 .md")
    with pytest.raises(InputError, match=r"README.md \(passed over: 1 .md\); check the path"):
        listed(f"{tmp}/README.md")


def test_names_that_are_no_utf_8_get_one_that_is(tmp):
    path = os.fsdecode(os.fsencode(tmp) + b"/\xff\xfe.jsonl")
    write_atomic(path, ROW)
    found = listed(tmp).files[0]
    assert (found.path, found.name) == (path, "%FF%FE.jsonl")


def test_a_file_and_a_folder_of_one_name_stay_apart(tmp):
    write_atomic(f"{tmp}/1/x.jsonl", ROW)
    write_atomic(f"{tmp}/2/x.jsonl/part-0.jsonl", ROW)
    assert names(f"{tmp}/1", f"{tmp}/2") == ["x.jsonl", "2/x.jsonl/part-0.jsonl"]
    assert names(f"{tmp}/2", f"{tmp}/1") == ["x.jsonl/part-0.jsonl", "2/x.jsonl"]


def test_an_ending_that_names_a_compression_is_believed(tmp):
    write_atomic(f"{tmp}/x.gz", ROW)
    assert compression_of(f"{tmp}/x.gz") == "gzip"


@pytest.mark.parametrize("pack", [bytes, *PACK])
@pytest.mark.parametrize(
    ("data", "amiss"),
    [
        (b'[{"text": "a"}, {"text": "b"}]', "is one JSON array, not JSON lines"),
        (b'\xef\xbb\xbf [\n {\n  "text": "a"\n }\n]\n', "is one JSON array, not JSON lines"),
        ((ROW * 3).decode().encode("utf-16"), "is UTF-16 or UTF-32"),
        ((ROW * 3).decode().encode("utf-16-be"), "is UTF-16 or UTF-32"),
        ((ROW * 3).decode().encode("utf-32"), "is UTF-16 or UTF-32"),
        (b'[{"text": "a"}]\n' + ROW, ""),
        (b"[1, 2]\n" + ROW, ""),
        (b"\xff\xfe" + ROW, ""),
        (b"[", ""),
        (b"", ""),
        (ROW, ""),
    ],
)
def test_what_holds_no_lines_at_all_is_named(tmp, pack, data, amiss):
    write_atomic(f"{tmp}/x.jsonl", pack(data))
    found = look(f"{tmp}/x.jsonl").amiss
    assert found.startswith(amiss)
    assert bool(found) == bool(amiss)


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"fLaC\0\0\0\x22",
        b"OggS\0\x02",
        b"ID3\x03\0",
        b"\xff\xfb\x90\x64",
    ],
)
def test_a_recording_is_known_by_its_first_bytes(head: bytes) -> None:
    assert format_of_bytes(head + bytes(100)) == "audio"
