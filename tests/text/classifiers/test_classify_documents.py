"""The stage that reads documents and asks a classifier."""

import pyarrow as pa
from classify_toys import write_linear

from curator_text.classifiers.classify_documents import ClassifyDocuments


def test_a_network_on_the_cpu_has_one_worker_and_others_have_many(classifiers, tmp_path):
    heavy = ClassifyDocuments(path="", model=classifiers["other"], device="cpu")
    light = ClassifyDocuments(path="", model=write_linear(tmp_path), device="cpu")
    assert (heavy.num_workers(), light.num_workers()) == (1, None)


def test_answers_have_the_types_of_the_fields(tmp_path):
    stage = ClassifyDocuments(path="", model=write_linear(tmp_path))
    table = stage.answers(pa.array(["a river", "casino"]))
    assert table["model_label"].to_pylist() == ["good", "bad"]
    assert table.schema.field("model_score").type == pa.float64()
