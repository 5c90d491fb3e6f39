import itertools

import numpy as np
import pytest
from speech_models import write_ctc

from curator_audio.models.ctc import Ctc, align_tokens
from curator_engine.errors import InputError


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


@pytest.fixture(scope="module", params=["group", "layer"])
def ctc(request, tmp_path_factory):
    folder = write_ctc(tmp_path_factory.mktemp("ctc"), norm=request.param)
    return Ctc(folder, device="cpu", batch=2)


def test_words_have_times_and_the_text_is_made_of_them(ctc):
    (heard,) = ctc.transcribe([noise(2.0)])
    assert heard.text == " ".join(word.text for word in heard.words)
    assert heard.text
    assert 0 <= heard.words[0].start_s < heard.words[-1].end_s <= 2.0
    assert 0 < (heard.confidence or 0) <= 1


def test_clips_are_heard_alike_alone_and_together(ctc):
    clips = [noise(2.0), noise(0.0), noise(0.01), noise(1.0, 1)]
    together = ctc.transcribe(clips)
    alone = [ctc.transcribe([clip])[0].text for clip in clips]
    assert [each.text for each in together] == alone
    assert together[1].text == ""


def test_a_known_text_is_put_to_the_sound(ctc):
    words = ctc.align(noise(2.0), "Hello 12 world")
    assert [word.text for word in words] == ["Hello", "world"]
    assert 0 <= words[0].start_s < words[0].end_s <= words[1].start_s < words[1].end_s <= 2.0


def test_a_text_that_cannot_be_said_there_is_an_input_error(ctc):
    with pytest.raises(InputError, match="cannot be put to the sound"):
        ctc.align(noise(0.1), "far too much for a tenth of a second")
    with pytest.raises(InputError, match="cannot be put to the sound"):
        ctc.align(noise(1.0), "1 2")


def best_of_all(chances, tokens):
    """The best path through every labelling of frames that collapses to the tokens."""
    best, found = -np.inf, None
    for path in itertools.product(range(chances.shape[1]), repeat=len(chances)):
        said = [label for label, _ in itertools.groupby(path) if label]
        total = sum(chances[i, label] for i, label in enumerate(path))
        if said == tokens and total > best:
            best, found = total, path
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_alignment_is_the_most_likely_path(seed):
    chances = np.log(np.random.default_rng(seed).dirichlet(np.ones(3), size=6)).astype(np.float32)
    tokens = [1, 1, 2] if seed % 2 else [2, 1]
    path = best_of_all(chances, tokens)
    assert path is not None
    runs = [
        (label, [i for i, _ in run])
        for label, run in itertools.groupby(enumerate(path), key=lambda e: e[1])
    ]
    expected = [(frames[0], frames[-1] + 1) for label, frames in runs if label]
    assert [span[:2] for span in align_tokens(chances, tokens, blank=0)] == expected


def test_more_tokens_than_frames_have_no_alignment():
    assert align_tokens(np.zeros((2, 3), np.float32), [1, 1], blank=0) == []
    assert align_tokens(np.zeros((2, 3), np.float32), [], blank=0) == []
