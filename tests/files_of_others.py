"""Trees of files as people have them, and a check that a command leaves them alone."""

import os
import stat
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from curator_engine.files import manifest
from curator_engine.files.paths import file_system_of

NAMES = (
    *("a.jsonl", "b.jsonl", "part-00000.parquet", "run.json", "files.parquet", "report.html"),
    *("events.jsonl", "corpus.json", "index.json", "notes.txt", "x.7.curator.tmp", "A.JSONL"),
    *(
        "\u00fc\u4e2d.jsonl",
        "a b'c.jsonl",
        "back\\slash.jsonl",
        ".hidden",
        "a.mp4",
        "clips.parquet",
    ),
)
FOLDERS = (
    *("", "data", "data/sub", "out", "out/data", "out/.cache", "out/removed", "out/clips", "cache"),
    *("cache/sign", "cache/checkpoint", "home", "home/data", "out/quarantine/sign/rows"),
)
LINKS = (("link", "data"), ("out-link", "out"), ("loop", "."), ("broken", "nowhere"))
ROW = (
    b'{"id": 1, "text": "the same words again and again, as people write them", '
    b'"texts": ["the same", null], "images": [null, "a.png"]}\n'
)
CONTENTS = (ROW, ROW * 3, b"", b"garbage\x00\xff", b'{"text": ', b"[]")
PLACES = (*FOLDERS[1:], ".", "new", "new/deep", "link", "out-link", "data/out", "a-file")
READ = (
    *("data", ".", "out", "link", "home", "data/*.jsonl", "out/data/*.jsonl", "**/*.jsonl"),
    *("data/a.jsonl", "out-link/data", "loop/data", "broken"),
)


def put(path: str, data: bytes = b"theirs") -> None:
    """Write a file as somebody else does, past the manifest; also on an object store."""
    if "://" in path:
        fs, name = file_system_of(path)
        fs.pipe_file(name, data)
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)


def trees():
    """Folders and names with contents, and links."""
    files = st.dictionaries(
        st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)),
        st.sampled_from(CONTENTS),
        max_size=12,
    )
    return st.tuples(files, st.sets(st.sampled_from(LINKS)))


def plant(root, tree, own=()):
    """Put a tree on disk, beside what is there; a corpus is always there, and files of one's own."""
    files, links = tree
    for (folder, name), data in {
        ("data", "a.jsonl"): ROW * 2,
        ("", "a-file"): b"x",
        **files,
        **{("", path): data for path, data in dict(own).items()},
    }.items():
        path = root / folder / name
        if not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for name, target in sorted(links):
        if not os.path.lexists(root / name):
            (root / name).symlink_to(target)


def of_others(root):
    """What is there that is not ours: bytes of files, targets of links."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != manifest.FOLDER]
        for name in [*names, *folders]:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                found[path] = str(path.readlink())
            elif stat.S_ISREG(mode) and not manifest.is_made(str(path)):
                found[path] = path.read_bytes()
    return found


def leaves_others_alone(run, commands, *trees, own=(), prepare=None, codes=(0, 2, 3)):
    """Run commands in a folder of their own, and look after each whether all that is not ours is as it was.

    Args:
        run: Runs a command; gives its exit codes.
        commands: The commands.
        trees: What is put there before each command; the last one before all that follow, too.
        own: Files that are always there, by their paths.
        prepare: Fills the folder first.
        codes: How a command may end.
    """
    before_all = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if prepare:
            prepare(root)
        os.chdir(root)
        try:
            for at, command in enumerate(commands):
                plant(root, trees[min(at, len(trees) - 1)], own)
                before = of_others(root)
                ended = run(command)
                assert set(ended) <= set(codes), (command, ended)
                after = of_others(root)
                gone = {path for path in before if after.get(path) != before[path]}
                assert not gone, (command, ended, gone)
        finally:
            os.chdir(before_all)
