"""Texts in batches: filled up on either side, and their answers in the order in which they came."""

import pytest

from curator_text.models.token_batches import by_length, clip_tokens, in_order, padded

IDS = [[1, 2, 3], [], [4], [5, 6]]


@pytest.mark.parametrize(
    ("side", "rows", "mask"),
    [
        ("right", [[1, 2, 3], [9, 9, 9], [4, 9, 9]], [[1, 1, 1], [1, 0, 0], [1, 0, 0]]),
        ("left", [[1, 2, 3], [9, 9, 9], [9, 9, 4]], [[1, 1, 1], [0, 0, 1], [0, 0, 1]]),
    ],
)
def test_texts_are_filled_up_on_one_side(side, rows, mask):
    batch = padded(IDS[:3], pad=9, side=side)
    assert batch["input_ids"].tolist() == rows
    assert batch["attention_mask"].tolist() == mask


def test_answers_come_in_the_order_of_texts_and_batches_in_that_of_lengths():
    seen = list[int]()

    def lengths(ids):
        seen.extend(map(len, ids))
        return [10 * len(each) for each in ids]

    assert in_order(IDS, lengths, batch_size=3) == [30, 0, 10, 20]
    assert seen == sorted(seen)
    assert by_length(IDS) == [1, 2, 3, 0]
    assert in_order([], lengths, batch_size=3) == []


@pytest.mark.parametrize("side", ["left", "right"])
def test_columns_without_tokens_are_clipped(side):
    import torch

    wide = padded([[1, 2], [3]], pad=9, side=side)
    gap = torch.zeros((2, 2), dtype=torch.long)
    given = {
        name: torch.cat([gap, each] if side == "left" else [each, gap], dim=1)
        for name, each in wide.items()
    }
    clipped = clip_tokens({**given, "metadata": "x"}, padding_side=side)
    assert {k: v.tolist() for k, v in clipped.items()} == {k: v.tolist() for k, v in wide.items()}
