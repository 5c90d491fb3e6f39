from curator_audio.speakers.separate import cut_at_overlaps, joined, without_overlaps


def test_overlaps_are_left_out_with_what_is_beside_them():
    spans = {"a": [(0, 4), (10, 12)], "b": [(3, 6), (12, 13)]}
    assert without_overlaps(spans) == {"a": [(0, 3), (10, 12)], "b": [(4, 6), (12, 13)]}
    less = without_overlaps(spans, buffer_s=0.5)
    assert less == {"a": [(0, 2.5), (10, 12)], "b": [(4.5, 6), (12, 13)]}
    assert without_overlaps({"a": [(0, 1)], "b": [(0, 1)]}) == {"a": [], "b": []}
    assert without_overlaps({"a": [(0, 2), (1, 3)]}, buffer_s=1) == {"a": [(0, 3)]}
    assert without_overlaps({}) == {}


def test_a_moment_is_who_began_last():
    spans = {"a": [(0, 6)], "b": [(3, 4)], "c": [(3.5, 5)]}
    expected = {"a": [(0, 3), (5, 6)], "b": [(3, 3.5)], "c": [(3.5, 5)]}
    assert cut_at_overlaps(spans) == expected
    assert cut_at_overlaps({"a": [(0, 1)], "b": [(2, 3)]}) == {"a": [(0, 1)], "b": [(2, 3)]}


def test_neighbours_are_joined_over_a_gap():
    assert joined([(3, 4), (0, 1), (1.1, 2), (1.2, 1.5)], gap_s=0.2) == [(0, 2), (3, 4)]
    assert joined([]) == []
