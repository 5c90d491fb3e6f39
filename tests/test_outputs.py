"""docs/outputs.md names every file and every column that the commands write, and none that they do not."""

import csv
import json
import re
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from audio.runs import write_recordings
from chat_server import chat_server, echoed
from classify_toys import write_linear
from image.scenes import draw_photos, encoded, scene
from interleaved_toys import mint, picture
from training_toys import write_kinds
from vector_toys import near_duplicates, write_embeddings
from video.runs import draw_inputs, split
from web_pages import LONG, html
from web_server import serving

from curator_audio.cli import JOBS as AUDIO_JOBS
from curator_audio.duplicates.fingerprint import FINGERPRINT_FILE
from curator_audio.recordings.segment_table import SEGMENTS
from curator_engine.commands.cli import run_app
from curator_engine.failures import Failure
from curator_engine.pipelines.semantic import EmbeddingSettings, EmbeddingWorkflow
from curator_image.cli import JOBS as IMAGE_JOBS
from curator_image.score_table import SCORE_TABLE
from curator_text.cli import JOBS as TEXT_JOBS
from curator_text.editing.list_edits import changes_schema
from curator_video.cli import JOBS as VIDEO_JOBS

PAGE = (Path(__file__).parents[1] / "docs/outputs.md").read_text(encoding="utf-8")
TEXT = "curator-text fuzzy, exact, semantic"
TITLES = {
    "clean": "curator-text clean",
    "pii": "curator-text clean",
    "filter": "curator-text filter",
    "decontaminate": "curator-text decontaminate",
    "cut": "curator-text decontaminate",
    "langid": "curator-text langid",
    "classify": "curator-text classify",
    "train": "curator-text train",
    "generate": "curator-text generate",
    "embed": "curator-text embed",
    "substring": "curator-text substring, lines",
    "lines": "curator-text substring, lines",
    "run": "curator-text run",
    "tokenize": "curator-text tokenize",
    "shards": "curator-text tokenize",
    "blend": "curator-text blend",
    "parts": "curator-text blend",
}
OPTIONS = ("--workers", "1", "--max-rejected-ratio", "0.5")


def section(title):
    """The text below a heading, up to the next one of its level or above."""
    level, rest = re.split(rf"^(##+) {re.escape(title)}$", PAGE, flags=re.MULTILINE)[1:]
    return re.split(rf"^#{{2,{len(level)}}} ", rest, flags=re.MULTILINE)[0]


def first_cells(title):
    """The names in backticks in the first cells of a section's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", section(title), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def columns(path):
    return pq.read_schema(path).names


def run(app, jobs, *words):
    assert run_app(app, jobs, version="1", argv=[*map(str, words), "-q"]) in (0, 3)


def text(*words):
    run("curator-text", TEXT_JOBS, *words)


def video(*words):
    run("curator-video", VIDEO_JOBS, *words)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The folders of runs of the commands over documents with copies and a bad line."""
    folder = tmp_path_factory.mktemp("texts")
    words = [" ".join(f"word{(i * 37 + j * j) % 101}" for j in range(60)) for i in range(6)]
    rows = [{"text": each, "site": "a"} for each in [*words, words[0]]]
    lines = [*map(json.dumps, rows), "{bad"]
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    common = (folder / "in.jsonl", *OPTIONS, "-o")
    text("fuzzy", *common, folder / "fuzzy", "--source-field", "site")
    text("exact", *common, folder / "exact")
    text("semantic", *common, folder / "semantic")
    text("filter", *common, folder / "filter", "--source-field", "site", "--where", "row > 0")
    (folder / "eval.txt").write_text(" ".join(words[2].split()[:30]), encoding="utf-8")
    text("langid", *common, folder / "langid", "--keep", "de")
    good, bad = write_kinds(folder / "kinds", 40)
    with Path(good).open("a", encoding="utf-8") as file:
        file.write("{bad")
    model = write_linear(folder / "model")
    text("classify", *common, folder / "classify", "--model", model, "--where", "row > 0")
    text("train", good, bad, "-o", folder / "train", "--workers", "1", "--bits", "8")
    with pytest.MonkeyPatch.context() as patch, chat_server(echoed) as server:
        patch.setenv("no_proxy", "127.0.0.1")
        asked = ("--endpoint", server.url, "--model", "tiny", "--set", "min_tokens=140")
        text("generate", *common, folder / "generate", *asked)
    text("embed", *common, folder / "embed", "--keep-text")
    text("decontaminate", *common, folder / "decontaminate", "--against", folder / "eval.txt")
    span = ("--against", folder / "eval.txt", "--remove", "span", "--min-chars-left", "50")
    text("decontaminate", *common, folder / "cut", *span)
    text("substring", *common, folder / "substring")
    text("lines", *common, folder / "lines", "--max-times", "1")
    text("pii", *common, folder / "pii", "--source-field", "site")
    text("clean", *common, folder / "clean", "--source-field", "site", "--recipe", "c4")
    text("tokenize", *common, folder / "tokenize")
    text("tokenize", *common, folder / "shards", "--output-format", "shards")
    more = ("--sequence-length", "8", "--output-format", "shards")
    text("blend", folder / "tokenize", "-o", folder / "blend", "--workers", "1", *more)
    more = ("--split", "60,20,20")
    text("blend", folder / "tokenize", "-o", folder / "parts", "--workers", "1", *more)
    lines = ["input: in.jsonl", "output: run", "max_rejected_ratio: 0.5", "steps: [exact, fuzzy]"]
    (folder / "job.yaml").write_text("\n".join(lines), encoding="utf-8")
    text("run", folder / "job.yaml", "--workers", "1")
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """The folder of a split, with what the other commands leave in it and beside it."""
    folder = tmp_path_factory.mktemp("clips")
    split(draw_inputs(folder / "in"), folder / "split")
    video("dedup", folder / "split", "--apply")
    video("shard", folder / "split", folder / "shards")
    video("shots", folder / "in/one.mp4", "-o", folder / "shots", "--detector", "content")
    return folder


