"""The stage that changes columns."""

from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.modifiers.lines import NewlineNormalizer
from curator_text.modifiers.modify import Modify
from curator_text.modifiers.strings import QuotationRemover, UrlRemover
from curator_text.task import DocumentBatch


def run(stage, **columns):
    return stage.process(DocumentBatch(data=pa.table(columns))).data.to_pydict()


def test_modifiers_follow_each_other_and_a_missing_text_stays_missing():
    stage = Modify([UrlRemover(), QuotationRemover()])
    found = run(stage, text=['"a https://x"', None, "b"], n=[1, 2, 3])
    assert found == {"text": ['"a ', None, "b"], "n": [1, 2, 3]}


def test_the_type_of_a_column_may_be_any_that_holds_texts():
    column = pa.array(["a\n\n\nb", None]).dictionary_encode()
    assert run(Modify(NewlineNormalizer()), text=column) == {"text": ["a\n\nb", None]}


def test_each_modifier_has_its_columns():
    stage = Modify([UrlRemover(), str.upper], input_fields=["a", "b"], output_fields=["c", None])
    assert run(stage, a=["x http://y"], b=["z"]) == {"a": ["x http://y"], "b": ["Z"], "c": ["x "]}
    assert stage.inputs() == (["data"], ["a", "b"])
    assert stage.outputs() == (["data"], ["c", "b"])


def test_a_function_may_take_several_columns():
    given: Any = (lambda a, b: a + b, [["a", "b"]], "c")
    stage = Modify(*given)
    assert run(stage, a=["x"], b=["y"])["c"] == ["xy"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"modifier_fn": []}, "no modifier"),
        ({"modifier_fn": [len, len], "input_fields": ["a", "b", "c"]}, "input_fields has 3"),
        ({"modifier_fn": [len, len], "output_fields": ["a", "b", "c"]}, "output_fields has 3"),
        ({"modifier_fn": len, "input_fields": [["a", "b"]]}, "needs its output_fields"),
    ],
)
def test_columns_that_do_not_fit_are_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        Modify(**given)


def test_a_column_of_numbers_is_refused():
    with pytest.raises(SettingsError, match="holds int64, no texts"):
        run(Modify(UrlRemover()), text=[1])
