"""A Ray head in a Slurm job, of which there are only the variables here."""

import pytest

from curator_engine.errors import ResourceError
from curator_engine.on_ray.slurm_client import SlurmRayClient


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr("ray.is_initialized", lambda: False)


def test_on_several_nodes_it_says_how_ray_is_started(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_NUM_NODES", "4")
    with pytest.raises(ResourceError, match=r"the job has 4 nodes.*docs/cluster\.md"):
        SlurmRayClient().start()


def test_a_cluster_that_the_job_has_started_is_used(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_NUM_NODES", "4")
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with SlurmRayClient() as client:
        assert client.ray_process is None


def test_the_head_gets_the_cpus_of_the_job(monkeypatch):
    monkeypatch.setenv("SLURM_NNODES", "1")
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "3")
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    client = SlurmRayClient()
    client.start()
    assert client.num_cpus == 3
