"""What NeMo Curator's users write by position arrives where it belongs, for everything that is offered."""

from importlib import import_module
from typing import Any

import pytest

from curator_engine.compat import OFFERS
from curator_text.nemo_names import OFFERS as TEXT

_SEMANTIC = "id_field embedding_field embedding_dim metadata_fields input_filetype"

POSITIONS = {
    "backends.base.NodeInfo": ("node_id",),
    "backends.base.WorkerMetadata": ("worker_id allocation",),
    "backends.slurm_array.SlurmArrayConfig": (
        "shard_index total_shards minimum_shard_index",
        *(1, 3, 1),
    ),
    "pipeline.workflow.WorkflowRunResult": ("workflow_name pipeline_tasks metadata",),
    "stages.resources.Resources": ("cpus gpu_memory_gb gpus", 2.0, 0.0, 0.5),
    "stages.deduplication.semantic.ranking.RankingStrategy": (
        "metadata_cols ascending strategy random_seed",
        ["a"],
        False,
        "sort",
        7,
    ),
    "stages.deduplication.semantic.workflow.SemanticDeduplicationWorkflow": (
        f"input_path output_path n_clusters cache_path {_SEMANTIC}",
        *("in", "out", 5, "cache", "key", "vectors", 8, ["a"], "jsonl"),
    ),
    "stages.deduplication.exact.workflow.ExactDeduplicationWorkflow": (
        "output_path input_path input_filetype input_blocksize identification_batchsize",
        *("out", "in", "jsonl", "1MiB", 2),
    ),
    "stages.deduplication.fuzzy.workflow.FuzzyDeduplicationWorkflow": (
        "cache_path output_path input_path input_filetype input_blocksize",
        *("cache", "out", "in", "jsonl", "1MiB"),
    ),
    "stages.text.deduplication.removal_workflow.TextDuplicatesRemovalWorkflow": (
        "input_path ids_to_remove_path output_path input_filetype input_fields id_field",
        *("in", "ids", "out", "jsonl", ["text", "id"], "id"),
    ),
    "stages.text.deduplication.semantic.TextSemanticDeduplicationWorkflow": (
        "input_path output_path cache_path perform_removal text_field embedding_field",
        *("in", "out", "cache", False, "body", "vectors"),
    ),
    "stages.text.io.reader.jsonl.JsonlReader": (
        "file_paths files_per_partition blocksize fields",
        *(["a.jsonl"], 2, None, ["text"]),
    ),
    "stages.text.io.reader.parquet.ParquetReader": (
        "file_paths files_per_partition blocksize fields",
        *(["a.parquet"], 2, None, ["text"]),
    ),
    "stages.interleaved.pdf.nemotron_parse.composite.NemotronParsePDFReader": (
        "manifest_path zip_base_dir pdf_dir jsonl_base_dir model_path backend pdfs_per_task",
        *("list", None, "in", None, "model", "hf", 3),
    ),
    "stages.interleaved.pdf.nemotron_parse.inference.NemotronParseInferenceStage": (
        "model_path text_in_pic task_prompt backend inference_batch_size max_num_seqs",
        *("model", True, "prompt", "hf", 2, 3),
    ),
    "stages.interleaved.pdf.nemotron_parse.partitioning.PDFPartitioningStage": (
        "manifest_path pdfs_per_task max_pdfs dataset_name file_name_field",
        *("list", 3, 9, "d", "name"),
    ),
    "stages.interleaved.pdf.nemotron_parse.postprocess.NemotronParsePostprocessStage": (
        "proc_size min_crop_px name",
        *((20, 10), 5, "n"),
    ),
    "stages.interleaved.pdf.nemotron_parse.preprocess.PDFPreprocessStage": (
        "zip_base_dir pdf_dir jsonl_base_dir dpi max_pages name",
        *(None, "in", None, 72, 9, "n"),
    ),
    "stages.interleaved.lance.reader.InterleavedLanceReader": (
        "path fragments_per_partition fields max_batch_bytes max_batch_rows read_kwargs",
        *("in", 2, None, 1000, 9, {}),
    ),
    "stages.interleaved.lance.reader.InterleavedLanceReaderStage": (
        "_generate_ids _assign_ids fields read_kwargs include_lance_metadata",
        *(False, False, None, {}, False),
    ),
    "stages.text.io.reader.lance.LancePartitioningStage": (
        "path fragments_per_partition fragment_ids read_kwargs name",
        *("in", 2, [0], {}, "n"),
    ),
    "stages.text.io.reader.lance.LanceReader": (
        "path fragments_per_partition fields read_kwargs include_lance_metadata",
        *("in", 2, ["text"], {}, False),
    ),
    "stages.text.io.reader.lance.LanceReaderStage": (
        "_generate_ids _assign_ids fields read_kwargs include_lance_metadata allow_empty",
        *(False, False, ["text"], {}, False, True),
    ),
    "stages.text.io.writer.lance.LanceWriter": (
        "path commit_path schema write_kwargs fields name mode",
        *("out", "notes", None, {}, ["text"], "n", "append"),
    ),
    "stages.interleaved.io.reader.InterleavedWebdatasetReader": (
        "file_paths files_per_partition blocksize max_batch_bytes read_kwargs",
        *("in", 2, "1MB", 1000, {}),
    ),
    "stages.interleaved.io.reader.InterleavedParquetReader": (
        "file_paths files_per_partition blocksize fields max_batch_bytes",
        *("in", 2, "1MB", ("url",), 1000),
    ),
    "stages.interleaved.io.readers.webdataset.InterleavedWebdatasetReaderStage": (
        "read_kwargs schema",
        *({}, None),
    ),
    "stages.interleaved.io.readers.parquet.InterleavedParquetReaderStage": (
        "read_kwargs schema schema_overrides fields max_batch_bytes",
        *({}, None, None, ("url",), 1000),
    ),
    "stages.interleaved.io.writers.tabular.InterleavedParquetWriterStage": (
        "path write_kwargs materialize_on_write mode",
        *("out", {}, False, "overwrite"),
    ),
    "stages.interleaved.io.writers.webdataset.InterleavedWebdatasetWriterStage": (
        "path write_kwargs materialize_on_write mode",
        *("out", {}, False, "overwrite"),
    ),
    "stages.interleaved.stages.InterleavedAspectRatioFilterStage": (
        "drop_invalid_rows min_aspect_ratio max_aspect_ratio name",
        *(False, 0.5, 3.0, "ratio"),
    ),
    "stages.interleaved.filter.blur_filter.InterleavedBlurFilterStage": (
        "drop_invalid_rows score_threshold",
        *(False, 50.0),
    ),
    "stages.interleaved.filter.qrcode_filter.InterleavedQRCodeFilterStage": (
        "drop_invalid_rows score_threshold",
        *(False, 0.1),
    ),
    "stages.interleaved.filter.clip_score_filter.InterleavedCLIPScoreFilterStage": (
        "drop_invalid_rows model_dir min_score",
        *(False, "clip", 0.2),
    ),
    "stages.interleaved.filter.image_to_text_ratio_filter.InterleavedImageToTextRatioFilterStage": (
        "drop_invalid_rows min_ratio max_ratio",
        *(False, 0.1, 0.5),
    ),
    "stages.text.models.model.ModelStage": (
        "model_identifier cache_dir hf_token model_inference_batch_size has_seq_order padding_side",
        *("org/name", "cache", None, 8, False, "left"),
    ),
    "stages.text.embedders.base.SentenceTransformerEmbeddingModelStage": (
        "model_identifier cache_dir embedding_field",
        *("org/name", None, "vectors"),
    ),
    "stages.text.classifiers.utils.SortByLengthStage": ("attention_mask_field", "mask"),
    "stages.text.io.writer.jsonl.JsonlWriter": ("path fields", "out", ["text"]),
    "stages.text.io.writer.parquet.ParquetWriter": ("path fields", "out", ["text"]),
    "stages.text.filters.score_filter.Score": (
        "score_fn score_field text_field name",
        *(len, "chars", "body", "count"),
    ),
    "stages.text.filters.score_filter.Filter": (
        "filter_fn filter_field invert name",
        *(bool, "chars", True, "choose"),
    ),
    "stages.text.filters.heuristic.string.LongWordFilter": ("max_word_length lang", 30, "en"),
    "stages.text.filters.heuristic.string.WordCountFilter": (
        "min_words max_words lang",
        *(3, 9, "en"),
    ),
    "stages.text.filters.heuristic.string.MeanWordLengthFilter": (
        "min_mean_word_length max_mean_word_length lang",
        *(2, 9, "en"),
    ),
    "stages.text.filters.heuristic.string.SymbolsToWordsFilter": (
        "max_symbol_to_word_ratio lang",
        *(0.2, "en"),
    ),
    "stages.text.filters.heuristic.string.WordsWithoutAlphabetsFilter": (
        "min_words_with_alphabets lang",
        *(0.7, "en"),
    ),
    "stages.text.filters.heuristic.repetition.repetition.RepeatingTopNGramsFilter": (
        "n max_repeating_ngram_ratio lang",
        *(3, 0.1, "en"),
    ),
    "stages.text.filters.heuristic.repetition.repetition.RepeatingDuplicateNGramsFilter": (
        "n max_repeating_duplicate_ngram_ratio lang",
        *(3, 0.1, "en"),
    ),
    "stages.text.filters.heuristic.code.code.GeneralCommentToCodeFilter": (
        "language min_comment_to_code_ratio max_comment_to_code_ratio",
        *("text/x-go", 0.02, 0.8),
    ),
    "stages.synthetic.omni.io.HFDatasetImageReaderStage": (
        "dataset_name image_dir split config_name image_column id_column limit",
        *("photos", "pictures", "test", "en", "picture", "key", 5),
    ),
    "stages.synthetic.omni.io.JsonlSampleWriterStage": (
        "output_path valid_only image_parent",
        *("out.jsonl", False, "pictures"),
    ),
    "stages.synthetic.omni.ocr_nemotron_v2.OCRNemotronV2Stage": (
        "model_dir merge_level",
        *("models", "sentence"),
    ),
    "stages.synthetic.omni.ocr_scoring_qa.OCRScoringQAStage": (
        "model_id temperature max_tokens min_bbox_match max_text_errors fail_on_missing_text "
        "dense_dump_prob batch_size priority_mode",
        *("judge", 0.5, 100, 7, 1, True, 0.1, 4, True),
    ),
    "utils.decoder_utils.VideoMetadata": ("height width fps num_frames", 48, 64, 25.0, 100),
    "tasks.tasks.Task": ("dataset_name data _stage_perf _metadata", "set", 1, [], {"a": 1}),
    "tasks.file_group.FileGroupTask": (
        "dataset_name data _stage_perf _metadata reader_config",
        *("set", ["a"], [], {"a": 1}, {"b": 2}),
    ),
    "utils.performance_utils.StagePerfStats": (
        "stage_name process_time actor_idle_time input_data_size_mb num_items_processed custom_metrics",
        *("read", 1.0, 2.0, 3.0, 4, {"a": 1.0}),
    ),
}
"""By name: parameters in NeMo Curator's order, and arguments; without arguments, the names stand for them."""

