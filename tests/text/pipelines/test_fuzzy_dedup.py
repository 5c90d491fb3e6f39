"""Fuzzy deduplication from files to files: the defined answer, whatever the way to it."""

import ctypes
import gzip
import json
import sys
from pathlib import Path

import fake_rapids
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import (
    corpus,
    deduplicate,
    edited,
    expected,
    jaccard,
    removed,
    rows_of,
    sentence,
    table,
    write_corpus,
    write_jsonl,
)

from curator_engine.errors import InputError, ResourceError, SettingsError, StageError
from curator_engine.executors.choice import make_executor
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.running.plan import NodeCapacity
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow

ROWS = corpus()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


@pytest.fixture(scope="module")
def out(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    deduplicate(source, folder, id_field="id")
    return folder


def files(folder):
    skip = {"run.json", "events.jsonl", "report.html"}
    return {
        p.relative_to(folder): p.read_bytes()
        for p in Path(folder).rglob("*")
        if p.is_file() and p.name not in skip and ".curator" not in p.parts
    }


def test_the_answer_is_the_definition_applied_to_all_pairs(out):
    answer = {k: (kept, pytest.approx(s)) for k, (kept, s) in expected(ROWS, 0.8).items()}
    assert removed(out) == answer


def test_kept_rows_are_all_others_in_order(out):
    gone = expected(ROWS, 0.8)
    assert rows_of(out) == [row for row in ROWS if row["id"] not in gone]


def test_nothing_is_removed_below_the_threshold(out):
    text = {row["id"]: row["text"] for row in ROWS}
    assert all(jaccard(text[gone], text[kept]) >= 0.8 for gone, (kept, _) in removed(out).items())


def test_no_kept_id_was_itself_removed(out):
    gone = removed(out)
    assert not {kept for kept, _ in gone.values()} & gone.keys()


def test_clusters_list_what_was_removed(out):
    members = {m: c["cluster_id"] for c in table(out, "clusters") for m in c["members"]}
    assert members == {gone: kept for gone, (kept, _) in removed(out).items()}
    assert all(c["size"] == len(c["members"]) + 1 for c in table(out, "clusters"))


def test_a_removed_row_lies_where_it_is_said_to_lie(out, source):
    for row in table(out, "removed"):
        data = Path(source, row["file"]).read_bytes()
        line = data[row["byte_offset"] : row["byte_offset"] + row["length"]]
        assert json.loads(line)["id"] == row["id"]
        assert data[: row["byte_offset"]].count(b"\n") == row["row"]


@pytest.mark.parametrize(
    "settings",
    [{"workers": 2}, {"input_blocksize": 2000}, {"partition_bytes": 1000}, {"max_bucket": 3}],
    ids=lambda settings: next(iter(settings)),
)
def test_the_answer_does_not_depend_on_how_it_is_computed(source, out, tmp_path, settings):
    deduplicate(source, tmp_path, id_field="id", **settings)
    assert removed(tmp_path) == removed(out)
    assert rows_of(tmp_path) == rows_of(out)


def test_a_second_run_gives_the_same_bytes(source, out, tmp_path):
    deduplicate(source, tmp_path, id_field="id", workers=2)
    assert files(tmp_path) == files(out)


def test_without_ids_documents_are_named_by_file_and_row(source, tmp_path):
    deduplicate(source, tmp_path)
    row = table(tmp_path, "removed")[0]
    assert row["id"] == f"{row['file']}:{row['row']}"


def test_copies_go_even_if_they_are_too_short_for_windows(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": t} for t in ("hi", "", "hi", "ho", "")])
    deduplicate(source, tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["hi", "", "ho"]


def test_rows_without_text_stay(tmp_path):
    source = write_jsonl(
        tmp_path / "x.jsonl", [{"text": None, "n": 1}, {"text": None, "n": 1}, {"text": "a"}]
    )
    deduplicate(source, tmp_path / "out")
    assert len(rows_of(tmp_path / "out")) == 3


def test_lines_are_copied_as_bytes(tmp_path):
    lines = [b'{"text": "a",  "n": 1.00}\r\n', b"\n", b'{"n":2e5,"text":"b"}']
    (tmp_path / "x.jsonl").write_bytes(b"".join(lines))
    deduplicate(str(tmp_path / "x.jsonl"), tmp_path / "out")
    assert (tmp_path / "out/data/x.jsonl").read_bytes() == b"".join(lines)


def test_compressed_files_give_the_same_answer(source, out, tmp_path):
    for path in Path(source).iterdir():
        (tmp_path / f"in/{path.name}.gz").parent.mkdir(exist_ok=True)
        (tmp_path / f"in/{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    deduplicate(str(tmp_path / "in"), tmp_path / "out", id_field="id")
    assert removed(tmp_path / "out") == removed(out)
    kept = b"".join(
        gzip.decompress(p.read_bytes()) for p in sorted((tmp_path / "out/data").iterdir())
    )
    assert kept == b"".join(p.read_bytes() for p in sorted(Path(out, "data").iterdir()))


def test_parquet_gives_the_same_answer(out, tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "in/x.parquet", row_group_size=17)
    deduplicate(str(tmp_path / "in"), tmp_path / "out", id_field="id", input_blocksize=1000)
    assert removed(tmp_path / "out") == removed(out)
    gone = removed(out)
    assert pq.read_table(tmp_path / "out/data/x.parquet").to_pylist() == [
        r for r in ROWS if r["id"] not in gone
    ]


def test_files_of_both_formats_are_compared_with_each_other(tmp_path):
    text = sentence(5)
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": text}])
    pq.write_table(pa.table({"text": [text]}), tmp_path / "in/b.parquet")
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert [row["file"] for row in table(tmp_path / "out", "removed")] == ["b.parquet"]


@pytest.mark.parametrize(
    ("keep", "stays"),
    [("first", "a"), ("longest", "b"), ("field:score", "c"), ("newest:day", "d"), ("newest", "a")],
)
def test_the_policy_chooses_who_stays(tmp_path, keep, stays):
    base = sentence(3)
    rows = [
        {"id": "a", "text": base, "score": 1, "day": "2020-01-01", "timestamp": 9},
        {
            "id": "b",
            "text": base + " and somewhat more",
            "score": 2,
            "day": "2021-01-01",
            "timestamp": None,
        },
        {"id": "c", "text": edited(base, 1), "score": 3, "day": None, "timestamp": 2},
        {
            "id": "d",
            "text": edited(base, 1, seed=1),
            "score": None,
            "day": "2022-01-01",
            "timestamp": 3,
        },
    ]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", keep=keep, id_field="id", threshold=0.7)
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [stays]


def test_without_verification_the_first_of_each_group_stays(tmp_path):
    base = sentence(8)
    rows = [{"id": str(i), "text": edited(base, 1, seed=i)} for i in range(6)] + [
        {"id": "other", "text": sentence(9)}
    ]
    deduplicate(
        write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", verify=False, id_field="id"
    )
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["0", "other"]
    assert {row["similarity"] for row in table(tmp_path / "out", "removed")} == {None}


def test_a_crowd_of_one_template_is_neither_truncated_nor_merged(tmp_path):
    template = sentence(1, words=200)
    rows = [
        {"id": str(i), "text": template + " " + sentence(100 + i, words=50)} for i in range(200)
    ]
    rows += [
        {"id": f"near{i}", "text": edited(rows[i]["text"], 2, seed=i)} for i in range(0, 200, 10)
    ]
    deduplicate(
        write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id", max_bucket=16
    )
    assert {gone: kept for gone, (kept, _) in removed(tmp_path / "out").items()} == {
        f"near{i}": str(i) for i in range(0, 200, 10)
    }


def test_a_limit_takes_the_first_documents_only(source, tmp_path):
    workflow = deduplicate(source, tmp_path, limit=50, id_field="id")
    kept = [row["id"] for row in rows_of(tmp_path)]
    assert sorted([*kept, *removed(tmp_path)]) == sorted(row["id"] for row in ROWS[:50])
    assert workflow.settings()["limit"] == 50


def test_without_removal_there_is_no_data(source, tmp_path):
    deduplicate(source, tmp_path, perform_removal=False)
    assert not (tmp_path / "data").exists()
    assert table(tmp_path, "removed")


def test_a_too_large_loss_writes_no_data(source, tmp_path):
    with pytest.raises(
        StageError, match=r"documents would go, more than max_removed_ratio=0\.1 allows"
    ):
        deduplicate(source, tmp_path, max_removed_ratio=0.1)
    assert not (tmp_path / "data").exists()


def test_a_file_that_loses_most_of_its_rows_is_named(tmp_path):
    text = sentence(4)
    rows = [{"text": edited(text, 1, seed=i)} for i in range(60)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out")
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    assert facts["alarms"] == ["x.jsonl loses 59 of its 60 documents"]


def test_malformed_lines_are_in_quarantine_and_not_in_data(tmp_path):
    source = tmp_path / "x.jsonl"
    source.write_bytes(b'{"text":"a"}\n{half\n{"n":1}\n{"text":"b"}\n{"text":"c')
    deduplicate(str(source), tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["a", "b"]
    lines = next((tmp_path / "out/quarantine/sign/rows").iterdir()).read_text().splitlines()
    assert [(json.loads(line)["line"], json.loads(line)["raw"]) for line in lines] == [
        (2, "{half\n"),
        (3, '{"n":1}\n'),
        (5, '{"text":"c'),
    ]


def test_a_file_without_the_text_field_is_in_quarantine_as_a_whole(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "a"}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"body": "b"}] * 3)
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    assert (facts["num_documents"], facts["quarantined"]) == (1, 3)


def test_the_text_field_in_no_file_is_an_error_before_any_work(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"body": "b"}])
    with pytest.raises(
        InputError, match=r"'text' is in none of the 1 files; the fields are body. Use --text-field"
    ):
        deduplicate(source, tmp_path / "out")


def test_a_keep_field_that_is_nowhere_is_an_error(source, tmp_path):
    with pytest.raises(InputError, match="'age' is in none of the documents"):
        deduplicate(source, tmp_path, keep="field:age")


def test_the_cache_goes_when_the_run_is_done_and_stays_where_it_was_put(source, tmp_path):
    deduplicate(source, tmp_path / "out")
    assert not (tmp_path / "out/.cache").exists()
    deduplicate(source, tmp_path / "out2", cache_path=str(tmp_path / "cache"))
    assert (tmp_path / "cache/corpus.json").exists()


def test_another_threshold_on_the_same_cache_changes_the_answer(source, tmp_path):
    for threshold in (0.95, 0.8):
        deduplicate(
            source,
            tmp_path / "out",
            cache_path=str(tmp_path / "c"),
            threshold=threshold,
            id_field="id",
        )
    assert removed(tmp_path / "out").keys() == expected(ROWS, 0.8).keys()


def test_a_changed_input_on_the_same_cache_changes_the_answer(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}, {"text": sentence(1)}])
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "c"))
    write_jsonl(source, [{"text": sentence(1)}, {"text": sentence(2)}])
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "c"))
    assert removed(tmp_path / "out") == {}
    assert len(rows_of(tmp_path / "out")) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"use_64_bit_hash": True}, "use_64_bit_hash=True is not offered"),
        ({"bands_per_iteration": 21}, r"bands_per_iteration=21 is not in \[1, 20\]"),
        ({"threshold": 0}, r"threshold=0 is not in \(0, 1\]"),
        ({"read_kwargs": {"x": 1}}, "read_kwargs takes storage_options only"),
        ({"keep": "best"}, "keep='best' is not a policy"),
        ({"input_blocksize": "huge"}, "'huge' is not a size"),
    ],
)
def test_a_parameter_that_cannot_be_honoured_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        FuzzyDeduplicationWorkflow(input_path="x", output_path="y", **settings)


