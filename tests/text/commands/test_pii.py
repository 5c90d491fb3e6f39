"""`curator-text pii` as a person uses it."""

from text_toys import command, rows_of, write_jsonl


def test_it_says_how_many_documents_hold_what_and_never_the_values(tmp_path):
    rows = [{"text": "jo@example.org, 8.8.8.8"}, {"text": "jo@example.org"}, {"text": "x"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    out = tmp_path / "out"
    code, said, error = command("pii", source, "-o", out, "--workers", "1")
    first, *kinds, last = said.splitlines()
    assert code == 0, error
    assert first.startswith("3 documents: 3 kept, 0 removed (0.0%), 2 changed, ")
    assert kinds == ["  email: 2 (66.7%)", "  ip: 1 (33.3%)"]
    assert last == f"result in {out}: report.html, data/, removed/, changes/, run.json"
    assert [row["text"] for row in rows_of(out)] == ["<EMAIL>, <IP_ADDRESS>", "<EMAIL>", "x"]
    code, said, _ = command("explain", out, "--id", "x.jsonl:0")
    assert (code, "kept, changed" in said, "jo@" in said) == (0, True, False)
    assert "what a run on private data finds is shown nowhere." in said


def test_a_dry_run_names_the_kinds(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "x"}])
    words = ["--kinds", "email", "--kinds", "key", "--action", "drop", "--region", "de"]
    code, said, _ = command("pii", source, "-o", tmp_path / "out", "--dry-run", *words)
    assert code == 0
    assert "drop email, key; phone numbers of DE" in said
