"""Make the benchmarks' corpora from text that every machine has: the sources of installed packages.

Same interpreter and packages, same corpus: everything is drawn with a seed.
"""

import itertools
import json
import random
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS_PER_DOCUMENT = (120, 900)
LARGEST_GROUP = 500


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document as it is written, one JSON line."""

    id: str
    text: str

    def line(self) -> str:
        """The document as a line."""
        return json.dumps({"id": self.id, "text": self.text}, ensure_ascii=False) + "\n"


def real_texts(seed: int = 0) -> Iterator[str]:
    """Pieces of the Python sources on this machine, each taken once, in a drawn order."""
    roots = {sysconfig.get_paths()[name] for name in ("stdlib", "purelib")}
    files = sorted(path for root in roots for path in Path(root).rglob("*.py"))
    draw = random.Random(seed)
    draw.shuffle(files)
    for path in files:
        words = path.read_text(encoding="utf-8", errors="replace").split()
        at = 0
        while at + WORDS_PER_DOCUMENT[0] <= len(words):
            size = draw.randint(*WORDS_PER_DOCUMENT)
            yield " ".join(words[at : at + size])
            at += size


def edit(text: str, edits: int, draw: random.Random) -> str:
    """The text after some edits: words replaced, inserted, deleted, moved, or made non-ASCII."""
    words = text.split(" ")
    for _ in range(edits):
        at, word = draw.randrange(len(words)), f"w{draw.randrange(10**6)}"
        kind = draw.randrange(5)
        if kind == 0:
            words[at] = word
        elif kind == 1:
            words.insert(at, word)
        elif kind == 2 and len(words) > 1:
            del words[at]
        elif kind == 3:
            words.insert(draw.randrange(len(words)), words.pop(at))
        else:
            words[at] = "naïve-文字-" + word
    return " ".join(words)


def planted(size: int, *, copies: float = 0.25, seed: int = 0) -> list[Document]:
    """Real texts of about `size` bytes in all; a part are edited copies of others.

    Args:
        size: Bytes.
        copies: Ratio of the documents that are copies; their similarity to the original lies
            between 0.5 and 1.
        seed: Draws the texts, the edits and the order.
    """
    draw = random.Random(seed)
    documents, total = list[Document](), 0
    for number, text in enumerate(real_texts(seed)):
        documents.append(Document(id=f"o{number}", text=text))
        total += len(text)
        if draw.random() < copies:
            # An edit touches about 30 windows of 24 characters; 0.011 per character is J near 0.5.
            edits = int(len(text) * draw.uniform(0, 0.011))
            documents.append(Document(id=f"c{number}", text=edit(text, edits, draw)))
            total += len(text)
        if total >= size:
            break
    draw.shuffle(documents)
    return documents


def copied(size: int, *, seed: int = 0) -> list[Document]:
    """Real texts of about `size` bytes in all, most of them near-copies of others, as in a crawl.

    Groups have 1, 2, 3 ... documents with probabilities that fall as a power of 2.5: two thirds have one,
    most others are pairs, some have hundreds. The members of one are edited copies of its first, `o<k>`,
    to which their similarity lies between 0.8 and 1.
    """
    draw = random.Random(seed)
    documents, total = list[Document](), 0
    for number, text in enumerate(real_texts(seed)):
        members = [text]
        for _ in range(1, min(int(draw.paretovariate(1.35)), LARGEST_GROUP)):
            # As in `planted`: 0.0037 per character is J near 0.8.
            members.append(edit(text, int(len(text) * 0.0037 * draw.random() ** 2), draw))
        names = [f"o{number}", *(f"c{number}-{k}" for k in range(1, len(members)))]
        documents += [Document(id=n, text=t) for n, t in zip(names, members, strict=True)]
        total += sum(map(len, members))
        if total >= size:
            break
    draw.shuffle(documents)
    return documents


def write_scaled(
    folder: Path,
    size: int,
    *,
    files: int,
    base: int = 48_000_000,
    drawn: Callable[..., list[Document]] = planted,
) -> int:
    """Write a corpus of about `size` bytes; returns the bytes.

    Real text ends at some point: from there on the same documents come again with their letters
    exchanged, another exchange each time, so that they are like none before.

    Args:
        folder: Made here.
        size: Bytes.
        files: So many of about the same size.
        base: Bytes of real text.
        drawn: Draws that, of its size and with a seed.
    """
    documents = drawn(min(size, base), seed=7)
    turns = max(1, round(size / sum(len(document.text) for document in documents)))
    folder.mkdir(parents=True)
    each = -(-files // turns)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for turn in range(turns):
        other = random.Random(turn).sample(letters, len(letters))
        exchange = str.maketrans(letters, letters if not turn else "".join(other))
        changed = (
            Document(id=f"{turn}-{d.id}", text=d.text.translate(exchange)) for d in documents
        )
        step = -(-len(documents) // each)
        for k, group in enumerate(itertools.batched(changed, step)):
            path = folder / f"{turn:03d}-{k:03d}.jsonl"
            path.write_text("".join(document.line() for document in group), encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def template_pages(count: int, *, seed: int = 0) -> Iterator[Document]:
    """Pages of one template whose bodies differ: any two have a similarity of about 0.75."""
    draw = random.Random(seed)
    # As many characters on every machine, whatever texts it has: the similarity follows from them.
    words = " ".join(itertools.islice(real_texts(seed + 1), 100))[:1650]
    for number in range(count):
        body = " ".join(f"{draw.randrange(10**8):x}" for _ in range(31))
        yield Document(id=str(number), text=f"{words} {body}")


def template_corpus(count: int, *, copies: int, seed: int = 0) -> list[Document]:
    """Pages of one template, and edited copies `c<k>` of the first of them, `<k>`, shuffled."""
    draw = random.Random(seed)
    pages = list(template_pages(count, seed=seed))
    for number, page in enumerate(pages[:copies]):
        edits = int(len(page.text) * draw.uniform(0, 0.004))
        pages.append(Document(id=f"c{number}", text=edit(page.text, edits, draw)))
    draw.shuffle(pages)
    return pages


def families(count: int, *, members: int = 40, seed: int = 0) -> Iterator[Document]:
    """Families of documents of which any two have a similarity of about 0.89, mixed."""
    draw = random.Random(seed)
    names = [f"{k}-{member}" for k in range(count // members) for member in range(members)]
    draw.shuffle(names)
    for name in names:
        words = random.Random(f"{seed}-{name.partition('-')[0]}")
        text = [f"{words.randrange(10**8):08x}" for _ in range(120)]
        text[draw.randrange(len(text))] = f"{draw.randrange(10**8):08x}"
        yield Document(id=name, text=" ".join(text))


def chains(count: int, *, length: int, seed: int = 0) -> list[Document]:
    """Chains of documents of which each is the one before after a few more edits, in order."""
    draw = random.Random(seed)
    documents: list[Document] = []
    for number, text in enumerate(itertools.islice(real_texts(seed + 3), count)):
        for link in range(length):
            documents.append(Document(id=f"{number}-{link}", text=text))
            text = edit(text, max(1, int(len(text) * 0.002)), draw)
    return documents


def write_files(documents: list[Document], folder: Path, *, files: int) -> int:
    """Write the documents to files of about the same size, in order; returns the bytes."""
    folder.mkdir(parents=True)
    size = -(-len(documents) // files)
    for k in range(files):
        lines = (document.line() for document in documents[k * size : (k + 1) * size])
        (folder / f"{k:03d}.jsonl").write_text("".join(lines), encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def write_real(folder: Path, size: int, *, files: int, seed: int = 0) -> int:
    """Write real texts of `size` bytes without a copy of all in memory; returns the bytes."""
    folder.mkdir(parents=True)
    texts, written, number = real_texts(seed), 0, 0
    for k in range(files):
        with (folder / f"{k:03d}.jsonl").open("w", encoding="utf-8") as file:
            while written < size * (k + 1) // files:
                text = next(texts, None)
                if text is None:
                    seed += 1000
                    texts, text = real_texts(seed), f"again {seed}"
                written += file.write(Document(id=str(number), text=text).line())
                number += 1
    return sum(path.stat().st_size for path in folder.iterdir())
