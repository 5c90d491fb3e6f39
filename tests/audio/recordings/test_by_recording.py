from audio.speech_rows import talk

from curator_audio.recordings.by_recording import by_recording, kept, names_of, place_of


def test_rows_are_grouped_and_recordings_named():
    recordings = by_recording(talk())
    assert [len(rows) for rows in recordings] == [2, 1]
    assert names_of(recordings) == ["a_talk", "b"]
    assert len(kept(recordings[0])) == 2


def test_two_of_one_name_get_their_ids():
    rows = [
        {"member": "", "audio": f"{folder}/a.wav", "file": "", "recording": folder * 9}
        for folder in "xy"
    ]
    assert names_of([[row] for row in rows]) == ["a-xxxxxxxx", "a-yyyyyyyy"]


def test_a_member_of_a_tar_is_named_in_words():
    row = {"member": "a.flac", "audio": "s.tar", "file": "s.tar", "place": "s.tar/a.flac"}
    assert place_of(row) == "s.tar/a.flac"
    assert names_of([[{**row, "recording": "0"}]]) == ["a"]
