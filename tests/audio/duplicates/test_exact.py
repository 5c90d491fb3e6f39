import numpy as np
import pyarrow as pa
import pytest

from curator_audio.duplicates.exact import UNKNOWN, SampleHash, find_exact
from curator_engine.errors import InputError


def _table(rows):
    return pa.table(
        {
            "uuid": list(rows),
            "sha256": pa.array([sha for sha, _ in rows.values()], pa.binary(32)),
            "samples": pa.array([samples for _, samples in rows.values()], pa.binary(32)),
        }
    )


def _hash(samples, rate=16_000, size=100):
    made = SampleHash(rate=rate, channels=samples.shape[1])
    for start in range(0, len(samples), size):
        made.add(samples[start : start + size])
    return made.digest()


SAMPLES = np.random.default_rng(0).uniform(-1, 1, (1000, 2)).astype(np.float32)


def test_blocks_do_not_change_a_hash():
    assert _hash(SAMPLES) == _hash(SAMPLES, size=7)


def test_a_hash_is_of_rate_channels_and_every_sample():
    other = SAMPLES.copy()
    other[500, 1] += 2**-15
    seen = [_hash(SAMPLES), _hash(SAMPLES, rate=8000), _hash(SAMPLES.reshape(-1, 1)), _hash(other)]
    assert len(set(seen)) == 4


def test_both_zeros_are_equal():
    assert _hash(np.zeros((5, 1), np.float32)) == _hash(np.full((5, 1), -0.0, np.float32))


def test_equal_bytes_or_samples_go():
    a, b, c = (bytes([k]) * 32 for k in range(1, 4))
    rows = {"1": (a, a), "2": (b, a), "3": (a, a), "4": (c, c), "5": (UNKNOWN, c)}
    found = find_exact(_table(rows), list(rows)).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("2", "1", "samples"),
        ("3", "1", "bytes"),
        ("5", "4", "samples"),
    ]


def test_the_order_says_which_stays():
    a = bytes([1]) * 32
    (row,) = find_exact(_table({"1": (a, a), "2": (a, a)}), ["2", "1"]).to_pylist()
    assert (row["uuid"], row["kept_id"]) == ("1", "2")


def test_unknown_hashes_equal_none():
    rows = {"1": (UNKNOWN, UNKNOWN), "2": (UNKNOWN, UNKNOWN)}
    assert find_exact(_table(rows), ["1", "2"]).num_rows == 0


def test_an_id_without_fingerprint_is_named():
    with pytest.raises(InputError, match="recording 9 has no fingerprint"):
        find_exact(_table({"1": (UNKNOWN, UNKNOWN)}), ["9"])
