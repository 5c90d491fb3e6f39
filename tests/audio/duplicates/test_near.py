import numpy as np
import pytest
from audio.drawn_sounds import RATE, faster, fingerprints, noisy, tune, voice

from curator_audio.duplicates.near import find_near
from curator_engine.errors import InputError

EDITS = {
    "gain": lambda x: 0.05 * x,
    "noise 10 dB below": lambda x: noisy(x, 10),
    "2 % faster": lambda x: faster(x, 1.02),
    "5 % slower": lambda x: faster(x, 1 / 1.05),
    "a part": lambda x: x[RATE : 4 * RATE],
    "silence before": lambda x: np.concatenate([np.zeros(RATE // 3, np.float32), x]),
    "8 bits": lambda x: np.round(x * 127) / 127,
    "a part, faster, in noise": lambda x: noisy(faster(x[RATE : 5 * RATE], 0.98), 15),
}


@pytest.fixture(scope="module")
def sounds():
    return {f"{kind.__name__} {k}": kind(k) for kind in (voice, tune) for k in range(3)}


@pytest.mark.parametrize("copy_first", [False, True], ids=["original stays", "copy stays"])
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("kind", ["voice 1", "tune 1"])
def test_a_changed_copy_goes(kind, edit, copy_first, sounds):
    copy = EDITS[edit](sounds[kind]).astype(np.float32)
    others = [name for name in sounds if name != kind]
    pair = ["copy", kind] if copy_first else [kind, "copy"]
    (row,) = find_near(fingerprints({**sounds, "copy": copy}), [*others, *pair]).to_pylist()
    assert (row["uuid"], row["kept_id"]) == (pair[1], pair[0])
    assert row["similarity"] >= 0.9


def test_other_voices_and_tunes_stay(sounds):
    assert find_near(fingerprints(sounds), list(sounds), 0.5).num_rows == 0


def test_a_snippet_inside_a_long_recording_is_found_with_its_place(sounds):
    long = np.concatenate([sounds["voice 0"], sounds["tune 0"], sounds["voice 1"]])
    snippet = faster(sounds["voice 1"][2 * RATE : 5 * RATE], 1.01)
    (row,) = find_near(fingerprints({"long": long, "part": snippet}), ["long", "part"]).to_pylist()
    assert row["offset"] == pytest.approx(14.0, abs=0.01)
    assert row["speed"] == pytest.approx(1.01, abs=0.002)
    assert row["overlap"] > 0.98


def test_recordings_that_share_a_jingle_stay(sounds):
    jingle = sounds["tune 0"][: 2 * RATE]
    shows = {name: np.concatenate([jingle, sounds[name]]) for name in ("voice 0", "voice 1")}
    assert find_near(fingerprints(shows), list(shows)).num_rows == 0


def test_half_of_the_shorter_must_lie_over_the_other(sounds):
    whole = np.concatenate([sounds["voice 0"], sounds["voice 1"]])
    parts = {"left": whole[: 6 * RATE], "right": whole[4 * RATE : 10 * RATE]}
    table = fingerprints(parts)
    assert find_near(table, ["left", "right"]).num_rows == 0
    assert find_near(table, ["left", "right"], min_overlap=0.3).num_rows == 1


def test_recordings_of_another_set_always_stay(sounds):
    table, other = fingerprints(sounds), fingerprints({"e": noisy(sounds["voice 2"], 20)})
    found = find_near(table, list(sounds), against=other).to_pylist()
    assert [(row["uuid"], row["kept_id"]) for row in found] == [("voice 2", "e")]


def test_against_another_set_only(sounds):
    mine = fingerprints({"a": sounds["voice 0"], "b": sounds["voice 0"]})
    other = fingerprints({"e": sounds["tune 0"]})
    assert find_near(mine, ["a", "b"], against=other, only_against=True).num_rows == 0


def test_a_small_index_finds_whole_copies(sounds):
    table = fingerprints({**sounds, "copy": noisy(sounds["voice 1"], 20)})
    found = find_near(table, [*sounds, "copy"], most_landmarks=2000).to_pylist()
    assert [row["uuid"] for row in found] == ["copy"]


def test_silent_and_empty_recordings_are_no_duplicates():
    table = fingerprints({str(size): np.zeros(size, np.float32) for size in (0, 1, 16_000, 16_001)})
    assert find_near(table, ["0", "1", "16000", "16001"]).num_rows == 0


def test_a_few_calls_in_much_noise_are_found():
    times = np.arange(RATE // 4) / RATE
    call = np.zeros(3 * RATE, np.float32)
    for start, hertz in ((0.3, 2000), (0.5, 3000), (0.8, 2500), (1.1, 4000), (1.3, 3500)):
        at = int(start * RATE)
        call[at : at + len(times)] += np.hanning(len(times)) * np.sin(2 * np.pi * hertz * times)
    table = fingerprints({"call": call, "copy": noisy(call, 10)})
    assert find_near(table, ["call", "copy"]).num_rows == 1


def test_an_id_without_fingerprint_is_named(sounds):
    with pytest.raises(InputError, match="recording b has no fingerprint"):
        find_near(fingerprints({"a": sounds["voice 0"]}), ["a", "b"])
