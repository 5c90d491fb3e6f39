"""The workflow that asks a model: every row answered once, whatever fails, and rows keep their bytes."""

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chat_server import Reply, chat_server, complaint, echoed, question_in, said
from text_toys import rows_of, table, write_jsonl

from curator_engine.errors import CuratorError, SettingsError
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy
from curator_text.generate_settings import GenerateSettings
from curator_text.pipelines.generate import GenerateWorkflow

QUARANTINE = FailurePolicy(on_error="quarantine", max_rejected_ratio=1.0)
OWN = "output_field: out\nprompt: '{text}'\nmin_tokens: 3\nmax_tokens: 50\nrefusals: [about I refuse]\n"
ROWS = [{"id": f"d{n}", "text": f"document {n} of some words"} for n in range(20)]
MORE = [
    {"id": "short", "text": "short"},
    {"id": "refused", "text": "I refuse to say anything"},
    {"id": "none", "text": None},
    {"id": "bad", "text": "a bad request, say"},
    {"id": "cut", "text": "an answer that is cut"},
    {"id": "twice", "text": ROWS[0]["text"]},
]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def answering(met: Counter[str]) -> Any:
    """Busy, failing and slow the first time, as servers are."""

    def answer(body: dict[str, Any]) -> Reply:
        text = question_in(body)
        met[text] += 1
        first = met[text] == 1
        if "bad" in text:
            return complaint(400, "cannot")
        if first and " 3 " in text:
            return complaint(429, Retry_After="0")
        if first and " 4 " in text:
            return complaint(500)
        if first and " 5 " in text:
            return Reply(body={}, delay_s=60)
        return echoed(body, end="length" if "cut" in text else "stop")

    return answer


def generate(folder, url, **settings: Any) -> dict[str, Any]:
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    given: dict[str, Any] = {
        "recipe": str(folder / "own.yaml"),
        "id_field": "id",
        "timeout": 60.0,
        "model": "tiny",
        "output": str(folder / "out"),
    }
    chosen = GenerateSettings(
        inputs=[str(folder / "in")],
        endpoint=url,
        **{**given, **settings},
    )
    executor = make_executor("local", workers=1, policy=QUARANTINE)
    return GenerateWorkflow(settings=chosen).run(executor).metadata


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_jsonl(folder / "in/a.jsonl", [*ROWS, *MORE])
    pq.write_table(
        pa.Table.from_pylist([{"id": "p", "text": "a row of parquet"}]), folder / "in/b.parquet"
    )
    met = Counter[str]()
    with pytest.MonkeyPatch.context() as patch, chat_server(answering(met)) as server:
        patch.setenv("no_proxy", "127.0.0.1")
        facts = generate(folder, server.url, timeout=4.0, usd_in=1.0, usd_out=2.0)
    return folder / "out", facts, met


def test_every_row_is_answered_once_removed_or_in_quarantine(run):
    out, facts, met = run
    rows = {row["id"]: row for row in rows_of(out)}
    assert {*rows} == {row["id"] for row in ROWS} | {"none", "cut", "twice"}
    assert all(row["out"] == f"about {row['text']}" for row in rows.values() if row["text"])
    gone = {row["id"]: row["reason"].partition(":")[0] for row in table(out, "removed")}
    assert gone == {"short": "too short", "refused": "no use"}
    assert facts["lost_reasons"].popitem()[0].endswith("answered 400: cannot")
    assert (facts["num_documents"], facts["lost_rows"]) == (26, 1)
    again = {text: count for text, count in met.items() if count > 1}
    assert again == {ROWS[n]["text"]: 2 for n in (3, 4, 5)}


def test_half_answers_are_marked_and_rows_keep_their_bytes(run):
    out, _, _ = run
    rows = {row["id"]: row for row in rows_of(out)}
    ends = Counter(row["out_end"] for row in rows.values())
    assert ends == {"stop": 21, "length": 1, None: 1}
    assert rows["cut"]["out_end"] == "length"
    line = (out / "data/a.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert line.startswith(json.dumps(ROWS[0]).removesuffix("}"))
    assert pq.read_table(out / "data/b.parquet").to_pylist() == [
        {"id": "p", "text": "a row of parquet", "out": "about a row of parquet", "out_end": "stop"}
    ]