BY_NATURE = {
    "BaseExecutor",
    "BaseStageAdapter",
    "CompositeStage",
    "Pipeline",
    "ProcessingStage",
    "RayActorPoolExecutor",
    "RayDataExecutor",
    "StageTimer",
    "WorkflowBase",
    "XennaExecutor",
}
"""Classes whose own signature has the order."""


def made(name: str) -> Any:
    module, _, cls = name.rpartition(".")
    return getattr(import_module(f"nemo_curator.{module}"), cls)


@pytest.mark.parametrize("name", POSITIONS)
def test_arguments_by_position_are_those_by_name(name):
    names, *given = POSITIONS[name]
    values = given or names.split()
    by_position = made(name)(*values)
    for field, value in zip(names.split(), values, strict=True):
        assert getattr(by_position, field) == value


def test_an_argument_that_is_not_offered_is_named():
    with pytest.raises(TypeError, match="Resources takes at most 3 arguments by position"):
        made("stages.resources.Resources")(1.0, 0.0, 0.0, True)


def test_the_batch_of_documents_takes_a_dataframe_by_position():
    pandas = pytest.importorskip("pandas")
    batch = made("tasks.document.DocumentBatch")("set", pandas.DataFrame({"text": ["a", "b"]}))
    assert (batch.dataset_name, batch.num_items, batch.get_columns()) == ("set", 2, ["text"])


