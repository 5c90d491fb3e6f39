"""The step that scores: what it keeps of a block, and what its checkpoint depends on."""

from typing import Any

from filter_toys import ROWS, toy_recipe
from text_toys import write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.running.checkpoint import fingerprint
from curator_engine.stages.files import FilePartitioner
from curator_text.removal.array_files import load_table
from curator_text.removal.corpus import corpus_of
from curator_text.scoring.score_documents import ScoreDocuments


def score(source, folder, **options) -> Any:
    stage = ScoreDocuments(path=str(folder), recipe=toy_recipe(), recipe_key="", **options)
    stages = [FilePartitioner(file_paths=[source]), stage]
    return Pipeline("score", stages=stages).run(LocalExecutor())


def test_each_block_has_ids_places_and_scores(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    tasks = score(source, tmp_path / "cache", id_field="id", block_bytes=1000)
    corpus = corpus_of(str(tmp_path / "cache"), tasks)
    assert len(corpus.blocks) > 1
    tables = [load_table(corpus.path(block, ".arrow")) for block in corpus.blocks]
    assert [n for t in tables for n in t.column("id").to_pylist()] == [r["id"] for r in ROWS]
    words = [n for t in tables for n in t.column("words").to_pylist()]
    assert words == [len(row["text"].split()) for row in ROWS]


def test_a_recipe_with_another_limit_is_another_step():
    first, second = (
        ScoreDocuments(path="p", recipe_key="", recipe=toy_recipe(least=least)) for least in (3, 4)
    )
    assert fingerprint([first]) != fingerprint([second])
