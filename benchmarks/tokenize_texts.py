"""What does `tokenize` cost, and `--shuffle`, beside the batch call of the tokenizer's library on the same texts?

The tokenizer is a byte-level BPE that is trained here on the same kind of text: docstrings of the packages on this machine.
"""

import json
import statistics
from pathlib import Path
from typing import Any

from cost import exponent
from filters import english_texts
from measure import measured

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.tokenize import TokenizeWorkflow
from curator_text.token_settings import TokenizeSettings

_MOST_RATIO, _MOST_EXPONENT, _VOCABULARY, _TRAINING = 1.2, 1.15, 8000, 4_000_000
_TURNS = 3


def tokenize(folder: Path, *, sizes: list[int]) -> list[str]:
    """Print what `tokenize` costs; returns what does not hold."""
    return _run(folder, sizes, shuffle=False)


def shuffle(folder: Path, *, sizes: list[int]) -> list[str]:
    """Print what `tokenize --shuffle` costs; returns what does not hold."""
    return _run(folder, sizes, shuffle=True)


def _run(folder: Path, sizes: list[int], *, shuffle: bool) -> list[str]:
    model, name = train(folder), "tokenize --shuffle" if shuffle else "tokenize"
    tiny = write(folder, 20_000)
    work(tiny, str(folder / "tiny"), model, shuffle)
    starts = [
        measured(work, tiny, str(folder / f"s{n}"), model, shuffle).cpu for n in range(_TURNS)
    ]
    print(f"{name}: start-up {min(starts):.2f} CPU-s")
    spent, ratios = list[float](), list[float]()
    for size in sizes:
        corpus, turns = write(folder, size), list[tuple[float, float]]()
        for turn in range(_TURNS):
            # One after the other, so that a busy machine is as busy for both.
            library = float(measured(batch_call, corpus, model).value)
            out = str(folder / f"out-{size}-{turn}")
            ours = measured(work, corpus, out, model, shuffle).cpu - min(starts)
            turns.append((ours, library))
        ratios = [ours / library for ours, library in turns]
        spent.append(min(ours for ours, _ in turns))
        least = min(library for _, library in turns)
        print(
            f"  {size / 1e6:6.1f} MB: {size / 1e6 / spent[-1]:5.2f} MB per CPU-second past start-up, the library's call "
            f"{size / 1e6 / least:5.2f}; times its CPU time {', '.join(f'{each:.2f}' for each in sorted(ratios))}"
        )
    grows, ratio = exponent(sizes, spent), statistics.median(ratios)
    print(f"  exponent of CPU time {grows:.2f}")
    wrong = [f"{name}: {ratio:.2f} times the library's CPU time"] * (ratio > _MOST_RATIO)
    return wrong + [f"{name}: the exponent of time is {grows:.2f}"] * (grows > _MOST_EXPONENT)


def work(source: str, out: str, model: str, shuffle: bool) -> None:
    """Make tokens in this process."""
    settings = TokenizeSettings(
        inputs=[source], output=out, tokenizer=model, end_token="<|end|>", shuffle=shuffle
    )
    TokenizeWorkflow(settings=settings).run(LocalExecutor())


def batch_call(source: str, model: str) -> float:
    """CPU seconds of the library's own call, for the texts of the files."""
    import os
    import time

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from tokenizers import Tokenizer

    library: Any = Tokenizer
    made = library.from_file(model)
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    before = time.process_time()
    for at in range(0, len(texts), 1000):
        made.encode_batch_fast(texts[at : at + 1000], add_special_tokens=False)
    return time.process_time() - before


def train(folder: Path) -> str:
    """A tokenizer of some thousand tokens; the path of its file."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made: Any = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|end|>"],
        show_progress=False,
    )
    made.train_from_iterator(_some(_TRAINING), trainer)
    made.save(str(folder / "tokenizer.json"))
    return str(folder / "tokenizer.json")


def write(folder: Path, size: int) -> str:
    """A file of texts of so many bytes; its path."""
    path = folder / f"corpus-{size}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(_some(size)):
            file.write(json.dumps({"id": number, "text": text}) + "\n")
    return str(path)


def _some(size: int) -> list[str]:
    texts, total = list[str](), 0
    for text in english_texts():
        texts.append(text)
        total += len(text.encode())
        if total >= size:
            return texts
    raise AssertionError
