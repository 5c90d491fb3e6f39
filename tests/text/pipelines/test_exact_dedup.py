"""Exact deduplication from files to files: the defined answer, whatever the way to it."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import deduplicate as fuzzy
from text_toys import removed, rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import EmptyTask
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow

ROWS = [{"id": f"d{i}", "text": f"naïve text {i * i % 83}", "n": i} for i in range(300)]


def first_of_each(rows):
    kept = {}
    for row in rows:
        kept.setdefault(row["text"], row["id"])
    return {r["id"]: (kept[r["text"]], 1.0) for r in rows if kept[r["text"]] != r["id"]}


def deduplicate(source: Any, out: Any, *, workers: int = 1, **settings: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"perform_removal": True, **settings}
    workflow = ExactDeduplicationWorkflow(input_path=source, output_path=str(out), **options)
    return workflow.run(
        executor=LocalExecutor({"workers": workers, "on_error": "quarantine"})
    ).metadata


def files(folder):
    skip = {"run.json", "events.jsonl", "report.html"}
    paths = (p for p in Path(folder).rglob("*") if p.is_file() and ".curator" not in p.parts)
    paths = (path for path in paths if path.name not in skip)
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def rows_in(out, name, key="id"):
    """The rows of a table, whatever parts they are in."""
    return sorted(table(out, name), key=lambda row: row[key])


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


@pytest.fixture(scope="module")
def out(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    deduplicate(source, folder, id_field="id")
    return folder


def test_all_but_the_first_of_each_text_go(out):
    assert removed(out) == first_of_each(ROWS)


def test_kept_rows_are_all_others_in_order(out):
    gone = first_of_each(ROWS)
    assert rows_of(out) == [row for row in ROWS if row["id"] not in gone]


def test_clusters_list_what_was_removed_in_keep_order(out):
    clusters = table(out, "clusters")
    members = {m: c["cluster_id"] for c in clusters for m in c["members"]}
    assert members == {gone: kept for gone, (kept, _) in removed(out).items()}
    assert all(c["size"] == len(c["members"]) + 1 for c in clusters)
    assert all(c["members"] == sorted(c["members"], key=lambda m: int(m[1:])) for c in clusters)
    assert all(set(c["similarities"]) == {1.0} for c in clusters)


def test_removed_and_kept_rows_lie_where_they_are_said_to_lie(out, source):
    for row in table(out, "removed") + table(out, "clusters"):
        data = Path(source, row["file"]).read_bytes()
        line = data[row["byte_offset"] : row["byte_offset"] + row["length"]]
        assert json.loads(line)["id"] == row.get("id", row["cluster_id"])
        assert data[: row["byte_offset"]].count(b"\n") == row["row"]


@pytest.mark.parametrize(
    "settings",
    [{"workers": 2}, {"input_blocksize": 1000}, {"partition_rows": 7}, {"memory": "2GB"}],
    ids=lambda settings: next(iter(settings)),
)
def test_the_answer_does_not_depend_on_how_it_is_computed(source, out, tmp_path, settings):
    deduplicate(source, tmp_path, id_field="id", **settings)
    assert rows_in(tmp_path, "removed") == rows_in(out, "removed")
    assert rows_in(tmp_path, "clusters", "cluster_id") == rows_in(out, "clusters", "cluster_id")
    assert rows_of(tmp_path) == rows_of(out)


def test_a_second_run_gives_the_same_bytes(source, out, tmp_path):
    deduplicate(source, tmp_path, id_field="id", workers=2)
    assert files(tmp_path) == files(out)


def test_compressed_files_give_the_same_answer(source, out, tmp_path):
    (tmp_path / "in").mkdir()
    for path in Path(source).iterdir():
        (tmp_path / f"in/{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    deduplicate(str(tmp_path / "in"), tmp_path / "out", id_field="id")
    assert removed(tmp_path / "out") == removed(out)
    packed = sorted((tmp_path / "out/data").iterdir())
    plain = sorted(Path(out, "data").iterdir())
    assert [gzip.decompress(p.read_bytes()) for p in packed] == [p.read_bytes() for p in plain]


def test_parquet_gives_the_same_answer(out, tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x.parquet", row_group_size=17)
    path = str(tmp_path / "x.parquet")
    deduplicate(path, tmp_path / "out", id_field="id", input_blocksize=1000)
    gone = removed(out)
    assert removed(tmp_path / "out") == gone
    stay = [row for row in ROWS if row["id"] not in gone]
    assert pq.read_table(tmp_path / "out/data/x.parquet").to_pylist() == stay


def test_files_of_both_formats_are_compared_with_each_other(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "same"}])
    pq.write_table(pa.table({"text": ["same"]}), tmp_path / "in/b.parquet")
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert [row["id"] for row in table(tmp_path / "out", "removed")] == ["b.parquet:0"]


def test_empty_texts_are_copies_of_each_other_and_rows_without_text_stay(tmp_path):
    texts = ["", None, "a", "", None]
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    facts = deduplicate(path, tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["", None, "a", None]
    assert (facts["num_documents"], facts["no_text"]) == (5, 2)


@pytest.mark.parametrize(
    ("keep", "stays"),
    [("first", "a"), ("longest", "b"), ("field:score", "c"), ("newest:day", "d"), ("newest", "a")],
)
def test_the_policy_chooses_who_stays(tmp_path, keep, stays):
    rows = [
        {"id": "a", "text": "A b", "score": 1, "day": "2020-01-01", "timestamp": 9},
        {"id": "b", "text": "a   b ", "score": 2, "day": "2021-01-01", "timestamp": None},
        {"id": "c", "text": "a B", "score": 3, "day": None, "timestamp": 2},
        {"id": "d", "text": "a b", "score": None, "day": "2022-01-01", "timestamp": 3},
    ]
    path = write_jsonl(tmp_path / "x.jsonl", rows)
    settings: dict[str, Any] = {"keep": keep, "id_field": "id", "normalize": "nfc_lower_whitespace"}
    deduplicate(path, tmp_path / "out", **settings, input_blocksize=60)
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [stays]


def test_ties_of_a_policy_go_to_the_first_in_the_order_of_files(tmp_path):
    rows = [{"id": str(i), "text": "same", "score": 1} for i in range(9)]
    source = write_corpus(tmp_path / "in", rows)
    deduplicate(source, tmp_path / "out", keep="field:score", id_field="id", input_blocksize=40)
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["0"]


@pytest.mark.parametrize(
    ("normalize", "stay"),
    [("off", 4), ("whitespace", 3), ("nfc_lower_whitespace", 1)],
)
def test_what_is_normalised_away_does_not_count_and_is_written_as_it_was(tmp_path, normalize, stay):
    texts = ["É  a", "É a", "é a", "e\u0301 a"]
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    deduplicate(path, tmp_path / "out", normalize=normalize)
    kept = [row["text"] for row in rows_of(tmp_path / "out")]
    assert (len(kept), kept[0]) == (stay, "É  a")


@pytest.mark.parametrize("keep", ["longest", "newest:day", "field:n"])
def test_parquet_is_compared_and_ordered_as_lines_are(tmp_path, keep):
    texts = ["É a", "é  a", "b", "B ", None, "é a  "]
    days = [datetime(2020, 1, 1 + n, tzinfo=UTC) for n in range(len(texts))]
    rows = [{"text": t, "n": n, "day": days[n].isoformat()} for n, t in enumerate(texts)]
    write_jsonl(tmp_path / "x.jsonl", rows)
    columns: dict[str, Any] = {"text": texts, "n": range(len(texts)), "day": days}
    pq.write_table(pa.table(columns), tmp_path / "x.parquet", row_group_size=4)
    answers: list[Any] = []
    for name in ("x.parquet", "x.jsonl"):
        settings: dict[str, Any] = {"keep": keep, "id_field": "n", "input_blocksize": 60}
        out = tmp_path / f"out-{name}"
        deduplicate(str(tmp_path / name), out, normalize="nfc_lower_whitespace", **settings)
        answers.append(removed(out))
    assert answers[0] == answers[1]
    assert len(answers[0]) == 3


def test_marked_documents_all_stay(source, tmp_path):
    deduplicate(source, tmp_path, mark=True, id_field="id")
    gone = first_of_each(ROWS)
    marks = {row["id"]: row["duplicate_of"] for row in rows_of(tmp_path)}
    assert marks == {row["id"]: gone.get(row["id"], (None,))[0] for row in ROWS}


def test_losses_are_counted_by_a_field(tmp_path):
    rows = [{"text": "same", "site": site} for site in "abbb"]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", source_field="site")
    counts = pq.read_table(tmp_path / "out/sources.parquet").to_pylist()
    assert {row["source"]: row["removed"] for row in counts} == {"a": 0, "b": 3}


def test_it_finds_the_copies_that_fuzzy_deduplication_finds(out, source, tmp_path):
    fuzzy(source, tmp_path, id_field="id", threshold=0.999, num_bands=1, bands_per_iteration=1)
    copies = {gone: pair for gone, pair in removed(tmp_path).items() if pair[1] == 1.0}
    assert copies == removed(out)
    assert pq.read_schema(next(Path(out, "removed").iterdir())) == pq.read_schema(
        next((tmp_path / "removed").iterdir())
    )


def test_without_removal_there_is_no_data(source, tmp_path):
    deduplicate(source, tmp_path, perform_removal=False)
    assert not (tmp_path / "data").exists()
    assert table(tmp_path, "removed")


def test_a_limit_takes_the_first_documents_only(source, tmp_path):
    facts = deduplicate(source, tmp_path, limit=50)
    assert facts["num_documents"] == 50


def test_a_too_large_loss_writes_no_data(source, tmp_path):
    with pytest.raises(StageError, match=r"would go, more than max_removed_ratio=0\.1 allows"):
        deduplicate(source, tmp_path, max_removed_ratio=0.1)
    assert not (tmp_path / "data").exists()


def test_malformed_lines_are_in_quarantine_and_not_in_data(tmp_path):
    source = tmp_path / "x.jsonl"
    source.write_bytes(b'{"text":"a"}\n{half\n{"n":1}\n{"text":"b"}\n{"text":"a"}\n{"text":"c')
    facts = deduplicate(str(source), tmp_path / "out", id_field="id")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["a", "b"]
    assert facts["quarantined"] == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text_field": "body"}, "'body' is in none of the 3 files; the fields are id, text, n"),
        ({"keep": "field:age"}, "'age' is in none of the documents"),
    ],
)
def test_a_field_that_is_nowhere_is_an_error(source, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        deduplicate(source, tmp_path, **settings)


def test_a_folder_without_files_is_an_error(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError, match="no files ending in"):
        deduplicate(str(tmp_path / "in"), tmp_path / "out")


def test_no_documents_give_an_empty_result(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b"")
    facts = deduplicate(str(tmp_path / "x.jsonl"), tmp_path / "out")
    assert (facts["num_documents"], facts["num_duplicates"]) == (0, 0)


def test_another_policy_on_the_same_cache_changes_the_answer(source, tmp_path):
    for keep in ("first", "field:n"):
        cache = str(tmp_path / "cache")
        deduplicate(source, tmp_path / "out", cache_path=cache, keep=keep, id_field="id")
    last = {row["text"]: row["id"] for row in ROWS}
    assert {kept for kept, _ in removed(tmp_path / "out").values()} <= set(last.values())


def test_another_text_field_on_the_same_cache_changes_the_answer(tmp_path):
    rows = [{"text": "a", "title": "x"}, {"text": "a", "title": "y"}, {"text": "b", "title": "x"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    for field in ("text", "title"):
        cache = str(tmp_path / "cache")
        deduplicate(source, tmp_path / "out", cache_path=cache, text_field=field)
    assert removed(tmp_path / "out").keys() == {"x.jsonl:2"}


def test_a_changed_input_on_the_same_cache_changes_the_answer(tmp_path):
    cache = str(tmp_path / "cache")
    for texts in (["a", "a"], ["a", "bb"]):
        source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
        deduplicate(source, tmp_path / "out", cache_path=cache)
    assert removed(tmp_path / "out") == {}
    assert len(rows_of(tmp_path / "out")) == 2


def test_a_step_that_was_stopped_half_way_goes_on_to_the_same_files(source, tmp_path):
    settings: dict[str, Any] = {
        "cache_path": str(tmp_path / "cache"),
        "id_field": "id",
        "partition_rows": 40,
    }
    deduplicate(source, tmp_path / "out", **settings)
    whole = files(tmp_path / "out")
    for step in ("hash", "find", "remove"):
        markers = sorted((tmp_path / "cache/checkpoint" / step).rglob("*.json"))
        for marker in markers[::2]:
            marker.unlink()
        deduplicate(source, tmp_path / "out", **settings)
        assert files(tmp_path / "out") == whole


def test_tasks_may_be_given_instead_of_paths(source, out, tmp_path):
    tasks = FilePartitioner(file_paths=source).process(EmptyTask())
    workflow = ExactDeduplicationWorkflow(
        output_path=str(tmp_path), perform_removal=True, id_field="id"
    )
    workflow.run(tasks)
    assert files(tmp_path) == files(out)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"assign_id": False}, "assign_id=False needs id_field"),
        ({"read_kwargs": {"x": 1}}, "read_kwargs takes storage_options only"),
        ({"keep": "best"}, "keep='best' is not a policy"),
        ({"input_blocksize": "huge"}, "'huge' is not a size"),
        ({"partition_rows": 0}, "partition_rows=0 is below 1"),
    ],
)
def test_a_parameter_that_cannot_be_honoured_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        ExactDeduplicationWorkflow(input_path="x", output_path="y", **settings)


def test_no_input_at_all_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no input; give input_path, or initial_tasks"):
        ExactDeduplicationWorkflow(output_path=str(tmp_path)).run()


def test_the_result_has_the_documented_facts(source, tmp_path):
    facts = deduplicate(source, tmp_path)
    names = {"total_time", "num_duplicates", "identification_time", "input_filegroups_time"}
    assert {name for name in names if facts[name] is not None} == names
    assert facts["id_generator_path"] is None


def test_a_bucket_gives_what_a_folder_gives(bucket, source, out):
    import s3fs

    fs = s3fs.S3FileSystem(skip_instance_cache=True)
    fs.put(f"{source}/", "bucket/exact/", recursive=True)
    deduplicate("s3://bucket/exact", "s3://bucket/exact-out", id_field="id", partition_rows=100)
    for path in sorted(Path(out, "data").iterdir()):
        assert fs.cat_file(f"bucket/exact-out/data/{path.name}") == path.read_bytes()


_MEASURED = """
import re, sys
from pathlib import Path
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
ExactDeduplicationWorkflow(input_path=sys.argv[1], output_path=sys.argv[2], memory="340MB").run()
# Not ru_maxrss: that of a new process starts at its parent's.
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.long
def test_memory_stays_within_what_was_given_whatever_the_number_of_documents(tmp_path):
    peaks: list[int] = []
    for documents in (400_000, 1_600_000):
        path = tmp_path / f"{documents}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for i in range(documents):
                file.write(f'{{"text": "document number {i % (documents // 2)}"}}\n')
        words = [sys.executable, "-c", _MEASURED, str(path), str(tmp_path / f"out{documents}")]
        done = subprocess.run(words, capture_output=True, check=True)
        peaks.append(int(done.stdout) * 1024)
    # About 25 bytes per removed document are in memory at the end.
    assert peaks[1] < 340_000_000
    assert peaks[1] - peaks[0] < 80_000_000
