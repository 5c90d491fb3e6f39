from typing import Any

import numpy as np
import pytest
from audio.sounds import sound_file, tone, wav_archive
from web_server import serving

from curator_audio.recordings.read_speech import CreateInitialManifestReadSpeechStage
from curator_engine.errors import InputError, StorageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.fetch import FetchRules
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask

NAME = "book_00025_chp_0019_reader_04069_0_seg_1_seg1.wav"
RULES = FetchRules(allow_private=True, retries=0)


def manifest(folder, **settings):
    stages: list[Any] = [CreateInitialManifestReadSpeechStage(raw_data_dir=str(folder), **settings)]
    return Pipeline("read speech", stages=stages).run(LocalExecutor())


def test_recordings_of_a_folder_are_entries(tmp_path):
    for name in (f"read_speech/{NAME}", "b/short.WAV", "b/notes.txt", ".hidden/c.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(sound_file(tone(0.1)))
    tasks = manifest(tmp_path)
    assert [task.data for task in tasks] == [
        {
            "audio_filepath": str(tmp_path / name),
            "text": "",
            "sample_rate": 48_000,
            "book_id": book,
            "reader_id": reader,
        }
        for name, book, reader in (
            ("b/short.WAV", "", ""),
            (f"read_speech/{NAME}", "00025", "04069"),
        )
    ]
    assert {task.dataset_name for task in tasks} == {"DNS-ReadSpeech"}
    assert len(manifest(tmp_path, max_samples=1)) == 1
    assert len(manifest(tmp_path, max_samples=-1, filepath_key="path")) == 2


def test_names_say_book_chapter_and_reader():
    stage = CreateInitialManifestReadSpeechStage(raw_data_dir="dns")
    known = {"book_id": "00025", "chapter": "0019", "reader_id": "04069"}
    assert stage.parse_filename(NAME) == known
    assert not any(stage.parse_filename("book_1_short.wav").values())


def test_the_dataset_is_fetched_once_and_of_a_cut_archive_what_is_whole(tmp_path):
    noise, other = (np.random.default_rng(0).bytes(size) for size in (20_000, 200_000))
    files = {"mnt/dnsv5/a.wav": noise, "x/b.wav": b"RIFF", "c.txt": b"no", "../c.wav": b"no"}
    files["d.wav"] = other
    data = wav_archive(**files)[:-9_000]
    with serving({"/part": (200, {}, data)}) as site:
        settings: dict[str, Any] = {"url": f"{site.url}/part", "rules": RULES}
        tasks = manifest(tmp_path / "dns", **settings)
        assert manifest(tmp_path / "dns", **settings)[0].data == tasks[0].data
        assert site.asked["/part"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["dns"]
    assert [path.name for path in (tmp_path / "dns").iterdir()] == ["read_speech"]
    paths = [task.data["audio_filepath"] for task in tasks]
    assert paths == [str(tmp_path / "dns" / "read_speech" / name) for name in ("a.wav", "b.wav")]
    assert (tmp_path / "dns" / "read_speech" / "a.wav").read_bytes() == noise


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(
        InputError, match=r"has no \.wav files; set auto_download=True, or fetch https"
    ):
        _process(tmp_path, auto_download=False)
    with serving({"/text": (200, {}, wav_archive(a=b"no"))}) as site:
        with pytest.raises(InputError, match="cannot be fetched: status 404"):
            _process(tmp_path, url=f"{site.url}/none", rules=RULES)
        with pytest.raises(InputError, match=r"holds no \.wav"):
            _process(tmp_path, url=f"{site.url}/text", rules=RULES)


def test_a_folder_of_others_stays(tmp_path):
    (tmp_path / "read_speech").mkdir()
    (tmp_path / "read_speech" / "mine.txt").write_text("mine", encoding="utf-8")
    with (
        serving({"/part": (200, {}, wav_archive(**{"a.wav": b"RIFF"}))}) as site,
        pytest.raises(StorageError, match="read_speech"),
    ):
        _process(tmp_path, url=f"{site.url}/part", rules=RULES)
    assert (tmp_path / "read_speech" / "mine.txt").is_file()


def _process(folder, **settings):
    return CreateInitialManifestReadSpeechStage(raw_data_dir=str(folder), **settings).process(
        EmptyTask()
    )
