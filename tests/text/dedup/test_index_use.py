"""Runs that are compared with an index: what they keep is what a run over everything would keep."""

import json
import random
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from text_toys import (
    corpus,
    deduplicate,
    edited,
    jaccard,
    removed,
    rows_of,
    sentence,
    table,
    write_corpus,
    write_jsonl,
)

from curator_engine.errors import InputError, SettingsError, StageError
from curator_text.dedup.index import load_index
from curator_text.dedup.index_use import IndexUse, input_key
from curator_text.fuzzy.index_blocks import IndexDocuments
from curator_text.fuzzy.signed_part import SIGNED_FILES
from curator_text.removal.corpus import Corpus, load_corpus


def ids(rows):
    return [row["id"] for row in rows]


def split(rows, parts):
    size = -(-len(rows) // parts)
    return [rows[k * size : (k + 1) * size] for k in range(parts)]


def incremental(tmp_path, batches, **settings):
    """A run per batch, each against all before it; returns the output folders."""
    outs = []
    for k, rows in enumerate(batches):
        source = write_corpus(tmp_path / f"in{k}", rows)
        outs.append(tmp_path / f"out{k}")
        options: dict[str, Any] = {
            "id_field": "id",
            **both(tmp_path / "index", known=k > 0),
            **settings,
        }
        deduplicate(source, outs[-1], **options)
        # Nothing of the old text is needed any more.
        shutil.rmtree(source)
    return outs


def both(index, *, known: bool) -> dict[str, Any]:
    """Settings that compare with an index, if there is one, and add to it."""
    return {"save_index": str(index)} | ({"against": str(index)} if known else {})


def at_once(tmp_path, batches, **settings):
    """One run over all batches; returns its output folder."""
    sources = [write_corpus(tmp_path / f"all{k}", rows) for k, rows in enumerate(batches)]
    deduplicate(sources, tmp_path / "all", id_field="id", **settings)
    return tmp_path / "all"


@pytest.mark.parametrize(
    ("seed", "settings"),
    [
        (1, {}),
        (2, {"method": "curator"}),
        (3, {"threshold": 0.6, "num_bands": 64, "minhashes_per_band": 4}),
        (4, {"partition_bytes": 1000, "input_blocksize": 5000}),
    ],
)
def test_of_the_new_it_keeps_what_a_run_over_everything_keeps(tmp_path, seed, settings):
    batches = split(corpus(originals=30, seed=seed), 3)
    outs = incremental(tmp_path, batches, **settings)
    whole = removed(at_once(tmp_path, batches, **settings))
    for rows, out in zip(batches, outs, strict=True):
        assert ids(rows_of(out)) == [row["id"] for row in rows if row["id"] not in whole]


def test_two_workers_keep_the_same(tmp_path):
    batches = split(corpus(originals=20), 2)
    [first, one] = incremental(tmp_path / "one", batches)
    [again, two] = incremental(tmp_path / "two", batches, workers=2)
    assert (removed(again), removed(two)) == (removed(first), removed(one))


def test_a_crowd_of_old_documents_hides_no_new_one(tmp_path):
    template = sentence(1, words=200)
    old = [{"id": str(k), "text": f"{template} {sentence(100 + k, words=50)}"} for k in range(60)]
    new = [
        {"id": f"near{k}", "text": edited(old[k]["text"], 2, seed=k)} for k in range(0, 60, 10)
    ] + [{"id": f"far{k}", "text": f"{template} {sentence(500 + k, words=50)}"} for k in range(9)]
    outs = incremental(tmp_path, [old, new], max_bucket=16)
    assert {gone: kept for gone, (kept, _) in removed(outs[1]).items()} == {
        f"near{k}": str(k) for k in range(0, 60, 10)
    }


def test_a_removed_document_names_the_old_one_and_its_exact_similarity(tmp_path):
    old, new = sentence(1), edited(sentence(1), 1)
    outs = incremental(tmp_path, [[{"id": "old", "text": old}], [{"id": "new", "text": new}]])
    assert removed(outs[1]) == {"new": ("old", pytest.approx(jaccard(old, new)))}


def test_a_cluster_is_led_by_the_old_document_of_its_part(tmp_path):
    rows = [{"text": sentence(9)}, {"text": sentence(1)}]
    outs = incremental(tmp_path, [rows, rows[1:]], id_field=None)
    part = load_index(str(tmp_path / "index")).parts[0].name
    [cluster] = table(outs[1], "clusters")
    assert (cluster["file"], cluster["row"]) == (f"index:{part}/1.jsonl", 0)
    assert cluster["cluster_id"] == f"index:{part}/1.jsonl:0"
    assert (cluster["size"], cluster["members"]) == (2, ["0.jsonl:0"])


@pytest.mark.parametrize("text", ["hi", "", sentence(2)])
def test_copies_of_old_documents_go_however_short(tmp_path, text):
    rows = [{"id": "old", "text": text}, {"id": "other", "text": sentence(3)}]
    outs = incremental(tmp_path, [rows, [{"id": "new", "text": text}] * 2])
    assert [(row["kept_id"], row["similarity"]) for row in table(outs[1], "removed")] == [
        ("old", 1.0)
    ] * 2


@pytest.mark.parametrize("keep", ["longest", "field:score"])
def test_old_documents_stay_whatever_the_policy(tmp_path, keep):
    base = sentence(3)
    old = [{"id": "old", "text": base, "score": 1}]
    new = [
        {"id": "longer", "text": f"{base} and more", "score": 9},
        {"id": "a", "text": sentence(4), "score": 1},
        {"id": "b", "text": f"{sentence(4)} and more", "score": 2},
    ]
    outs = incremental(tmp_path, [old, new], keep=keep, threshold=0.7)
    assert {gone: kept for gone, (kept, _) in removed(outs[1]).items()} == {
        "longer": "old",
        "a": "b",
    }


def test_without_verification_no_old_document_goes(tmp_path):
    texts = [edited(sentence(8), 1, seed=k) for k in range(4)]
    for k, text in enumerate(texts[:2]):
        # Not compared with each other, so both are in the index.
        source = write_jsonl(tmp_path / f"{k}.jsonl", [{"text": text}])
        deduplicate(source, tmp_path / f"out{k}", save_index=str(tmp_path / "index"))
    source = write_jsonl(tmp_path / "new.jsonl", [{"text": text} for text in texts[2:]])
    deduplicate(source, tmp_path / "out", against=str(tmp_path / "index"), verify=False)
    assert [row["row"] for row in table(tmp_path / "out", "removed")] == [0, 1]
    assert len(table(tmp_path / "out", "clusters")) == 1


def test_counts_and_losses_are_of_the_new_documents(tmp_path):
    rows = corpus(originals=10)
    outs = incremental(tmp_path, [rows, [*rows[:5], {"id": "x", "text": sentence(77)}]])
    facts = json.loads((outs[1] / "run.json").read_text())["facts"]
    assert (facts["num_documents"], facts["num_duplicates"]) == (6, 5)
    losses = table(outs[1], "files.parquet")
    assert [(row["file"], row["documents"], row["removed"]) for row in losses] == [
        ("0.jsonl", 2, 2),
        ("1.jsonl", 2, 2),
        ("2.jsonl", 2, 1),
    ]


def test_each_addition_holds_what_its_run_has_kept(tmp_path):
    batches = split(corpus(originals=30), 3)
    outs = incremental(tmp_path, batches)
    index = load_index(str(tmp_path / "index"))
    assert [part.documents for part in index.parts] == [len(rows_of(out)) for out in outs]


def test_the_same_input_is_added_once_and_not_compared_with_itself(tmp_path):
    source = write_corpus(tmp_path / "in", corpus(originals=10))
    index = str(tmp_path / "index")
    for out in ("first", "second"):
        deduplicate(source, tmp_path / out, save_index=index)
    deduplicate(source, tmp_path / "third", save_index=index, against=index, threshold=0.95)
    assert removed(tmp_path / "second") == removed(tmp_path / "first")
    assert len(load_index(index).parts) == 1
    facts = json.loads((tmp_path / "third/run.json").read_text())["facts"]
    assert facts["index"]["stale"], "with another threshold it keeps others than the index has"


def test_input_that_has_changed_is_another_input(tmp_path):
    keys = []
    for rows in ([{"text": "a"}], [{"text": "b c"}]):
        source = write_jsonl(tmp_path / "x.jsonl", rows)
        deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"))
        there = load_corpus(str(tmp_path / "cache/corpus.json"))
        keys += [input_key(there, "text", None), input_key(there, "text", 5)]
    assert len(set(keys)) == 4


def test_no_new_documents_change_nothing(tmp_path):
    rows = corpus(originals=10)
    source = write_corpus(tmp_path / "in", rows)
    index = str(tmp_path / "index")
    deduplicate(source, tmp_path / "out", save_index=index)
    before = load_index(index)
    empty = write_jsonl(tmp_path / "empty.jsonl", [])
    deduplicate(empty, tmp_path / "out2", against=index, save_index=index)
    assert load_index(index).documents == before.documents
    assert rows_of(tmp_path / "out2") == []


def killed(tmp_path, source, **settings):
    """A run that ends after its part is written and before `index.json` names it."""
    deduplicate(source, tmp_path / "killed", save_index=str(tmp_path / "index"), **settings)
    record = json.loads((tmp_path / "index/index.json").read_text())
    record["parts"].pop()
    (tmp_path / "index/index.json").write_text(json.dumps(record))


def test_an_addition_that_was_killed_is_not_read_and_goes_at_the_next_one(tmp_path):
    rows = split(corpus(originals=20), 2)
    outs = incremental(tmp_path, rows[:1])
    known = load_index(str(tmp_path / "index"))
    killed(tmp_path, write_corpus(tmp_path / "lost", [{"text": sentence(50)}], files=1))
    assert load_index(str(tmp_path / "index")) == known
    source = write_corpus(tmp_path / "next", [{"text": sentence(50)}, *rows[1]])
    deduplicate(source, tmp_path / "out", **both(tmp_path / "index", known=True))
    assert rows_of(tmp_path / "out")[0] == {"text": sentence(50)}
    parts = {path.name for path in (tmp_path / "index/parts").iterdir()}
    assert parts == {part.name for part in load_index(str(tmp_path / "index")).parts}
    assert len(parts) == len(outs) + 1


@pytest.mark.parametrize("what", ["all of the part", "one file of the part", "nothing"])
def test_an_addition_that_was_killed_goes_on(tmp_path, what):
    source = write_corpus(tmp_path / "in", corpus(originals=10))
    settings: dict[str, Any] = {"cache_path": str(tmp_path / "cache"), "id_field": "id"}
    killed(tmp_path, source, **settings)
    [folder] = (tmp_path / "index/parts").iterdir()
    if what == "all of the part":
        shutil.rmtree(folder)
    if what == "one file of the part":
        shutil.rmtree(tmp_path / "cache/checkpoint/index")
        next(folder.glob("*.windows")).unlink()
    deduplicate(source, tmp_path / "killed", save_index=str(tmp_path / "index"), **settings)
    [part] = load_index(str(tmp_path / "index")).parts
    assert part.documents == len(rows_of(tmp_path / "killed"))
    assert part.bytes == sum(path.stat().st_size for path in folder.iterdir())


def test_a_run_on_the_same_cache_notices_that_the_index_has_grown(tmp_path):
    index, texts = str(tmp_path / "index"), [sentence(k) for k in range(3)]
    rows = [{"id": str(k), "text": text} for k, text in enumerate(texts)]
    for k in (0, 1):
        source = write_jsonl(tmp_path / f"{k}.jsonl", [{**rows[k], "id": f"old{k}"}])
        deduplicate(source, tmp_path / f"out{k}", save_index=index, id_field="id")
        new = write_jsonl(tmp_path / "new.jsonl", rows) if not k else str(tmp_path / "new.jsonl")
        settings: dict[str, Any] = {"against": index, "cache_path": str(tmp_path / "cache")}
        deduplicate(new, tmp_path / "out", id_field="id", **settings)
        assert removed(tmp_path / "out") == {str(i): (f"old{i}", 1.0) for i in range(k + 1)}


def test_two_additions_at_the_same_time_are_noticed(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(2)}])
    index = str(tmp_path / "index")
    there = deduplicate(source, tmp_path / "other", save_index=str(tmp_path / "copy")).indexes

    def step_during_which_another_run_ends(*_):
        shutil.copytree(tmp_path / "copy", index)
        return []

    use = IndexUse(against=None, save=index, signing=there.signing, output=str(tmp_path / "out"))
    with pytest.raises(StageError, match="another run has added to the index"):
        use.add(
            step_during_which_another_run_ends,
            Corpus("", ()),
            np.empty(0, np.int64),
            run="another",
            stage=partial(IndexDocuments, text_field="text", id_field=None, char_ngrams=24),
            files=SIGNED_FILES,
            cache=str(tmp_path / "cache"),
        )
    assert load_index(index).parts == load_index(str(tmp_path / "copy")).parts


