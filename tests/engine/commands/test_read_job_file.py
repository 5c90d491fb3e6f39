"""Job files as people write them: what is wrong is said in one line, with file and line."""

from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.read_job_file import read_job_file
from curator_engine.errors import SettingsError

HEAD = "input: in\noutput: out\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read a job file of this text that lies in the working directory."""
    monkeypatch.chdir(tmp_path)

    def call(text, *changes, path="job.yaml", **more):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
        return read_job_file(path, steps=JOBS, changes=changes, **more)

    return call


def test_steps_have_their_options_and_those_beside_them(read):
    job = read(f"{HEAD}word: x\nworkers: 2\nsteps:\n  - drop\n  - skip: {{word: y, most: 1}}\n")
    assert [(s.folder, s.settings.word, s.settings.most) for s in job.steps] == [
        ("01-drop", "x", 1.0),
        ("02-skip", "y", 1.0),
    ]
    assert (job.inputs, job.output, job.options) == (["in"], "out", {"workers": 2})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps:\n  - drop\n", "job.yaml: no input; write input: PATH"),
        ("input: []\nsteps: [drop]\n", "job.yaml:1: no input"),
        ("input: in\nsteps: [drop]\n", "job.yaml: no output folder"),
        (f"{HEAD}", "job.yaml: no list of steps"),
        (f"{HEAD}steps: drop\n", "job.yaml:3: no list of steps"),
        (f"{HEAD}steps: []\n", "job.yaml:3: 0 steps"),
        (f"{HEAD}steps:\n  - drop\n  - dropp\n", "job.yaml:5: no step 'dropp'; did you mean 'drop'?"),
        (f"{HEAD}steps:\n  - run\n", "job.yaml:4: no step 'run'"),
        (f"{HEAD}steps:\n  - [drop]\n", "job.yaml:4: no step; write it as - drop"),
        (f"{HEAD}steps:\n  - drop: 3\n", "job.yaml:4: the options of drop are no mapping"),
        (f"{HEAD}steps:\n  - drop:\n      wrod: x\n", "job.yaml:5: drop has no option 'wrod'; did you mean 'word'?"),
        (f"{HEAD}steps:\n  - drop:\n      word: x\n      word: y\n", "job.yaml:6: drop.word stands twice"),
        (f"{HEAD}steps:\n  - drop: {{most: much}}\n", "job.yaml:4: drop.most is 'much'; it must be number."),
        (f"{HEAD}steps:\n  - drop: {{how: all}}\n", "job.yaml:4: drop.how is 'all'; it must be any | whole."),
        (f"{HEAD}steps:\n  - drop: {{word: {{a: 1}}}}\n", "job.yaml:4: drop.word is a mapping"),
        (f"{HEAD}steps:\n  - drop: {{against: gone}}\n", "job.yaml:4: drop.against: gone does not exist"),
        (f"{HEAD}steps:\n  - drop: {{output: x}}\n", "job.yaml:4: output is the run's to say"),
        (f"{HEAD}steps:\n  - drop: {{workers: 2}}\n", "job.yaml:4: workers is the run's to say, not a step's; write it beside steps."),
        (f"{HEAD}steps:\n  - drop\n  - drop: {{how: whole, word: no}}\n", "job.yaml:5: drop: drop.word is False"),
        (f"{HEAD}steps:\n  - drop: {{how: whole, word: 'no'}}\n", "job.yaml:4: drop: --word no and --how whole exclude"),
        (f"{HEAD}steps:\n  - drop: {{names: unknown}}\n", "job.yaml:4: drop: no names 'unknown'"),
        (f"{HEAD}steps:\n  - drop: {{only_count: true}}\n", "job.yaml:4: drop writes no data/"),
        (f"{HEAD}wordd: x\nsteps: [drop]\n", "job.yaml:3: no key 'wordd'; did you mean 'word'?"),
        ("inputs: in\noutput: out\nsteps: [drop]\n", "job.yaml:1: no key 'inputs'; did you mean 'input'?"),
        (f"{HEAD}input: b\nsteps: [drop]\n", "job.yaml:3: input stands twice"),
        (f"{HEAD}workers: many\nsteps: [drop]\n", "job.yaml:3: workers is 'many'"),
        (f"{HEAD}steps: [drop\n", "job.yaml:4 is not valid YAML"),
        (f"{HEAD}a: &a [x]\nb: *a\nsteps: [drop]\n", "uses YAML aliases"),
        (f"{HEAD}steps:\n  - drop: {{word: !!python/object:os.system x}}\n", "job.yaml:4: drop.word is 'x' with the tag"),
        (f"{HEAD}steps:\n  - drop: {{word: 2024-13-45}}\n", "job.yaml:4: drop.word is '2024-13-45' with the tag"),
        (f"{HEAD}steps: {'[' * 500_000}\n", "job.yaml is nested too deeply"),
        (f"{HEAD}steps: [\x07]\n", "job.yaml is not valid YAML"),
        ("- a\n", "job.yaml is not a list of 'key: value' lines"),
        (f"{HEAD}? [a]\n: b\nsteps: [drop]\n", "job.yaml:3: a key is a word."),
        ("#" * (1 << 20) + "\n\n", "job.yaml is larger than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(read, text, message):
    with pytest.raises(SettingsError) as caught:
        read(text)
    said = str(caught.value).replace("drop: drop.word", "drop.word")
    assert message.replace("drop: drop.word", "drop.word") in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("drop", "write it as drop.option=value"),
        ("drop.wrod=x", "--set drop.wrod=x: drop has no option 'wrod'; did you mean 'word'?"),
        ("cut.word=x", "--set cut.word=x: the job has no step 'cut'"),
        ("skip.word=x", "skip is 2 steps; name one of 02-skip, 03-skip."),
        ("drop.most=much", "--set drop.most=much: drop.most is 'much'"),
        ("drop.word=", "write it as drop.option=value"),
        ("drop.word=[", "is no value"),
        ("wordd=x", "--set wordd=x: no key 'wordd'"),
    ],
)
def test_a_wrong_change_is_said_in_one_line(read, change, message):
    with pytest.raises(SettingsError) as caught:
        read(f"{HEAD}steps:\n  - drop\n  - skip\n  - skip\n", change)
    assert message in str(caught.value)


