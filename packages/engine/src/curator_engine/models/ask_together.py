"""Ask a client several questions at a time, from a stage: the client keeps to its limit, and asks again."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from curator_engine.models.llm_client import AsyncLLMClient, Given, LLMClient

type Client = AsyncLLMClient | LLMClient


def ask_all(
    client: Client, questions: Sequence[list[dict[str, Any]]], *, model: str, config: Given
) -> list[list[str]]:
    """The answers to each question, in order.

    Args:
        client: Whom to ask; `setup` was called.
        questions: Chat messages of each question.
        model: Name of the model.
        config: How to generate.

    Raises:
        Exception: What the client raises for the first question that gets no answer.
    """
    answers: list[list[str]] = []
    for each in ask_each(client, questions, model=model, config=config):
        if isinstance(each, Exception):
            raise each
        answers.append(each)
    return answers


def first_answers(
    client: Client | None,
    questions: Sequence[list[dict[str, Any]]],
    *,
    model: str,
    config: Given,
) -> list[str]:
    """The first answer to each question, empty where there is none; arguments as of `ask_all`, without a client nothing."""
    if client is None or not questions:
        return []
    found = ask_all(client, questions, model=model, config=config)
    return [answers[0] if answers else "" for answers in found]


def ask_each(
    client: Client, questions: Sequence[list[dict[str, Any]]], *, model: str, config: Given
) -> list[list[str] | Exception]:
    """The answers to each question, in order, or what the client raised for it; the others are not affected."""
    options: dict[str, Any] = {"model": model, "generation_config": config}
    if isinstance(client, LLMClient):
        found: list[list[str] | BaseException] = []
        with ThreadPoolExecutor(max_workers=1) as pool:
            for each in questions:
                asked = pool.submit(client.query_model, messages=each, **options)
                found.append(asked.exception() or asked.result())
    else:
        found = run_async_safe(partial(_ask_at_once, client, questions, options))
    answers: list[list[str] | Exception] = []
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, Exception):
            raise each
        answers.append(each)
    return answers


async def _ask_at_once(
    client: AsyncLLMClient, questions: Sequence[list[dict[str, Any]]], options: Mapping[str, Any]
) -> list[list[str] | BaseException]:
    asked = [client.query_model(messages=each, **options) for each in questions]
    return await asyncio.gather(*asked, return_exceptions=True)


def run_async_safe[T](make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end, also in a thread that has an event loop, as those of a notebook.

    Args:
        make: Gives what is to be run.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(make())
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()
