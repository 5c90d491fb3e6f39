"""Deduplicate real text that every machine has, and show what was found.

Collects the licence, readme and metadata texts of the installed packages and the documentation
topics of Python into JSON lines, runs `curator-text fuzzy` on them, and prints the largest
clusters. Many licences differ in a name and a year only: true near-duplicates.
"""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

OUT = Path("demo-out")
TEXT_NAMES = ("license", "licence", "copying", "notice", "readme", "metadata", "authors", "changes")
DOCUMENTS_PER_FILE = 200


def collect() -> Iterator[dict[str, str]]:
    """Documents with an id and a text."""
    for package in importlib.metadata.distributions():
        for file in package.files or []:
            if not file.name.lower().startswith(TEXT_NAMES) or file.suffix in (
                ".py",
                ".pyc",
                ".so",
            ):
                continue
            path = Path(str(package.locate_file(file)))
            text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            if text.strip():
                yield {"id": f"{package.name}: {file}", "text": text}
    try:
        from pydoc_data.topics import topics  # pyright: ignore[reportMissingModuleSource] (no stubs)
    except ImportError:
        return
    for name, text in topics.items():
        yield {"id": f"python: {name}", "text": text}


def write(documents: list[dict[str, str]], folder: Path) -> int:
    """Write the documents as JSON lines; returns the bytes."""
    folder.mkdir(parents=True)
    for start in range(0, len(documents), DOCUMENTS_PER_FILE):
        part = documents[start : start + DOCUMENTS_PER_FILE]
        lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in part)
        path = folder / f"{start // DOCUMENTS_PER_FILE:03d}.jsonl"
        path.write_text(lines, encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def show_clusters(result: Path, count: int) -> None:
    """Print the largest clusters with the similarity of their members to the kept document."""
    clusters = pq.read_table(result / "clusters").to_pylist()
    for cluster in sorted(clusters, key=lambda c: (-c["size"], c["cluster_id"]))[:count]:
        print(f"\n  {cluster['size']} documents like {cluster['cluster_id']}")
        members = sorted(
            zip(cluster["similarities"], cluster["members"], strict=True), reverse=True
        )
        for similarity, member in [*members[:2], *members[2:][-2:]]:
            print(f"    {similarity:.3f}  {member}")


def main() -> int:
    """Run the demo; the exit code of the command."""
    shutil.rmtree(OUT, ignore_errors=True)
    documents = sorted(collect(), key=lambda d: d["id"])
    size = write(documents, OUT / "input")
    print(f"collected {len(documents):,} documents, {size / 1e6:.1f} MB, in {OUT / 'input'}")
    command = [str(Path(sys.executable).parent / "curator-text"), "fuzzy", str(OUT / "input")]
    command += ["-o", str(OUT / "result"), "--id-field", "id"]
    print("$ " + " ".join(["curator-text", *command[1:]]), flush=True)
    start = time.perf_counter()
    code = subprocess.run(command, check=False).returncode
    if code not in (0, 3):
        return code
    print("\nthe three largest clusters, with the similarity to the document that was kept:")
    show_clusters(OUT / "result", 3)
    print(f"\n{time.perf_counter() - start:.1f} s in all; look at {OUT / 'result'}:")
    print(
        "  data/ the kept documents, removed/ and clusters/ what went and why, run.json all counts"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
