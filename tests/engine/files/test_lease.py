"""A lease keeps two runs apart on object stores."""

import json
import signal
import time

import pytest

from curator_engine.errors import InputError
from curator_engine.files import lease
from curator_engine.files.lease import Lease
from curator_engine.files.storage import exists, read_bytes, write_atomic


@pytest.fixture(params=["local", "s3"])
def path(request, tmp_path):
    base = tmp_path if request.param == "local" else f"{request.getfixturevalue('bucket')}/l"
    return f"{base}/{tmp_path.name}/lease.json"


def test_a_second_run_is_kept_out(path):
    held = Lease(path, "out")
    with pytest.raises(InputError, match="another run, process"):
        Lease(path, "out")
    held.release()


def test_it_is_gone_when_it_is_given_back(path):
    Lease(path, "out").release()
    assert not exists(path)


def test_that_of_a_dead_run_is_taken_over_and_said(path):
    dead = {"id": "x", "pid": 7, "host": "there", "time": time.time() - 121}
    write_atomic(path, json.dumps(dead).encode())
    held = Lease(path, "out")
    assert "process 7 on there" in held.taken_over
    held.release()


def test_it_is_renewed(path, monkeypatch):
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.02)
    held = Lease(path, "out")
    first = json.loads(lease._read(path))["time"]
    end = time.monotonic() + 120
    while json.loads(lease._read(path))["time"] == first:
        assert time.monotonic() < end
    held.release()


def test_who_has_lost_it_is_interrupted(path, monkeypatch):
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.02)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    held = Lease(path, "out")
    other = {"id": "other", "time": time.time()}
    with pytest.raises(KeyboardInterrupt):
        # Where there are no tags, a renewal may come between; but the other renews it as well.
        for _ in range(100):
            write_atomic(path, json.dumps(other).encode())
            time.sleep(0.2)
    signal.signal(signal.SIGINT, before)
    held.release()
    assert json.loads(read_bytes(path))["id"] == "other"


def test_a_renewal_does_not_write_over_who_came_after_it_looked(bucket, tmp_path):
    path = f"{bucket}/l/{tmp_path.name}/lease.json"
    write_atomic(path, b"first")
    tag = lease._tag(path)
    write_atomic(path, b"second")
    assert not lease._write(path, b"third", mode="replace", tag=tag)
    assert read_bytes(path) == b"second"
