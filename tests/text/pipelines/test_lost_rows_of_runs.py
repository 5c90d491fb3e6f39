"""What a run lost: in rows, and where rows cannot be known in files."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.errors import BudgetExceededError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow

JOBS = {
    "fuzzy": lambda **s: FuzzyDeduplicationWorkflow(**s, perform_removal=True),
    "exact": lambda **s: ExactDeduplicationWorkflow(**s, perform_removal=True),
    "semantic": lambda **s: TextSemanticDeduplicationWorkflow(
        **s, model_identifier="fingerprint", n_clusters=1, device="cpu"
    ),
}
TEXT = "the same words in both of them, long enough to have some windows"


@pytest.fixture(params=JOBS)
def run(request, tmp_path):
    """A function that runs a job on the files of a folder, and gives its facts."""

    def run(**policy):
        workflow = JOBS[request.param](
            input_path=str(tmp_path / "in"), output_path=str(tmp_path / "out")
        )
        executor = LocalExecutor({"on_error": "quarantine", **policy})
        return workflow.run(executor=executor).metadata

    return run


def fill(folder):
    """Write 49 rows of which 5 cannot be read, and two files that cannot be read at all."""
    good = [{"text": f"{TEXT} {i}" * 3} for i in range(20)]
    write_jsonl(folder / "a.jsonl", [*good, good[0], {"text": None}, {"body": "x"}])
    with (folder / "a.jsonl").open("ab") as file:
        file.write(b'{"text": 5}\n{"text": "half\n\n[1]\n{"text": "\xff"}\n')
    table = pa.table({"text": [row["text"] + "!" for row in good] + [None, None]})
    pq.write_table(table, folder / "b.parquet")
    (folder / "c.parquet").write_bytes(b"PAR1 and no more")
    (folder / "d.jsonl.gz").write_bytes(b"no gzip at all")


def test_kept_and_removed_and_quarantined_are_the_input(run, tmp_path):
    fill(tmp_path / "in")
    facts = run()
    assert facts["num_documents"] + facts["lost_rows"] == 49
    assert (facts["lost_rows"], facts["lost_files"]) == (5, 2)
    kept = sum(map(bool, (tmp_path / "out/data/a.jsonl").read_bytes().split(b"\n")))
    kept += pq.read_metadata(tmp_path / "out/data/b.parquet").num_rows
    assert kept + facts["num_duplicates"] + facts["lost_rows"] == 49


def test_too_many_lost_rows_fail_the_run(run, tmp_path):
    fill(tmp_path / "in")
    with pytest.raises(BudgetExceededError, match="cannot be read, more than max_rejected_ratio"):
        run(max_rejected_ratio=0.05)
    assert not (tmp_path / "out/data").exists()


def test_a_run_that_loses_everything_is_not_done(run, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(b"no JSON\nnone either\n")
    with pytest.raises(StageError, match="nothing of the input could be read"):
        run()


def test_a_file_that_is_cut_off_costs_its_half_line_and_is_a_file_with_a_rest(run, tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": f"{TEXT} {i}"} for i in range(500)])
    data = gzip.compress((tmp_path / "in/a.jsonl").read_bytes())
    (tmp_path / "in/b.jsonl.gz").write_bytes(data[: len(data) // 2])
    facts = run()
    assert facts["lost_files"] == 1
    assert facts["lost_rows"] <= 1
