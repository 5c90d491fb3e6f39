from curator_audio.speakers.turns import (
    Turn,
    main_speaker,
    turns_of,
    turns_within,
    voice_windows,
)


def turn(start, end, speaker):
    return Turn(start_s=start, end_s=end, speaker=speaker)


def test_windows_cover_each_span_to_its_end():
    assert voice_windows([(0.0, 1.0), (2.0, 4.5)]) == [
        (0.0, 1.0),
        (2.0, 3.5),
        (2.75, 4.25),
        (3.0, 4.5),
    ]
    assert voice_windows([]) == []


def test_a_speaker_changes_in_the_middle_of_what_windows_share():
    windows = [(0.0, 1.5), (0.75, 2.25), (1.5, 3.0)]
    assert turns_of(windows, [0, 0, 1]) == [
        turn(0.0, 1.875, "speaker_0"),
        turn(1.875, 3.0, "speaker_1"),
    ]


def test_a_short_pause_joins_and_a_long_one_parts():
    windows = [(0.0, 1.0), (1.2, 2.0), (4.0, 5.0)]
    assert turns_of(windows, [0, 0, 0]) == [
        turn(0.0, 2.0, "speaker_0"),
        turn(4.0, 5.0, "speaker_0"),
    ]


def test_who_speaks_longest():
    assert main_speaker([turn(0, 3, "a"), turn(3, 4, "b")]) == ("a", 0.75)
    assert main_speaker([]) == ("", 0.0)


def test_parts_of_turns_in_a_span():
    turns = [turn(0, 3, "a"), turn(3, 4, "b"), turn(4, 9, "a")]
    assert turns_within(turns, (2.0, 4.0)) == [turn(2.0, 3, "a"), turn(3, 4, "b")]
