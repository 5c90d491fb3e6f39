"""Runs the documents' blocks one after the other on a cluster of their own; a line for each.

Names that the documents leave open are bound, `...` stands for the stages of a real pipeline.
"""

import ast
import contextlib
import io
import json
import os
import re
import sys
import textwrap
import traceback
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

import curator_engine.compat
from curator_engine.executors.ray_data import RayDataExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter
from curator_engine.task import EmptyTask, FileGroupTask

assert curator_engine.compat.INSTALLED


def blocks():
    """Name and source of each block."""
    text = (Path(__file__).parent / "seed_blocks.md").read_text(encoding="utf-8")
    return re.findall(r"## (\S+)\n\n```python\n(.*?)```", text, re.DOTALL)


class FillIn(ast.NodeTransformer):
    """`...` as an argument becomes a stage, in a list the stages of a pipeline."""

    def visit_Call(self, node):
        self.generic_visit(node)
        node.args = [self._fill(arg, "one_stage") for arg in node.args]
        return node

    def visit_List(self, node):
        stars = [
            ast.Starred(ast.Name("all_stages", ast.Load()), ast.Load()) if is_open(e) else e
            for e in node.elts
        ]
        node.elts = stars
        return node

    def _fill(self, arg, name):
        return ast.Name(name, ast.Load()) if is_open(arg) else arg


def is_open(node):
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def names(folder):
    """What the documents leave open."""
    from nemo_curator.backends.base import BaseExecutor
    from nemo_curator.stages.base import ProcessingStage
    from nemo_curator.tasks import Task

    source, out = str(folder / "in"), str(folder / "out")
    small = Resources(cpus=0.5)
    read = [FilePartitioner(file_paths=source), JsonlReader(), JsonlWriter(path=out)]
    stages = [stage.with_(resources=small) for stage in read]
    files = [FileGroupTask(data=[str(path)]) for path in sorted((folder / "in").iterdir())]
    from curator_engine.executors.actor_pool import RayActorPoolExecutor
    from curator_engine.executors.xenna import XennaExecutor

    return {
        "BaseExecutor": BaseExecutor,
        "ProcessingStage": ProcessingStage,
        "Task": Task,
        "EmptyTask": EmptyTask,
        "XennaExecutor": XennaExecutor,
        "RayActorPoolExecutor": RayActorPoolExecutor,
        "RayDataExecutor": RayDataExecutor,
        "Any": __import__("typing").Any,
        "executor": RayDataExecutor(),
        "pipeline": Pipeline("p", stages=stages),
        "my_pipeline_stages": stages[1:],
        "raft_enabled_stage": stages[1],
        "my_tasks": files,
        "tasks": files,
        "one_stage": stages[0],
        "all_stages": stages,
    }


def main():
    folder = Path(sys.argv[1])
    (folder / "in").mkdir(parents=True)
    for k in range(3):
        lines = "".join(json.dumps({"text": f"document {k} {i} " * 20}) + "\n" for i in range(5))
        (folder / "in" / f"{k}.jsonl").write_text(lines, encoding="utf-8")
    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    # Eight workers of half a CPU fit on the second node; Xenna starts as many as fit, which takes long.
    head = {"num_cpus": 1, "include_dashboard": False, "include_log_monitor": False}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "no_monitor": True})
    cluster.add_node(num_cpus=4)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=40)
    shared = {}
    for name, source in blocks():
        scope = names(folder) | {k: v for k, v in shared.items() if isinstance(v, type)}
        tree = FillIn().visit(ast.parse(textwrap.dedent(source)))
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(ast.fix_missing_locations(tree), name, "exec"), scope)
            results = scope.get("results")
            count = len(results) if isinstance(results, list) else "-"
            print(f"{name}: ok {count}", flush=True)
        except Exception as error:  # noqa: BLE001 (told in a line)
            traceback.print_exc()
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
