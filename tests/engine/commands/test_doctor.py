"""What the doctor says of a machine, and that it says it without Ray."""

import json
import os
import py_compile
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from curator_engine.commands import doctor
from curator_engine.commands.doctor import Finding, Space

GB = 10**9


def run_doctor(*words, **variables):
    return subprocess.run(
        [sys.executable, "-m", "curator_engine", "doctor", *words],
        capture_output=True,
        check=False,
        env={k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"} | variables,
        timeout=300,
    )


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """Put a program with this body on the path as nvidia-smi, alone."""

    def put(body):
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        tool.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    return put


def test_it_prints_a_line_per_finding():
    lines = run_doctor().stdout.decode().splitlines()
    assert len(lines) == len(doctor.examine())
    assert {line.split()[0] for line in lines} <= {"ok", "warning", "problem"}


def test_json_is_one_object_with_all_findings():
    found = json.loads(run_doctor("--json").stdout)
    assert [set(each) for each in found["findings"]] == [{"name", "status", "text"}] * 14
    assert "ray" in [each["name"] for each in found["findings"]]


def test_a_problem_is_exit_code_one():
    done = run_doctor("--json", RAY_ADDRESS="127.0.0.1:1")
    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (1, 1)


def test_a_warning_is_exit_code_zero():
    assert doctor.exit_code([Finding(name="x", status="warning", text="careful.")]) == 0


def test_an_unknown_command_is_exit_code_two():
    done = subprocess.run(
        [sys.executable, "-m", "curator_engine", "nurse"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"doctor" in done.stderr


def test_looking_loads_no_ray():
    code = "import sys; from curator_engine.commands.doctor import examine; examine(); print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


@pytest.mark.parametrize(
    ("version", "status"), [((3, 12), "ok"), ((3, 11), "problem"), ((3, 13), "problem")]
)
def test_only_python_3_12_will_do(version, status):
    assert doctor.check_python(version).status == status


@pytest.mark.parametrize(
    ("found", "needed", "status", "text"),
    [
        ("2.60.0", "2.60", "ok", "2.60.0"),
        ("2.100.1rc1", "2.60", "ok", "2.100.1rc1"),
        ("2.60.0", None, "ok", "2.60.0"),
        ("2.9.3", "2.60", "problem", '2.9.3 is too old; install "ray>=2.60".'),
        (None, "2.60", "problem", 'not installed; install "ray>=2.60" in this environment.'),
    ],
)
def test_a_missing_or_old_package_is_a_problem(found, needed, status, text):
    finding = doctor.check_package("ray", found=found, needed=needed)
    assert (finding.status, finding.text) == (status, text)


def test_the_packages_of_this_environment_are_fine():
    found = {each.name: each.status for each in doctor.examine()}
    assert {found[name] for name in ("ray", "cosmos-xenna", "pyarrow", "numpy")} == {"ok"}


def test_one_cpu_is_too_few_for_xenna():
    finding = doctor.check_cpus(machine=8, usable=1)
    assert finding.status == "warning"
    assert "1 of 8" in finding.text
    assert "cpu_allocation_percentage=1" in finding.text


def test_a_container_s_memory_is_told_apart():
    assert doctor.check_memory(machine=64 * GB, usable=8 * GB).text.startswith("8.0 GB of 64.0 GB")


def test_little_memory_is_a_warning():
    assert doctor.check_memory(machine=64 * GB, usable=GB).status == "warning"


@pytest.mark.parametrize(
    ("free", "memory", "status"),
    [
        (30 * GB, 100 * GB, "ok"),
        (29 * GB, 100 * GB, "warning"),
        (60 << 20, GB // 10, "warning"),
        (200 * GB, 2000 * GB, "ok"),
    ],
)
def test_shared_memory_must_hold_the_object_store(free, memory, status):
    space = Space(total=500 * GB, free=free)
    assert doctor.check_shared_memory(space, memory=memory).status == status


def test_the_default_of_containers_is_told_how_to_grow():
    space = Space(total=64 << 20, free=64 << 20)
    text = doctor.check_shared_memory(space, memory=16 * GB).text
    assert "spills to disk" in text
    assert "--shm-size=5035m" in text


def test_no_shared_memory_is_a_warning():
    assert doctor.check_shared_memory(None, memory=GB).status == "warning"


@pytest.mark.parametrize(
    ("total", "free", "status"),
    [(100, 50, "ok"), (1000, 40, "warning"), (100, 9, "warning"), (100, 0, "problem")],
)
def test_the_temp_folder_needs_space(total, free, status):
    space = Space(total=total * GB, free=free * GB)
    assert doctor.check_temp("tmp", space=space).status == status


def test_a_temp_folder_that_is_gone_is_a_problem():
    done = run_doctor(RAY_TMPDIR="gone")
    assert done.returncode == 1
    assert b"gone is not there; create it" in done.stdout


@pytest.mark.parametrize(
    ("limit", "status"), [(4096, "ok"), (-1, "ok"), (1024, "warning"), (4095, "warning")]
)
def test_few_open_files_are_a_warning(limit, status):
    assert doctor.check_open_files(limit).status == status


@pytest.mark.usefixtures("smi")
def test_a_machine_without_gpus_is_fine(tmp_path):
    finding = doctor.check_gpu(tmp_path)
    assert (finding.status, finding.text) == ("ok", "none; CPU forms are used")


def test_gpus_are_counted_by_name(smi, tmp_path):
    smi("echo NVIDIA L4; echo NVIDIA H200; echo NVIDIA L4")
    assert doctor.check_gpu(tmp_path).text == "1 x NVIDIA H200; 2 x NVIDIA L4"


def test_a_driver_without_gpus_is_fine(smi, tmp_path):
    smi("echo No devices were found; exit 6")
    assert doctor.check_gpu(tmp_path).status == "ok"


def test_a_gpu_whose_driver_fails_is_a_warning(smi, tmp_path):
    (tmp_path / "nvidia0").touch()
    smi("echo Driver/library version mismatch; exit 18")
    finding = doctor.check_gpu(tmp_path)
    assert finding.status == "warning"
    assert "version mismatch" in finding.text


@pytest.mark.usefixtures("smi")
def test_a_gpu_without_its_tools_is_a_warning(tmp_path):
    (tmp_path / "nvidia0").touch()
    assert "without nvidia-smi" in doctor.check_gpu(tmp_path).text


def test_a_driver_that_hangs_is_a_warning(smi, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_PROBE_S", 0.2)
    smi("exec /bin/sleep 60")
    finding = doctor.check_gpu(tmp_path)
    assert finding.status == "warning"
    assert "timed out" in finding.text


@pytest.mark.parametrize("address", ["", "local", "auto"])
def test_an_address_without_a_host_is_fine(address):
    assert doctor.check_address(address).status == "ok"


def test_a_cluster_that_answers_is_fine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert doctor.check_address(address).text == f"{address} answers"


def test_a_cluster_may_want_a_token():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        text = doctor.check_address(address, has_auth_mode=False).text
    assert text.endswith("if it wants a token, set RAY_AUTH_MODE=token")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("127.0.0.1:1", "does not answer"),
        ("127.0.0.1:99999", "does not answer"),
        ("ray://head:10001", "is a Ray Client address"),
        ("head", "is not HOST:PORT"),
        (":6379", "is not HOST:PORT"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_a_problem(address, text):
    finding = doctor.check_address(address)
    assert finding.status == "problem"
    assert text in finding.text


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({}, "ok"),
        ({"UV_RUN_RECURSION_DEPTH": "1"}, "warning"),
        ({"UV_RUN_RECURSION_DEPTH": "1", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}, "ok"),
    ],
)
def test_uv_run_matters_unless_ray_is_told(variables, status, monkeypatch):
    for name in ("UV_RUN_RECURSION_DEPTH", "RAY_ENABLE_UV_RUN_RUNTIME_ENV"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [each.status for each in doctor.examine() if each.name == "uv run"] == [status]


def test_ray_without_bytecode_that_stays_so_is_a_warning(tmp_path):
    origin = tmp_path / "__init__.py"
    origin.touch()
    finding = doctor.check_bytecode(origin, can_write=False)
    assert finding.status == "warning"
    assert f"python -m compileall -q {tmp_path}" in finding.text


def test_ray_that_will_be_compiled_is_fine(tmp_path):
    origin = tmp_path / "__init__.py"
    origin.touch()
    assert doctor.check_bytecode(origin, can_write=True).status == "ok"


def test_compiled_ray_is_fine(tmp_path):
    origin = Path(tmp_path, "__init__.py")
    origin.touch()
    py_compile.compile(str(origin), doraise=True)
    assert doctor.check_bytecode(origin, can_write=False).text == "Ray is compiled"


def test_bytecode_of_a_ray_that_is_gone_is_not_missed():
    assert doctor.check_bytecode(None, can_write=False).status == "ok"
