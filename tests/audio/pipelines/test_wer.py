import pyarrow.parquet as pq
import pytest
from audio.runs import ALONE, LENIENT, audio

from curator_audio.pipelines.wer import WerWorkflow
from curator_audio.settings import WerSettings
from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor

LINES = (
    '{"id": "a", "text": "to be, or not to be", "pred_text": "To be or knot to be", "speaker": "one"}',
    '{"id": "b", "text": "that is the question", "pred_text": "that is question", "speaker": "two"}',
    '{"id": "c", "text": "only said"}',
    "no row",
)


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def test_texts_become_rates_by_text_and_by_speaker(listed, tmp_path):
    out = tmp_path / "out"
    settings = WerSettings(inputs=[str(listed)], output=str(out))
    facts = WerWorkflow(settings=settings).run(LocalExecutor()).metadata
    assert (facts["items"], facts["words"], facts["wer"]) == (2, 10, 0.2)
    assert (facts["not_compared"], facts["lost_rows"]) == ({"no hypothesis": 1}, 1)
    rows = pq.read_table(out / "errors.parquet").to_pylist()
    assert [(row["row"], row["speaker"]) for row in rows] == [(0, "one"), (1, "two"), (2, None)]
    values = pq.read_table(out / "groups.parquet").column("value").to_pylist()
    assert values == ["one", "two", "in.jsonl"]


def test_without_texts_nothing_is_begun(listed, tmp_path):
    settings = WerSettings(inputs=[str(listed)], output=str(tmp_path / "o"), hypothesis_field="no")
    with pytest.raises(InputError, match="--hypothesis-field"):
        WerWorkflow(settings=settings).run(LocalExecutor())
    assert not (tmp_path / "o").exists()


def test_other_references_are_another_run(listed, tmp_path, capsys):
    said = tmp_path / "said.trn"
    said.write_text("to be or not (a)\nnobody heard it (z)\n", encoding="utf-8")
    words = ("wer", listed, "-o", tmp_path / "out", "--references", said, *LENIENT, *ALONE)
    assert audio(*words) == 3
    table = pq.read_table(tmp_path / "out/errors.parquet")
    assert table.column("problem").to_pylist() == [None, "no reference", "no reference"]
    said.write_text("to be or knot to be (a)\n", encoding="utf-8")
    assert audio(*words, "--resume") == 3
    assert pq.read_table(tmp_path / "out/errors.parquet").column("wer")[0].as_py() == 0.0
    capsys.readouterr()


def test_where_no_text_has_a_reference_it_is_said_of_which_ids(listed, tmp_path, capsys):
    said = tmp_path / "said.trn"
    said.write_text("nobody heard it (z)\n", encoding="utf-8")
    words = ("wer", listed, "-o", tmp_path / "out", "--references", said, *LENIENT, *ALONE)
    assert audio(*words) == 3
    assert "no text, such as 'a', has the id of a reference, such as 'z'" in capsys.readouterr().err
