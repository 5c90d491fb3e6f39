"""The frame of workflows, with a job that is a settings class and a list of stages."""

import json
import shutil
from dataclasses import dataclass
from typing import Any

import pytest
from toy_workflow import Count, LineSettings

from curator_engine.errors import InputError, InterruptedRunError, SettingsError, StageError
from curator_engine.task import FileGroupTask


@pytest.fixture
def count(tmp_path):
    """A function that makes the workflow of some settings: in -> out."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    (tmp_path / "in/note.txt").write_text("x", encoding="utf-8")

    def make(kind=Count, **settings: Any):
        given: dict[str, Any] = {
            "inputs": [str(tmp_path / "in")],
            "output": str(tmp_path / "out"),
            **settings,
        }
        return kind(settings=LineSettings(**given))

    return make


def record(tmp_path):
    return json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))


def test_the_record_says_what_was_asked_for_and_what_became_of_it(count, tmp_path):
    metadata = count(word="b", workers=3).run().metadata
    kept = record(tmp_path)
    assert (kept["job"], kept["version"], kept["status"]) == ("count", "0.1.0", "done")
    assert kept["settings"] == {"inputs": [str(tmp_path / "in")], "limit": None, "word": "b"}
    assert kept["facts"]["passed_over"] == {".txt": 1}
    assert list(kept["steps"]) == ["count"]
    assert metadata == kept["facts"]
    assert not (tmp_path / "out/.cache").exists()


@pytest.mark.parametrize(
    ("word", "error", "status"),
    [("fails", StageError, "failed"), ("stops", InterruptedRunError, "interrupted")],
)
def test_a_run_that_does_not_end_well_is_recorded_and_keeps_its_cache(
    count, tmp_path, word, error, status
):
    with pytest.raises(error):
        count(word=word).run()
    assert record(tmp_path)["status"] == status
    assert (tmp_path / "out/.cache").exists()


def test_tasks_are_read_instead_of_the_input(count, tmp_path):
    (tmp_path / "b.jsonl").write_text("x\n", encoding="utf-8")
    task = FileGroupTask(data=[str(tmp_path / "b.jsonl")], _metadata={"name": "b"})
    count(inputs=[]).run(initial_tasks=[task])
    assert sorted(path.name for path in (tmp_path / "out").glob("*.count")) == ["b.count"]


@dataclass(kw_only=True)
class Refusing(Count):
    """A job that finds fault with an option: before, or when it runs."""

    def check(self):
        if self.settings.word == "check":
            raise SettingsError("word")

    def look(self, executor):
        if self.settings.word == "look":
            raise InputError("word")

    def stages(self):
        if self.settings.word == "stages":
            raise SettingsError("word")
        return super().stages()


@pytest.mark.parametrize("word", ["check", "look", "stages"])
def test_a_refused_option_leaves_no_folder(count, tmp_path, word):
    with pytest.raises((SettingsError, InputError)):
        count(Refusing, word=word).run()
    assert not (tmp_path / "out").exists()


def test_a_refused_option_leaves_an_earlier_result_as_it_is(count, tmp_path):
    count().run()
    shutil.copytree(tmp_path / "out", tmp_path / "before")
    with pytest.raises(SettingsError):
        count(Refusing, word="check").run()
    names = {path.name for path in (tmp_path / "before").iterdir()}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names


@pytest.mark.parametrize("missing", ["inputs", "output"])
def test_what_is_missing_is_named(count, missing):
    with pytest.raises(SettingsError, match=missing.removesuffix("s")):
        count(**{missing: [] if missing == "inputs" else ""}).run()
