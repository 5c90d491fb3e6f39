"""What is spent never passes the budget."""

import threading

import pytest

from curator_engine.models.token_budget import Prices, SpentBudgetError, TokenBudget, Usage

MOST = Usage(tokens_in=10, tokens_out=90)


def test_what_a_question_did_cost_takes_the_place_of_what_was_held():
    budget = TokenBudget(tokens=150)
    budget.hold(MOST)
    budget.settle(MOST, Usage(tokens_in=10, tokens_out=20))
    budget.hold(MOST)
    assert budget.spent.tokens == 30


def test_a_question_that_does_not_fit_is_refused_with_numbers():
    budget = TokenBudget(tokens=150)
    budget.add(Usage(tokens_in=60))
    with pytest.raises(SpentBudgetError, match="60 of 150 tokens are spent"):
        budget.hold(MOST)


def test_money_counts_by_the_prices_of_questions_and_answers():
    budget = TokenBudget(usd=1.0, prices=Prices(usd_in=1.0, usd_out=10.0))
    budget.add(Usage(tokens_in=100_000, tokens_out=80_000))
    budget.hold(Usage(tokens_out=10_000))
    with pytest.raises(SpentBudgetError, match=r"\$0\.9000 of \$1\.00"):
        TokenBudget.add(budget, Usage(tokens_out=0))
        budget.settle(Usage(tokens_out=10_000), Usage())
        budget.hold(Usage(tokens_out=10_001))


def test_a_question_waits_for_those_under_way_before_it_is_refused():
    budget = TokenBudget(tokens=150)
    budget.hold(MOST)
    held = threading.Event()

    def second():
        budget.hold(MOST)
        held.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not held.wait(0.02)
    budget.settle(MOST, Usage(tokens_out=5))
    assert held.wait(120)
    thread.join()
