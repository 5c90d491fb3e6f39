"""Settings of the video jobs: defaults stand, what does not fit together is one line."""

import pytest

from curator_engine.errors import InputError, SettingsError
from curator_video.settings import SplitSettings


def checked(**options):
    SplitSettings(inputs=["in"], output="out", **options).check()


def test_the_defaults_fit_together():
    checked()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clip_len": "10"}, "write it as 2..10"),
        ({"clip_len": "10..2"}, "write it as 2..10"),
        ({"clip_len": "0..0"}, "write it as 2..10"),
        ({"crop": -1.0}, "--crop -1.0 is below 0"),
        ({"max_black_ratio": 1.5}, "--max-black-ratio 1.5 is not in"),
        ({"embed": "clip"}, "needs --model"),
        ({"model": "folder"}, "--model has no effect"),
        ({"aesthetic_model": "folder"}, "go together"),
        ({"aesthetic": "filter"}, "needs --aesthetic-model"),
        ({"weights": "w.pth", "detector": "content"}, "--weights has no effect"),
        ({"threshold": 0.5, "detector": "fixed"}, "--threshold has no effect"),
        ({"prompt": "what?"}, "--prompt has no effect"),
        ({"resume": True, "overwrite": True}, "exclude each other"),
    ],
)
def test_what_does_not_fit_is_one_line(options, message):
    with pytest.raises(SettingsError, match=message):
        checked(**options)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"embed": "clip", "model": "./gone"}, "--model"),
        ({"aesthetic_model": "./gone", "aesthetic_head": "head.pth"}, "--aesthetic-model"),
    ],
)
def test_a_model_that_is_not_there_is_said_before_anything_is_done(options, option):
    with pytest.raises(InputError, match=f"'./gone' is neither a folder .* check {option}"):
        checked(**options)


def test_a_range_of_seconds():
    assert SplitSettings(clip_len="2..10").clip_seconds == (2.0, 10.0)


def test_a_limit_that_drops_nothing_is_said():
    assert SplitSettings(min_sharpness=60).idle_limits() == [
        "--min-sharpness is only shown on the page; --sharpness filter drops by it"
    ]


def test_limits_that_were_not_set_or_are_in_force_are_not_spoken_of():
    assert SplitSettings().idle_limits() == []
    assert SplitSettings(sharpness="filter", min_sharpness=60).idle_limits() == []
