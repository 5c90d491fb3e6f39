import pytest

from curator_audio.windows.snippets import (
    filter_empty_segments,
    find_overlapping_indices,
    most_repeats,
    plan_snippets,
    relativize_segments,
)


def said(start, end, text="so"):
    return {"start": start, "end": end, "text": text}


def test_segments_that_say_nothing_go():
    words = {"start": 0, "end": 1, "text": None, "words": [{"word": "so"}]}
    assert filter_empty_segments([said(0, 1, " "), words, said(1, 2)]) == ([words, said(1, 2)], 1)


@pytest.mark.parametrize(
    ("segments", "indices"),
    [
        ([(0, 5), (4.6, 8)], set()),
        ([(0, 5), (4.5, 8)], {0, 1}),
        ([(0, 9), (4, 4.1), (9, 10)], {0, 1}),
        ([(4, 4.1), (0, 9)], {0, 1}),
        ([(0, 0.2), (0, 5)], {0, 1}),
        ([(0, 5), (5, 6)], set()),
    ],
)
def test_overlaps_are_of_some_seconds_or_of_one_inside_another(segments, indices):
    assert find_overlapping_indices([said(*each) for each in segments], 0.5) == indices


def test_segments_are_packed_until_time_or_a_pause_ends_the_snippet():
    segments = [said(0, 4), said(5, 9), said(9, 12), said(50, 51), said(52, 70), said(80, 80.1)]
    snippets, lost = plan_snippets([*segments, said(120, 125, "")], 10, 0.5, 30)
    assert [(each["start"], each["end"]) for each in snippets] == [(0, 9), (9, 12), (50, 51)]
    assert lost == {"too_long": 1, "too_short": 1, "no_text": 1}
    assert segments[0] == said(0, 4)


def test_times_are_moved_and_put_inside():
    word = {"word": "so", "start": 9.9, "end": 11}
    (moved,) = relativize_segments([said(10, 12) | {"words": [word, {"word": "no"}]}], 10, 11.5)
    assert (moved["start"], moved["end"]) == (0, 1.5)
    assert moved["words"] == [{"word": "so", "start": 0, "end": 1}, {"word": "no"}]
    assert word["start"] == 9.9


@pytest.mark.parametrize(
    ("tokens", "size", "most"), [([1, 2, 1, 2, 1, 2], 2, 3), ([1], 2, 0), ([], 1, 0)]
)
def test_runs_of_tokens_are_counted(tokens, size, most):
    assert most_repeats(tokens, size) == most
