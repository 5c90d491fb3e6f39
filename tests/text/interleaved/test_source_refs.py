"""Bytes that rows refer to."""

import json

from interleaved_toys import mint, picture

from curator_text.interleaved.source_refs import bytes_of_rows

LISTS = {"texts": ["One."], "images": [None]}


def refer(**ref):
    return {"binary_content": None, "source_ref": json.dumps(ref)}


def test_bytes_come_from_a_tar_a_part_of_a_file_and_a_file(tmp_path):
    data = picture()
    tar = str(mint(tmp_path / "a.tar", ("a", LISTS, {"png": data})))
    (tmp_path / "b.png").write_bytes(data)
    start = (tmp_path / "a.tar").read_bytes().index(data)
    found = bytes_of_rows(
        [
            {"binary_content": b"own"},
            refer(path=tar, member="a.png"),
            refer(path=tar, member="a.png", byte_offset=start, byte_size=len(data)),
            refer(path=str(tmp_path / "b.png")),
        ]
    )
    assert found == [(b"own", ""), (data, ""), (data, ""), (data, "")]


def test_what_cannot_be_had_says_why(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"a key")
    rows = [
        refer(path=str(secret)),
        refer(path=str(tmp_path / "none.png")),
        refer(member="a.png"),
        {"source_ref": "{no json"},
        {"source_ref": None},
    ]
    found = bytes_of_rows(rows)
    assert [data for data, _ in found] == [None] * 5
    assert found[0][1] == "it is no picture"
    assert all(why for _, why in found)
