"""Pipelines from NeMo Curator's YAML; files that somebody sent are hostile."""

import json
import os

import pytest

import curator_engine.compat
from curator_engine.errors import SettingsError
from curator_engine.pipeline import Pipeline
from curator_engine.yaml_pipeline import (
    create_executor_from_yaml,
    create_pipeline_from_yaml,
    create_ray_client_from_yaml,
    main,
    read_config,
)

assert curator_engine.compat.INSTALLED
FILTER = """
defaults:
  - _self_
hydra:
  run: {dir: .}
input_path: ???
output_path: ???
text_field: text
least: 2
backend: local
stages:
  - _target_: nemo_curator.stages.text.io.reader.JsonlReader
    file_paths: ${input_path}
    fields: null
  - _target_: nemo_curator.stages.text.filters.score_filter.ScoreFilter
    filter_obj:
      _target_: nemo_curator.stages.text.filters.heuristic.string.WordCountFilter
      min_words: ${least}
    text_field: ${text_field}
    resources: {cpus: 0.5}
  - output_file_type: jsonl
    path: ${output_path}/kept
"""


@pytest.fixture
def write(tmp_path):
    """Write a file; its path."""

    def written(text):
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        return str(tmp_path / "c.yaml")

    return written


def read(path, *overrides):
    return create_pipeline_from_yaml(read_config(path, overrides))


def run(tmp_path, *overrides):
    words = ["--config-path", str(tmp_path), "--config-name", "c"]
    return main(
        [*words, f"input_path={tmp_path}/in.jsonl", f"output_path={tmp_path}/out", *overrides]
    )


def test_a_pipeline_runs(write, tmp_path, capsys):
    write(FILTER)
    lines = "".join(json.dumps({"text": t}) + "\n" for t in ("a b c", "a"))
    (tmp_path / "in.jsonl").write_text(lines, encoding="utf-8")
    assert run(tmp_path) == 0
    (kept,) = (tmp_path / "out/kept").glob("*.jsonl")
    assert kept.read_text(encoding="utf-8") == '{"text": "a b c"}\n'
    assert "score_filter" in capsys.readouterr().out


def test_a_value_on_the_command_line_counts(write, tmp_path):
    write(FILTER)
    (tmp_path / "in.jsonl").write_text('{"text": "a b c"}\n', encoding="utf-8")
    assert run(tmp_path, "least=4") == 0
    assert not list((tmp_path / "out/kept").glob("*.jsonl"))


def test_resources_beside_the_parameters_are_the_stages(write):
    pipeline = read(write(FILTER), "input_path=a", "output_path=b")
    assert isinstance(pipeline, Pipeline)
    assert pipeline.stages[1].resources.cpus == 0.5


def test_a_workflow(write):
    text = """
        workflow:
          - _target_: nemo_curator.stages.deduplication.fuzzy.workflow.FuzzyDeduplicationWorkflow
            input_path: in
            cache_path: c
            output_path: out
            perform_removal: true
    """
    assert type(read(write(text))).__name__ == "FuzzyDeduplicationWorkflow"


def test_an_error_is_one_line_and_an_exit_code(write, tmp_path, capsys):
    write(FILTER)
    assert main(["--config-path", str(tmp_path), "--config-name", "c"]) == 2
    assert capsys.readouterr().err == "error: input_path has no value; give input_path=VALUE.\n"


HOSTILE = {
    "os.system": "is in neither nemo_curator nor a package of ours",
    "builtins.eval": "is in neither nemo_curator nor a package of ours",
    "curator_engine.compat.run_script": "is no stage, filter, workflow",
    "curator_engine.compat.runpy.run_path": "No module named",
    "curator_engine.files.storage.remove_tree": "is no stage, filter, workflow",
    "curator_engine.files.lease.Lease": "is no stage, filter, workflow",
    "curator_engine.on_ray.ray_client.subprocess.Popen": "No module named",
    "curator_engine.on_ray.ray_client.Path": "is no stage, filter, workflow",
    "curator_engine.__main__.main": "is not the name of a class",
    "nemo_curator.utils.file_utils.delete_dir": "is no stage, filter, workflow",
    "nemo_curator.stages.deduplication.id_generator.create_id_generator_actor": "is no stage",
    "nemo_curator.os.system": "does not offer",
    "curator_evil.Stage": "is in neither",
    "../x.Stage": "is not the name of a class",
    "Stage": "is not the name of a class",
}


