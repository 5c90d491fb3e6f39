"""Deduplication in two steps, as NeMo Curator's users do it: find, then remove."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curator_engine.compat
from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
fuzzy: Any = import_module("nemo_curator.stages.deduplication.fuzzy")
exact: Any = import_module("nemo_curator.stages.deduplication.exact")
removal: Any = import_module("nemo_curator.stages.text.deduplication")
ids: Any = import_module("nemo_curator.stages.deduplication.id_generator")
readers: Any = import_module("nemo_curator.stages.text.io.reader")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
FileGroupTask: Any = import_module("nemo_curator.tasks").FileGroupTask

WORDS = "the quick brown fox jumps over a lazy dog while eleven grey geese watch from the hill"
COPIES = {1: 0, 6: 0, 7: 5}
"""Documents that are copies, and of which."""
KIND = pytest.mark.parametrize("kind", ["jsonl", "parquet"])
FOLDERS = {"fuzzy": "FuzzyDuplicateIds", "exact": "ExactDuplicateIds"}
BOTH = pytest.mark.parametrize("method", list(FOLDERS))


def rows():
    texts = [f"{n * 7919} {WORDS} {n * 104729} {WORDS[::-1]} {n}" for n in range(9)]
    return [{"n": n, "id": 100 + n, "text": texts[COPIES.get(n, n)]} for n in range(9)]


STAY = [n for n in range(9) if n not in COPIES]


@pytest.fixture
def corpus(tmp_path):
    """Three files of three documents, as lines and as Parquet; a blank and a bad line among the first."""
    for kind in ("jsonl", "parquet"):
        (tmp_path / kind).mkdir()
    for f in range(3):
        part = rows()[3 * f : 3 * f + 3]
        lines = [json.dumps(row) + "\n" for row in part]
        lines[1:1] = ["\n", "bad\n"] if f == 0 else []
        (tmp_path / "jsonl" / f"f{f}.jsonl").write_text("".join(lines), encoding="utf-8")
        pq.write_table(pa.Table.from_pylist(part), tmp_path / "parquet" / f"f{f}.parquet", 2)
    return tmp_path


def find(method, corpus, kind, *, tasks=None, **options):
    """The folder of a run that finds duplicates."""
    out = corpus / f"{method}_out"
    cls = (
        fuzzy.FuzzyDeduplicationWorkflow if method == "fuzzy" else exact.ExactDeduplicationWorkflow
    )
    common = {"input_path": str(corpus / kind), "input_filetype": kind, "perform_removal": False}
    cache = {"cache_path": str(out / "cache")} if method == "fuzzy" else {}
    workflow = cls(output_path=str(out), **{**common, **cache, **options})
    return out, workflow.run(tasks, executor=quarantining()).metadata


def quarantining():
    return LocalExecutor({"on_error": "quarantine"})


def remove(method, corpus, out, kind, *, tasks=None, **options):
    """The documents that are left, and what is said of the run."""
    settings = {
        "input_path": str(corpus / kind),
        "ids_to_remove_path": str(out / FOLDERS[method]),
        "output_path": str(out / "deduplicated"),
        "input_filetype": kind,
        "output_filetype": kind,
        "duplicate_id_field": ids.CURATOR_DEDUP_ID_STR,
        "id_generator_path": str(out / f"{method}_id_generator.json"),
        **options,
    }
    workflow = removal.TextDuplicatesRemovalWorkflow(**settings)
    facts = workflow.run(quarantining(), tasks).metadata
    return rows_in(out / "deduplicated" / "data"), facts


def rows_in(folder):
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".parquet":
            found += pq.read_table(path).to_pylist()
        else:
            found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted(found, key=lambda row: row["n"])


@KIND
@BOTH
def test_what_the_first_step_finds_the_second_removes(method, kind, corpus):
    out, facts = find(method, corpus, kind)
    left, said = remove(method, corpus, out, kind)
    assert [row["n"] for row in left] == STAY
    assert (facts["num_duplicates"], said["num_duplicates_removed"], said["ids_unknown"]) == (
        3,
        3,
        0,
    )
    assert facts["id_generator_path"] == str(out / f"{method}_id_generator.json")


@BOTH
def test_the_ids_are_sorted_whole_numbers_by_place(method, corpus):
    out, _ = find(method, corpus, "parquet")
    table = pq.read_table(out / FOLDERS[method])
    assert table.schema == pa.schema({"_curator_dedup_id": pa.int64()})
    assert table.column(0).to_pylist() == sorted(COPIES)


def test_blank_and_bad_lines_are_counted_so_the_numbers_are_those_of_the_lines(corpus):
    out, _ = find("exact", corpus, "jsonl")
    ids = pq.read_table(out / "ExactDuplicateIds").column(0).to_pylist()
    assert ids == [n + 2 for n in sorted(COPIES)]


@KIND
@pytest.mark.parametrize("size", [{"input_blocksize": 60}, {"input_files_per_partition": 3}])
def test_the_second_step_may_cut_the_input_otherwise(kind, size, corpus):
    out, _ = find("exact", corpus, kind, input_blocksize=200)
    left, _ = remove("exact", corpus, out, kind, **size)
    assert [row["n"] for row in left] == STAY


def test_unchanged_lines_are_byte_for_byte_what_they_were(corpus):
    out, _ = find("exact", corpus, "jsonl")
    remove("exact", corpus, out, "jsonl", drop_id_field=True)
    before = b"".join(p.read_bytes() for p in sorted((corpus / "jsonl").iterdir())).splitlines()
    after = [
        line
        for path in sorted((out / "deduplicated/data").iterdir())
        for line in path.read_bytes().splitlines()
    ]
    assert after == [
        line for line in before if line.startswith(b"{") and json.loads(line)["n"] in STAY
    ]


@KIND
def test_the_numbers_stay_in_the_result_unless_they_are_dropped(kind, corpus):
    out, _ = find("exact", corpus, kind)
    left, _ = remove("exact", corpus, out, kind, input_fields=["n", "_curator_dedup_id"])
    assert all(type(row["_curator_dedup_id"]) is int and len(row) == 2 for row in left)


def test_tasks_made_by_hand_get_their_numbers_too(corpus):
    files = sorted(str(path) for path in (corpus / "parquet").iterdir())
    out, _ = find("exact", corpus, "parquet")
    tasks = [FileGroupTask(data=files)]
    left, _ = remove("exact", corpus, out, "parquet", tasks=tasks, input_path=None)
    assert [row["n"] for row in left] == STAY


def test_a_reader_gives_the_same_numbers(corpus):
    out, _ = find("exact", corpus, "parquet")
    ids.create_id_generator_actor(
        filepath=str(out / "exact_id_generator.json"), storage_options=None
    )
    try:
        reader = readers.ParquetReader(file_paths=str(corpus / "parquet"), _assign_ids=True)
        tasks = Pipeline("look", stages=[reader]).run(LocalExecutor())
    finally:
        ids.kill_id_generator_actor()
    table = pa.concat_tables([task.data for task in tasks])
    assert table.column("_curator_dedup_id").to_pylist() == table.column("n").to_pylist()


def test_without_duplicates_nothing_is_removed(corpus):
    (corpus / "one").mkdir()
    (corpus / "one" / "x.jsonl").write_text('{"n": 1, "text": "a"}\n', encoding="utf-8")
    out, _ = find("exact", corpus, "one", input_filetype="jsonl")
    left, _ = remove("exact", corpus, out, "one", input_filetype="jsonl", output_filetype="jsonl")
    assert [row["n"] for row in left] == [1]


def test_ids_of_ones_own_keep_their_type(corpus):
    out, facts = find("exact", corpus, "parquet", assign_id=False, id_field="id")
    table = pq.read_table(out / "ExactDuplicateIds")
    assert table.schema == pa.schema({"id": pa.int64()})
    assert set(table.column(0).to_pylist()) == {100 + n for n in COPIES}
    assert facts["id_generator_path"] is None
    left, _ = remove(
        "exact",
        corpus,
        out,
        "parquet",
        id_field="id",
        duplicate_id_field="id",
        id_generator_path=None,
    )
    assert [row["n"] for row in left] == STAY


def test_texts_as_ids_stay_texts_also_if_they_look_like_numbers(corpus):
    lines = "".join(json.dumps({"id": f"0{n % 2}{n}", "text": "same"}) + "\n" for n in range(3))
    (corpus / "one").mkdir()
    (corpus / "one" / "x.jsonl").write_text(lines, encoding="utf-8")
    options = {"input_filetype": "jsonl", "assign_id": False, "id_field": "id"}
    out, _ = find("exact", corpus, "one", **options)
    assert set(pq.read_table(out / "ExactDuplicateIds").column(0).to_pylist()) == {"002", "011"}


def test_a_run_that_removes_leaves_no_ids_of_an_earlier_one(corpus):
    out, _ = find("exact", corpus, "jsonl")
    find("exact", corpus, "jsonl", perform_removal=True)
    assert not {"ExactDuplicateIds", "exact_id_generator.json"} & {p.name for p in out.iterdir()}


def test_a_file_that_came_later_has_no_numbers_and_is_named(corpus):
    out, _ = find("exact", corpus, "jsonl")
    (corpus / "jsonl" / "new.jsonl").write_text('{"text": "new"}\n', encoding="utf-8")
    workflow = removal.TextDuplicatesRemovalWorkflow(
        input_path=str(corpus / "jsonl"),
        ids_to_remove_path=str(out / "ExactDuplicateIds"),
        output_path=str(out / "x"),
        input_filetype="jsonl",
        duplicate_id_field="_curator_dedup_id",
        id_generator_path=str(out / "exact_id_generator.json"),
    )
    with pytest.raises(StageError, match=r"new\.jsonl is unknown to the id generator"):
        workflow.run(LocalExecutor())


def test_a_missing_file_of_ranges_is_an_error(corpus):
    out, _ = find("exact", corpus, "jsonl")
    with pytest.raises(InputError, match=r"none\.json does not exist"):
        remove("exact", corpus, out, "jsonl", id_generator_path=str(out / "none.json"))


@pytest.mark.parametrize("given", [None, {}, {"storage_options": None}, {"storage_options": {}}])
def test_empty_options_for_cudf_are_taken(given, tmp_path):
    fuzzy.FuzzyDeduplicationWorkflow(
        cache_path="c", output_path="o", input_path="i", read_kwargs=given, write_kwargs=given
    )


def test_options_for_cudf_that_say_something_are_refused_by_name():
    with pytest.raises(SettingsError, match="read_kwargs"):
        exact.ExactDeduplicationWorkflow(
            output_path="o", input_path="i", read_kwargs={"blocksize": "1GB"}
        )


@BOTH
def test_the_result_beside_the_ids_is_ours_as_well(method, corpus):
    out, _ = find(method, corpus, "jsonl")
    (table,) = Path(out / "removed").iterdir()
    assert len(pq.read_table(table)) == len(COPIES)