def unnamed(folder, *titles):
    """Files of a run that no line of these sections' tables names."""
    named = [name for title in titles for name in first_cells(title)]
    patterns = [f"{name}*" if name.endswith("/") else name for name in [*named, ".curator/"]]
    names = [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()]
    return [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)]


def unnamed_keys(record, title):
    named = first_cells(title)
    return [key for key in record if not any(fnmatch(key, name) for name in named)]


@pytest.mark.parametrize(
    "command",
    [
        *("fuzzy", "exact", "semantic", "filter", "decontaminate", "langid", "substring"),
        *("clean", "pii", "lines", "run", "cut", "generate", "train", "classify"),
        *("tokenize", "shards", "blend", "parts", "embed"),
    ],
)
def test_every_file_of_a_text_run_is_named(texts, command):
    assert unnamed(texts / command, TITLES.get(command, TEXT)) == []


def test_the_columns_of_scores_are_those_of_the_page_and_one_per_rule(texts):
    record = json.loads((texts / "filter/run.json").read_text(encoding="utf-8"))
    scores = [each["name"] for each in record["filters"]]
    named = first_cells("scores/")
    assert columns(next((texts / "filter/scores").glob("*.parquet"))) == [*named, *scores]
    without = [name for name in named if name != "keep"]
    assert columns(next((texts / "filter/removed").glob("*.parquet"))) == [*without, *scores]


def test_the_columns_of_matches_are_those_of_the_page(texts):
    run_folder = texts / "decontaminate"
    assert columns(next((run_folder / "matches").glob("*.parquet"))) == first_cells("matches/")
    page = section("curator-text decontaminate")
    removed = columns(next((run_folder / "removed").glob("*.parquet")))
    assert [name for name in removed if f"`{name}`" not in page] == []
    cuts, changes = (next((texts / "cut" / name).glob("*")) for name in ("cuts", "changes"))
    assert columns(cuts) == first_cells("cuts/")
    assert [name for name in columns(changes) if f"`{name}`" not in page] == []


def test_the_columns_of_passages_are_those_of_the_page(texts):
    for command in ("substring", "lines"):
        folder = texts / command
        assert columns(next((folder / "passages").glob("*.parquet"))) == first_cells("passages/")
        page = section("curator-text substring, lines")
        removed = columns(next((folder / "removed").glob("*.parquet")))
        assert [name for name in removed if f"`{name}`" not in page] == []


