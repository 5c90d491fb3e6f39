import pyarrow as pa

from curator_audio.recordings.keep_policy import rank

ROWS = pa.table(
    {
        "uuid": ["noisy", "short", "narrow", "good"],
        "start_s": [0.0, 1.0, 0.0, 0.0],
        "end_s": [9.0, 3.0, 9.0, 9.02],
        "snr": [5.0, 40.0, None, 31.0],
    }
)


def test_the_longest_stays_then_the_first():
    assert rank(ROWS, "longest") == ["noisy", "narrow", "good", "short"]


def test_the_least_noise_is_best():
    assert rank(ROWS, "best") == ["short", "good", "noisy", "narrow"]


def test_the_first_stays():
    assert rank(ROWS, "first") == ROWS.column("uuid").to_pylist()