def test_an_index_in_the_output_is_refused(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}])
    with pytest.raises(SettingsError, match=r"lies in the output .*; choose another folder"):
        deduplicate(source, tmp_path / "out", save_index=str(tmp_path / "out/index"))


def test_a_bad_index_is_refused_before_any_work(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}])
    deduplicate(source, tmp_path / "out", save_index=str(tmp_path / "index"))
    refused: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"against": str(tmp_path / "none")}, InputError),
        ({"against": str(tmp_path / "index"), "method": "curator"}, SettingsError),
        ({"save_index": str(tmp_path / "index"), "num_bands": 31}, SettingsError),
    ]
    for settings, error in refused:
        with pytest.raises(error):
            deduplicate(source, tmp_path / "out2", **settings)
    assert not (tmp_path / "out2").exists()


def test_a_too_large_loss_adds_nothing(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}, {"text": "a"}])
    with pytest.raises(StageError, match="max_removed_ratio"):
        deduplicate(
            source, tmp_path / "out", save_index=str(tmp_path / "index"), max_removed_ratio=0.1
        )
    assert not (tmp_path / "index").exists()


def test_an_index_can_be_moved(tmp_path):
    rows = corpus(originals=10)
    incremental(tmp_path, [rows])
    Path(tmp_path / "index").rename(tmp_path / "elsewhere")
    draw = random.Random(3).sample(rows, 5)
    source = write_corpus(tmp_path / "new", draw)
    deduplicate(source, tmp_path / "out", against=str(tmp_path / "elsewhere"))
    assert rows_of(tmp_path / "out") == []


def test_an_index_in_a_bucket_gives_what_one_in_a_folder_gives(bucket, tmp_path):
    batches = split(corpus(originals=20), 2)
    outs = incremental(tmp_path, batches)
    for k, rows in enumerate(batches):
        source = write_corpus(tmp_path / f"again{k}", rows)
        settings = both("s3://bucket/index", known=k > 0)
        deduplicate(source, tmp_path / f"bucket{k}", id_field="id", **settings)
    assert ids(rows_of(tmp_path / "bucket1")) == ids(rows_of(outs[1]))
    there = load_index("s3://bucket/index")
    assert there.documents == load_index(str(tmp_path / "index")).documents


def test_the_first_night_of_an_index_that_is_compared_with_and_added_to_makes_it(tmp_path):
    index = str(tmp_path / "index")
    for night in range(2):
        source = write_jsonl(tmp_path / f"{night}.jsonl", [{"text": sentence(1)}])
        deduplicate(source, tmp_path / f"out{night}", against=index, save_index=index)
        assert len(removed(tmp_path / f"out{night}")) == night
    assert load_index(index).documents == 1
