"""Every job that writes data/: what comes in is in data/, in removed/ or in quarantine/, and nowhere twice."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chat_server import chat_server, echoed
from classify_toys import write_linear
from interleaved_toys import mint, pdf_with_picture, picture
from text_toys import sentence

from curator_engine.commands.cli import run_app
from curator_text.cli import JOBS
from curator_text.settings import RemovalSettings

LEAK = " ".join(f"leaked{n}" for n in range(30))
TEXTS = [
    *(sentence(n) for n in range(12)),
    *(sentence(n) for n in (3, 5)),
    f"{sentence(20)}\n{LEAK}",
    "short",
    "",
    "Ein kurzer deutscher Satz, der von niemandem verwechselt wird, und noch einer dazu.",
    "mail me at someone@example.com or +1 202 555 0143",
]
BAD = 2
"""Rows of the corpus that cannot be read."""


def as_lines(folder: Path) -> int:
    rows = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(TEXTS)]
    rows += ['{"id": "none", "text": null}', "{half a row", '["no object"]', ""]
    (folder / "a.jsonl").write_text("\n".join(rows[:9]) + "\n", encoding="utf-8")
    (folder / "b.jsonl").write_text("\n".join(rows[9:]) + "\n", encoding="utf-8")
    return len(TEXTS) + 1 + BAD


def as_parquet(folder: Path) -> int:
    table = pa.table({"id": [str(n) for n in range(len(TEXTS))], "text": TEXTS})
    none = pa.table({"id": ["none"], "text": pa.array([None], pa.string())})
    pq.write_table(pa.concat_tables([table, none]), folder / "a.parquet", row_group_size=4)
    return len(TEXTS) + 1


def as_csv(folder: Path) -> int:
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text"])
        rows.writerows((str(n), text) for n, text in enumerate(TEXTS))
        rows.writerows([["one", "field", "too many"], ["one field"]])
    return len(TEXTS) + BAD


FORMS = {"jsonl": as_lines, "parquet": as_parquet, "csv": as_csv}
JOB_WORDS = {
    "exact": [],
    "fuzzy": [],
    "semantic": [],
    "filter": [],
    "clean": ["--recipe", "c4"],
    "langid": ["--keep", "de"],
    "classify": ["--model", "model", "--filter-by", "good"],
    "embed": ["--keep-text"],
    "generate": ["--recipe", "own.yaml", "--model", "tiny", "--endpoint"],
    "pii": ["--action", "drop"],
    "decontaminate": ["--against", "eval.txt"],
    "cut": ["--against", "eval.txt", "--remove", "span"],
    "lines": ["--max-times", "1"],
    "substring": ["--min-bytes", "40"],
}
BLEND_WORDS = ["blend", "tokens", "-o", "blend", "--tokens", "800", "--split", "60,20,20"]


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, chat_server(echoed) as found:
        patch.setenv("no_proxy", "127.0.0.1")
        yield found.url


def in_data(folder: Path) -> int:
    """Rows of the files of data/."""
    count = 0
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            count += pq.read_metadata(path).num_rows
        elif path.is_file():
            count += sum(1 for line in path.read_bytes().splitlines() if line.strip())
    return count


def in_removed(folder: Path) -> int:
    """Documents that went."""
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("job", JOB_WORDS)
def test_what_comes_in_is_somewhere_once(tmp_path, monkeypatch, server, job, form):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("eval.txt").write_text(LEAK, encoding="utf-8")
    if job == "classify":
        write_linear(Path("model"))
    Path("own.yaml").write_text("output_field: out\nprompt: '{text}'\n", encoding="utf-8")
    rows = FORMS[form](Path("in"))
    name = "decontaminate" if job == "cut" else job
    more = [server] if job == "generate" else []
    words = [
        name,
        "in",
        "-o",
        "out",
        *JOB_WORDS[job],
        *more,
        "--id-field",
        "id",
        "--workers",
        "1",
        "-q",
    ]
    words += ["--max-rejected-ratio", "1", "--max-removed-ratio", "1"]
    code = run_app("curator-text", JOBS, version="1", argv=words)
    assert code in (0, 3)
    facts = json.loads(Path("out/run.json").read_text(encoding="utf-8"))["facts"]
    lost = facts.get("lost_rows", 0)
    assert lost == (0 if form == "parquet" else BAD)
    assert in_data(Path("out/data")) + in_removed(Path("out/removed")) + lost == rows


def as_mixed_documents(folder: Path) -> tuple[int, int]:
    """Documents of texts and pictures, good and bad ones, in every form; how many, and their pictures."""
    lists = {"texts": ["One.", None, None], "images": [None, "a", "b"]}
    small = picture(9, 9)
    mint(
        folder / "a.tar",
        ("a", lists, {"a.png": picture(), "b.png": small}),
        ("b", lists, {"a.png": small, "b.png": b"no picture"}),
        ("c", {"texts": 1}, {}),
        ("d", lists, {}),
    )
    rows = [{"id": "e", **lists}, {"texts": [], "images": []}]
    lines = [*map(json.dumps, rows), "{half", "[]"]
    (folder / "b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist([{"id": "f", **lists}]), folder / "c.parquet")
    (folder / "d.pdf").write_bytes(pdf_with_picture(picture(kind="JPEG"), 200, 160))
    (folder / "e.pdf").write_bytes(b"broken")
    return 4 + 4 + 1 + 2, 3 * 2 + 2 + 2 + 1


def test_every_document_and_picture_of_mixed_documents_is_somewhere_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    documents, pictures = as_mixed_documents(Path("in"))
    words = ["interleaved", "in", "-o", "out", "--workers", "1", "-q", "--max-rejected-ratio", "1"]
    assert run_app("curator-text", JOBS, version="1", argv=words) == 3
    facts = json.loads(Path("out/run.json").read_text(encoding="utf-8"))["facts"]
    data = [pq.read_table(path) for path in Path("out/data").glob("*.parquet")]
    removed = [
        row
        for path in Path("out/removed").glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    kept = sum(len(set(table.column("sample_id").to_pylist())) for table in data)
    gone = [row for row in removed if row["modality"] == "document"]
    assert kept + len(gone) + facts["lost_rows"] == documents
    in_rows = sum(table.column("modality").to_pylist().count("image") for table in data)
    assert in_rows == facts["images_kept"]
    assert in_rows + sum(row["num_images"] for row in removed) == pictures
    scored = [
        (row["modality"], row["keep"])
        for path in Path("out/scores").glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    assert (scored.count(("document", True)), scored.count(("document", False))) == (
        kept,
        len(gone),
    )
    assert (scored.count(("image", True)), len(scored)) == (in_rows, kept + len(gone) + pictures)


def test_documents_of_a_blend_are_in_one_part_or_unused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    as_parquet(Path("in"))
    for words in (["tokenize", "in", "-o", "tokens", "--max-rejected-ratio", "1"], BLEND_WORDS):
        words = [*words, "--workers", "1", "-q"]
        assert run_app("curator-text", JOBS, version="1", argv=words) in (0, 3)
    facts = json.loads(Path("blend/run.json").read_text(encoding="utf-8"))["facts"]
    rows = [
        tuple(row[name] for name in ("file", "row"))
        for path in Path("blend/data").rglob("*.documents.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    assert len(rows) == len(set(rows)) == len(TEXTS) - facts["unused_documents"]
    assert facts["unused_documents"] > 0


def test_every_job_that_writes_data_is_here():
    kinds = {job.name: job.settings for job in JOBS}
    writing = {name for name, kind in kinds.items() if issubclass(kind, RemovalSettings)}
    assert writing == set(JOB_WORDS) - {"cut"}
