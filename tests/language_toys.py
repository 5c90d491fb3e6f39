"""Texts in several languages, a tiny fastText model, and runs of the job that tells languages."""

import struct
from pathlib import Path
from typing import Any

from curator_engine.executors.local import LocalExecutor
from curator_text.content_settings import LangidSettings
from curator_text.pipelines.langid import LangidWorkflow

TEXTS = {
    "eng_Latn": "The committee met in the old library on a cold evening, and nobody had expected so many people.",
    "deu_Latn": "Der Ausschuss traf sich an einem kalten Abend in der alten Bibliothek, und niemand hatte so viele erwartet.",
    "fra_Latn": "Le comité s'est réuni dans l'ancienne bibliothèque par une soirée froide, et personne ne s'y attendait.",
    "rus_Cyrl": "Комитет собрался в старой библиотеке холодным вечером, и никто не ожидал, что придёт столько людей.",
    "jpn_Jpan": "委員会は寒い夜に古い図書館で開かれ、これほど多くの人が来るとは誰も思っていませんでした。",
    "zho_Hant": "委員會在一個寒冷的晚上於舊圖書館開會\uff0c沒有人料到會有這麼多人前來參加這次會議。",
    "ell_Grek": "Στη βροχή η επιτροπή συνεδρίασε στην παλιά βιβλιοθήκη ένα κρύο βράδυ και κανείς δεν περίμενε τόσο κόσμο.",
}
ROWS = [
    {"id": f"{name}{k}", "site": "ab"[k % 2], "text": f"{text} {text}"}
    for k in range(4)
    for name, text in TEXTS.items()
] + [{"id": "und0", "site": "a", "text": "12345 67890 ---"}]


def language_of(row: dict[str, Any]) -> str:
    """What the row is written in."""
    return row["id"][:3]


def langid_into(source: Path | str, out: Path | str, **settings: Any) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = LangidSettings(inputs=[str(source)], output=str(out), **settings)
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return LangidWorkflow(settings=given).run(executor).metadata


def write_fasttext(path: Path, words: dict[str, str]) -> str:
    """Write a model of fastText that knows a few words, each by the label that it is of; returns the path."""
    labels = sorted(set(words.values()))
    size = len(labels)
    head = struct.pack("<2i12id", 793712314, 12, size, 5, 5, 1, 5, 1, 3, 3, 0, 0, 0, 100, 1e-4)
    book = struct.pack("<3i2q", len(words) + size, len(words), size, len(words), -1)
    entries = [(word, 0) for word in words] + [(f"__label__{label}", 1) for label in labels]
    book += b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, kind) for word, kind in entries)
    vectors = [[10.0 * (label == words[word]) for label in labels] for word in words]
    weights = [[float(a == b) for b in labels] for a in labels]
    path.write_bytes(head + book + _matrix(vectors) + _matrix(weights))
    return str(path)


def _matrix(rows: list[list[float]]) -> bytes:
    flat = [value for row in rows for value in row]
    return struct.pack(f"<?2q{len(flat)}f", False, len(rows), len(rows[0]), *flat)
