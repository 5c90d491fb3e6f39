"""With --remove span what is of evaluation items goes, and the rest of the document stays as it was."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contamination_toys import QUESTIONS, decontaminate_into, leaky_rows, words, write_evaluation
from text_toys import command, rows_of, table, write_jsonl

from curator_text.decontaminate.cut_matches import cut_out

ROWS = leaky_rows(20)
SHORT = {"id": "short", "text": f"only this: {QUESTIONS[0]}"}
DUMP = {"id": "dump", "text": " xyzzy\n".join([*QUESTIONS, " ".join(words(5, 60))])}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run over lines with odd spacing and over Parquet."""
    folder = tmp_path_factory.mktemp("cut")
    lines = [json.dumps(row, separators=(" ,", ":  ")) for row in [*ROWS[:10], SHORT, DUMP]]
    (folder / "in").mkdir()
    (folder / "in/a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(ROWS[10:]), folder / "in/b.parquet")
    against = write_evaluation(folder / "qa.jsonl")
    decontaminate_into(folder / "in", folder / "out", against, id_field="id", remove="span")
    return folder / "out"


@pytest.fixture(scope="module")
def texts(out):
    rows = [*rows_of(out), *pq.read_table(out / "data/b.parquet").to_pylist()]
    return {row["id"]: row["text"] for row in rows}


def test_what_is_put_back_at_its_place_gives_the_document_as_it_was(out, texts):
    known = {row["id"]: row["text"] for row in [*ROWS, DUMP]}
    for name in {row["id"] for row in table(out, "changes")}:
        text, rest = known[name], texts[name]
        for cut in reversed([row for row in table(out, "cuts") if row["id"] == name]):
            start, end = cut["start"], cut["start"] + cut["characters"]
            assert cut["text"] == text[start:end]
            text = "\n".join(filter(None, (text[:start], text[end:])))
        assert text == rest


def test_a_document_with_too_little_left_goes_with_its_reason(out):
    [row] = table(out, "removed")
    assert row["id"] == "short"
    assert row["reason"].endswith("12 n-grams of qa.jsonl:0 question; 10 characters would be left")


def test_all_passages_of_a_document_that_holds_the_whole_set_are_cut(texts):
    assert not any(question in texts["dump"] for question in QUESTIONS)
    assert texts["dump"].split("\n")[:11] == ["xyzzy"] * 11


def test_lines_that_are_not_cut_are_their_bytes_and_others_keep_what_is_around_the_text(out):
    before = (out.parent / "in/a.jsonl").read_bytes().splitlines()
    after = (out / "data/a.jsonl").read_bytes().splitlines()
    assert [a == b for a, b in zip(before, after, strict=False)][:10] == [
        i % 5 > 0 for i in range(10)
    ]
    assert after[5].startswith(b'{"id":  "d5" ,"site":  "b" ,"text":  "')


def test_the_counts_are_those_of_the_tables(out):
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]
    cuts = table(out, "cuts")
    changes = table(out, "changes")
    assert (facts["num_documents"], facts["num_removed"], facts["changed"]) == (22, 1, len(changes))
    assert facts["cuts"] == len(cuts) == sum(row["cuts"] for row in changes)
    assert facts["cut_chars"] == sum(row["characters"] for row in cuts)


def test_the_page_says_what_was_cut(out):
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "A passage is cut out of a document" in page
    assert "kept without some passages" in page
    assert "passages cut" in page


def test_explain_shows_the_cuts_of_a_document_that_stays(out):
    code, said, _ = command("explain", out, "--id", "d5")
    assert code == 0
    assert said.startswith("d5: kept without 1 of its passages, ")
    assert "\n  cut          characters " in said
    answer = json.loads(command("explain", out, "--id", "d5", "--json")[1])
    assert (answer["status"], len(answer["passages"])) == ("changed", 1)


@pytest.mark.parametrize(
    ("text", "spans", "around", "rest"),
    [
        ("before found after", [(7, 12)], 0, "before\nafter"),
        ("found after", [(0, 5)], 0, "after"),
        ("before found", [(7, 12)], 0, "before"),
        ("found", [(0, 5)], 0, ""),
        ("before cafe\u0301 after", [(7, 11)], 0, "before\nafter"),
        ("before found after", [(7, 12)], 3, "befo\nter"),
        ("aa bb cc dd ee", [(3, 5), (6, 8)], 0, "aa\ndd ee"),
        ("aa bb cc dd ee", [(3, 5), (9, 11)], 1, "aa\ncc\nee"),
        ("aa bb cc dd ee", [(3, 5), (9, 11)], 3, ""),
        ("\u6211\u627e\u5230\u4f60", [(1, 3)], 0, "\u6211\n\u4f60"),
    ],
)
def test_a_passage_goes_with_the_space_beside_it(text, spans, around, rest):
    cut = cut_out(text, spans, around)
    assert cut.rest == rest
    assert "".join(cut.passages) == "".join(text[start:end] for start, end in cut.cuts)


def test_a_forgotten_document_leaves_what_was_cut_out_of_it_as_well(out, tmp_path):
    shutil.copytree(out, tmp_path / "run")
    (tmp_path / "ids.txt").write_text("d5\n", encoding="utf-8")
    code, _, err = command("forget", tmp_path / "ids.txt", tmp_path / "run")
    assert code == 0, err
    for name in ("cuts", "changes", "matches"):
        ids = {row["id"] for row in table(tmp_path / "run", name)}
        assert (len(ids) > 3, "d5" in ids) == (True, False), name


def test_with_a_kept_cache_documents_go_after_passages_and_passages_after_documents(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    against, cache = write_evaluation(tmp_path / "qa.jsonl"), str(tmp_path / "cache")
    counts = []
    for how in ("span", "document", "span"):
        decontaminate_into(source, tmp_path / "out", against, remove=how, cache=cache)
        tables = [table(tmp_path / "out", name) for name in ("cuts", "changes", "removed")]
        counts.append([*map(len, tables), len(rows_of(tmp_path / "out"))])
    assert counts == [[4, 4, 0, 20], [0, 0, 4, 16], [4, 4, 0, 20]]