def test_the_columns_of_changes_are_those_of_the_page_and_one_per_rule(texts):
    record = json.loads((texts / "clean/run.json").read_text(encoding="utf-8"))
    rules = [each["name"] for each in record["modifiers"]]
    schema = changes_schema(rules)
    assert schema.names == [*first_cells("changes/"), *rules]
    place = first_cells("changes/")[:5]
    assert columns(next((texts / "clean/removed").glob("*.parquet"))) == [*place, "rule", "reason"]


def test_the_columns_of_documents_of_tokens_are_those_of_the_page(texts):
    table = texts / "tokenize/data/part-00000.documents.parquet"
    assert columns(table) == first_cells("part-00000.documents.parquet")
    assert columns(texts / "tokenize/sources.parquet") == ["source", "documents", "tokens"]


def test_the_columns_of_a_blend_are_those_of_the_page(texts):
    named = first_cells("part-00000.documents.parquet")
    table = texts / "blend/data/part-00000.documents.parquet"
    assert columns(table) == [*named, "epoch", "part"]
    assert columns(texts / "blend/sources.parquet") == first_cells("sources.parquet of a blend")


def test_the_columns_of_answers_are_those_of_the_page(texts):
    named = first_cells("answers/")
    assert columns(next((texts / "generate/answers").glob("*.parquet"))) == named
    without = [name for name in named if name != "keep"]
    assert columns(next((texts / "generate/removed").glob("*.parquet"))) == without


def test_the_columns_of_vectors_are_those_of_the_page(texts):
    named = first_cells("embeddings/")
    assert columns(next((texts / "embed/embeddings").glob("*.parquet"))) == named


def test_the_columns_of_languages_are_those_of_the_page(texts):
    named = first_cells("languages/")
    assert columns(next((texts / "langid/languages").glob("*.parquet"))) == named
    without = [name for name in named if name != "keep"]
    assert columns(next((texts / "langid/removed").glob("*.parquet"))) == without


def test_every_file_of_a_split_is_named(clips):
    later = ["dedup.json", "duplicates.parquet"]
    found = unnamed(clips / "split", "curator-video split")
    assert sorted(found) == later
    assert all(f"### {name}" in PAGE for name in later)


def test_every_file_of_shards_is_named(clips):
    assert unnamed(clips / "shards", "curator-video shard") == []


@pytest.mark.parametrize("command", ["fuzzy", "exact", "semantic"])
@pytest.mark.parametrize("table", ["removed", "clusters"])
def test_the_columns_of_a_table_of_documents_are_those_of_the_page(texts, command, table):
    part = next((texts / command / table).glob("*.parquet"))
    assert columns(part) == first_cells(f"{table}/")


@pytest.mark.parametrize("name", ["files.parquet", "sources.parquet"])
def test_the_columns_of_a_table_of_losses_are_those_of_the_page(texts, name):
    assert columns(texts / "fuzzy" / name) == first_cells(name)


@pytest.mark.parametrize("name", ["clips.parquet", "duplicates.parquet"])
def test_the_columns_of_a_table_of_clips_are_those_of_the_page(clips, name):
    assert columns(clips / "split" / name) == first_cells(name)


def test_the_columns_of_embeddings_are_those_of_the_page(clips):
    part = next((clips / "split/fingerprint_embd_parquet").glob("*.parquet"))
    assert columns(part) == first_cells("fingerprint_embd_parquet/")


@pytest.mark.parametrize(
    ("pattern", "title"),
    [
        ("metas/v0/*.json", "metas/v0/"),
        ("processed_videos/*.json", "processed_videos/"),
        ("processed_clip_chunks/*.json", "processed_clip_chunks/"),
        ("dedup.json", "dedup.json"),
        ("run.json", "run.json"),
    ],
)
def test_every_key_of_a_record_of_clips_is_named(clips, pattern, title):
    path = next((clips / "split").glob(pattern))
    assert unnamed_keys(json.loads(path.read_text(encoding="utf-8")), title) == []


@pytest.mark.parametrize(
    ("pattern", "title"),
    [("events.jsonl", "events.jsonl"), ("quarantine/split/rows/*.jsonl", "quarantine/")],
)
def test_every_key_of_a_line_is_named(clips, pattern, title):
    path = next((clips / "split").glob(pattern))
    for line in path.read_text(encoding="utf-8").splitlines():
        assert unnamed_keys(json.loads(line), title) == []