@pytest.mark.parametrize("target", HOSTILE)
def test_only_stages_workflows_and_their_settings_are_made(write, target):
    text = f"stages:\n  - _target_: {target}\n    path: x\n"
    with pytest.raises(SettingsError, match=HOSTILE[target]) as caught:
        read(write(text))
    assert "\n" not in str(caught.value)


def test_a_target_deep_in_the_parameters_is_looked_at_too(write):
    text = """
        stages:
          - _target_: nemo_curator.stages.text.filters.ScoreFilter
            filter_obj: {_target_: os.system, command: "touch pwned"}
    """
    with pytest.raises(SettingsError, match=r"stages\[0\]\.filter_obj: os\.system is in neither"):
        read(write(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !!python/object/apply:os.system [x]\n", "not plain YAML"),
        ("a: &a [1]\nb: *a\n", "aliases"),
        ("[" * 700, "nested too deeply|not valid YAML|too deep"),
        ("a: ${b}\nb: ${a}\n", "in a circle"),
        ("a: ${oc.env:HOME}\n", "is no key of the file"),
        ("a: ${none}\n", "is no key of the file"),
        ("a: x${b}\nb: [1]\n", "is no single value"),
        ("- a\n", "is not a list of 'key: value' lines"),
    ],
    ids=["tag", "alias", "deep", "circle", "environment", "nothing", "list", "no mapping"],
)
def test_a_file_that_is_not_plain_is_refused_in_a_line(write, text, words):
    with pytest.raises(SettingsError, match=words):
        read_config(write(text))


def test_the_environment_is_not_read(write):
    os.environ["IO_TEST_SECRET"] = "s3cret"
    with pytest.raises(SettingsError) as caught:
        read_config(write("a: ${oc.env:IO_TEST_SECRET}\n"))
    assert "s3cret" not in str(caught.value)
    del os.environ["IO_TEST_SECRET"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "needs stages or workflow"),
        ({"stages": [], "workflow": []}, "needs stages or workflow"),
        ({"workflow": []}, "a list of one"),
        ({"stages": {}}, "stages is a list"),
        ({"stages": ["x"]}, "no mapping"),
        ({"workflow": [{"_target_": "nemo_curator.stages.resources.Resources"}]}, "no workflow"),
        (
            {"stages": [{"_target_": "nemo_curator.stages.text.io.writer.JsonlWriter", "no": 1}]},
            "'no'",
        ),
        ({"stages": [{"_target_": "curator_engine.task.Task", "_partial_": True}]}, "is Hydra's"),
    ],
)
def test_what_cannot_be_made_is_said(config, words):
    with pytest.raises(SettingsError, match=words):
        create_pipeline_from_yaml(config)


def test_executors_by_name():
    assert create_executor_from_yaml({}) is None
    made = create_executor_from_yaml({"backend": "local", "executor_config": {"workers": 2}})
    assert type(made).__name__ == "LocalExecutor"
    with pytest.raises(SettingsError, match="backend='dask' is not one of xenna, ray_data"):
        create_executor_from_yaml({"backend": "dask"})


def test_a_client_with_its_options():
    config = {"ray_client": {"_target_": "nemo_curator.core.client.RayClient", "num_cpus": 3}}
    assert create_ray_client_from_yaml(config).num_cpus == 3
    assert create_ray_client_from_yaml({}).num_cpus is None


@pytest.mark.parametrize("text", ["=1", "a", "a.b=1", "a=["])
def test_an_argument_that_sets_nothing_is_an_error(write, text):
    with pytest.raises(SettingsError):
        read_config(write("a: 1\n"), [text])


def test_values_in_mappings_can_be_set(write):
    path = write("a: {b: 1}\n")
    assert read_config(path, ["a.b=2", "+c.d=[x]"]) == {"a": {"b": 2}, "c": {"d": ["x"]}}
