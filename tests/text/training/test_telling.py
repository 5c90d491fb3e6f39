"""What a model goes by is named as it is written in the texts."""

from training_toys import train_into, write_kinds


def test_the_signs_of_each_kind_are_found_with_their_counts(tmp_path):
    facts = train_into(*write_kinds(tmp_path), tmp_path / "out")
    signs = {each["ngram"]: each for each in facts["ngrams"]}
    assert signs["theorem"]["weight"] > 0 > signs["casino"]["weight"]
    assert signs["theorem"]["good"] > signs["theorem"]["bad"]
    assert signs["casino"]["bad"] > 40
