"""MediaWiki markup into text."""

from curator_text.extract.wiki_text import is_redirect, wiki_text

ARTICLE = """{{Infobox|a=b}}
A '''bold''' [[link|word]] of {{convert|5|km|mi}} in {{lang|de|Hafen}}.<ref>not this</ref>
[[File:a.jpg|thumb|a [[cap]] here]]
== History ==
* one
{| class=x
| a table
|}
=== Later ===
More.
== References ==
{{reflist}} nothing
[[Category:Harbours]]"""


def test_what_readers_read_is_kept():
    assert wiki_text(ARTICLE) == "A bold word of 5 km in Hafen.\n\nHistory\none\n\nLater\nMore."


def test_a_redirect_is_known():
    assert is_redirect("#REDIRECT [[Harbour]]")
    assert is_redirect("#WEITERLEITUNG [[Hafen]]")
    assert not is_redirect(ARTICLE)
