"""The promises that no linter knows."""

import ast
import dataclasses
import importlib
import inspect
import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for root in ("packages", "apps")
    for path in (ROOT / root).rglob("*.py")
    if "/src/" in str(path)
)
MODULES = [path for path in SOURCES if path.name != "__init__.py"]
TESTS = {path.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("*.py")}
TRACKED = (
    subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True)
    .stdout.decode()
    .split()
)


def dotted(path):
    return ".".join(
        path.relative_to(next(p for p in path.parents if p.name == "src")).with_suffix("").parts
    )


# What is asked of each of hundreds of files is one test that names those that fail it.


def test_a_file_has_at_most_400_lines():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {dotted(path): count for path, count in lines.items() if count > 400} == {}


def test_a_module_has_a_test_file():
    assert [dotted(path) for path in MODULES if not has_tests(path)] == []


def has_tests(path):
    *rooms, file = dotted(path).removeprefix("curator_").split(".")
    return file in ("preload", "__main__") or "/".join([*rooms, f"test_{file}.py"]) in TESTS


def test_every_room_stands_on_the_map():
    [plan] = re.findall(
        r"```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.S
    )
    rooms = {path.parent.name for path in MODULES if dotted(path).count(".") == 2}
    assert rooms - set(re.findall(r"\w+", plan)) == set()


def test_no_module_is_a_drawer():
    drawers = {"utils", "common", "helpers", "misc", "core", "types", "manager"}
    assert [dotted(path) for path in MODULES if path.stem in drawers] == []


