"""Windows and their hashes as tensors, against independent ones; on torch's CPU device."""

from typing import Any

import mmh3
import numpy as np
import pytest

from curator_text.torch_windows import lay_out, mix, murmur_hashes, rolling_hashes, signed

torch: Any = pytest.importorskip("torch")

TEXTS = ["abcdefgh" * 3, "Größe 日本語 😀 mixed", "ab", "é", "😀"]


def tensors(texts, device="cpu"):
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)])
    text = np.frombuffer(b"".join(encoded), np.uint8).copy()
    return torch.from_numpy(text).to(device), torch.from_numpy(ends).to(device)


def kernel_hashes(text, width, key):
    from curator_text import window_kernels

    key = np.uint64(key)
    scratch, out = np.empty(len(text) + 1, np.uint64), np.empty(len(text) + 1, np.uint64)
    values = window_kernels.ascii_values(key, width)
    array = np.frombuffer(text, np.uint8)
    count = window_kernels.windows_of(array, 0, len(text), width, key, values, scratch, out)
    return out[:count].tolist()


def by_document(windows, values):
    found = {}
    pairs = zip(windows.document.tolist(), values.tolist(), strict=True)
    for document, value in pairs:
        found.setdefault(document, []).append(value)
    return [found[k] for k in range(len(found))]


@pytest.mark.parametrize("width", [1, 3, 24, 70])
def test_a_document_has_a_window_per_character_but_for_the_last_ones(width):
    windows = lay_out(*tensors(TEXTS), width)
    counts = [max(1, len(text) - width + 1) for text in TEXTS]
    assert torch.bincount(windows.document).tolist() == counts


@pytest.mark.parametrize("width", [1, 3, 4, 24, 70])
def test_murmur_hashes_are_those_of_an_independent_library(width):
    text, offsets = tensors(TEXTS)
    windows = lay_out(text, offsets, width)
    found = by_document(windows, murmur_hashes(text, windows, 0x9747B28C))
    for document, hashes in zip(TEXTS, found, strict=True):
        count = max(1, len(document) - width + 1)
        parts = [document[i : i + width].encode() for i in range(count)]
        assert hashes == [mmh3.hash(part, 0x9747B28C) for part in parts]


@pytest.mark.parametrize("width", [1, 3, 24, 64, 70])
def test_rolling_hashes_are_those_of_the_kernel(width):
    text, offsets = tensors(TEXTS)
    windows = lay_out(text, offsets, width)
    key = 0xFEDCBA9876543210
    found = by_document(windows, rolling_hashes(text, windows, key))
    for document, hashes in zip(TEXTS, found, strict=True):
        expected = {signed(h) for h in kernel_hashes(document.encode(), width, key)}
        assert set(hashes) == expected


def test_numbers_are_mixed_as_if_they_were_unsigned():
    def expected(x):
        x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD % 2**64
        x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53 % 2**64
        return x ^ x >> 33

    numbers = [0, 1, 2**63, 2**64 - 1, 0x123456789ABCDEF0]
    found = mix(torch.tensor([signed(n) for n in numbers]))
    assert found.tolist() == [signed(expected(n)) for n in numbers]
