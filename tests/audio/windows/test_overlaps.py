import pytest

from curator_audio.windows.overlaps import overlap_share, without_overlaps


@pytest.mark.parametrize(
    ("second", "share"),
    [((10.0, 20.0), 0.0), ((8.0, 12.0), 0.5), ((2.0, 3.0), 1.0), ((5.0, 5.0), 0.0)],
)
def test_the_share_is_of_the_shorter_span(second, share):
    assert overlap_share((0.0, 10.0), second) == share
    assert overlap_share(second, (0.0, 10.0)) == share


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([(0, 10), (10, 20)], [0, 1]),
        ([(0, 10), (5, 15)], [0]),
        ([(0, 9), (5, 15)], [1]),
        ([(0, 9), (5, 16)], [1]),
        ([(3, 13), (0, 10), (9, 19), (12, 20)], [1, 3]),
        ([(0, 10), (0, 10)], [0]),
        ([], []),
    ],
)
def test_any_overlap_is_too_much(spans, kept):
    assert without_overlaps(spans, least_share=0.0, target_s=10) == kept


def test_some_overlap_may_stay():
    assert without_overlaps([(0, 10), (6, 16), (10, 20)], least_share=0.5, target_s=10) == [0, 1]
