import time

import pytest
from web_server import serving

from curator_engine.files import fetch_many
from curator_engine.files.fetch import FetchRules
from curator_engine.files.fetch_many import Fetcher

RULES = FetchRules(allow_private=True, per_host=1000.0, backoff_s=0.01, timeout_s=60)


def test_every_address_has_an_answer():
    with serving({f"/{i}": (200, {}, b"%d" % i) for i in range(30)}) as site:
        urls = [*(f"{site.url}/{i}" for i in range(31)), "no address", ""]
        found = dict(Fetcher(rules=RULES, threads=4).fetch_all(urls))
    assert [found[i].data for i in range(30)] == [b"%d" % i for i in range(30)]
    assert (found[30].reason, found[31].reason) == ("status 404", "not an address of http or https")
    assert len(found) == 33


def test_what_may_come_later_is_asked_for_again():
    answers = {
        "/late": [(503, {"Retry-After": "0"}, b""), (200, {}, b"x")],
        "/never": (500, {}, b""),
    }
    with serving(answers) as site:
        found = dict(Fetcher(rules=RULES).fetch_all([f"{site.url}/late", f"{site.url}/never"]))
        assert site.asked == {"/late": 2, "/never": 3}
    assert (found[0].data, found[0].tries) == (b"x", 2)
    assert (found[1].reason, found[1].tries) == ("status 500", 3)


def test_a_host_is_not_asked_more_often_than_allowed():
    with serving({"/": (200, {}, b"x")}) as site:
        rules = FetchRules(allow_private=True, per_host=20.0)
        fetcher, start = Fetcher(rules=rules, threads=8), time.monotonic()
        for _ in range(2):
            assert len(list(fetcher.fetch_all([f"{site.url}/"] * 3))) == 3
        # From the start: the first request may reach the server late.
        assert max(site.times) - start >= 5 / 20


def test_leaving_early_ends_the_threads():
    with serving({"/": (200, {}, b"x")}) as site:
        found = Fetcher(rules=RULES, threads=2).fetch_all([f"{site.url}/"] * 100)
        next(found)
        found.close()
        assert site.asked["/"] < 100


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_is_not_waited_for(monkeypatch):
    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(fetch_many, "fetch", broken)
    with pytest.raises(RuntimeError, match="has ended"):
        list(Fetcher(rules=RULES).fetch_all(["http://127.0.0.1/"]))


def test_nothing_to_fetch_gives_nothing():
    assert list(Fetcher(rules=RULES).fetch_all([])) == []