@pytest.mark.parametrize(
    "package", ["curator_engine", "curator_text", "curator_video", "curator_image", "curator_audio"]
)
def test_no_two_stages_of_a_package_have_one_name(package):
    # Checkpoints know a stage by its package and name, so that it may move.
    names = [
        node.name
        for path in SOURCES
        if dotted(path).startswith(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any("Stage" in ast.unparse(b) for b in node.bases)
    ]
    assert names
    assert len(names) == len(set(names))


def test_folders_are_at_most_two_deep():
    for path in SOURCES:
        assert len(path.parts) - path.parts.index("src") <= 4


@pytest.mark.parametrize(
    "module",
    [
        "curator_engine",
        # They import their packages.
        *("curator_text.cli", "curator_video.cli", "curator_image.cli", "curator_audio.cli"),
    ],
)
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*(set(sys.modules) & {{'ray', 'torch', 'numba', 'cosmos_xenna', 'av'}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == []


def test_the_packages_share_version_and_python():
    files = [
        ROOT / "pyproject.toml",
        *ROOT.glob("packages/*/pyproject.toml"),
        *ROOT.glob("apps/*/pyproject.toml"),
    ]
    projects = [tomllib.loads(path.read_text(encoding="utf-8"))["project"] for path in files]
    assert len({(p["version"], p["requires-python"]) for p in projects}) == 1


def test_a_package_knows_its_version():
    for path in ROOT.glob("*/*/pyproject.toml"):
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        module = importlib.import_module(project["name"].replace("-", "_"))
        assert module.__version__ == project["version"]


def test_public_dataclasses_are_keyword_only():
    found = [
        f"{dotted(path)}.{each.__name__}"
        for path in MODULES
        if path.stem not in ("preload", "kernels")
        for each in dataclasses_of(dotted(path))
        # One or two fields that the class's name explains may be positional.
        if sum(f.init and not f.kw_only for f in dataclasses.fields(each)) > 2
    ]
    assert found == []


def dataclasses_of(name):
    """The public dataclasses that a module defines."""
    return [
        each
        for each in vars(importlib.import_module(name)).values()
        if isinstance(each, type)
        and dataclasses.is_dataclass(each)
        and each.__module__ == name
        and not each.__name__.startswith("_")
    ]


def test_the_readme_tree_is_on_disk():
    tree = re.search(
        r"## The tree\n\n```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert tree is not None
    for line in tree[1].splitlines():
        assert (ROOT / line.split()[0]).is_dir(), line


def test_no_file_names_a_registry_or_a_path_of_a_machine():
    hosts = ["py" + "pi.org", "pythonhosted" + ".org", "npm" + "js.org", "deb.debian" + ".org"]
    pattern = re.compile("|".join(map(re.escape, hosts)) + r"|(?<![\w.])/(work|root|farm)/")
    for tracked in TRACKED:
        path = ROOT / tracked
        if path.is_file() and path.suffix not in (".png", ".lock"):
            assert not pattern.search(path.read_text(encoding="utf-8", errors="replace")), tracked


def test_every_package_is_typed():
    for path in ROOT.glob("*/*/src/*/__init__.py"):
        assert (path.parent / "py.typed").exists()


@pytest.mark.parametrize("package", ["curator_engine", "curator_text"])
def test_every_public_name_is_there_and_sorted(package):
    module = importlib.import_module(package)
    assert module.__all__ == sorted(module.__all__)
    assert all(getattr(module, each) is not None for each in module.__all__)


TEXTS = {
    dotted(path).removesuffix(".__init__"): path.read_text(encoding="utf-8") for path in SOURCES
}
CHECKED = [
    each
    for each in TRACKED
    if each.endswith((".py", ".md"))
    and each not in ("CHANGELOG.md", "tests/engine/running/test_moves.py")
]


def test_a_file_that_is_named_in_prose_is_there():
    ends = [f"/{tracked}" for tracked in TRACKED]
    found = [
        (tracked, each)
        for tracked in CHECKED
        for each in named_files((ROOT / tracked).read_text(encoding="utf-8"))
        if not any(end.endswith("/" + each.rpartition(".../")[2]) for end in ends)
    ]
    assert found == []


def named_files(text):
    return set(re.findall(r"`([\w/.]*\w+\.(?:py|css|md))`", text)) - {"script.py"}


def test_a_module_that_is_named_in_a_text_is_there():
    name = re.compile(r"(?<![\w./-])(curator_(?:engine|text|video|image|audio)(?:\.(?!__)\w+)+)")
    found = [
        (tracked, each)
        for tracked in CHECKED
        for each in set(name.findall((ROOT / tracked).read_text(encoding="utf-8")))
        if not resolves(each)
    ]
    assert found == []


def resolves(name):
    """Whether a dotted name is that of a module, or of something in one; without importing it."""
    module, names = name, []
    while module not in TEXTS and "." in module:
        module, _, last = module.rpartition(".")
        names.insert(0, last)
    return module in TEXTS and all(re.search(rf"\b{each}\b", TEXTS[module]) for each in names)


def test_paths_of_the_linters_are_there():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    for glob in tool["ruff"]["lint"]["per-file-ignores"]:
        choices = re.search(r"{(.*)}", glob)
        for each in choices[1].split(",") if choices else [""]:
            pattern = re.sub(r"{.*}", each, glob)
            assert list(ROOT.glob(pattern)), pattern


WORKFLOWS = [
    "curator_engine.pipelines.semantic_dedup:SemanticDeduplicationWorkflow",
    "curator_text.pipelines.blend:BlendWorkflow",
    "curator_text.pipelines.classify:ClassifyWorkflow",
    "curator_text.pipelines.clean:CleanWorkflow",
    "curator_text.pipelines.decontaminate:DecontaminateWorkflow",
    "curator_text.pipelines.download:DownloadWorkflow",
    "curator_text.pipelines.duplicates_removal:TextDuplicatesRemovalWorkflow",
    "curator_text.pipelines.exact_dedup:ExactDeduplicationWorkflow",
    "curator_text.pipelines.extract:ExtractWorkflow",
    "curator_text.pipelines.filter:FilterWorkflow",
    "curator_text.pipelines.fuzzy_dedup:FuzzyDeduplicationWorkflow",
    "curator_text.pipelines.interleaved:InterleavedWorkflow",
    "curator_text.pipelines.embed:EmbedWorkflow",
    "curator_text.pipelines.generate:GenerateWorkflow",
    "curator_text.pipelines.langid:LangidWorkflow",
    "curator_text.pipelines.repeats:LinesWorkflow",
    "curator_text.pipelines.repeats:SubstringWorkflow",
    "curator_text.pipelines.pii:PiiWorkflow",
    "curator_text.pipelines.semantic_dedup:TextSemanticDeduplicationWorkflow",
    "curator_text.pipelines.train:TrainWorkflow",
]


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_parameter_of_a_workflow_says_what_it_does_here(workflow):
    module, _, cls = workflow.partition(":")
    source = inspect.getsource(getattr(importlib.import_module(module), cls))
    [definition] = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    about, body = str(ast.get_docstring(definition)), definition.body
    fields = {
        before.target.id: isinstance(after, ast.Expr)
        for before, after in itertools.pairwise(body)
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name)
    }
    silent = [name for name, is_said in fields.items() if not is_said and f"`{name}`" not in about]
    assert [name for name in silent if not name.startswith("_") and name != "progress"] == []