def test_every_key_of_a_failed_task_is_named():
    assert unnamed_keys(asdict(Failure(task_id="a", stage="b", error="c")), "quarantine/") == []


def test_every_key_of_the_summary_is_named(clips):
    record = json.loads((clips / "split/summary.json").read_text(encoding="utf-8"))
    counts = [key for key, value in record.items() if not isinstance(value, dict)]
    assert unnamed_keys(counts, "summary.json") == []


def test_every_key_of_the_summary_of_shards_is_named(clips):
    for name in ("summary.json", "run.json"):
        record = json.loads((clips / "shards" / name).read_text(encoding="utf-8"))
        assert [key for key in record if f"`{key}`" not in section("curator-video shard")] == []


@pytest.mark.parametrize(
    "command",
    [
        *("fuzzy", "exact", "semantic", "filter", "decontaminate", "langid", "substring"),
        *("lines", "run"),
    ],
)
def test_every_key_of_a_record_of_documents_is_named(texts, command):
    record = json.loads((texts / command / "run.json").read_text(encoding="utf-8"))
    assert unnamed_keys(record, "run.json") == []


def test_the_columns_of_a_list_of_shots_are_those_of_the_page(clips):
    with (clips / "shots/one.csv").open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    assert header == first_cells("A list of shots")


def test_every_file_of_a_run_of_shots_is_named(clips):
    assert unnamed(clips / "shots", "curator-video shots, probe") == []


def test_every_file_of_a_run_over_embeddings_is_named(tmp_path):
    write_embeddings(tmp_path / "in", near_duplicates(20, 10))
    settings = EmbeddingSettings(
        inputs=[str(tmp_path / "in")], output=str(tmp_path / "out"), n_clusters=2, eps=0.1
    )
    EmbeddingWorkflow(settings=settings).run()
    assert unnamed(tmp_path / "out", "SemanticDeduplicationWorkflow") == []
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert unnamed_keys(record, "run.json") == []


def test_a_page_that_was_deleted_comes_back_with_resume(texts):
    page = texts / "exact/report.html"
    page.unlink()
    text("exact", texts / "in.jsonl", *OPTIONS, "-o", texts / "exact", "--resume")
    assert page.exists()


def test_a_tar_that_was_deleted_comes_back_with_resume(clips):
    tar = next((clips / "shards").rglob("*.tar"))
    tar.unlink()
    video("shard", clips / "split", clips / "shards", "--resume")
    assert tar.exists()


def test_every_file_and_column_of_curated_pictures_is_named(tmp_path):
    draw_photos(tmp_path / "in")
    words = ["curate", tmp_path / "in", "-o", tmp_path / "out", "--max-rejected-ratio", "1"]
    words += ["--save-index", tmp_path / "index", "--output-format", "folder"]
    run("curator-image", IMAGE_JOBS, *words)
    assert unnamed(tmp_path / "out", "curator-image curate") == []
    assert unnamed(tmp_path / "index", "An index of pictures (--save-index)") == []
    run("curator-image", IMAGE_JOBS, "shard", tmp_path / "out", tmp_path / "shards")
    assert unnamed(tmp_path / "shards", "curator-image shard") == []
    named = first_cells("images.parquet")
    scores = {score.column for score in SCORE_TABLE}
    found = columns(tmp_path / "out/images.parquet")
    assert [name for name in found if name not in scores] == named


def test_every_file_and_column_of_downloaded_pictures_is_named(tmp_path):
    with serving({"/1.png": (200, {}, encoded(scene(1)))}) as site:
        (tmp_path / "l.txt").write_text(f"{site.url}/1.png\n{site.url}/2.png\n", encoding="utf-8")
        words = ["download", tmp_path / "l.txt", "-o", tmp_path / "out", "--workers", 1]
        run("curator-image", IMAGE_JOBS, *words, "--allow-private")
    assert unnamed(tmp_path / "out", "curator-image download") == []
    assert columns(tmp_path / "out/downloads.parquet") == first_cells("downloads.parquet")


def test_every_file_and_column_of_downloaded_pages_is_named(tmp_path):
    with serving({"/1": (200, {}, b"<p>x</p>"), "/2.tar": (200, {}, b"x")}) as site:
        (tmp_path / "l.txt").write_text(f"{site.url}/1\n{site.url}/2.tar\n", encoding="utf-8")
        words = ["download", "urls", tmp_path / "l.txt", "-o", tmp_path / "out", "--workers", 1]
        text(*words, "--allow-private", "--per-host", "100")
    assert unnamed(tmp_path / "out", "curator-text download") == []
    assert columns(tmp_path / "out/downloads.parquet") == first_cells("downloaded addresses")


