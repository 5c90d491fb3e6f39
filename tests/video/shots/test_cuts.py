from curator_video.shots.cuts import Cut, hard, merge


def gradual(start, end):
    return Cut(frame=(start + end) // 2, start=start, end=end, kind="fade", score=1.0)


def test_of_cuts_that_touch_the_first_detectors_stays():
    assert merge([hard(10, 0.9)], [hard(11, 0.5), hard(40, 0.5)]) == [hard(10, 0.9), hard(40, 0.5)]


def test_a_cut_within_a_gradual_change_is_the_same_one():
    assert merge([gradual(10, 30)], [hard(31, 1.0)]) == [gradual(10, 30)]


def test_merged_cuts_are_in_order():
    frames = [cut.frame for cut in merge([hard(50, 1.0)], [hard(20, 1.0)], [gradual(70, 80)])]
    assert frames == [20, 50, 75]
