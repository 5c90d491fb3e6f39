"""What hosts allow."""

import pytest
from web_server import serving

from curator_engine.files.fetch import FetchRules
from curator_engine.files.fetch_many import Fetcher
from curator_text.download.robots import DISALLOWED, UNREACHABLE, Robots

TEXT = b"User-agent: nice\nAllow: /\nCrawl-delay: 3\n\nUser-agent: *\nDisallow: /no\n"


def robots(agent="curator", **answers):
    with serving({"/robots.txt": answers["robots"]} if answers else {}) as site:
        rules = FetchRules(allow_private=True, per_host=100, retries=0, user_agent=agent)
        made = Robots(fetcher=Fetcher(rules=rules))
        made.learn([f"{site.url}/a", f"{site.url}/b", "no address"])
        assert site.asked["/robots.txt"] == 1
    return made, site.url


def test_what_is_disallowed_is_not_fetched():
    made, url = robots(robots=(200, {}, TEXT))
    assert made.refusal(f"{url}/no/x") == DISALLOWED
    assert made.refusal(f"{url}/yes") == ""


def test_a_named_program_has_its_own_rules_and_pace():
    made, url = robots(agent="nice/1.0", robots=(200, {}, TEXT))
    assert made.refusal(f"{url}/no/x") == ""
    assert made.fetcher.gaps == {"127.0.0.1": 3.0}


@pytest.mark.parametrize("status", [404, 403])
def test_a_host_without_one_allows_all(status):
    made, url = robots(robots=(status, {}, b"x"))
    assert made.refusal(f"{url}/no") == ""


def test_a_host_that_fails_allows_nothing():
    made, url = robots(robots=(500, {}, b"x"))
    assert made.refusal(f"{url}/yes") == f"{UNREACHABLE} (status 500)"


def test_why_a_host_cannot_be_asked_is_said():
    made = Robots(fetcher=Fetcher(rules=FetchRules()))
    made.learn(["http://127.0.0.1:9/a"])
    assert "--allow-private" in made.refusal("http://127.0.0.1:9/a")


def test_what_is_no_address_of_the_web_has_no_robots():
    made = Robots(fetcher=Fetcher(rules=FetchRules()))
    made.learn(["ftp://127.0.0.1/a"])
    assert made.refusal("ftp://127.0.0.1/a") == ""
