"""The process that PDF files and pictures of documents are read in.

python -m curator_text.interleaved.document_process '{"sharpness": true, "code_area": false}'
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from curator_engine.errors import CuratorError
from curator_engine.items.sharpness import sharpness
from curator_text.interleaved.page_images import image_to_bytes, render_pdf_pages
from curator_text.interleaved.pdf_document import pdf_document
from curator_text.interleaved.picture_measures import Wanted, measures, need, one_frame, small
from curator_text.interleaved.sent_documents import as_message
from curator_text.read.served_process import Facts, Message, failure, serve


def reading(given: Facts) -> Callable[[Facts, bytes], Message]:
    """What answers, with the packages imported."""
    wanted = Wanted(**given)
    for module in ("pypdfium2", "PIL.Image", *(["zxingcpp"] if wanted.code_area else [])):
        need(module)
    if wanted.sharpness:
        # Its compiled code is loaded while memory is not limited yet.
        sharpness(np.zeros((3, 3), np.uint8))
    return lambda facts, data: answer(facts, data, wanted)


def answer(facts: dict[str, Any], data: bytes, wanted: Wanted) -> Message:
    """What is asked for by `do`: the document of a PDF, or its pages, the measures of a file's pictures, a picture of it.

    Without an answer, `reason` says why.
    """
    try:
        match facts["do"]:
            case "pdf":
                return as_message(pdf_document(data, id=facts["id"]))
            case "pages":
                pages = render_pdf_pages(data, facts["dpi"], facts["max_pages"])
                files = [image_to_bytes(page) for page in pages]
                return {"sizes": list(map(len, files))}, b"".join(files)
            case "small":
                return {}, small(data, facts["frame"], facts["side"])
            case "frame":
                return {}, one_frame(data, facts["frame"])
            case _:
                found = [measures(data, frame, wanted) for frame in facts["frames"]]
    except ValueError as error:
        return {"reason": " ".join(str(error).split()) or "ValueError"}, b""
    except Exception as error:
        if isinstance(error, CuratorError):
            raise
        return {"reason": failure(error, "the reader")}, b""
    return {"pictures": found}, b""


if __name__ == "__main__":
    serve(reading)
