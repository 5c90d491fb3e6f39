"""Documents with the same text, found one range of hashes at a time."""

import numpy as np
import pytest
from text_toys import corpus, deduplicate, removed, sentence, write_corpus, write_jsonl

from curator_engine.task import EmptyTask
from curator_text.fuzzy.copies import FindCopies
from curator_text.read.keep import parse_keep
from curator_text.removal.array_files import load_arrays


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache of a run; its 60 texts of different lengths are there two or three times."""
    folder = tmp_path_factory.mktemp("copies")
    rows = [{"text": sentence(k, words=20 + k)} for k in range(60)]
    for name, some in (("a", rows), ("b", rows[::-1]), ("c", rows[:20])):
        write_jsonl(folder / "in" / f"{name}.jsonl", some)
    kept = str(folder / "cache")
    deduplicate(str(folder / "in"), folder / "out", cache_path=kept, keep="longest")
    return folder / "cache"


def found(cache, keep="first", **options):
    stage = FindCopies(cache=str(cache), corpus_key="", keep=parse_keep(keep), **options)
    arrays = load_arrays(stage.process(EmptyTask()).data[0])
    return arrays, np.fromfile(cache / "searched.int64", "<i8")


def test_every_copy_has_the_first_as_its_original(cache):
    arrays, _ = found(cache)
    assert arrays["copies"].tolist() == list(range(60, 140))
    assert arrays["originals"].tolist() == [*range(59, -1, -1), *range(20)]


def test_copies_are_not_searched(cache):
    _, searched = found(cache)
    assert searched.tolist() == [*range(60), *[-1] * 80]


@pytest.mark.parametrize("keep", ["first", "longest"])
@pytest.mark.parametrize("part_documents", [1, 7, 50])
def test_small_parts_find_the_same(cache, keep, part_documents):
    whole, searched = found(cache, keep)
    arrays, of_parts = found(cache, keep, part_documents=part_documents)
    assert {n: a.tolist() for n, a in arrays.items()} == {n: a.tolist() for n, a in whole.items()}
    assert of_parts.tolist() == searched.tolist()


def test_a_run_with_little_memory_finds_the_same_copies(tmp_path, monkeypatch):
    source = write_corpus(tmp_path / "in", corpus())
    deduplicate(source, tmp_path / "a")
    monkeypatch.setattr("curator_text.dedup.memory._PER_BUCKET_DOCUMENT", 10_000_000)
    deduplicate(source, tmp_path / "b", memory="400MB")
    assert len(removed(tmp_path / "a")) > 5
    assert removed(tmp_path / "a") == removed(tmp_path / "b")
