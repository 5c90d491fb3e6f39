"""`curator-text explain` for a run of several steps: in which of them a document left."""

import json

import pytest
from interleaved_toys import mint, picture
from language_toys import TEXTS
from text_toys import command

GERMAN, ENGLISH = TEXTS["deu_Latn"], TEXTS["eng_Latn"]
LINES = [
    {"text": ENGLISH, "id": "first"},
    {"text": GERMAN, "id": "german"},
    "{broken",
    "",
    {"text": f"{ENGLISH} And then they left.", "id": "stays"},
    {"text": GERMAN, "id": "german again"},
    {"text": ENGLISH, "id": "copy"},
    {"text": None, "id": "without a text"},
    {"text": f"{ENGLISH} And then they stayed.", "id": "stays too"},
]
LEFT = {1: "01-langid", 5: "01-langid", 6: "02-exact"}
STEPS = "steps:\n- langid: {keep: [en]}\n- exact: {}\n- exact: {normalize: whitespace}\n"


@pytest.fixture(scope="module")
def run_of_steps(tmp_path_factory):
    """A function that runs the steps over lines, with options beside `steps`; the folder of the run."""
    root = tmp_path_factory.mktemp("steps")

    def call(name, options=""):
        source = root / f"{name}.jsonl"
        lines = [each if isinstance(each, str) else json.dumps(each) for each in LINES]
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        job = root / f"{name}.yaml"
        text = f"input: {source}\noutput: {root / name}\nworkers: 1\nmax_rejected_ratio: 1\n"
        job.write_text(text + options + STEPS, encoding="utf-8")
        assert command("run", job)[0] == 3
        return root / name

    return call


@pytest.fixture(scope="module")
def by_place(run_of_steps):
    return run_of_steps("a")


@pytest.mark.parametrize("row", [0, 1, 4, 5, 6, 8])
def test_a_document_is_followed_by_its_place(by_place, row):
    code, said, _ = command("explain", by_place, "--id", f"a.jsonl:{row}", "--json")
    answer = json.loads(said)
    assert code == 0
    assert answer["status"] == ("removed" if row in LEFT else "kept")
    assert answer.get("step") == LEFT.get(row)


def test_each_step_says_what_it_did_until_the_document_left(by_place):
    said = command("explain", by_place, "--id", "a.jsonl:6")[1].splitlines()
    assert said[0].startswith("01-langid: a.jsonl:6: kept")
    # The broken line and two German documents before it are gone.
    assert said[1].startswith("02-exact: a.jsonl:3: removed as a duplicate of a.jsonl:0")


def test_where_a_document_that_stays_lies_is_said(by_place):
    said = command("explain", by_place, "--id", "a.jsonl:8")[1].splitlines()
    assert [line.partition(":")[0] for line in said[:3]] == ["01-langid", "02-exact", "03-exact"]
    assert said[3] == f"stays, in {by_place}/data"


def test_an_id_is_the_same_in_all_steps(run_of_steps):
    run = run_of_steps("b", "id_field: id\n")
    answer = json.loads(command("explain", run, "--id", "copy", "--json")[1])
    assert (answer["status"], answer["step"]) == ("removed", "02-exact")


def test_a_document_that_is_not_there_is_told(by_place):
    code, _, err = command("explain", by_place, "--id", "a.jsonl:99")
    assert code == 2
    assert "no document 'a.jsonl:99'" in err


def test_documents_of_texts_and_pictures_are_followed_by_their_ids(tmp_path):
    lists = {"texts": ["One.", None], "images": [None, "a"]}
    samples = [("a", lists, {"png": picture()}), ("b", lists, {"png": picture(9, 9)})]
    mint(tmp_path / "a.tar", *samples)
    job = tmp_path / "job.yaml"
    job.write_text(
        f"input: {tmp_path / 'a.tar'}\noutput: {tmp_path / 'out'}\nworkers: 1\n"
        "steps:\n- interleaved: {}\n- interleaved: {min_side: 0, min_images: 0}\n",
        encoding="utf-8",
    )
    assert command("run", job)[0] == 0
    for name in ("b", "a.tar:1"):
        said = command("explain", tmp_path / "out", "--id", name)[1]
        assert said.startswith("01-interleaved: b: removed; too few pictures\n")
    said = command("explain", tmp_path / "out", "--id", "a.tar:0")[1].splitlines()
    assert said[:2] == ["01-interleaved: a: kept", "02-interleaved: a: kept"]
