"""Usual characters of a language, from a list of one's own."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.histogram import HistogramFilter


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cache")
    lists = place / "histograms/checkpoint/edunov/cc60_multilingual/clean_hists"
    lists.mkdir(parents=True)
    (lists / "xx").write_text("a 9\nb 8\n  7\n] 6\nz 5\n", encoding="utf-8")
    return str(place)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("abababab z", True),
        ("abababa zz", False),
        ("abz", False),
        ("aaaaaaaaa ", True),
        ("", False),
    ],
)
def test_more_than_the_share_of_usual_characters_stays(folder, text, kept):
    rule = HistogramFilter("xx", cache_dir=folder)
    assert rule.keep_document(rule.score_document(text)) == kept


def test_a_list_that_is_not_there_says_where_to_get_it(folder):
    with pytest.raises(SettingsError, match=r"unpack https://\S+ into"):
        HistogramFilter("yy", cache_dir=folder)
