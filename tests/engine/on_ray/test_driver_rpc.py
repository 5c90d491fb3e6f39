"""Calls over the hotline: answers come back, strangers are not heard."""

import pickle
import socket
import threading
from contextlib import closing

import pytest

from curator_engine.on_ray.driver_rpc import Hotline, Switchboard


class Counter:
    def __init__(self):
        self.count = 0

    def add(self, number):
        before = self.count
        self.count = before + number
        return self.count


@pytest.fixture
def board(ray_cluster):
    with Switchboard(Counter()) as board:
        yield board
        board.hotline.close()


def travelled(line):
    return pickle.loads(pickle.dumps(line))


@pytest.mark.ray
def test_a_call_returns_what_the_method_returns(board):
    assert [board.hotline.call("add", n) for n in (1, 2)] == [1, 3]


@pytest.mark.ray
def test_a_hotline_works_after_it_has_travelled(board):
    board.hotline.call("add", 1)
    with closing(travelled(board.hotline)) as line:
        assert line.call("add", 1) == 2


@pytest.mark.ray
def test_calls_are_served_one_at_a_time(board):
    def call():
        with closing(travelled(board.hotline)) as line:
            for _ in range(200):
                line.call("add", 1)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert board.hotline.call("add", 0) == 1600


@pytest.mark.ray
def test_who_lacks_the_token_is_not_heard(board):
    stranger = Hotline(address=board.hotline.address, token=b"?" * 32)
    with closing(stranger), pytest.raises(OSError, match=r"closed|reset|pipe"):
        stranger.call("add", 1)


@pytest.mark.ray
def test_a_stranger_who_says_nothing_holds_up_nobody(board):
    with socket.create_connection(board.hotline.address):
        assert board.hotline.call("add", 1) == 1


@pytest.mark.ray
def test_a_call_after_the_end_fails(ray_cluster):
    with Switchboard(Counter()) as board:
        pass
    with pytest.raises(ConnectionError):
        board.hotline.call("add", 1)


@pytest.mark.ray
def test_the_token_is_not_printed(board):
    assert repr(board.hotline.token) not in repr(board.hotline)
