"""What is known of the classifiers by their names."""

import typing

from curator_text.classifier_settings import ClassifySettings
from curator_text.classifiers.kinds import GUARDS, KINDS, middle


def test_the_option_has_every_kind():
    hint = typing.get_type_hints(ClassifySettings)["classifier"]
    assert set(typing.get_args(typing.get_args(hint)[0])) == {*KINDS, *GUARDS}


def test_fields_can_stand_in_a_condition_and_hold_the_label():
    for kind in KINDS.values():
        assert all(name.isidentifier() for name in kind.fields)
        assert kind.label_field in kind.fields


def test_the_middle_of_a_text():
    assert middle("abcdef", 2) == "cd"
    assert middle("abc", 9) == "abc"
