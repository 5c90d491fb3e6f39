"""Whatever lies in the folders and whatever is asked for: no file of others is touched."""

import pytest
from files_of_others import PLACES, READ, leaves_others_alone, trees
from hypothesis import given, settings
from hypothesis import strategies as st
from image.runs import image
from image.scenes import encoded, scene

PICTURES = {
    "data/p.png": encoded(scene(1, (60, 40))),
    "data/q.png": encoded(scene(1, (60, 40))),
    "home/r.jpg": encoded(scene(2, (60, 40)), "JPEG"),
    "out/s.png": encoded(scene(3, (60, 40))),
}
COMMANDS = st.fixed_dictionaries(
    {
        "inputs": st.lists(
            st.sampled_from([*READ, "data/*.png", "out/data", "data/p.png"]), min_size=1, max_size=2
        ),
        "output": st.sampled_from(PLACES),
        "how": st.sampled_from(["", "--resume", "--overwrite"]),
        "format": st.sampled_from(["as-input", "image-writer", "webdataset", "parquet", "none"]),
        "more": st.sampled_from(["", "--dry-run", "--limits=usual"]),
        "against": st.none() | st.sampled_from(PLACES),
        "then": st.sampled_from(["", "filter", "dedup", "report"]),
    }
)


def words_of(command):
    words = ["curate", *command["inputs"], "-o", command["output"], command["how"]]
    words += ["--output-format", command["format"], command["more"], "--max-rejected-ratio", "1"]
    words += ["--against", command["against"]] if command["against"] else []
    return [word for word in words if word]


def run(command):
    codes = [image(*words_of(command))]
    then, output = command["then"], command["output"]
    more = {"filter": ["--where", "width < 50", "--apply"], "dedup": ["--near", "off", "--apply"]}
    if then:
        codes.append(image(then, output, *more.get(then, [])))
    return codes


CASES = (trees(), st.lists(COMMANDS, min_size=1, max_size=2), trees())


@settings(max_examples=25, derandomize=True)
@given(*CASES)
def test_no_file_of_others_is_touched(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, own=PICTURES)


@pytest.mark.long
@settings(max_examples=300)
@given(*CASES)
def test_no_file_of_others_is_touched_in_many_ways(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, own=PICTURES)
