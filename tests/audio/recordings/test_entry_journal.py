import pytest

from curator_audio.recordings.manifest_stages import ManifestWriterStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError


def write(path, *ids, goes_on=False):
    stage = ManifestWriterStage(output_path=str(path))
    stage.ready_folder("job", goes_on=goes_on)
    for task_id in ids:
        stage.process(AudioTask(data={"n": task_id}, task_id=task_id))
    stage.teardown()
    return path.read_text(encoding="utf-8")


def test_lines_come_in_the_order_of_ids_each_once(tmp_path):
    path = tmp_path / "new" / "m.jsonl"
    assert write(path, "0_10", "0_9", "0_9") == '{"n": "0_9"}\n{"n": "0_10"}\n'
    assert write(path, "0_1") == '{"n": "0_1"}\n'


def test_a_run_goes_on_behind_a_line_that_was_cut(tmp_path):
    path = tmp_path / "m.jsonl"
    write(path, "0_1")
    with (tmp_path / "m.jsonl.journal").open("ab") as journal:
        journal.write(b'{"id": "0_2", "ro')
    assert write(path, "0_3", goes_on=True) == '{"n": "0_1"}\n{"n": "0_3"}\n'


@pytest.mark.parametrize("name", ["m.jsonl", "m.jsonl.journal"])
def test_files_of_others_stay(name, tmp_path):
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"{name} is there"):
        write(tmp_path / "m.jsonl", "0_1")
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(("path", "words"), [("", "needs output_path"), ("s3://b/m", "not on one")])
def test_where_it_cannot_write_is_said(path, words):
    with pytest.raises(SettingsError, match=words):
        ManifestWriterStage(output_path=path)
