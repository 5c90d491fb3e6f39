"""A Ray head for a script that runs in a Slurm job of one node: NeMo Curator's `SlurmRayClient`.

On several nodes the job's own script starts Ray, as docs/cluster.md has it, and this client uses that.
"""

import os
from dataclasses import dataclass

import ray

from curator_engine.errors import ResourceError
from curator_engine.on_ray.ray_client import RayClient
from curator_engine.positional import positional

_NODES, _CPUS = ("SLURM_JOB_NUM_NODES", "SLURM_NNODES"), "SLURM_CPUS_ON_NODE"


@positional(
    *("ray_port", "ray_dashboard_port", "ray_client_server_port", "ray_temp_dir"),
    *("include_dashboard", "ray_metrics_port", "num_gpus", "num_cpus", "object_store_memory"),
    *("enable_object_spilling", "ray_stdouterr_capture_file", "metrics_dir"),
    *("worker_connect_timeout_s", "cleanup_on_start", "ray_dashboard_host"),
)
@dataclass(kw_only=True)
class SlurmRayClient(RayClient):
    """Start a Ray head with the CPUs that the job has on its node; outside of Slurm as `RayClient`.

    Example:
        >>> with SlurmRayClient():
        ...     pipeline.run()
    """

    worker_connect_timeout_s: int = 300
    """Accepted: there are no workers on other nodes to wait for."""
    cleanup_on_start: bool = True
    """Accepted: nothing that somebody else has started is ended."""

    def start(self) -> None:
        """Start the head, unless Ray runs already.

        Raises:
            ResourceError: The job has several nodes, a port that was asked for is taken, or the head does
                not answer.
        """
        nodes = next((os.environ[name] for name in _NODES if os.environ.get(name)), "1")
        runs = ray.is_initialized() or os.environ.get("RAY_ADDRESS")
        if nodes != "1" and not runs:
            raise ResourceError(
                f"the job has {nodes} nodes, and SlurmRayClient starts Ray on one; start it in the job's "
                "script and set RAY_ADDRESS (docs/cluster.md), or use --shard (docs/slurm.md)."
            )
        given = os.environ.get(_CPUS, "")
        if self.num_cpus is None and given.isdecimal():
            self.num_cpus = int(given)
        super().start()
