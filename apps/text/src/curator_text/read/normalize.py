"""Take texts for equal that differ in what does not matter: white space, case, composed accents.

For comparing only; what is written is the text as it was.
"""

from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.task import ArrowArray

type Normalize = Literal["off", "whitespace", "nfc_lower_whitespace"]


def normalized(texts: ArrowArray, how: Normalize) -> ArrowArray:
    """The texts in the form in which they are compared.

    Args:
        texts: No nulls.
        how: `off` changes nothing; `whitespace` makes every run of Unicode white space one space and
            takes it off both ends; `nfc_lower_whitespace` lowers case and composes accents (NFC)
            before.
    """
    if how == "off":
        return texts
    if how == "nfc_lower_whitespace":
        texts = _composed(_call("utf8_lower", texts))
    words = _call("utf8_split_whitespace", _call("utf8_trim_whitespace", texts))
    joined: Any = pc.call_function("binary_join", [words, pa.scalar(" ", words.type.value_type)])
    return joined


def _composed(texts: ArrowArray) -> ArrowArray:
    """In NFC, which texts of ASCII are already."""
    others = pc.invert(_call("string_is_ascii", texts))
    composed = _call("utf8_normalize", texts.filter(others), pc.Utf8NormalizeOptions("NFC"))
    return pc.call_function("replace_with_mask", [texts, others, composed])


def _call(name: str, texts: ArrowArray, options: Any = None) -> Any:
    return pc.call_function(name, [texts], options)
