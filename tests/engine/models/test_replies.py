"""Answers whole and in pieces; over a real socket, `test_nv_client.py` and `test_endpoint.py` show them."""

import io
import json
from email.message import Message
from http.client import HTTPException

import pytest

from curator_engine.models import replies
from curator_engine.models.replies import Reply, complaint, reply_of, said_in


def events(*pieces, end="data: [DONE]\n\n"):
    return ("".join(f"data: {json.dumps(each)}\n\n" for each in pieces) + end).encode()


def piece(text=None, *, index=0, end=None, **more):
    return {"choices": [{"index": index, "delta": {"content": text, **more}, "finish_reason": end}]}


def said(body):
    return said_in(Reply(status=200, body=body, in_pieces=True))


def test_pieces_become_the_answer_without_the_thinking():
    body = events(
        piece("", reasoning_content="hm"),
        piece("a d"),
        piece("og", end="stop"),
        {"choices": [], "usage": {"completion_tokens": 2}},
    )
    assert said(b": waiting\n\n" + body) == {
        "choices": [{"index": 0, "message": {"content": "a dog"}, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 2},
    }


def test_several_answers_are_kept_apart():
    body = events(piece("a", index=1), piece("b"), piece("c", index=1))
    assert [each["message"]["content"] for each in said(body)["choices"]] == ["b", "ac"]


def test_an_end_without_its_mark_is_one_if_the_model_says_so():
    assert said(events(piece("x", end="length"), end=""))["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (events(piece("a"), end=""), "broke off"),
        (b"data: {nothing\n\n", "no JSON"),
        (events(piece("a"), {"error": {"message": "out of memory"}}), "out of memory"),
        (events({"error": {}}), "in the midst"),
    ],
)
def test_an_answer_that_ends_badly_is_none(body, why):
    with pytest.raises(ValueError, match=why):
        said(body)


def test_what_is_no_json_says_nothing():
    assert said_in(Reply(status=200, body=b"<html>")) is None
    assert complaint({"error": {"message": "no"}}) == complaint("no") == "no"
    assert complaint({"error": 5}) == complaint(None) == ""


class Response(io.BytesIO):
    """As urllib gives one."""

    def __init__(self, data, **headers):
        super().__init__(data)
        self.headers = Message()
        for name, value in headers.items():
            self.headers[name.replace("_", "-")] = value


def test_a_reply_keeps_what_a_busy_server_asks_for():
    reply = reply_of(Response(b"{}", Retry_After="3"), 429, timeout_s=1e9, began=0)
    assert (reply.status, reply.retry_after, reply.in_pieces) == (429, "3", False)


def test_an_answer_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(replies, "_MOST_BYTES", 10)
    with pytest.raises(HTTPException, match="more than 10 bytes"):
        reply_of(Response(b"x" * 11), 200, timeout_s=1e9, began=0)
    with pytest.raises(TimeoutError):
        reply_of(Response(b"x"), 200, timeout_s=1, began=-1e9)


def test_the_time_of_an_answer_in_pieces_is_that_of_each():
    body = events(piece("x", end="stop"))
    response = Response(body, Content_Type="text/event-stream; charset=utf-8")
    from time import monotonic

    reply = reply_of(response, 200, timeout_s=1, began=monotonic() - 60)
    assert reply.in_pieces
    assert reply.body == body
