"""Pipelines of filters and modifiers as NeMo Curator's users write them for stories and for fine-tuning data."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor

filters: Any = import_module("nemo_curator.stages.text.filters")
modifiers: Any = import_module("nemo_curator.stages.text.modifiers")
modules: Any = import_module("nemo_curator.stages.text.modules")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
JsonlReader: Any = import_module("nemo_curator.stages.text.io.reader").JsonlReader
JsonlWriter: Any = import_module("nemo_curator.stages.text.io.writer").JsonlWriter

STORY = "Once upon a time a fox met a crow in the wood. They talked about cheese, and sang. " * 6


class EndsWell(filters.DocumentFilter):
    """A user's filter: a story ends with a mark."""

    def score_document(self, text: str) -> bool:
        return text.rstrip()[-1:] in '.!?"'

    def keep_document(self, score: bool) -> bool:
        return score


class PlainQuotes(modifiers.DocumentModifier):
    """A user's modifier: one kind of quotation marks."""

    def modify_document(self, text: str) -> str:
        return text.replace("\u201c", '"').replace("\u201d", '"')


def run(tmp_path: Path, rows: list[dict[str, Any]], *stages: Any) -> list[dict[str, Any]]:
    """What is written by a pipeline of these stages between a reader and a writer."""
    tmp_path.mkdir(exist_ok=True)
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pipeline = Pipeline(name="curate", description="Filters and modifiers.")
    pipeline.add_stage(JsonlReader(file_paths=str(source), files_per_partition=1))
    for stage in stages:
        pipeline.add_stage(stage)
    pipeline.add_stage(JsonlWriter(path=str(tmp_path / "out")))
    pipeline.run(LocalExecutor())
    files = sorted((tmp_path / "out").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_stories_are_filtered_by_length_end_and_repetition(tmp_path):
    rows = [
        {"id": "good", "text": STORY},
        {"id": "short", "text": "Once upon a time."},
        {"id": "open", "text": f"{STORY} and then"},
        {"id": "again", "text": "la la la la la la la la la la. " * 20},
    ]
    found = run(
        tmp_path,
        rows,
        modules.ScoreFilter(
            filter_obj=filters.WordCountFilter(min_words=80),
            text_field="text",
            score_field="word_count",
        ),
        modules.ScoreFilter(filter_obj=EndsWell(), text_field="text"),
        modules.ScoreFilter(
            filter_obj=filters.RepeatingTopNGramsFilter(n=2, max_repeating_ngram_ratio=0.2),
            text_field="text",
        ),
    )
    assert [row["id"] for row in found] == ["good"]
    assert found[0]["word_count"] >= 80


def test_texts_are_changed_in_the_order_of_the_stages(tmp_path):
    rows = [{"id": "a", "text": "\u201cItÃ¢\u20ac\u2122s\u201d here"}]
    found = run(
        tmp_path,
        rows,
        modules.Modify(modifiers.UnicodeReformatter(), input_fields="text"),
        modules.Modify(PlainQuotes(), input_fields="text"),
        modules.AddId(id_field="number", id_prefix="doc"),
    )
    assert found[0]["text"].startswith('"It')
    assert found[0]["number"].startswith("doc")


@pytest.mark.parametrize("name", ["Score", "Filter", "ScoreFilter", "Modify", "AddId"])
def test_the_stages_stand_where_scripts_import_them(name):
    assert getattr(modules, name) is not None


def test_documents_are_kept_by_a_classifiers_label(tmp_path, classifiers):
    """As the tutorials on classification: read, classify, keep some labels, write."""
    classes: Any = import_module("nemo_curator.stages.text.classifiers")
    rows = [{"id": str(n), "text": text} for n, text in enumerate(["the river", "win now", "a"])]
    given = {"model_identifier": classifiers["labels"], "device": "cpu"}
    labelled = run(tmp_path / "all", rows, classes.QualityClassifier(**given))
    wanted = labelled[0]["quality_pred"]
    kept = run(tmp_path / "some", rows, classes.QualityClassifier(filter_by=[wanted], **given))
    assert kept == [row for row in labelled if row["quality_pred"] == wanted]
    education = classes.FineWebEduClassifier(
        model_identifier=classifiers["score"], device="cpu", model_inference_batch_size=2
    )
    [first, *_] = run(tmp_path / "edu", rows, education)
    assert 0 <= first["fineweb-edu-score-float"] <= 5
