import pickle
from pathlib import Path

from curator_audio.task import AudioBatch, AudioTask, Segment


def test_an_entry_has_its_keys_as_attributes_in_workers_too() -> None:
    task = pickle.loads(pickle.dumps(AudioTask(data={"audio_filepath": "a.wav"})))
    task.data.text = "hello"
    assert (task.data.audio_filepath, task.data["text"]) == ("a.wav", "hello")
    assert not hasattr(task.data, "duration")


def test_a_copy_has_an_entry_of_its_own() -> None:
    task = AudioTask(data={"text": "a"})
    task.fork().data["text"] = "b"
    assert task.data["text"] == "a"


def test_a_task_says_whether_its_file_is_there(tmp_path: Path) -> None:
    here = tmp_path / "a.wav"
    here.touch()
    assert AudioTask(data={"audio_filepath": str(here)}, filepath_key="audio_filepath").validate()
    assert not AudioTask(data={"audio_filepath": "b.wav"}, filepath_key="audio_filepath").validate()


def test_a_batch_knows_what_is_kept() -> None:
    segments = [Segment(uuid="a"), Segment(uuid="b", end_s=2.0)]
    segments[0].drop("duration", "short")
    batch = AudioBatch(data=segments)
    assert (batch.num_items, [each.seconds for each in batch.kept()]) == (2, [2.0])
