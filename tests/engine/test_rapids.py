"""RAPIDS has one door, and who goes through it is told that nobody has been there before."""

import ast
import ctypes
import logging
import sys
from pathlib import Path

import fake_rapids
import pyarrow as pa
import pytest

from curator_engine import rapids
from curator_engine.communicator import Alone
from curator_engine.stages.gpu_exchange import GpuExchange
from curator_text.fuzzy.gpu_components import on_gpu
from curator_text.signatures.signer import signer_for

ROOT = Path(__file__).parents[2]
PACKAGES = {
    *("cudf", "cudf_streaming", "cugraph", "cuml", "cupy", "pylibcudf", "pylibcugraph"),
    *("pylibraft", "raft_dask", "rapidsmpf", "rmm", "ucxx"),
}


@pytest.fixture(autouse=True)
def told(caplog):
    """What was said, in a process that has said nothing yet."""
    rapids.announce.cache_clear()
    caplog.set_level(logging.WARNING, logger="curator_engine.rapids")
    yield lambda: caplog.messages
    rapids.announce.cache_clear()


@pytest.fixture
def stand_ins(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)


def said_of(part):
    return f"never run on a GPU by us: {part.value}. Compare a result with device='cpu' before you rely on it."


def test_what_is_missing_is_named():
    assert "pylibcudf" in rapids.missing(rapids.Part.SIGNATURES)


def test_to_look_whether_it_is_there_says_nothing(stand_ins, told):
    assert rapids.missing(rapids.Part.COMPONENTS) == ""
    assert told() == []


def test_a_part_is_announced_once_by_its_first_module(stand_ins, told):
    rapids.load(rapids.Part.SIGNATURES, "pylibcudf")
    rapids.load(rapids.Part.SIGNATURES, "pylibcudf.nvtext.minhash")
    assert told() == [said_of(rapids.Part.SIGNATURES)]


def test_who_joins_by_cugraph_is_told(stand_ins, told):
    assert on_gpu("auto")
    assert told() == [said_of(rapids.Part.COMPONENTS)]


def test_who_signs_by_cudf_is_told(stand_ins, told, monkeypatch):
    monkeypatch.setattr("curator_text.signatures.signer.torch_has_gpu", lambda: False)
    assert signer_for("auto", "curator") == "cudf"
    assert told() == [said_of(rapids.Part.SIGNATURES)]


def test_who_shuffles_by_rapidsmpf_is_told(stand_ins, told):
    exchange = GpuExchange(Alone(), partitions=1)
    exchange.insert("0", pa.table({"a": pa.array([1, 2])}), [])
    assert told() == [said_of(rapids.Part.SHUFFLE)]


def test_who_stays_on_the_cpu_is_told_nothing(stand_ins, told):
    assert not on_gpu("cpu")
    assert signer_for("cpu", "curator") == "cpu"
    assert told() == []


def last_name(function):
    """Of what is called, as the attribute or the plain name."""
    return getattr(function, "attr", getattr(function, "id", ""))


def imported(tree):
    """Root packages of import statements, and of the first texts in calls of `import_module` and the like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and last_name(node.func).endswith(
            ("import_module", "find_spec", "__import__")
        ):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            yield from (str(text).partition(".")[0] for text in texts)


def test_nothing_of_rapids_is_imported_beside_the_door():
    sources = [p for root in ("packages", "apps") for p in (ROOT / root).rglob("src/**/*.py")]
    assert len(sources) > 100
    beside = {
        path.name: sorted(found)
        for path in sources
        if (found := PACKAGES & set(imported(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert beside == {}
