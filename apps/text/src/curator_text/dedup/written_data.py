"""What becomes of `data/` when it is known which documents are duplicates."""

import numpy as np
from numpy.typing import NDArray

from curator_engine.steps import Step
from curator_text.dedup.marking import MarkDocuments, save_marks
from curator_text.removal.corpus import Corpus
from curator_text.removal.outcome import forget_data, write_data


def write_or_forget(
    step: Step,
    corpus: Corpus,
    numbers: NDArray[np.int64],
    *,
    cache: str,
    output: str,
    remove: bool = True,
    mark: str | None = None,
) -> None:
    """Write `data/` without the duplicates, or with all documents marked; or remove an earlier one.

    Args:
        step: Runs the step.
        corpus: The documents.
        numbers: The duplicates, sorted.
        cache: The cache folder, with the drops that `write_losses` has written.
        output: The run's folder, with `removed/`.
        remove: Write `data/`.
        mark: Keep all documents and mark the duplicates; the text changes when a mark may.
    """
    if not remove:
        forget_data(corpus, cache=cache, output=output)
    elif mark is None:
        write_data(step, corpus, numbers, cache=cache, output=output)
    else:
        save_marks(output, cache)
        folders = {"cache": cache, "output": output}
        write_data(step, corpus, numbers, **folders, write=MarkDocuments, write_key=mark)
