"""Training as a Python call: what it leaves, what it refuses, that it goes on."""

import json
import shutil
from pathlib import Path

import pytest
from training_toys import train_into, write_kinds

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.task import FileGroupTask
from curator_text.classifier_settings import TrainSettings
from curator_text.models.linear_model import LinearModel
from curator_text.pipelines.train import TrainWorkflow


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return write_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def done(kinds, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    return out, train_into(kinds[0], kinds[1], out)


def test_the_record_has_how_well_it_does(done):
    out, facts = done
    assert facts["held_out"]["auc"] > 0.95
    assert json.loads((out / "run.json").read_text())["facts"]["held_out"] == facts["held_out"]
    assert LinearModel.load(str(out)).about["auc"] == facts["held_out"]["auc"]


def test_a_run_that_was_stopped_comes_to_the_same_model(done, kinds, tmp_path, monkeypatch):
    out, _ = done

    def stopped(*given, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("curator_text.pipelines.train.evaluate", stopped)
        train_into(kinds[0], kinds[1], tmp_path / "out")
    facts = train_into(kinds[0], kinds[1], tmp_path / "out")
    again = (tmp_path / "out/model.safetensors").read_bytes()
    assert again == (out / "model.safetensors").read_bytes()
    assert facts["num_documents"] == 240


def test_a_file_of_both_kinds_is_refused(kinds, tmp_path):
    shutil.copytree(kinds[0].rpartition("/")[0], tmp_path / "in")
    with pytest.raises(InputError, match="is in GOOD and in BAD"):
        train_into(f"{tmp_path}/in", f"{tmp_path}/in/bad.jsonl", tmp_path / "out")


def test_tasks_are_refused(tmp_path, kinds):
    settings = TrainSettings(inputs=list(kinds), output=str(tmp_path / "out"))
    with pytest.raises(SettingsError, match="no tasks"):
        TrainWorkflow(settings=settings).run(LocalExecutor(), [FileGroupTask(data=[kinds[0]])])


def test_what_cannot_be_read_is_in_quarantine(kinds, tmp_path):
    (tmp_path / "good.jsonl").write_text(
        "{half a row\n" + Path(kinds[0]).read_text("utf-8"), "utf-8"
    )
    facts = train_into(f"{tmp_path}/good.jsonl", kinds[1], tmp_path / "out")
    assert facts["quarantined"] == 1
    assert facts["good"] == 120
