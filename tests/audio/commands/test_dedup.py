import numpy as np
import pyarrow.parquet as pq
import pytest
from audio.drawn_sounds import noisy, voice
from audio.runs import ALONE, audio, copied, data, kept
from audio.sounds import sound_file


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    place = tmp_path_factory.mktemp("voices")
    first, second = (np.round(voice(k, 4.0) * 32_768) / 32_768 for k in range(2))
    sounds = {"a": first, "b": noisy(first, 20), "c": second, "d": np.roll(second, 100)}
    (place / "in").mkdir()
    for name, samples in sounds.items():
        (place / "in" / f"{name}.wav").write_bytes(sound_file(samples[:, None]))
    (place / "in" / "e.flac").write_bytes(sound_file(second[:, None], format="FLAC"))
    assert audio("curate", place / "in", "-o", place / "out", "--cut", "whole", *ALONE) == 0
    return place / "out"


def test_without_apply_copies_are_listed_only(voices, tmp_path):
    run = copied(voices, tmp_path)
    assert audio("dedup", run) == 0
    assert len(kept(run)) == len(data(run)) == 5
    pairs = pq.read_table(run / "duplicates.parquet").to_pylist()
    assert sorted(row["how"] for row in pairs) == ["near", "near", "samples"]


def test_applied_copies_go_and_come_back(voices, tmp_path):
    run = copied(voices, tmp_path)
    before = data(run)
    assert audio("dedup", run, "--apply") == 0
    assert kept(run) == {"a.wav", "c.wav"}
    assert len(data(run)) == len((run / "manifest.jsonl").read_text().splitlines()) == 2
    assert audio("dedup", run, "--near", "off", "--keep", "first", "--apply") == 0
    assert kept(run) == {"a.wav", "b.wav", "c.wav", "d.wav"}
    assert data(run).items() <= before.items()


def test_what_is_in_another_set_goes(voices, tmp_path):
    run = copied(voices, tmp_path)
    (tmp_path / "exam.wav").write_bytes(sound_file(voice(1, 4.0)[8000:, None], format="WAV"))
    assert audio("dedup", run, "--against", tmp_path / "exam.wav", "--apply") == 0
    assert kept(run) == {"a.wav"}


def test_the_folder_itself_is_not_compared_with(voices, tmp_path, capsys):
    run = copied(voices, tmp_path)
    assert audio("dedup", run, "--against", run / "data") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert audio("dedup", tmp_path, "--apply") == 2
    assert capsys.readouterr().err.count("\n") == 1
