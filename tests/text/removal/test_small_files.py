"""Many small files: joined in tasks, with the same answer as when each is a task of its own."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import edited, removed, sentence

from curator_engine.executors.local import LocalExecutor
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.small_files import MANY
from curator_engine.task import EmptyTask
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.settings import FilterSettings

FILES = MANY + 30
WORKFLOWS: dict[str, Any] = {
    "exact": ExactDeduplicationWorkflow,
    "fuzzy": FuzzyDeduplicationWorkflow,
}
STEPS = {"exact": "hash", "fuzzy": "sign"}
OURS = {"run.json", "events.jsonl", "report.html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Small files of both formats, with copies, near copies, bad lines, nulls, and a large one among them."""
    place = tmp_path_factory.mktemp("small")
    for i in range(FILES):
        texts = [sentence(i % 90), edited(sentence(i % 50), 2, seed=i), f"short {i % 7}", None]
        rows = [{"id": f"{i}-{k}", "text": text, "n": -i} for k, text in enumerate(texts)]
        if i == 60:
            rows += [{"id": f"big{k}", "text": sentence(1000 + k), "n": k} for k in range(120)]
        if i % 9 == 4:
            pq.write_table(
                pa.Table.from_pylist(rows), place / f"f{i:03d}.parquet", row_group_size=2
            )
            continue
        lines = [json.dumps(row) for row in rows] if i % 13 else []
        lines += ['{"broken": '] if i % 50 == 7 else []
        (place / f"f{i:03d}.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return str(place)


def files_below(out: Path, *, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    places = {str(p.relative_to(out)): p for p in out.rglob("*") if p.is_file()}
    hidden = (".curator", "quarantine", *without)
    return {
        name: place.read_bytes()
        for name, place in places.items()
        if not name.startswith(hidden) and name not in OURS
    }


def quarantined(out: Path) -> list[dict[str, Any]]:
    lines = [line for p in out.glob("quarantine/*/rows/*") for line in p.read_text().splitlines()]
    rows = [{k: v for k, v in json.loads(each).items() if k != "task_id"} for each in lines]
    return sorted(rows, key=lambda row: (row["file"], str(row)))


def run(name: str, folder: str, out: Path, *, alone: bool = False, **settings: Any) -> None:
    tasks = None
    if alone:
        tasks = FilePartitioner(file_paths=folder, blocksize="32MiB").process(EmptyTask())
    workers = settings.pop("workers", 1)
    options = {"perform_removal": True, "output_path": str(out), **settings}
    workflow = WORKFLOWS[name](input_path=folder, **options)
    executor = LocalExecutor({"workers": workers, "on_error": "quarantine"})
    workflow.run(initial_tasks=tasks, executor=executor)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("exact", {}),
        ("exact", {"keep": "field:n", "id_field": "id", "source_field": "n", "workers": 2}),
        ("fuzzy", {}),
        ("fuzzy", {"keep": "longest", "id_field": "id", "mark": True}),
    ],
)
def test_joined_files_give_what_each_alone_gives(tmp_path, folder, name, settings):
    run(name, folder, tmp_path / "joined", **settings)
    run(name, folder, tmp_path / "alone", alone=True, **settings)
    assert files_below(tmp_path / "joined") == files_below(tmp_path / "alone")
    assert quarantined(tmp_path / "joined") == quarantined(tmp_path / "alone")
    assert len(removed(tmp_path / "joined")) > FILES


@pytest.mark.parametrize("name", ["exact", "fuzzy"])
def test_there_are_few_files_in_the_cache(tmp_path, folder, name):
    run(name, folder, tmp_path / "out", cache_path=str(tmp_path / "cache"))
    step = STEPS[name]
    made = [*(tmp_path / "cache" / step).iterdir(), *(tmp_path / "cache").rglob("*.json")]
    assert len(made) < FILES / 2


def test_an_index_of_joined_files_answers_as_one_of_files_alone(tmp_path, folder):
    for way in ("joined", "alone"):
        index = str(tmp_path / f"index-{way}")
        run("fuzzy", folder, tmp_path / f"first-{way}", alone=way == "alone", save_index=index)
        run("fuzzy", folder, tmp_path / way, alone=way == "alone", against=index)
    found = [files_below(tmp_path / way, without=("clusters",)) for way in ("joined", "alone")]
    assert found[0] == found[1]
    assert len(removed(tmp_path / "joined")) > FILES


def test_a_changed_file_is_read_again_with_its_neighbours_only(tmp_path, folder):
    copy = tmp_path / "in"
    copy.mkdir()
    for path in Path(folder).iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    kept: dict[str, Any] = {"cache_path": str(tmp_path / "cache")}
    run("exact", str(copy), tmp_path / "out", **kept)
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "cache/hash").iterdir()}
    (copy / "f001.jsonl").write_text(json.dumps({"id": "new", "text": "new"}) + "\n")
    run("exact", str(copy), tmp_path / "out", **kept)
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "cache/hash").iterdir()}
    run("exact", str(copy), tmp_path / "fresh")
    assert files_below(tmp_path / "out") == files_below(tmp_path / "fresh")
    assert len(before.items() & after.items()) == len(before) - 2


def filtered(folder: str, out: Path, *, alone: bool = False, scores: str | None = None) -> pa.Table:
    """Filter the files; returns all rows of scores/, in order."""
    tasks = None
    if alone:
        tasks = FilePartitioner(file_paths=folder, blocksize="32MiB").process(EmptyTask())
    recipe = out.with_suffix(".yaml")
    recipe.write_text("filters:\n  - WordCount: {min_words: 5}\n  - Punctuation: {}\n")
    settings = FilterSettings(
        inputs=[folder],
        output=str(out),
        id_field="id",
        recipe=str(recipe),
        set=["Punctuation.max_num_sentences_without_endmark_ratio=1"],
        scores=scores,
    )
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    FilterWorkflow(settings=settings).run(initial_tasks=tasks, executor=executor)
    parts = [pq.read_table(path) for path in sorted((out / "scores").iterdir())]
    return pa.concat_tables(parts)


def test_filter_scores_joined_files_as_each_alone_and_takes_these_scores_again(tmp_path, folder):
    joined = filtered(folder, tmp_path / "joined")
    alone = filtered(folder, tmp_path / "alone", alone=True)
    again = filtered(folder, tmp_path / "again", scores=str(tmp_path / "joined"))
    assert joined == alone == again
    data = [files_below(tmp_path / name / "data") for name in ("joined", "alone", "again")]
    assert data[0] == data[1] == data[2]
    found = [quarantined(tmp_path / name) for name in ("joined", "alone", "again")]
    assert found[0] == found[1] == found[2]
    assert 0 < joined.column("keep").to_pylist().count(False) < len(joined)
    assert len(list((tmp_path / "joined" / "scores").iterdir())) < FILES / 10
