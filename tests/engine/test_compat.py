"""Scripts that import `nemo_curator` run on this engine."""

import os
import subprocess
import sys
import textwrap
from importlib import import_module

import pytest
from offers import install

from curator_engine import compat
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask

CUSTOM_EXECUTOR = """
    from nemo_curator.backends.base import BaseExecutor
    from nemo_curator.stages.base import ProcessingStage
    from nemo_curator.tasks import Task

    class MyCustomExecutor(BaseExecutor):
        def execute(
            self,
            stages: list[ProcessingStage],
            initial_tasks: list[Task] | None = None,
        ) -> list[Task]:
            tasks = initial_tasks or [EmptyTask()]

            for stage in stages:
                stage.setup({})
                new_tasks = []
                for task in tasks:
                    result = stage.process(task)
                    if result is not None:
                        if isinstance(result, list):
                            new_tasks.extend(result)
                        else:
                            new_tasks.append(result)
                stage.teardown()
                tasks = new_tasks

            return tasks
"""
"""As the documents print it."""

STAGES = """
    from dataclasses import dataclass

    from nemo_curator.stages.base import CompositeStage, ProcessingStage
    from nemo_curator.stages.resources import Resources
    from nemo_curator.tasks import EmptyTask, FileGroupTask, Task

    @dataclass(kw_only=True)
    class Number(Task[int]):
        pass

    class Count(ProcessingStage[EmptyTask, Number]):
        name = "count"

        def process(self, task):
            return [Number(data=i, task_id=str(i), dataset_name="numbers") for i in range(4)]

    class KeepEven(ProcessingStage[Number, Number]):
        resources = Resources(cpus=0.5)

        def process(self, task):
            return task if task.data % 2 == 0 else None
"""


@pytest.fixture
def run(tmp_path):
    """Write files and run the first of them by compat; the process that has ended."""

    def run_files(*, arguments=(), **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        script = str(tmp_path / f"{next(iter(files))}.py")
        return python("-m", "curator_engine.compat", script, *arguments)

    return run_files


def python(*words, **env):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env={**os.environ, **env}
    )


def test_the_pipeline_is_the_same_object():
    assert import_module("nemo_curator.pipeline").Pipeline is Pipeline


def test_the_old_name_of_the_empty_task_is_the_same_object():
    assert import_module("nemo_curator.tasks")._EmptyTask is EmptyTask


@pytest.mark.parametrize("path", compat.offers())
def test_every_name_is_the_same_object_as_ours(path):
    module = import_module(path)
    for name, (home, ours) in compat.offers()[path].items():
        assert getattr(module, name) is getattr(import_module(home), ours)


def test_both_spellings_of_the_ray_executors_are_the_same_object():
    new = import_module("nemo_curator.backends.ray_data").RayDataExecutor
    assert import_module("nemo_curator.backends.experimental.ray_data").RayDataExecutor is new
    assert import_module("nemo_curator.backends.experimental").RayDataExecutor is new


def test_a_module_lists_its_names():
    names = dir(import_module("nemo_curator.stages.text.io.reader"))
    assert names == ["JsonlReader", "ParquetReader", "base", "jsonl", "lance", "parquet"]


def test_a_submodule_is_found_from_the_one_above():
    assert import_module("nemo_curator.pipeline").workflow.WorkflowBase


def test_importing_a_module_does_not_load_what_it_offers():
    code = """if True:
        import sys, curator_engine.compat
        import nemo_curator.backends.xenna, nemo_curator.tasks, nemo_curator.stages.text.io.reader
        print(sorted({name.partition(".")[0] for name in sys.modules} & {"ray", "pyarrow", "numpy"}))
    """
    assert python("-c", code).stdout == "[]\n"


def test_an_unknown_name_is_an_error_that_says_what_there_is():
    expected = r"^nemo_curator.pipeline does not offer Runner on curator_engine; there are Pipeline, pipeline, workflow\.$"
    with pytest.raises(ImportError, match=expected):
        exec("from nemo_curator.pipeline import Runner", {})


def test_an_unknown_attribute_is_an_error_that_says_what_there_is():
    with pytest.raises(AttributeError, match=r"does not offer Runner .* there are Pipeline, "):
        _ = import_module("nemo_curator.pipeline").Runner


def test_an_unknown_module_is_an_error_that_says_what_there_is():
    expected = r"nemo_curator.stages does not offer tabular .* there are .*base, .*text"
    with pytest.raises(ImportError, match=expected):
        import_module("nemo_curator.stages.tabular.stages")


def test_a_name_of_an_app_that_is_not_installed_says_which_are():
    code = """if True:
        import sys, pathlib, curator_engine.compat
        sys.path[:] = [p for p in sys.path if not pathlib.Path(p, "curator_text").exists()]
        from nemo_curator.tasks import DocumentBatch
    """
    error = python("-c", code).stderr
    last = error.splitlines()[-1]
    assert "Apps add theirs where they are installed: " in last
    assert "curator-video" in last
    assert "curator-text" not in last


def test_a_real_nemo_curator_is_left_alone(tmp_path):
    (tmp_path / "nemo_curator").mkdir()
    (tmp_path / "nemo_curator" / "__init__.py").write_text("whose = 'theirs'", encoding="utf-8")
    code = "from curator_engine import compat; import nemo_curator; print(nemo_curator.whose, compat.INSTALLED)"
    done = python("-c", code, PYTHONPATH=str(tmp_path))
    assert done.stdout == "theirs False\n"
    assert done.stderr.startswith("nemo_curator is installed at ")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_happens_to_have_the_name_does_not_count(tmp_path):
    (tmp_path / "nemo_curator").mkdir()
    code = (
        "import curator_engine.compat; from nemo_curator.tasks import EmptyTask; print(EmptyTask())"
    )
    assert "EmptyTask" in python("-c", code, PYTHONPATH=str(tmp_path)).stdout


