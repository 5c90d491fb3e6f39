"""A node dies in the middle of a run; prints what became of it, and of the same run once more."""

import sys
import threading
import time
from pathlib import Path

import ray
from ray.cluster_utils import Cluster
from toys import Add, Number, Numbers, Write

from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy
from curator_engine.pipeline import Pipeline


class Slow(Add):
    """Takes its time, on every node."""

    def process(self, task):
        time.sleep(0.3)
        return Number(data=task.data)


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    head = {"num_cpus": 2, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    node = cluster.add_node(num_cpus=2)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=50)
    stages = [Numbers(count=60), Slow(), Write(path=str(folder / "out"))]
    pipeline = Pipeline("p", stages=stages)

    def die():
        while len(list((folder / "out").glob("*.txt"))) < 10:
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)

    threading.Thread(target=die, daemon=True).start()
    for attempt in ("first", "second"):
        policy = FailurePolicy(retries=2)
        executor = make_executor(name, workers=None, policy=policy)
        try:
            tasks = pipeline.run(executor, checkpoint_path=folder / "checkpoint")
            print(f"{attempt}: {len(tasks)}", flush=True)
        except Exception as error:  # noqa: BLE001 (told in a line)
            print(f"{attempt}: {type(error).__name__}: {error}", flush=True)
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
