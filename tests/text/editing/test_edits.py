"""What edits say of a block."""

import pyarrow as pa

from curator_text.editing.edits import chars, no_texts


def test_characters_are_counted_not_bytes():
    assert chars(pa.array(["né", "", "文字"])).tolist() == [2, 0, 2]
    assert chars(no_texts()).tolist() == []