def test_what_it_cost_is_counted_those_without_an_answer_included(run):
    out, facts, _ = run
    assert facts["answers_paid"] == 23
    lost = facts["tokens_in"] - 230
    assert lost > 0
    assert facts["tokens_out"] == 23 * 5 + 50
    assert facts["usd"] == pytest.approx((facts["tokens_in"] + 2 * facts["tokens_out"]) / 1e6)
    assert facts["answers"]["ends"] == {"stop": 23, "length": 1}
    answers = {row["id"]: row for row in table(out, "answers")}
    assert (answers["d0"]["tokens_in"], answers["short"]["questions"]) == (10, 0)
    assert not (out / ".cache").exists()


def test_a_run_that_spends_its_budget_stops_and_goes_on_with_more(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", ROWS)
    with chat_server(echoed) as server:
        with pytest.raises(CuratorError, match="the budget does not cover the next question"):
            generate(tmp_path, server.url, budget_tokens=200)
        first = len(server.questions)
        assert 0 < first * 15 <= 200
        facts = generate(tmp_path, server.url, budget_tokens=2000)
    assert len(server.questions) == len(ROWS)
    assert (facts["answers_paid"], facts["tokens_in"]) == (len(ROWS), 200)
    assert len(rows_of(tmp_path / "out")) == len(ROWS)


def test_a_journal_of_ones_own_pays_for_later_runs_as_well(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", ROWS)
    journal = str(tmp_path / "journal")
    with chat_server(echoed) as server:
        generate(tmp_path, server.url, journal=journal)
        generate(tmp_path, server.url, journal=journal, output=str(tmp_path / "out2"))
    assert len(server.questions) == len(ROWS)
    names = [tmp_path / name / "data/a.jsonl" for name in ("out", "out2")]
    assert names[0].read_bytes() == names[1].read_bytes()


def test_a_translation_is_scored_and_code_stays(tmp_path):
    text = "Good morning.\n```\ncode\n```\nGood night."
    write_jsonl(tmp_path / "in/a.jsonl", [{"id": "a", "text": text}, {"id": "b", "text": "Bad."}])

    def answer(body: dict[str, Any]) -> Reply:
        asked = question_in(body)
        names = ("fluency", "accuracy", "idiomaticity", "terminology", "handling_of_format")
        mark = 1 if "Bad." in asked else 4
        scores = json.dumps(dict.fromkeys(names, mark))
        text = scores if "Judge the translation" in asked else "Guten Tag."
        return Reply(body={"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    with chat_server(answer) as server:
        generate(tmp_path, server.url, recipe="translate", set=["target_lang=German"])
    [row] = rows_of(tmp_path / "out")
    assert row["translated_text"] == "Guten Tag.\n```\ncode\n```\nGuten Tag."
    assert row["translated_text_score"] == 4.0
    [gone] = table(tmp_path / "out", "removed")
    assert gone["reason"] == "low score: 1 is below 2.5"


def test_a_score_that_a_condition_asks_for_decides_who_stays(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"id": "a", "text": "Good."}, {"id": "b", "text": "So."}])
    recipe = (
        "output_field: out\nprompt: '{text}'\nscore_prompt: 'Judge {answer}'\nscore_names: [x]\n"
    )
    (tmp_path / "scored.yaml").write_text(recipe, encoding="utf-8")

    def answer(body: dict[str, Any]) -> Reply:
        asked = question_in(body)
        scored = '{"x": 4}' if "Good" in asked else '{"x": 3}'
        return said(scored if "Judge" in asked else asked)

    with chat_server(answer) as server:
        name = str(tmp_path / "scored.yaml")
        generate(tmp_path, server.url, recipe=name, where="score >= 3.5 and end == 'stop'")
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["a"]
    [gone] = table(tmp_path / "out", "removed")
    assert (gone["id"], gone["reason"]) == ("b", "not score >= 3.5")
    with pytest.raises(SettingsError, match="marks"):
        generate(tmp_path, "http://127.0.0.1:9", where="marks > 1", output=str(tmp_path / "o2"))


def test_a_model_in_a_folder_answers_without_an_endpoint(tmp_path):
    from language_models import write_llama

    write_jsonl(tmp_path / "in/a.jsonl", ROWS[:2])
    model = str(write_llama(tmp_path / "tiny"))
    given: dict[str, Any] = {"model": model, "device": "cpu"}
    spent = generate(tmp_path, None, **given, set=["max_tokens=4"])
    rows = rows_of(tmp_path / "out")
    assert {row["out_end"] for row in rows} <= {"stop", "length"}
    assert spent["answers_paid"] == 2
    assert spent["tokens_in"] >= 2 * len(ROWS[0]["text"])
    with pytest.raises(SettingsError, match="without chance"):
        generate(tmp_path, None, **given, set=["temperature=0.5"], output=str(tmp_path / "o2"))


def test_the_key_is_in_no_file_of_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("CURATOR_API_KEY", "sk-very-secret")
    write_jsonl(tmp_path / "in/a.jsonl", ROWS[:2])
    with chat_server(echoed) as server:
        generate(tmp_path, server.url, cache=str(tmp_path / "cache"))
    assert server.requests[0]["headers"]["Authorization"] == "Bearer sk-very-secret"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"very-secret" in path.read_bytes()] == []


def translated(folder, url, **settings: Any) -> dict[str, Any]:
    languages = ["source_lang=en", "target_lang=de"]
    return generate(
        folder, url, backend="nmt", recipe="translate", set=languages, model=None, **settings
    )


def test_a_service_translates_each_text_once_and_its_characters_are_paid_for(tmp_path):
    rows = [{"id": "a", "text": "One.\n42\nTwo."}, {"id": "b", "text": "Three."}]
    write_jsonl(tmp_path / "in/a.jsonl", [*rows, {"id": "c", "text": "Three."}])
    met = list[list[str]]()

    def model(body: dict[str, Any]) -> Reply:
        met.append(body["texts"])
        if len(met) == 1:
            return complaint(500)
        return Reply(body={"translations": [text.upper() for text in body["texts"]]})

    with chat_server(model) as server:
        url, paid = server.url.removesuffix("/v1"), str(tmp_path / "paid")
        found = translated(tmp_path, url, usd_in=10.0, budget_tokens=14, journal=paid)
        assert (found["tokens_in"], found["tokens_out"]) == (14, 0)
        assert found["usd"] == pytest.approx(14 * 10 / 1e6)
        translated(tmp_path, url, output=str(tmp_path / "again"), journal=paid)
    assert met == [["One.", "Two.", "Three."]] * 2
    for folder in ("out", "again"):
        made = {row["id"]: row["translated_text"] for row in rows_of(tmp_path / folder)}
        assert made == {"a": "ONE.\n42\nTWO.", "b": "THREE.", "c": "THREE."}


def test_a_service_that_would_cost_more_than_the_budget_is_not_asked(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"id": "a", "text": "fifteen letters"}])
    with chat_server(lambda _: Reply(body={"translations": ["x"]})) as server:
        with pytest.raises(CuratorError, match="budget"):
            translated(tmp_path, server.url.removesuffix("/v1"), budget_tokens=14)
        assert server.requests == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"recipe": "distill"}, "give --recipe translate"),
        ({"set": ["target_lang=German"]}, "'English' is no code of a language"),
    ],
)
def test_a_service_wants_a_translation_between_codes(tmp_path, given, message):
    whole: dict[str, Any] = {"recipe": "translate", "backend": "google", **given}
    settings = GenerateSettings(inputs=["in"], output=str(tmp_path / "out"), **whole)
    with pytest.raises(SettingsError, match=message):
        GenerateWorkflow(settings=settings).check()