def test_every_file_and_column_of_extracted_documents_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text(html(LONG), encoding="utf-8")
    (tmp_path / "in/b.html").write_bytes(b"{}")
    (tmp_path / "in/c.tar").write_bytes(b"broken")
    words = [tmp_path / "in", "-o", tmp_path / "out", "--workers", "1"]
    words += ["--max-rejected-ratio", "1", "--extractor", "math"]
    text("extract", *words, "--output-format", "parquet")
    out = tmp_path / "out"
    assert unnamed(out, "curator-text extract") == []
    assert columns(out / "data/a.html.parquet") == first_cells("extracted documents")
    assert columns(out / "removed/a.html.parquet") == first_cells("removed pages")


def test_every_file_and_column_of_interleaved_documents_is_named(tmp_path):
    lists = {"texts": ["One.", None], "images": [None, "a"]}
    samples = [
        ("a", lists, {"png": picture()}),
        ("b", lists, {"png": picture(9, 9)}),
        ("c", {}, {}),
    ]
    mint(tmp_path / "in/a.tar", *samples)
    words = [tmp_path / "in", "-o", tmp_path / "out", "--workers", "1"]
    text("interleaved", *words, "--max-rejected-ratio", "1")
    out = tmp_path / "out"
    assert unnamed(out, "curator-text interleaved") == []
    assert columns(out / "data/a.tar.parquet") == first_cells("rows of interleaved documents")
    assert columns(out / "removed/a.tar.parquet") == first_cells("removed from interleaved")
    assert columns(out / "scores/a.tar.parquet") == first_cells("scores of interleaved")


def test_every_file_and_column_of_error_rates_is_named(tmp_path):
    row = {"text": "to be", "pred_text": "two bee", "speaker": "one"}
    (tmp_path / "in.jsonl").write_text(f"{json.dumps(row)}\nno row\n", encoding="utf-8")
    run("curator-audio", AUDIO_JOBS, "wer", tmp_path / "in.jsonl", "-o", tmp_path / "out", *OPTIONS)
    assert unnamed(tmp_path / "out", "curator-audio wer") == []
    assert columns(tmp_path / "out/errors.parquet") == first_cells("errors of transcripts")


def test_every_file_and_column_of_curated_recordings_is_named(tmp_path):
    write_recordings(tmp_path / "in")
    words = ["curate", tmp_path / "in", "-o", tmp_path / "out", "--max-rejected-ratio", "1"]
    run("curator-audio", AUDIO_JOBS, *words, "--workers", "1", "--cut", "whole")
    assert unnamed(tmp_path / "out", "curator-audio curate") == []
    words = ["vad", tmp_path / "out", "-o", tmp_path / "vad", "--workers", "1"]
    run("curator-audio", AUDIO_JOBS, *words)
    assert unnamed(tmp_path / "vad", "curator-audio vad") == []
    for job in ("diarize", "transcribe"):
        words = [job, tmp_path / "out", "-o", tmp_path / job, "--workers", "1"]
        run("curator-audio", AUDIO_JOBS, *words)
        assert unnamed(tmp_path / job, f"curator-audio {job}") == []
    before = {path.name for path in (tmp_path / "out").iterdir()}
    run("curator-audio", AUDIO_JOBS, "dedup", tmp_path / "out", "--workers", "1")
    made = {path.name for path in (tmp_path / "out").iterdir()} - before
    prints = FINGERPRINT_FILE.open(str(tmp_path / "out")).column_names
    assert {*made, *prints} == set(first_cells("curator-audio dedup"))
    found = columns(tmp_path / "out/duplicates.parquet")
    assert all(f"`{name}`" in section("curator-audio dedup") for name in found)
    run("curator-audio", AUDIO_JOBS, "shard", tmp_path / "out", tmp_path / "shards")
    assert unnamed(tmp_path / "shards", "curator-audio shard") == []
    found = columns(tmp_path / "out/segments.parquet")
    named = first_cells("segments.parquet")
    assert [name for name in found if name not in SEGMENTS.scores] == named