@pytest.mark.parametrize("name", ["file_group.FileGroupTask", "document.DocumentBatch"])
def test_a_task_without_data_is_empty(name):
    task = made(f"tasks.{name}")(dataset_name="set")
    assert (task.num_items, task.validate()) == (0, False)


def test_a_stage_of_documents_takes_a_filter_and_columns():
    score_filter = made("stages.text.filters.score_filter.ScoreFilter")
    words = made("stages.text.filters.heuristic.string.WordCountFilter")(2, 5)
    stage = score_filter(words, "body", "words", True, "short")
    assert (stage.text_field, stage.score_field, stage.invert) == ("body", "words", True)
    assert stage.name == "short"


def test_a_writer_of_tokens_takes_the_folder_options_fields_and_mode():
    writer = made("stages.text.io.writer.MegatronTokenizerWriter")(
        "out", {}, ["text"], "error", model_identifier="org/name"
    )
    assert (writer.path, writer.fields, writer.mode) == ("out", ["text"], "error")


def test_every_class_with_several_parameters_is_listed():
    """A class that is offered later must be listed here, or have its order by nature."""
    listed = {name.rpartition(".")[2] for name in POSITIONS} | BY_NATURE
    listed |= {
        "DocumentBatch",
        "InterleavedBatch",
        "LanceReadTask",
        "commit_lance_checkpoint",
        "EmptyTask",
        "_EmptyTask",
        "ScoreFilter",
        "get_stage_class",
    }
    listed |= {"FailedTask", "NoneTask", "SentinelTask", "MegatronTokenizerWriter"}
    missing: list[str] = []
    for module in ("backends.base", "pipeline.workflow", "stages.base", "stages.resources"):
        missing += sorted(OFFERS[f"nemo_curator.{module}"].keys() - listed)
    for module in ("stages.text.io.reader", "stages.text.io.writer", "tasks"):
        missing += sorted(TEXT[f"nemo_curator.{module}"].keys() - listed)
    for module in ("tasks", "pipeline"):
        missing += sorted(OFFERS[f"nemo_curator.{module}"].keys() - listed)
    assert [name for name in missing if not name.isupper()] == []
