"""A server beside a pipeline: a real process at the loopback address, with a model that echoes."""

import json
import socket
import time
from pathlib import Path

import pytest

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.models.inference_server import InferenceServer, RayServeModelConfig, flags
from curator_engine.models.llm_client import OpenAIClient

PROGRAM = """
import argparse, json, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

parser = argparse.ArgumentParser()
for name in ("model", "served-model-name", "host", "port", "dtype"):
    parser.add_argument(f"--{name}")
given = parser.parse_args()
if given.model == "broken":
    sys.exit("this model is broken")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"data": [{"id": given.served_model_name}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = [body["model"], given.model, given.dtype, child.pid, body["messages"][-1]["content"]]
        self.answer({"choices": [{"message": {"content": json.dumps(said)}}]})

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass

if given.model != "slow":
    HTTPServer((given.host, int(given.port)), Handler).serve_forever()
import time
time.sleep(600)
"""


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Make a server of a model."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "echo_server.py").write_text(PROGRAM, encoding="utf-8")

    def made(model, **options):
        env = {"env_vars": {"PYTHONPATH": str(tmp_path)}}
        config = RayServeModelConfig(
            model_identifier=model,
            model_name="echo",
            runtime_env=env,
            engine_kwargs={"dtype": "half"},
        )
        return InferenceServer(models=[config], server_module="echo_server", **options)

    return made


def test_a_client_asks_the_model_and_the_server_ends_with_all_its_processes(serve):
    with serve("org/tiny") as server:
        client = OpenAIClient(base_url=server.endpoint, api_key="none")
        client.setup()
        (answer,) = client.query_model(messages=[{"role": "user", "content": "hi"}], model="echo")
    *said, child, last = json.loads(answer)
    assert ([*said], last) == (["echo", "org/tiny", "half"], "hi")
    deadline = time.monotonic() + 60
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_a_server_that_ends_says_its_last_line(serve):
    with pytest.raises(ResourceError, match=r"ended \(exit 1\): this model is broken"):
        serve("broken").start()


def test_a_server_that_does_not_answer_is_ended(serve):
    server = serve("slow", health_check_timeout_s=1.0)
    with pytest.raises(ResourceError, match="does not list echo after 1 s"):
        server.start()
    assert server._process is None


def test_a_default_port_that_is_taken_gives_way():
    server = InferenceServer(models=[RayServeModelConfig(model_identifier="m")])
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8000))
        except OSError:
            pytest.skip("port 8000 is taken by another")
        taken.listen()
        with pytest.raises(ResourceError, match="vllm is not installed"):
            server.start()
    assert server.port != 8000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"runtime_env": {"pip": ["x"]}}, "'pip' is not offered"),
        ({"deployment_config": {"num_replicas": 2}}, "num_replicas=2 is not offered"),
        ({"deployment_config": {"autoscaling_config": {}}}, "autoscaling_config={} is not offered"),
    ],
)
def test_what_a_model_cannot_be_given_is_named(options, words):
    with pytest.raises(SettingsError, match=words):
        RayServeModelConfig(model_identifier="m", **options)


def test_a_server_has_one_model_and_no_other_backend():
    model = RayServeModelConfig(model_identifier="m")
    with pytest.raises(SettingsError, match="one model, not 2"):
        InferenceServer(models=[model, model])
    with pytest.raises(SettingsError, match="backend=object is not offered"):
        InferenceServer(models=[model], backend=object())


def test_options_become_flags():
    options = {
        "tensor_parallel_size": 2,
        "eager": True,
        "cache": False,
        "x": None,
        "limits": {"image": 1},
    }
    assert flags(options) == [
        *("--tensor-parallel-size", "2", "--eager", "--no-cache"),
        *("--limits", '{"image": 1}'),
    ]


def test_stopping_what_never_started_does_nothing():
    InferenceServer(models=[RayServeModelConfig(model_identifier="m")]).stop()