def test_the_result_has_the_documented_facts(source, tmp_path):
    workflow = FuzzyDeduplicationWorkflow(input_path=source, output_path=str(tmp_path))
    result = workflow.run()
    for name in (
        "minhash_time",
        "lsh_time",
        "connected_components_pipeline_time",
        "total_time",
        "num_duplicates",
    ):
        assert result.get_metadata(name) is not None


def test_a_bucket_gives_what_a_folder_gives(bucket, source, out):
    import s3fs

    fs = s3fs.S3FileSystem(skip_instance_cache=True)
    fs.put(f"{source}/", "bucket/corpus/", recursive=True)
    deduplicate("s3://bucket/corpus", "s3://bucket/out", id_field="id")
    for path in sorted(Path(out, "data").iterdir()):
        assert fs.cat_file(f"bucket/out/data/{path.name}") == path.read_bytes()


def test_the_order_of_arguments_counts_only_where_the_policy_says_so(source, tmp_path):
    paths = sorted(map(str, Path(source).iterdir()))
    answers = [
        removed(deduplicate_to(tmp_path / f"{k}-{keep}", order, keep))
        for keep in ("field:score", "first")
        for k, order in enumerate((paths, paths[::-1]))
    ]
    assert answers[0] == answers[1]
    assert answers[2] != answers[3]


