"""The documents of components, read once more."""

import gzip
from pathlib import Path

import pytest
from text_toys import deduplicate, removed, sentence, write_jsonl

from curator_text.fuzzy.gather import read_partition, sources_with_members
from curator_text.removal.corpus import load_corpus


def write_packed(path, rows):
    plain = Path(write_jsonl(path, rows))
    plain.write_bytes(gzip.compress(plain.read_bytes()))


def test_only_packed_sources_with_members_are_gathered(tmp_path):
    write_packed(tmp_path / "in/a.jsonl.gz", [{"text": sentence(1)}, {"text": sentence(1)}])
    write_packed(tmp_path / "in/b.jsonl.gz", [{"text": sentence(2)}])
    write_jsonl(tmp_path / "in/c.jsonl", [{"text": sentence(3)}, {"text": sentence(3)}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out", cache_path=str(tmp_path / "cache"))
    corpus = load_corpus(str(tmp_path / "cache/corpus.json"))
    sources = sources_with_members(corpus, str(tmp_path / "cache"))
    assert [task.data for task in sources] == [[str(tmp_path / "in/a.jsonl.gz")]]


def test_a_partition_without_files_is_empty(tmp):
    assert read_partition(tmp, [], 0).num_rows == 0


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        ([7, 8], ["7", "8"]),
        (["a", "b"], ["a", "b"]),
        ([7, "b"], ["7", "b"]),
        (["a", 8], ["a", "8"]),
        ([0.5, 2.0], ["0.5", "2.0"]),
        ([1 << 70, 8], [str(1 << 70), "8"]),
    ],
)
def test_ids_of_any_kind_become_text(tmp_path, ids, texts):
    rows = [{"text": sentence(1), "n": n} for n in ids]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="n")
    assert removed(tmp_path / "out") == {texts[1]: (texts[0], 1.0)}