def test_changes_win_over_the_file_by_name_number_and_folder(read):
    text = f"{HEAD}steps:\n  - drop: {{word: a}}\n  - skip\n  - skip\n"
    job = read(text, "drop.word=x", "2.word=y", "03-skip.word=z", "limit=7")
    assert [step.settings.word for step in job.steps] == ["x", "y", "z"]
    assert job.options == {"limit": 7}


def test_paths_are_relative_to_the_file_and_those_of_changes_to_the_working_directory(read):
    Path("jobs/list").mkdir(parents=True)
    Path("here").mkdir()
    text = f"{HEAD}steps:\n  - drop: {{against: list, save: new, names: list, word: list}}\n  - skip: {{names: list2}}\n"
    job = read(text, "skip.against=here", path="jobs/job.yaml")
    first, second = (step.settings for step in job.steps)
    assert (job.inputs, job.output) == (["jobs/in"], "jobs/out")
    assert (first.against, first.save, first.names) == ("jobs/list", "jobs/new", "jobs/list")
    # A text stays a text, and a name without a file stays a name.
    assert (first.word, second.names, second.against) == ("list", "list2", "here")


def test_what_a_step_makes_itself_need_not_be_there(read):
    job = read(f"{HEAD}steps:\n  - drop: {{against: idx, save: idx}}\n")
    assert job.steps[0].settings.against == "idx"


def test_output_and_options_of_the_command_line_win(read):
    job = read(
        f"{HEAD}workers: 2\nsteps: [drop]\n", output="there", options={"workers": 1, "limit": None}
    )
    assert (job.output, job.options) == ("there", {"workers": 1})
