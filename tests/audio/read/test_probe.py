import json

from audio.sounds import mute_video, sound_file, tone

from curator_audio.read.probe import MAX_PROBLEMS, probe_audio


def test_the_length_is_counted_and_damage_is_noted(tmp_path):
    data = sound_file(tone(3.0), format="FLAC")
    (tmp_path / "a.flac").write_bytes(data[: len(data) // 2])
    found = probe_audio(f"{tmp_path}/a.flac")
    assert 0 < found.seconds < 3
    assert any("is damaged" in note for note in found.notes)


def test_only_the_first_problems_of_a_list_are_told(tmp_path):
    rows = [json.dumps({"audio_filepath": f"{k}.wav"}) for k in range(MAX_PROBLEMS + 5)]
    (tmp_path / "l.jsonl").write_text("\n".join(rows), encoding="utf-8")
    found = probe_audio(f"{tmp_path}/l.jsonl")
    assert (found.kind, found.unusable) == ("list", MAX_PROBLEMS + 5)
    assert (len(found.problems), found.more_problems) == (MAX_PROBLEMS, 5)


def test_a_video_without_sound_is_no_problem(tmp_path):
    (tmp_path / "a.mp4").write_bytes(mute_video())
    found = probe_audio(f"{tmp_path}/a.mp4")
    assert (found.recordings, found.unusable, found.problems) == (0, 0, [])
    assert found.notes == ["has no audio track (only video)"]
