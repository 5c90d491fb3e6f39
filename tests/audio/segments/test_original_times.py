import pytest

from curator_audio.segments.original_times import MAPPINGS, SegmentMapping, TimestampMapperStage
from curator_audio.task import AudioTask

PARTS = [
    SegmentMapping(
        original_file="a.wav",
        original_start_ms=start,
        original_end_ms=start + 1000,
        concat_start_ms=at,
        concat_end_ms=at + 1000,
        segment_index=at // 1500,
    ).to_dict()
    for start, at in ((5000, 0), (9000, 1500))
]


def mapped(joined=False, **entry):
    task = AudioTask(data={"audio_filepath": "a.wav", **entry})
    if joined:
        task._metadata[MAPPINGS] = PARTS
    found = TimestampMapperStage().process(task)
    return dict(found.data) if found else {}


def test_times_of_a_segment_are_kept():
    row = mapped(start_ms=1500, end_ms=4000, waveform=[1], text="so", speaker_id="b")
    assert row == {
        "original_file": "a.wav",
        "original_start_ms": 1500,
        "original_end_ms": 4000,
        "duration_ms": 2500,
        "duration": 2.5,
        "speaker_id": "b",
    }


@pytest.mark.parametrize("turns", [[[2.0, 3.0], [0.5, 1.0], ["x", 1]], [[0.5, 1.0], [2.0, 3.0]]])
def test_turns_say_the_span_and_how_long_is_spoken(turns):
    row = mapped(diar_segments=turns)
    assert (row["original_start_ms"], row["original_end_ms"]) == (500, 3000)
    assert (row["speaking_duration"], row["diar_segments"]) == (1.5, [[0.5, 1.0], [2.0, 3.0]])


def test_else_it_is_the_whole_recording():
    assert mapped(duration=2.5)["original_end_ms"] == 2500
    assert mapped()["duration"] == 0.0


def test_times_of_a_joined_recording_become_those_of_the_original():
    row = mapped(joined=True, start_ms=1600, end_ms=2000)
    assert (row["original_start_ms"], row["original_end_ms"]) == (9100, 9500)
    turn = {"start": 0.5, "end": 2.0, "speaker": "b"}
    row = mapped(joined=True, diar_segments=[turn])
    assert [(each["start"], each["end"]) for each in row["diar_segments"]] == [
        (5.5, 6.0),
        (9.0, 9.5),
    ]
    assert row["diar_segments"][0]["speaker"] == "b"


@pytest.mark.parametrize(
    "entry",
    [{"start_ms": 500, "end_ms": 2000}, {"start_ms": 1100, "end_ms": 1400}, {"duration": 1.0}],
)
def test_what_lies_in_several_parts_or_in_none_is_dropped(entry):
    assert mapped(joined=True, **entry) == {}


@pytest.mark.parametrize(
    ("turn", "place"), [([1.001, 1.002], (1001, 1002)), ([0.0001, 0.0009], (0, 1))]
)
def test_turns_lie_in_whole_milliseconds(turn, place):
    row = mapped(diar_segments=[turn])
    assert (row["original_start_ms"], row["original_end_ms"]) == place
    near = [[turn[0] / 2, turn[1] / 2]]
    row = mapped(joined=True, diar_segments=near)
    assert row["original_end_ms"] - row["original_start_ms"] == 1


def test_segments_of_a_speaker_are_turns():
    turns = [{"start": 2.0, "end": 3.0, "utmos_mos": 4.0}, {"start": 0.5, "end": 1.0}]
    row = mapped(speaker_id="speaker_0", segments=turns)
    assert (row["original_start_ms"], row["original_end_ms"]) == (500, 3000)
    assert row["diar_segments"] == turns[::-1]
    assert mapped(segments=turns, duration=9.0)["original_end_ms"] == 9000


def test_a_mapping_that_says_no_place_is_passed_over():
    task = AudioTask(
        data={"start_ms": 0, "end_ms": 500}, _metadata={MAPPINGS: [{"concat_start_ms": 0}]}
    )
    stage = TimestampMapperStage()
    assert stage.process(task) is None
    assert stage.take_notes()[1] == {"in no part": 1}
