"""Blends: what comes in is drawn as often as its weight asks, in one part, the same on every executor."""

import json
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
from token_toys import blend, folder_documents, folder_rows, make_tokens, text_of

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_text.blend import count_leaks
from curator_text.pipelines import blend as blend_job
from curator_text.tokenize.token_files import TokenFile

WEB = [f"web {n} " * (1 + n % 5) for n in range(60)]
BOOKS = [f"book {n} " * (1 + n % 7) for n in range(20)]
SPLIT = {"split": "60,20,20"}


def rows_of(texts, name):
    return [
        {"text": text, "url": f"https://{name}{n % 9}.org/{n}", "of": f"o{n % 2}"}
        for n, text in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "web"
    more = {"fields": ["url"], "source_field": "of", "shard_size": "1KB"}
    return make_tokens(folder, rows_of(WEB, "w"), **more)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    # Two texts of the other source stand here as well.
    folder = tmp_path_factory.mktemp("books") / "books"
    more = {"fields": ["url"], "output_format": "shards"}
    return make_tokens(folder, rows_of([*BOOKS, *WEB[:2]], "b"), **more)


def files_of(out):
    found = sorted((out / "data").rglob("part-*"))
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


def by_name(facts):
    return {each["source"]: each for each in facts["sources"]}


def test_sources_give_what_their_weights_ask_for(web, books, tmp_path):
    facts = blend([web, books], tmp_path / "out", weights=["web=1,books=3"], tokens="4K")
    found = by_name(facts)
    assert found["web"]["tokens"] == pytest.approx(1000, abs=45)
    assert found["books"]["tokens"] == pytest.approx(3000, abs=65)
    assert found["web"]["unused_tokens"] == found["web"]["train_tokens"] - found["web"]["tokens"]
    rows = folder_rows(tmp_path / "out/data")
    texts = [text_of(each) for each in folder_documents(tmp_path / "out/data")]
    assert (
        facts["num_tokens"]
        == sum(len(text) + 1 for text in texts)
        == sum(r["length"] for r in rows)
    )
    epochs = Counter((row["source"], row["id"], row["epoch"]) for row in rows)
    assert set(epochs.values()) == {1}
    times = Counter(text for text in texts if text.startswith("book"))
    full = int(found["books"]["epochs"])
    assert set(times.values()) == {full, full + 1}
    # The whole of a source has come before any of it comes again.
    epoch = [row["epoch"] for row in rows if row["source"] == "books"]
    assert epoch == sorted(epoch)
    assert {row["part"] for row in rows} == {"train"}
    assert [row["document"] for row in rows] == list(range(len(rows)))


def test_without_weights_every_document_is_there_once(web, books, tmp_path):
    facts = blend([web, books], tmp_path / "out")
    texts = [text_of(each) for each in folder_documents(tmp_path / "out/data")]
    assert texts != [*WEB, *BOOKS, *WEB[:2]]
    assert sorted(texts) == sorted([*WEB, *BOOKS, *WEB[:2]])
    assert facts["unused_documents"] == 0
    table = pq.read_table(tmp_path / "out/sources.parquet").to_pylist()
    assert [row["documents"] for row in table] == [60, 22]


@pytest.mark.parametrize("split_by", ["hash", "site"])
def test_what_belongs_together_is_in_one_part_and_leaks_are_counted(web, books, tmp_path, split_by):
    facts = blend([web, books], tmp_path / "out", **SPLIT, split_by=split_by)
    texts, sites, count = {}, {}, 0
    for part in ("train", "validation", "test"):
        rows = folder_rows(tmp_path / "out/data" / part)
        assert {row["part"] for row in rows} == {part}
        texts[part] = [text_of(each) for each in folder_documents(tmp_path / "out/data" / part)]
        sites[part] = [row["url"].split("/")[2] for row in rows]
        assert facts["parts"][part]["documents"] == len(rows) > 0
        count += len(rows)
    assert count == facts["num_input_documents"] == 82
    for group, values in (("hash", texts), ("site", sites)):
        pairs = [("train", "validation"), ("train", "test"), ("validation", "test")]
        wanted = {f"{a}/{b}": sum(each in values[a] for each in values[b]) for a, b in pairs}
        assert facts["leaks"][group] == wanted
        if group == split_by:
            assert not any(wanted.values())
    if split_by == "hash":
        assert facts["leaks"]["site"]["train/test"] > 0


def test_a_document_that_is_not_drawn_does_not_leak(web, books, tmp_path):
    facts = blend(
        [web, books], tmp_path / "out", **SPLIT, split_by="site", weights=["web=1,books=0"]
    )
    rows = [row for row in folder_rows(tmp_path / "out/data/train") if row["source"] == "books"]
    assert rows == []
    train = {text_of(each) for each in folder_documents(tmp_path / "out/data/train")}
    test = [text_of(each) for each in folder_documents(tmp_path / "out/data/test")]
    assert facts["leaks"]["hash"]["train/test"] == sum(text in train for text in test)


def test_parts_stay_when_the_seed_or_the_weights_change(web, books, tmp_path):
    blend([web, books], tmp_path / "a", **SPLIT)
    blend([web, books], tmp_path / "b", **SPLIT, seed=1, weights=["web=1,books=1"])
    ids = [{row["id"] for row in folder_rows(tmp_path / name / "data/test")} for name in ("a", "b")]
    assert ids[0] == ids[1]


def test_packed_sequences_are_full_and_know_their_documents(web, books, tmp_path):
    facts = blend([web, books], tmp_path / "out", sequence_length=64)
    found = TokenFile(str(tmp_path / "out/data/part-00000.bin"))
    assert (len(found), set(found.lengths.tolist())) == (facts["parts"]["train"]["sequences"], {64})
    assert facts["parts"]["train"]["left_out"] < 64
    for number in range(len(found)):
        edges = found.boundaries(number)
        assert (edges[0], edges[-1]) == (0, 64)
        # Every token before a boundary is an end token, and no other is.
        assert (np.flatnonzero(found[number] == 256) + 1).tolist() in (
            edges[1:].tolist(),
            edges[1:-1].tolist(),
        )


def test_the_column_source_may_say_the_sources(web, tmp_path):
    facts = blend([web], tmp_path / "out", by_source=True, weights=["o0=1", "o1=0"])
    rows = folder_rows(tmp_path / "out/data")
    assert {row["source"] for row in rows} == {"o0"}
    assert facts["unused_documents"] == 30
    with pytest.raises(SettingsError, match="did you mean 'o1'"):
        blend([web], tmp_path / "b", by_source=True, weights=["o0=1", "o11=0"])


def test_a_blend_can_be_blended_again(web, books, tmp_path):
    blend([web, books], tmp_path / "a", **SPLIT, sequence_length=64)
    facts = blend([tmp_path / "a/data/train", books], tmp_path / "b")
    assert [each["source"] for each in facts["sources"]] == ["a", "books"]
    assert facts["num_tokens"] == facts["num_input_tokens"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"weights": ["web=1"]}, "books has none"),
        ({"weights": ["web=1", "book=2"]}, "no source is called book; did you mean 'books'"),
        ({"weights": ["web=-1", "books=2"]}, "negative"),
        ({"split": "90,10", "split_by": "topic"}, "tokenize with --fields topic"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(web, books, tmp_path, more, said):
    with pytest.raises(SettingsError, match=said):
        blend([web, books], tmp_path / "out", **more)
    assert not (tmp_path / "out").exists()


def test_the_output_cannot_be_in_the_input(web):
    with pytest.raises(InputError, match=r"overlap|inside|input"):
        blend([web], f"{web}/data/blend")


def test_a_limit_of_epochs_is_told(web, books, tmp_path):
    facts = blend(
        [web, books], tmp_path / "out", weights=["web=1,books=1"], tokens="4K", max_epochs=1.0
    )
    assert any("books would be read" in line for line in facts["alarms"])
    assert by_name(facts)["books"]["epochs"] == 1


def test_a_stop_and_ranges_do_not_change_the_files(web, books, tmp_path, monkeypatch):
    more = {**SPLIT, "weights": ["web=1,books=2"], "tokens": "5K", "shard_size": "2KB"}
    blend([web, books], tmp_path / "a", **more)
    with monkeypatch.context() as patch:
        patch.setattr(blend_job, "save_runs", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            blend([web, books], tmp_path / "c", **more)
    monkeypatch.setattr(count_leaks, "RANGE_DOCUMENTS", 10)
    blend([web, books], tmp_path / "c", **more)
    record = json.loads((tmp_path / "c/run.json").read_text())
    assert record["steps"]["draw"]["sources_resumed"] > 1
    assert files_of(tmp_path / "a") == files_of(tmp_path / "c")


def test_what_another_blend_has_left_in_the_folder_goes(web, tmp_path):
    blend([web], tmp_path / "out", **SPLIT)
    blend([web], tmp_path / "out", sequence_length=32)
    assert {path.parent.name for path in (tmp_path / "out/data").rglob("*.*")} == {"data"}
    blend([web], tmp_path / "out", **SPLIT)
    assert not list((tmp_path / "out/data").glob("*.*"))


@pytest.mark.ray
@pytest.mark.long
@pytest.mark.parametrize("kind", ["local", "ray_actor_pool"])
def test_every_executor_gives_the_same_files(web, books, tmp_path, kind):
    more = {**SPLIT, "weights": ["web=1,books=2"], "tokens": "5K", "sequence_length": 64}
    blend([web, books], tmp_path / "a", **more)
    blend(
        [web, books],
        tmp_path / "b",
        executor=make_executor(kind, workers=2, policy=COMMAND_POLICY),
        **more,
    )
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