def test_installing_twice_changes_nothing():
    finders = list(sys.meta_path)
    compat.install()
    assert (sys.meta_path, compat.INSTALLED) == (finders, True)


def test_a_script_runs_a_pipeline(run):
    main = """
        from curator_engine.executors.local import LocalExecutor
        from nemo_curator.pipeline import Pipeline

        pipeline = Pipeline(name="example", description="Curator pipeline")
        pipeline.add_stage(Count()).add_stage(KeepEven())
        for task in pipeline.run(LocalExecutor({"workers": 2})):
            print(task.data, [perf.stage_name for perf in task._stage_perf])
    """
    done = run(script=textwrap.dedent(STAGES) + textwrap.dedent(main))
    assert done.stdout.splitlines() == ["0 ['count', 'keep_even']", "2 ['count', 'keep_even']"], (
        done.stderr
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_file_may_import_nemo_curator_too(run, workers):
    script = """
        import sys
        from stages import Count, KeepEven
        from curator_engine.executors.local import LocalExecutor
        from nemo_curator.pipeline import Pipeline

        tasks = Pipeline("p", stages=[Count(), KeepEven()]).run(
            LocalExecutor({"workers": int(sys.argv[1])})
        )
        print([(type(task).__module__, task.data) for task in tasks])
    """
    done = run(script=script, stages=STAGES, arguments=[str(workers)])
    assert done.stdout == "[('stages', 0), ('stages', 2)]\n", done.stderr


def test_a_worker_that_installs_can_unpickle_what_a_second_file_defines(run, tmp_path):
    script = """
        import subprocess, sys
        import cloudpickle
        from stages import Number

        worker = "import sys, pickle; from curator_engine.compat import install; install(); "
        worker += f"sys.path.insert(0, {sys.path[0]!r}); print(pickle.load(sys.stdin.buffer).data)"
        data = cloudpickle.dumps(Number(data=5))
        done = subprocess.run([sys.executable, "-c", worker], input=data, capture_output=True)
        print(done.stdout.decode(), done.stderr.decode())
    """
    done = run(script=script, stages=STAGES)
    assert done.stdout.split() == ["5"], done.stdout + done.stderr


def test_the_documents_custom_executor_runs_our_stages(run):
    main = """
        from nemo_curator.pipeline import Pipeline

        pipeline = Pipeline(name="example", stages=[Count(), KeepEven()])
        print([task.data for task in pipeline.run(executor=MyCustomExecutor(), initial_tasks=[EmptyTask()])])
        print([task.data for task in pipeline.run(MyCustomExecutor({"a": 1}, ignore_head_node=True))])
    """
    done = run(script="\n".join(map(textwrap.dedent, (STAGES, CUSTOM_EXECUTOR, main))))
    assert done.stdout.splitlines() == ["[0, 2]", "[0, 2]"], done.stderr


def test_a_script_gets_its_arguments_and_its_own_folder(run):
    script = "import sys, other; print(sys.argv[1:], __name__, other.answer)"
    done = run(script=script, other="answer = 42", arguments=["-v", "in.jsonl"])
    assert done.stdout == "['-v', 'in.jsonl'] __main__ 42\n"


def test_a_scripts_exit_code_is_ours(run):
    assert run(script="raise SystemExit(7)").returncode == 7


@pytest.mark.parametrize(
    ("words", "line"),
    [(["nowhere.py"], "there is no script nowhere.py; usage: "), ([], "name a script; usage: ")],
)
def test_without_a_script_the_usage_is_shown(words, line):
    done = python("-m", "curator_engine.compat", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(line)


def test_stage_spec_keys_equal_the_plain_strings():
    keys = import_module("nemo_curator.backends.utils").RayStageSpecKeys
    assert {keys.IS_ACTOR_STAGE: True} == {"is_actor_stage": True}


def test_an_app_adds_names_by_an_entry_point(tmp_path):
    offers = {"nemo_curator.tasks": {"Echo": ("echo_app", "Echo"), "Task": ("echo_app", "Echo")}}
    install(
        tmp_path,
        "echo_app",
        offers={"echo": "echo_app:OFFERS"},
        source=f"class Echo: size = 3\nOFFERS = {offers}\n",
        group="curator.compat",
    )
    code = """if True:
        import curator_engine.compat
        from nemo_curator.tasks import Echo, Task
        print(Echo.size, Task.__module__)
    """
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    assert python("-c", code, PYTHONPATH=paths).stdout == "3 curator_engine.task\n"


def test_a_module_of_nemo_curator_runs_by_its_main():
    done = python(
        "-m", "curator_engine.compat", "-m", "nemo_curator.config.run", "--config-name", "x"
    )
    assert (done.returncode, done.stderr) == (
        2,
        "error: x.yaml cannot be read: No such file or directory.\n",
    )


def test_a_module_without_a_main_is_said():
    done = python("-m", "curator_engine.compat", "-m", "nemo_curator.pipeline")
    assert done.returncode == 2
    assert "nemo_curator.pipeline does not offer main" in done.stderr
