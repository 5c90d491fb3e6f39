"""Names by a token classifier: a tiny BERT that the test builds, loaded as any other."""

import random

import pytest
from name_models import write_name_model

from curator_engine.errors import InputError
from curator_text.models.name_model import NameModel


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return NameModel(str(write_name_model(tmp_path_factory.mktemp("names"))), device="cpu")


def found(model, text, **options):
    [names] = model.find([text], **options)
    return [(text[each.start : each.end], each.kind) for each in names]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Lovelace was in Paris.", [("Ada Lovelace", "person"), ("Paris", "location")]),
        ("Ada Grace, of Acme", [("Ada", "person"), ("Grace", "person"), ("Acme", "organisation")]),
        ("  Z\u00fcrich", [("Z\u00fcrich", "location")]),
        ("Zu\u0308rich", [("Zu\u0308rich", "location")]),
        ("\U0001f600\U0001f600 Ada\u3000in London", [("Ada", "person"), ("London", "location")]),
        ("Ada\u0301 was", [("Ada\u0301", "person")]),
        ("Ada\n\nHopper", [("Ada\n\nHopper", "person")]),
        ("Monday was the", []),
        ("", []),
        (" \n", []),
        ("\ud83d Ada \ude00\ud83d\ude00 Paris", [("Ada", "person"), ("Paris", "location")]),
    ],
)
def test_places_are_characters_of_the_text_as_it_was(model, text, names):
    assert found(model, text) == names


def test_a_name_of_which_the_model_labels_a_part_is_found_whole(model):
    assert found(model, "the Adas was in londons") == [("Adas", "person"), ("londons", "location")]


@pytest.mark.parametrize("shift", range(12))
def test_a_name_at_the_edge_of_a_window_is_found_once_and_whole(model, shift):
    text = f"{'was ' * (20 + shift)}Ada Lovelace Hopper {'in ' * 30}Zu\u0308rich Hill"
    assert found(model, text) == [
        ("Ada Lovelace Hopper", "person"),
        ("Zu\u0308rich Hill", "location"),
    ]


def test_long_texts_give_what_their_sentences_give(model):
    draw = random.Random(3)
    sentences = ["Ada Lovelace was in London.", "Acme, of Paris.", "the was of in the", "Jo."]
    each_alone = dict(zip(sentences, model.find(sentences), strict=True))
    text, names, at = "", [], 0
    for _ in range(40):
        sentence = draw.choice(sentences)
        names += [(at + each.start, at + each.end, each.kind) for each in each_alone[sentence]]
        text += f"{sentence} was "
        at = len(text)
    assert [tuple(each) for each in model.find([text])[0]] == names


def test_the_number_of_windows_that_are_computed_together_changes_nothing(model):
    texts = ["Ada", "", "was in Paris. " * 40, "Acme and Jo"]
    assert model.find(texts, batch_size=1) == model.find(texts, batch_size=7)


@pytest.mark.parametrize("labels", [["O", "LABEL_1", "B-MISC", *"abcd"], None])
def test_a_model_that_finds_no_names_is_refused(tmp_path, labels):
    if labels is None:
        with pytest.raises(InputError, match="neither a folder nor a hub id"):
            NameModel("no such/model at all", device="cpu")
        return
    folder = write_name_model(tmp_path, labels=labels)
    with pytest.raises(InputError, match=r"finds no persons.*LABEL_1"):
        NameModel(str(folder), device="cpu")
