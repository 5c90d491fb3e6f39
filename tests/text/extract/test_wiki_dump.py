"""Articles out of dumps."""

import bz2

import pytest
from web_pages import dump

from curator_text.extract import wiki_dump
from curator_text.extract.wiki_dump import wiki_articles


def articles(tmp_path, data):
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(data)
    return list(wiki_articles(str(path)))


def test_articles_have_their_own_title_id_and_markup(tmp_path):
    found = articles(
        tmp_path, dump(("Harbour", "0", "A &lt;b&gt; place"), ("Talk:Harbour", "1", "x"))
    )
    assert [(each.title, each.space, each.id, each.markup) for each in found] == [
        ("Harbour", "0", "1", "A <b> place"),
        ("Talk:Harbour", "1", "2", "x"),
    ]
    assert found[0].changed == "2024-03-01T00:00:00Z"


def test_entities_that_expand_without_end_are_refused(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><mediawiki>&b;</mediawiki>'
    with pytest.raises(ValueError, match="document type"):
        articles(tmp_path, bz2.compress(bomb.encode()))


def test_a_dump_that_breaks_off_gives_what_came_before(tmp_path):
    whole = bz2.decompress(dump(("One", "0", "a"), ("Two", "0", "b")))
    path = tmp_path / "dump.xml"
    path.write_bytes(whole[: whole.index(b"Two")])
    found = wiki_articles(str(path))
    assert next(found).title == "One"
    with pytest.raises(ValueError, match="no XML"):
        next(found)


def test_a_huge_article_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(wiki_dump, "MOST_ARTICLE_CHARS", 1000)
    huge, small = articles(tmp_path, dump(("One", "0", "a" * 600_000), ("Two", "0", "b")))
    assert not huge.is_whole
    assert len(huge.markup) <= 1000
    assert small.is_whole
