"""Reading chosen documents once more."""

import json
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, deduplicate, write_jsonl

from curator_engine.errors import InputError
from curator_text.removal.block_texts import BlockTexts, is_plain
from curator_text.removal.corpus import load_corpus
from curator_text.removal.sources import source_tasks

ROWS = corpus(originals=8)


@pytest.fixture(params=["jsonl", "parquet"])
def source(request, tmp_path):
    if request.param == "jsonl":
        return write_jsonl(tmp_path / "x.jsonl", ROWS)
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x.parquet", row_group_size=7)
    return str(tmp_path / "x.parquet")


def signed(source, tmp_path):
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"))
    return load_corpus(str(tmp_path / "cache/corpus.json"))


def read(there, wanted, **settings):
    options: dict[str, Any] = {"with_text": True, **settings}
    texts = BlockTexts(text_field="text", id_field="id", **options)
    [task] = source_tasks(there)
    return {b: table.to_pylist() for b, table in texts.read(task, there, wanted)}


def test_chosen_rows_of_chosen_blocks_are_read(source, tmp_path):
    there = signed(source, tmp_path)
    last = len(there.blocks) - 1
    first = int(there.bases[last])
    assert read(there, {last: [0, 2]}) == {
        last: [{name: ROWS[first + k][name] for name in ("id", "text")} for k in (0, 2)]
    }


def test_ids_alone_need_no_text(source, tmp_path):
    [rows] = read(signed(source, tmp_path), {0: [1]}, with_text=False).values()
    assert rows == [{"id": ROWS[1]["id"], "text": None}]


def test_a_file_that_has_changed_is_noticed(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    there = signed(source, tmp_path)
    lines = (tmp_path / "x.jsonl").read_bytes().splitlines()
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(b" " * len(line) for line in lines))
    with pytest.raises(InputError, match=r"x\.jsonl has changed during the run; run again"):
        read(there, {0: [0]})


def texts_at(path, places, block_bytes):
    texts = BlockTexts(text_field="text", id_field=None, with_text=True, block_bytes=block_bytes)
    position, length = np.array(places, np.int64).T
    found = texts.at([(path, position, length)])
    return [text for table in found for text in table.column("text").to_pylist()]


@pytest.mark.parametrize("block_bytes", [1, 20, 1 << 20])
def test_lines_are_read_where_they_lie(tmp_path, block_bytes):
    lines = ['\ufeff{"text": "a"}\n', '{"text": "b"}\r\n', '{"text": "c"}\n', '{"text": "d"}']
    lengths = [len(line.encode()) for line in lines]
    places = list(zip([sum(lengths[:k]) for k in range(4)], lengths, strict=True))
    (tmp_path / "x.jsonl").write_bytes("".join(lines).encode())
    for chosen in ([0, 1, 2, 3], [0, 3], [1, 2], [3]):
        got = texts_at(str(tmp_path / "x.jsonl"), [places[k] for k in chosen], block_bytes)
        assert got == ["abcd"[k] for k in chosen]


def at_once(places, block_bytes=1 << 20):
    texts = BlockTexts(text_field="text", id_field=None, with_text=True, block_bytes=block_bytes)
    found = texts.at_once([(path, *np.array(rows, np.int64).T) for path, rows in places])
    return None if found is None else found.to_pylist()


@pytest.mark.parametrize("block_bytes", [1, 3000, 1 << 20])
@pytest.mark.parametrize("seed", range(5))
def test_texts_read_in_one_piece_are_those_read_line_by_line(tmp_path, seed, block_bytes):
    draw, files = random.Random(seed), []
    for name in ("a.jsonl", "b.jsonl"):
        texts = [draw.choice('ab"\\\n文') * draw.randrange(3000) for _ in range(50)]
        lines = [json.dumps({"n": len(text), "text": text}).encode() + b"\n" for text in texts]
        (tmp_path / name).write_bytes(b"".join(lines))
        ends = np.cumsum([len(line) for line in lines])
        chosen = [k for k in range(50) if draw.random() < seed / 4] or [49]
        places = [(ends[k] - len(lines[k]), len(lines[k])) for k in chosen]
        files.append((str(tmp_path / name), places, [texts[k] for k in chosen]))
    found = at_once([(path, places) for path, places, _ in files], block_bytes)
    assert found == [text for *_, texts in files for text in texts]


@pytest.mark.parametrize(
    "last", [b'{"text": "b"}', b"\xef\xbb\xbf{}\n", b'{"text": "\xff"}\n', b'{"n": 1}\n']
)
def test_lines_out_of_the_ordinary_are_not_read_in_one_piece(tmp_path, last):
    (tmp_path / "x.jsonl").write_bytes(b'{"text": "a"}\n' + last)
    path, places = str(tmp_path / "x.jsonl"), [(0, 14), (14, len(last))]
    assert at_once([(path, places[:1])]) == ["a"]
    assert at_once([(path, places)]) is None


def test_of_a_file_that_has_become_shorter_nothing_is_read_in_one_piece(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b'{"text": "a"}\n')
    assert at_once([(str(tmp_path / "x.jsonl"), [(0, 14), (14, 14)])]) is None


def test_a_file_that_has_become_shorter_is_noticed(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b'{"text": "a"}\n')
    with pytest.raises(InputError, match=r"x\.jsonl has changed during the run; run again"):
        texts_at(str(tmp_path / "x.jsonl"), [(0, 14), (14, 14)], 100)


@pytest.mark.parametrize(
    ("path", "plain"),
    [("a.jsonl", True), ("a.jsonl.gz", False), ("a.parquet", False), ("s3://b/a.jsonl", False)],
)
def test_only_local_unpacked_lines_are_read_where_they_lie(path, plain):
    assert is_plain(path) is plain


def test_of_several_files_the_one_that_has_changed_is_named(tmp_path):
    places = []
    for name in ("a", "b", "c"):
        line = json.dumps({"text": name}).encode() + b"\n"
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(line if name != "b" else b"x" * len(line))
        places.append((str(path), np.array([0]), np.array([len(line)])))
    texts = BlockTexts(text_field="text", id_field=None, with_text=True)
    with pytest.raises(InputError, match=r"b\.jsonl has changed during the run; run again"):
        list(texts.at(places))