def deduplicate_to(out, paths, keep):
    deduplicate(paths, out, id_field="id", keep=keep)
    return out


@pytest.mark.ray
@pytest.mark.slow
def test_on_ray_the_same_documents_are_removed(ray_cluster, source, out, tmp_path):
    workflow = FuzzyDeduplicationWorkflow(
        input_path=source,
        output_path=str(tmp_path),
        perform_removal=True,
        num_bands=32,
        minhashes_per_band=8,
        id_field="id",
    )
    workflow.run(executor=make_executor("ray_actor_pool", workers=None, policy=FailurePolicy()))
    assert files(tmp_path) == files(out)


@pytest.mark.parametrize(
    "other", [{"method": "curator"}, {"text_field": "other"}, {"char_ngrams": 5}, {"seed": 7}]
)
def test_a_kept_cache_is_not_used_for_what_was_signed_otherwise(other, tmp_path):
    rows = [{**row, "other": f"{row['id']} {sentence(k)}"} for k, row in enumerate(corpus())]
    source = write_corpus(tmp_path / "in", rows)
    for name, settings in (("a", {}), ("b", other)):
        deduplicate(source, tmp_path / name, cache_path=str(tmp_path / "cache"), **settings)
    deduplicate(source, tmp_path / "fresh", **other)
    assert removed(tmp_path / "b") == removed(tmp_path / "fresh")


class LocalWithGpu(LocalExecutor):
    """Hands out a GPU, though there is none."""

    def node(self):
        return NodeCapacity(cpus=8, gpus=1)


@pytest.fixture
def gpu(monkeypatch):
    """A fake GPU with fake RAPIDS."""
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)


def on_device(source, out, executor, device):
    workflow = FuzzyDeduplicationWorkflow(
        input_path=source, output_path=str(out), id_field="id", method="curator", device=device
    )
    return workflow.run(executor=executor).metadata


def test_the_answer_does_not_depend_on_the_device(source, tmp_path, gpu):
    on_device(source, tmp_path / "cpu", LocalExecutor(), "cpu")
    on_device(source, tmp_path / "gpu", LocalWithGpu(), "gpu")
    assert removed(tmp_path / "gpu") == removed(tmp_path / "cpu")


def test_auto_leaves_gpus_alone_that_the_executor_does_not_hand_out(source, tmp_path, gpu):
    on_device(source, tmp_path / "auto", LocalExecutor(), "auto")
    assert removed(tmp_path / "auto")
    with pytest.raises(ResourceError, match="sign_documents: needs a GPU"):
        on_device(source, tmp_path / "gpu", LocalExecutor(), "gpu")
