"""What an endpoint sends back: bytes as JSON, whole or in pieces as they are written (server-sent events).

A long answer that comes in pieces does not run into a time-out. Here it becomes what it would have been
in one piece; thinking that is sent apart (`reasoning_content`) is left out.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

_MOST_BYTES = 8 << 20
"""Of an answer; what is longer is none."""
_MOST_STREAM_BYTES = 64 << 20
"""Of an answer in pieces, each of which says again what it belongs to."""
_LONGEST_STREAM_S = 3600.0
"""Seconds that an answer in pieces may take, however steadily they come."""
_SAID_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer as it came."""

    status: int
    body: bytes
    retry_after: str = ""
    in_pieces: bool = False


def reply_of(response: Any, status: int, *, timeout_s: float, began: float) -> Reply:
    """Read an answer to its end.

    Args:
        response: Of urllib; its socket waits `timeout_s` for a piece.
        status: Of HTTP.
        timeout_s: Of the whole answer, from `began`; of an answer in pieces, of each.
        began: `time.monotonic` when it was asked for.

    Raises:
        TimeoutError: It drips until after that.
        HTTPException: It is too long.
    """
    headers = response.headers
    kind = (headers.get("Content-Type") or "") if headers else ""
    in_pieces = status == 200 and kind.lower().startswith("text/event-stream")
    allowed = max(timeout_s, _LONGEST_STREAM_S) if in_pieces else timeout_s
    most = _MOST_STREAM_BYTES if in_pieces else _MOST_BYTES
    parts: list[bytes] = []
    size = 0
    while part := response.read1(1 << 16):
        parts.append(part)
        size += len(part)
        if size > most:
            raise HTTPException(f"more than {most} bytes")
        if time.monotonic() > began + allowed:
            raise TimeoutError("timed out")
    after = (headers.get("Retry-After") or "") if headers else ""
    return Reply(status=status, body=b"".join(parts), retry_after=after, in_pieces=in_pieces)


def said_in(reply: Reply) -> Any:
    """What an answer says, as JSON has it; None if that cannot be read.

    Raises:
        ValueError: Its pieces end in an error, or before the answer does; the text says what.
    """
    if reply.in_pieces:
        return _joined(_pieces(reply.body))
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def complaint(said: Any) -> str:
    """What an endpoint says is wrong."""
    error = said.get("error", said) if isinstance(said, dict) else said
    message = error.get("message", "") if isinstance(error, dict) else error
    return message[:_SAID_CHARS] if isinstance(message, str) else ""


def _pieces(body: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects of the events; the one that says the end is `{"done": True}`."""
    for line in body.decode("utf-8", "replace").splitlines():
        if not line.startswith("data:"):
            continue
        text = line.removeprefix("data:").strip()
        if text == "[DONE]":
            yield {"done": True}
            return
        try:
            piece = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError("a piece that is no JSON") from error
        if isinstance(piece, dict):
            yield piece


def _joined(pieces: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The completion that pieces are of."""
    texts: dict[int, list[str]] = {}
    ends: dict[int, str] = {}
    usage: Any = None
    is_whole = False
    for piece in pieces:
        if "error" in piece:
            raise ValueError(complaint(piece) or "an error in the midst of the answer")
        is_whole = is_whole or bool(piece.get("done"))
        usage = piece.get("usage") or usage
        for choice in piece.get("choices") or ():
            number = int(choice.get("index") or 0)
            text = (choice.get("delta") or {}).get("content")
            texts.setdefault(number, []).append(text if isinstance(text, str) else "")
            if choice.get("finish_reason"):
                ends[number] = choice["finish_reason"]
    if not is_whole and not ends:
        raise ValueError("an answer that broke off")
    choices = [
        {"index": n, "message": {"content": "".join(texts[n])}, "finish_reason": ends.get(n)}
        for n in sorted(texts)
    ]
    return {"choices": choices, **({"usage": usage} if usage else {})}
