import json

import pytest
from audio.drawn_sounds import RATE, noisy, voice
from audio.runs import ALONE, audio, copied
from audio.sounds import sound_file

from curator_audio.cli import JOBS
from curator_engine.commands.cli import run_app


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    place = tmp_path_factory.mktemp("voices")
    (place / "in").mkdir()
    for k in range(2):
        (place / "in" / f"{k}.wav").write_bytes(sound_file(voice(k, 4.0)[:, None]))
    rows = [{"audio_filepath": f"{k}.wav", "text": f"words of {k}"} for k in range(2)]
    (place / "in/list.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    words = ("curate", place / "in/list.jsonl", "-o", place / "out", "--cut", "whole", *ALONE)
    assert audio(*words) == 0
    return place / "out"


def search(capsys, *words):
    capsys.readouterr()
    argv = ["search", *map(str, words), "--json", "-q"]
    assert run_app("curator-audio", JOBS, version="1", argv=argv) == 0
    return json.loads(capsys.readouterr().out)["segments"]


def test_a_part_in_noise_an_id_and_words_find_their_segment(voices, tmp_path, capsys):
    run = copied(voices, tmp_path)
    part = noisy(voice(1, 4.0), 20)[RATE : 3 * RATE]
    (tmp_path / "part.wav").write_bytes(sound_file(part[:, None]))
    [found] = search(capsys, run, tmp_path / "part.wav", *ALONE)
    assert (found["text"], found["at_s"]) == ("words of 1", pytest.approx(1.0, abs=0.02))
    assert not (run / ".cache").exists()
    [again] = search(capsys, run, found["uuid"])
    assert again["uuid"] == found["uuid"]
    assert [each["text"] for each in search(capsys, run, "words of 0")] == [
        "words of 0",
        "words of 1",
    ]


def test_what_cannot_be_looked_for_is_said_in_a_line(voices, finished_segments, tmp_path, capsys):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    for query in ("gone.wav", str(tmp_path / "bad.wav")):
        assert audio("search", voices, query) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert audio("search", tmp_path, "words") == 2
    assert audio("search", voices, "words", "--top", "0") == 2
