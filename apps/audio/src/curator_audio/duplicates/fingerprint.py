"""What is kept of a recording to find its copies: spectral peaks that propose pairs, and levels that prove.

Peaks are what is louder than all around it in time and pitch, which noise, codecs and gain leave where it
is. Levels are those of mel bands every 10 ms. A recording goes in block by block and is never held whole.
"""

from collections.abc import Buffer
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_audio.duplicates.spectrum import (
    BANDS,
    HOP,
    LEVEL_STEP,
    RATE,
    WINDOW,
    band_centres,
    levels_of,
    spectra,
)
from curator_engine.items.fingerprint_file import FingerprintFile

FINGERPRINTS = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("sha256", pa.binary(32)),
        pa.field("samples", pa.binary(32)),
        pa.field("seconds", pa.float64()),
        pa.field("peaks", pa.large_binary()),
        pa.field("levels", pa.large_binary()),
    ]
)
"""Of a file of fingerprints, a row per recording.

sha256 is that of the file's bytes and samples that of the decoded ones (`exact.SampleHash`); peaks are
records of PEAK; levels have the shape (windows, BANDS)."""
FINGERPRINT_FILE = FingerprintFile(schema=FINGERPRINTS, made_by="curator-audio dedup")
"""The file of a run."""
PEAK = np.dtype([("time", np.int32), ("pitch", np.uint16)])
"""A spectral peak: milliseconds from the start, and thousandths of an octave above LOWEST_HZ."""
LOWEST_HZ, _HIGHEST_HZ = 250.0, 5500.0

_AROUND, _OCTAVES = 8, 0.25
_FLOOR = 1e-10
"""Power below which nothing is a peak; a sine of full scale has one."""
_REACH, _AUDIBLE = 100, 60.0
"""Windows around a peak, and decibels that it may be below the loudest peak of them."""
_STRONG_DB = 15.0
"""Decibels that a strong peak may be below the strongest."""
_CHUNK = 1500
"""Windows that are worked on at once."""
_BIN = RATE / WINDOW


class Fingerprinter:
    """Makes the fingerprint of a recording from its blocks.

    Example:
        >>> maker = Fingerprinter()
        >>> for block in blocks:
        ...     maker.add(block)
        >>> maker.finish("id")["seconds"]
        12.5
    """

    def __init__(self) -> None:
        self._samples = 0
        # Half a window of silence before the start: the middle of the first window is the start.
        self._rest = np.zeros(WINDOW // 2, np.float32)
        self._spectrum = np.zeros((_AROUND, WINDOW // 2 + 1), np.float32)
        self._frames = 0
        self._levels: list[NDArray[np.uint8]] = []
        self._peaks: list[NDArray[np.float64]] = []

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, mono at 16 kHz, shape (samples,); what is no number counts as silence."""
        self._samples += len(block)
        self._rest = np.concatenate([self._rest, np.nan_to_num(block, posinf=0.0, neginf=0.0)])
        need = (_CHUNK - 1) * HOP + WINDOW
        while len(self._rest) >= need:
            self._take(self._rest[:need])
            self._rest = self._rest[_CHUNK * HOP :]

    def finish(
        self, uuid: str, *, sha256: bytes = bytes(32), samples: bytes = bytes(32)
    ) -> dict[str, Any]:
        """The fingerprint, a row of FINGERPRINTS; nothing can be added after it.

        Args:
            uuid: Id of the recording.
            sha256: Hash of the file's bytes.
            samples: Hash of the decoded samples.
        """
        self._rest = np.concatenate([self._rest, np.zeros(WINDOW // 2, np.float32)])
        if len(self._rest) >= WINDOW:
            self._take(self._rest)
        self._pick(np.zeros((_AROUND, WINDOW // 2 + 1), np.float32))
        return {
            "uuid": uuid,
            "sha256": sha256,
            "samples": samples,
            "seconds": self._samples / RATE,
            "peaks": _records(self._peaks).tobytes(),
            "levels": b"".join(part.tobytes() for part in self._levels),
        }

    def _take(self, samples: NDArray[np.float32]) -> None:
        power = spectra(samples)
        self._levels.append(levels_of(power))
        self._pick(power)

    def _pick(self, power: NDArray[np.float32]) -> None:
        """Peaks of the windows that have enough others around them now."""
        known = np.concatenate([self._spectrum, power])
        last = len(known) - _AROUND
        if last > _AROUND:
            out = np.empty((64 * (last - _AROUND), 3), np.float64)
            lowest, highest = int(np.ceil(LOWEST_HZ / _BIN)), int(_HIGHEST_HZ / _BIN)
            count = _kernels().pick(
                known, _AROUND, last, lowest, highest, _OCTAVES, _AROUND, _FLOOR, out
            )
            out[:count, 0] += self._frames - _AROUND
            self._peaks.append(out[:count].copy())
            self._frames += last - _AROUND
        self._spectrum = known[-2 * _AROUND :]


def fingerprint(samples: NDArray[np.float32], uuid: str = "") -> dict[str, Any]:
    """The fingerprint of a recording that is in memory: a row of FINGERPRINTS, without hashes.

    Args:
        samples: Mono at 16 kHz, shape (samples,).
        uuid: Id of the recording.
    """
    maker = Fingerprinter()
    maker.add(samples)
    return maker.finish(uuid)


def peaks_of(packed: Buffer) -> NDArray[np.void]:
    """The peaks of a fingerprint, by time."""
    return np.frombuffer(packed, PEAK)


def strong_peaks(packed: Buffer, levels: NDArray[np.uint8]) -> NDArray[np.void]:
    """The peaks that stand out of the rest, as a whistle does in noise; none where they are not the fewer.

    Landmarks join peaks that follow each other, so a few strong ones are lost among many of noise.

    Args:
        packed: The peaks of a fingerprint.
        levels: Its levels, shape (windows, BANDS).
    """
    peaks = peaks_of(packed)
    if not len(peaks):
        return peaks
    hertz = LOWEST_HZ * 2 ** (peaks["pitch"] / 1000)
    band = np.abs(np.log2(band_centres()) - np.log2(hertz)[:, None]).argmin(axis=1)
    window = np.minimum(peaks["time"] * RATE // (1000 * HOP), len(levels) - 1)
    level = levels[window, band].astype(np.int64)
    strong = level >= level.max() - _STRONG_DB / LEVEL_STEP
    return peaks[strong] if 2 * np.count_nonzero(strong) <= len(peaks) else peaks[:0]


def levels_in(packed: Buffer) -> NDArray[np.uint8]:
    """The levels of a fingerprint, shape (windows, BANDS)."""
    return np.frombuffer(packed, np.uint8).reshape(-1, BANDS)


def _records(parts: list[NDArray[np.float64]]) -> NDArray[np.void]:
    found = np.concatenate([np.empty((0, 3)), *parts])
    found = found[np.argsort(found[:, 0], kind="stable")]
    keep = np.empty(len(found), np.bool_)
    _kernels().audible(found, _REACH, _AUDIBLE, keep)
    found = found[keep]
    peaks = np.empty(len(found), PEAK)
    peaks["time"] = np.maximum(0, np.rint(found[:, 0] * 1000 * HOP / RATE))
    octaves = np.log2(np.maximum(found[:, 1] * _BIN / LOWEST_HZ, 1))
    peaks["pitch"] = np.rint(1000 * octaves)
    return peaks


@cache
def _kernels() -> Any:
    """Numba takes a while to import."""
    from curator_audio.duplicates import peak_kernels

    return peak_kernels
