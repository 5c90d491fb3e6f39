"""Reads the pages of runs as a browser would, and tries what a document may try with them."""

from html.parser import HTMLParser

ATTACK = "document.documentElement.setAttribute('data-harm', '1')"
SCRIPT = f"<script>{ATTACK}</script>"
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2"),
    *("h3", "p", "span", "code", "aside", "ul", "li", "dl", "div", "dt", "dd", "data", "details"),
    *("summary", "table", "thead", "tbody", "tr", "th", "td", "bdi", "svg", "rect", "line"),
    *("text", "polyline"),
}
"""What pages of all apps are made of."""


class Page(HTMLParser):
    """Tags, attributes, numbers and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.numbers, self.texts = [], [], {}, []
        self.links = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "data":
            self.numbers[dict(attrs)["id"]] = float(dict(attrs)["value"] or "nan")

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    @property
    def policy(self):
        """The rules that the browser holds the page to."""
        return next(v for n, v in self.attributes if n == "content" and "default-src" in v)

    @property
    def sources(self):
        """Where the page takes anything from."""
        return [value for name, value in self.attributes if name in ("src", "href")]

    @property
    def handlers(self):
        """Attributes that could act, or that the policy would not let pass."""
        return [name for name, _ in self.attributes if name.startswith("on") or name == "style"]

    @property
    def is_harmed(self):
        """Whether the attack ran; only in a page that a browser gave back."""
        return "data-harm" in dict(self.attributes)


def is_strict(policy):
    return "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
