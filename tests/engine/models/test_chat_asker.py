"""Many questions to a server that fails as servers do: each is answered once, and paid for once."""

from collections import Counter

import pytest
from chat_server import Reply as Sent
from chat_server import chat_server, complaint, echoed, question_in

from curator_engine.errors import StorageError
from curator_engine.models.answer_journal import AnswerJournal
from curator_engine.models.chat_asker import ChatAsker, ChatQuestion, about_tokens
from curator_engine.models.endpoint import Endpoint
from curator_engine.models.token_budget import SpentBudgetError, TokenBudget, Usage

PROMPTS = [f"question {n}" for n in range(12)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def asker_of(server, folder, *, tokens=None, timeout_s=60.0, retries=3) -> ChatAsker:
    journal = AnswerJournal(str(folder))
    budget = TokenBudget(tokens=tokens)
    budget.add(journal.spent)
    endpoint = Endpoint(
        url=server.url, model="tiny", timeout_s=timeout_s, retries=retries, backoff_s=0.01
    )
    return ChatAsker(endpoint=endpoint, model="tiny", journal=journal, budget=budget, concurrency=4)


def questions(prompts=PROMPTS, max_tokens=20) -> list[ChatQuestion]:
    return [ChatQuestion(prompt=each, max_tokens=max_tokens) for each in prompts]


def prompts_of(server) -> Counter[str]:
    return Counter(question_in(body) for body in server.questions)


def test_answers_come_in_the_order_of_questions_and_the_same_question_is_asked_once(tmp_path):
    with chat_server(echoed) as server:
        asker = asker_of(server, tmp_path)
        replies = asker.ask_all(questions([*PROMPTS, *PROMPTS]))
    assert [each.text for each in replies] == [f"about {each}" for each in [*PROMPTS, *PROMPTS]]
    assert prompts_of(server) == Counter(PROMPTS)
    assert asker.budget.spent == Usage(tokens_in=120, tokens_out=60)


def test_servers_that_are_busy_fail_or_cut_their_answers_are_asked_again(tmp_path):
    met = Counter[str]()

    def answer(body):
        text = question_in(body)
        met[text] += 1
        if met[text] > 1:
            return echoed(body)
        bad = [complaint(429, Retry_After="0"), complaint(500), Sent(body=b'{"half'), None]
        return bad[int(text.split()[1]) % 4] or echoed(body, end="length")

    with chat_server(answer) as server:
        replies = asker_of(server, tmp_path).ask_all(questions())
    ends = [each.end for each in replies]
    assert ends[:3] + ends[4:7] == ["stop", "stop", "", "stop", "stop", ""]
    assert (ends[3], ends[7]) == ("length", "length")
    assert [bool(each.error) for each in replies[:4]] == [False, False, True, False]


def test_what_got_no_answer_counts_against_the_budget(tmp_path):
    def answer(body):
        return Sent(body={}, delay_s=60) if "0" in question_in(body) else echoed(body)

    with chat_server(answer) as server:
        patient = asker_of(server, tmp_path)
        patient.ask_all(questions(PROMPTS[1:2]))
        patient.journal.close()
        asker = asker_of(server, tmp_path, timeout_s=1.5, retries=1)
        [reply] = asker.ask_all(questions(PROMPTS[:1]))
    assert "did not answer in time" in reply.error
    most = questions(PROMPTS[:1])[0].most
    assert asker.budget.spent.tokens == 2 * most.tokens + 15
    assert asker.journal.spent == asker.budget.spent


def test_what_is_no_answer_counts_as_it_may_have_to_be_paid_for(tmp_path):
    bodies = [b'{"half', {"choices": []}, {"choices": [{"message": {"content": 1}}]}]

    def answer(body):
        return Sent(body=bodies[int(question_in(body).split()[1]) % 3])

    with chat_server(answer) as server:
        asker = asker_of(server, tmp_path)
        replies = asker.ask_all(questions(PROMPTS[:3]))
    assert all(reply.error for reply in replies)
    most = sum(each.most.tokens for each in questions(PROMPTS[:3]))
    assert asker.budget.spent.tokens == most
    assert asker.journal.spent == asker.budget.spent


def test_the_budget_is_kept_and_the_rest_is_asked_with_a_larger_one(tmp_path):
    with chat_server(echoed) as server:
        asker = asker_of(server, tmp_path, tokens=100)
        with pytest.raises(SpentBudgetError, match="Give a larger budget"):
            asker.ask_all(questions())
        assert 0 < asker.budget.spent.tokens <= 100
        done = len(asker.journal)
        asker.journal.close()
        asker_of(server, tmp_path, tokens=10_000).ask_all(questions())
    assert len(server.questions) == len(PROMPTS)
    assert prompts_of(server) == Counter(PROMPTS)
    assert 0 < done < len(PROMPTS)


def test_a_server_that_refuses_the_key_ends_the_run_at_once(tmp_path):
    with (
        chat_server(lambda body: complaint(401, "wrong key")) as server,
        pytest.raises(StorageError, match="wrong key; mend that"),
    ):
        asker_of(server, tmp_path).ask_all(questions())
    assert len(server.questions) <= 4


def test_a_server_that_wants_another_name_of_an_option_gets_it(tmp_path):
    def answer(body):
        if "max_tokens" in body:
            return complaint(400, "use max_completion_tokens instead")
        return echoed(body)

    with chat_server(answer) as server:
        asker = asker_of(server, tmp_path)
        asker.ask_all(questions(PROMPTS[:1], max_tokens=7))
        asker.ask_all(questions(PROMPTS[1:2], max_tokens=9))
    assert [each.get("max_completion_tokens") for each in server.questions] == [None, 7, 9]


def test_what_does_not_say_its_tokens_counts_as_the_most(tmp_path):
    def answer(body):
        return Sent(body={"choices": [{"message": {"content": "Yes."}}]})

    with chat_server(answer) as server:
        asker = asker_of(server, tmp_path)
        asker.ask_all(questions(PROMPTS[:1]))
    assert asker.budget.spent == questions(PROMPTS[:1])[0].most


def test_tokens_are_guessed_from_bytes():
    assert (about_tokens(""), about_tokens("four"), about_tokens("fives")) == (0, 1, 2)
