"""The failure policy's ranges, and the quarantine on disk."""

import json
from pathlib import Path

import pytest
from toys import Add, Number, Numbers

from curator_engine.errors import SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import Failure, FailurePolicy, Quarantine, Rejection
from curator_engine.pipeline import Pipeline


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"on_error": "explode"}, "on_error='explode' is not raise, skip or quarantine"),
        ({"retries": -1}, "retries=-1 is negative"),
        ({"max_failure_ratio": 1.5}, r"max_failure_ratio=1\.5 is above 1"),
        ({"task_timeout_s": 0}, "task_timeout_s=0 is not above 0"),
    ],
)
def test_a_value_out_of_range_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        FailurePolicy(**settings)


def test_a_failure_is_read_back_as_it_was_written(tmp):
    failure = Failure(
        task_id="0_1", stage="s", error="E: x", sources=("0_1",), files=("f",), task_ids=("a", "b")
    )
    Quarantine(tmp).add_failure(failure)
    assert Quarantine(tmp).failures() == [failure]


def test_rows_are_read_back_as_they_were_written(tmp):
    rows = [{"line": 1, "raw": "é"}, {"line": 2, "raw": "\u2028"}]
    Quarantine(tmp).add_rows("0_1", rows)
    assert Quarantine(tmp).rows() == rows


def test_keeping_a_source_forgets_the_others(ours):
    quarantine = Quarantine(ours)
    for task_id in ("0_a", "0_a_1", "0_ab", "0_b_0"):
        quarantine.add_failure(Failure(task_id=task_id, stage="s", error="e"))
    quarantine.keep_only({"0_a"})
    assert [f.task_id for f in quarantine.failures()] == ["0_a", "0_a_1"]


def test_an_error_is_described_in_one_line():
    assert Failure.describe(ValueError("two\n  lines"))[0] == "ValueError: two lines"


def test_an_empty_quarantine_has_no_folder(tmp):
    assert Quarantine(f"{tmp}/q").failures() == []
    assert not Path(tmp, "q").exists()


PRIVATE = "ann@example.org"


class Refuse(Add):
    """Fails on 1 and rejects 2, with words that hold the value."""

    def process(self, task: Number) -> Number:
        if task.data == 1:
            raise ValueError(f"cannot take {PRIVATE} out")
        if task.data == 2:
            self.reject(
                Rejection(file="a", reason="too long", line=5, offset=80, raw=PRIVATE.encode())
            )
        return task


@pytest.mark.parametrize("private", [True, False])
def test_a_stage_with_private_rows_leaves_their_place_and_length_only(private, tmp_path):
    stage = Refuse().with_(private_rows=private)
    pipeline = Pipeline("p", stages=[Numbers(count=3), stage])
    pipeline.run(LocalExecutor({"on_error": "quarantine"}), run_dir=tmp_path)
    report = json.dumps(pipeline.last_run.to_dict())
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert ("ann@" not in report + "".join(texts)) == private
    [row] = Quarantine(f"{tmp_path}/quarantine/p").rows()
    assert (row["line"], row["offset"], row["length"]) == (5, 80, 15 if private else None)
    [failure] = Quarantine(f"{tmp_path}/quarantine/p").failures()
    assert failure.error.startswith("ValueError")


def test_a_private_failure_that_raises_does_not_tell_the_value():
    pipeline = Pipeline("p", stages=[Numbers(count=3), Refuse().with_(private_rows=True)])
    with pytest.raises(StageError, match="refuse failed on task 0_1: ValueError") as caught:
        pipeline.run(LocalExecutor())
    assert "ann@" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_rejection_names_its_file_once():
    told = [Rejection(file="a.tar", reason=why, line=3) for why in ("empty", "a.tar is cut off.")]
    assert list(map(str, told)) == ["a.tar, line 3: empty", "a.tar is cut off."]
