"""The workflow that makes tokens: documents in are documents out and those in quarantine, on every executor."""

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl
from token_toys import folder_documents, folder_rows, text_of, train_bpe

from curator_engine.errors import InputError
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy
from curator_text.pipelines.tokenize import TokenizeWorkflow
from curator_text.token_settings import TokenizeSettings

TEXTS = [f"text {n} " * (n % 5) for n in range(40)]
POLICY = FailurePolicy(on_error="quarantine", max_rejected_ratio=1)


def tokenize(inputs, output, *, executor=None, blocksize: Any = "32MiB", **more):
    given = inputs if isinstance(inputs, list) else [str(inputs)]
    settings = TokenizeSettings(inputs=given, output=str(output), **more)
    workflow = TokenizeWorkflow(settings=settings, input_blocksize=blocksize)
    return workflow.run(executor or make_executor("local", workers=1, policy=POLICY)).metadata


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Two folders, with a row without text, one of a wrong type and half a line."""
    folder = tmp_path_factory.mktemp("source")
    rows = [{"id": str(n), "text": text, "site": f"s{n % 3}"} for n, text in enumerate(TEXTS)]
    write_jsonl(folder / "a/x.jsonl", [*rows[:15], {"id": "none", "text": None}])
    with (folder / "a/x.jsonl").open("a") as file:
        file.write("{bad\n")
    write_jsonl(folder / "b/y.jsonl", [*rows[15:30], {"id": "n", "text": {"x": 1}}])
    table = pa.Table.from_pylist(rows[30:])
    pq.write_table(table, folder / "b/z.parquet", row_group_size=4)
    return folder


@pytest.fixture(scope="module")
def out(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    tokenize(source, folder / "run", id_field="id", fields=["site"])
    return folder / "run"


def facts_of(out):
    return json.loads((out / "run.json").read_text())["facts"]


def files_of(out):
    return {
        path.name: path.read_bytes() for path in (out / "data").iterdir() if path.suffix != ".json"
    }


def test_what_comes_in_is_a_document_or_in_quarantine(out):
    facts = facts_of(out)
    assert [text_of(each) for each in folder_documents(out / "data")] == TEXTS
    assert facts["num_documents"] == len(TEXTS)
    assert facts["lost_rows"] == facts["quarantined"] == 3
    assert facts["num_tokens"] == sum(len(text) + 1 for text in TEXTS)


def test_the_table_says_where_each_document_is(out):
    rows, files = folder_rows(out / "data"), {"a/x.jsonl": 0, "b/y.jsonl": 15, "b/z.parquet": 30}
    documents = folder_documents(out / "data")
    for number, (row, document) in enumerate(zip(rows, documents, strict=True)):
        assert (row["document"], row["id"], row["site"]) == (number, str(number), f"s{number % 3}")
        assert files[row["file"]] + row["row"] == number
        assert (row["length"], row["source"]) == (len(document), row["file"][0])
    assert [row["offset"] for row in rows[1:]] == [
        row["offset"] + row["length"] for row in rows[:-1]
    ]
    same = {row["text_hash"] for row in rows if not TEXTS[row["document"]]}
    assert len(same) == 1


def test_tokens_are_counted_by_folder_or_field(source, out, tmp_path):
    wanted = Counter()
    for number, text in enumerate(TEXTS):
        wanted["a" if number < 15 else "b"] += len(text) + 1
    assert {name: n for name, (_, n) in facts_of(out)["sources"].items()} == wanted
    table = pq.read_table(out / "sources.parquet").to_pylist()
    assert [(row["source"], row["tokens"]) for row in table] == wanted.most_common()
    found = tokenize(source, tmp_path / "out", source_field="site")
    assert set(found["sources"]) == {"s0", "s1", "s2"}


def test_a_shuffle_is_the_same_for_every_cut_and_number_of_workers(source, tmp_path):
    more = {"shuffle": True, "shard_size": "1KB", "id_field": "id"}
    tokenize(source, tmp_path / "a", **more)
    tokenize(
        source,
        tmp_path / "b",
        blocksize=200,
        executor=make_executor("local", workers=2, policy=POLICY),
        **more,
    )
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    texts = [text_of(each) for each in folder_documents(tmp_path / "a/data")]
    assert texts != TEXTS
    assert sorted(texts) == sorted(TEXTS)
    assert [TEXTS[int(row["id"])] for row in folder_rows(tmp_path / "a/data")] == texts
    assert (
        len(list((tmp_path / "a/data").glob("*.bin"))) == facts_of(tmp_path / "a")["num_shards"] > 1
    )
    tokenize(source, tmp_path / "c", **more, seed=7)
    assert files_of(tmp_path / "a") != files_of(tmp_path / "c")


def test_cuts_do_not_change_files_in_order(source, out, tmp_path):
    tokenize(source, tmp_path / "b", blocksize=200, id_field="id", fields=["site"])
    assert files_of(tmp_path / "b") == files_of(out)


def test_a_tokenizer_of_files_gives_what_its_own_call_gives(source, tmp_path):
    made = train_bpe(TEXTS)
    made.save(str(tmp_path / "tokenizer.json"))
    found = tokenize(
        source, tmp_path / "out", tokenizer=str(tmp_path / "tokenizer.json"), output_format="shards"
    )
    end = made.token_to_id("<|endoftext|>")
    assert folder_documents(tmp_path / "out/data") == [
        [*made.encode(text).ids, end] for text in TEXTS
    ]
    assert found["token_type"] == "uint16"


def test_a_resumed_run_gives_the_same_files(source, out, tmp_path, monkeypatch):
    import curator_text.pipelines.tokenize as module

    with monkeypatch.context() as patch:
        patch.setattr(module, "save_runs", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tokenize(source, tmp_path / "out", id_field="id", fields=["site"])
    assert not (tmp_path / "out/data/tokens.json").exists()
    tokenize(source, tmp_path / "out", id_field="id", fields=["site"])
    steps = json.loads((tmp_path / "out/run.json").read_text())["steps"]
    assert steps["tokenize"]["sources_resumed"] == 3
    assert files_of(tmp_path / "out") == files_of(out)


def test_files_are_added_and_known_ones_left_out(source, out, tmp_path):
    more = {"id_field": "id", "fields": ["site"]}
    tokenize([str(source / "a/x.jsonl")], tmp_path / "out", **more)
    before = files_of(tmp_path / "out")
    found = tokenize([str(source / "a"), str(source / "b")], tmp_path / "out", append=True, **more)
    assert (found["known_files"], found["num_documents"]) == (1, 25)
    assert (found["total_documents"], found["appended"]) == (40, 1)
    assert files_of(tmp_path / "out").items() >= before.items()
    assert [text_of(each) for each in folder_documents(tmp_path / "out/data")] == TEXTS
    rows = folder_rows(tmp_path / "out/data")
    assert [row["document"] for row in rows] == list(range(40))
    assert len(list((tmp_path / "out/quarantine").iterdir())) == 2
    # The two rows without a text of the file that was there already do not count again.
    assert (found["lost_rows"], found["quarantined"]) == (1, 1)
    again = tokenize([str(source / "a"), str(source / "b")], tmp_path / "out", append=True, **more)
    assert (again["num_documents"], again["appended"], again["total_documents"]) == (0, 1, 40)
    with pytest.raises(InputError, match="which this run would undo"):
        tokenize(source, tmp_path / "out", **more)


def test_what_cannot_be_appended_is_refused(source, tmp_path):
    write_jsonl(tmp_path / "a.jsonl", [{"text": "x"}])
    path = str(tmp_path / "a.jsonl")
    tokenize([path], tmp_path / "out", append=True)
    with pytest.raises(InputError, match="another --output-format"):
        tokenize([path], tmp_path / "out", append=True, output_format="shards")
    write_jsonl(tmp_path / "a.jsonl", [{"text": "another"}])
    with pytest.raises(InputError, match="has changed since"):
        tokenize([path], tmp_path / "out", append=True)
    (tmp_path / "out/data/tokens.json").unlink()
    with pytest.raises(InputError, match="no finished result to append to"):
        tokenize([path], tmp_path / "out", append=True)


def test_of_two_files_of_one_name_the_added_one_gets_another(tmp_path):
    for day in ("1", "2"):
        write_jsonl(tmp_path / day / "a.jsonl", [{"text": day}])
        tokenize([str(tmp_path / day / "a.jsonl")], tmp_path / "out", append=True)
    assert [row["id"] for row in folder_rows(tmp_path / "out/data")] == [
        "a.jsonl:0",
        "append-1/a.jsonl:0",
    ]


def test_files_of_other_settings_go(source, tmp_path):
    tokenize(source, tmp_path / "out", shard_size="200")
    tokenize(source, tmp_path / "out", output_format="shards")
    assert sorted(path.name for path in (tmp_path / "out/data").iterdir()) == [
        "part-00000.bin",
        "part-00000.documents.parquet",
        "part-00000.npy",
        "tokens.json",
    ]


@pytest.mark.ray
@pytest.mark.long
@pytest.mark.parametrize("kind", ["ray_data", "ray_actor_pool", "xenna"])
def test_every_executor_gives_the_same_files(source, out, tmp_path, kind, ray_cluster):
    executor = make_executor(kind, workers=None, policy=POLICY)
    tokenize(source, tmp_path / "out", executor=executor, id_field="id", fields=["site"])
    assert files_of(tmp_path / "out") == files_of(out)
