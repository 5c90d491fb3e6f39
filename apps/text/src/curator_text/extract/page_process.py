"""The process that pages are extracted in: gets a page, gives what became of it.

python -m curator_text.extract.page_process '{"extractor": "resiliparse", ...}'
"""

from collections.abc import Callable
from typing import Any

from curator_engine.errors import CuratorError
from curator_text.extract.page_texts import Extracted, Page, Wanted, extract
from curator_text.read.served_process import Facts, Message, failure, serve

FAILED = "failed"
"""The kind of what is no verdict on a page, but a failure on it."""


def extracting(given: Facts) -> Callable[[Facts, bytes], Message]:
    """What answers, with the extractor imported."""
    wanted = Wanted(**given)
    extract(Page(kind="html", data=b"<html><body><p>ready</p></body></html>"), wanted)
    return lambda facts, data: (answer(facts, data, wanted).as_dict(), b"")


def answer(facts: dict[str, Any], data: bytes, wanted: Wanted) -> Extracted:
    """What became of a page, also if the extractor fails on it."""
    try:
        return extract(Page(**facts, data=data), wanted)
    except Exception as error:
        if isinstance(error, CuratorError):
            raise
        return Extracted(reason=failure(error, "the extractor"), kind=FAILED)


if __name__ == "__main__":
    serve(extracting)
