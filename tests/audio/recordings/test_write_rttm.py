from audio.speech_rows import talk

from curator_audio.recordings.by_recording import by_recording
from curator_audio.recordings.write_rttm import turns_in, write_rttm
from curator_audio.speakers.turns import Turn
from curator_engine.files.output_folder import take


def test_turns_of_one_speaker_are_joined_over_short_pauses():
    found = turns_in(by_recording(talk())[0])
    assert found == [
        Turn(start_s=0.0, end_s=2.0, speaker="speaker_0"),
        Turn(start_s=3.0, end_s=5.0, speaker="speaker_1"),
    ]


def test_files_of_an_earlier_run_go(tmp_path):
    turn = Turn(start_s=0.0, end_s=2.0, speaker="a")
    out = tmp_path / "out"
    with take(str(out), job="vad", version="1", inputs=[]):
        write_rttm(str(out), {"old": [turn], "talk": [turn]})
        write_rttm(str(out), {"talk": [turn]})
    assert [path.name for path in (out / "rttm").iterdir()] == ["talk.rttm"]
    assert (out / "rttm/talk.rttm").read_text().startswith("SPEAKER talk 1 0.000 2.000")
