"""What datatrove's filters of Gopher, C4 and FineWeb say of each document: `decisions.jsonl`, and `seconds.json` beside it.

Run as `python datatrove_filters.py SOURCE OUT`, in an environment with datatrove and spaCy.
"""

import json
import time
from pathlib import Path

from common import arguments, read, text_of
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters.base_filter import get_filter_result
from datatrove.utils.text import split_into_parts

GOPHER = [GopherRepetitionFilter(), GopherQualityFilter()]
PIPELINES = {
    "gopher": GOPHER,
    "c4": [C4QualityFilter()],
    "fineweb": [*GOPHER, C4QualityFilter(filter_no_terminal_punct=False), FineWebQualityFilter()],
}


def main() -> None:
    """Decide on each document by each pipeline, which ends at the first filter that drops it."""
    source, out = arguments()
    texts = [text_of(line) for line in read(source)]
    decisions: list[dict[str, str | None]] = [{} for _ in texts]
    seconds: dict[str, float] = {}
    for name, filters in PIPELINES.items():
        split_into_parts.cache_clear()
        start = time.process_time()
        for text, decision in zip(texts, decisions, strict=True):
            document, reason = Document(text=text, id=""), None
            for each in filters:
                keep, why = get_filter_result(each.filter(document))
                if not keep:
                    reason = why or "dropped"
                    break
            decision[name] = reason
        seconds[name] = time.process_time() - start
    Path(out).mkdir(parents=True)
    lines = "".join(json.dumps(decision) + "\n" for decision in decisions)
    (Path(out) / "decisions.jsonl").write_text(lines, encoding="utf-8")
    (Path(out) / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
