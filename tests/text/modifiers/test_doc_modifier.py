"""A modifier of one's own."""

import pyarrow as pa

from curator_text.modifiers.doc_modifier import DocumentModifier, as_texts, contain_any, matches


class ShoutModifier(DocumentModifier):
    """Capitals."""

    def modify_document(self, text):
        return text.upper()


def test_it_is_called_as_its_class_and_may_change_any_text():
    assert ShoutModifier().name == "Shout"
    assert ShoutModifier().may_change(pa.array(["a"])) is None


def test_texts_are_looked_through_at_once():
    texts = pa.array(["A cat", "a dog", "BIRD"], pa.large_string())
    assert matches(texts, "c.t|dog$").tolist() == [True, True, False]
    assert contain_any(texts, ["cat", "bird"]).tolist() == [True, False, True]


def test_half_a_pair_of_a_text_is_replaced():
    assert as_texts(["a\ud800", "b"]).to_pylist() == ["a?", "b"]
