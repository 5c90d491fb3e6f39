"""What NeMo Curator's tutorials on classifiers, Nemotron-CC and mathematics import, and by which names they give settings."""

import inspect
from importlib import import_module

import pytest

from curator_engine.pipeline import Pipeline

_CLASSIFIER = "filter_by"
_COUNTED = "tokenizer hf_token min_tokens max_tokens"
_DESIGNED = (
    "system_prompt prompt input_field output_field model_alias model_configs model_providers"
)
_REMOTE = "system_prompt prompt input_field output_field client model_name generation_config"

USES = {
    "backends.xenna.XennaExecutor": "",
    "core.client.RayClient": "include_dashboard",
    "models.client.llm_client.GenerationConfig": "temperature top_p top_k max_tokens stop seed",
    "models.client.openai_client.AsyncOpenAIClient": "max_concurrent_requests max_retries base_delay",
    "pipeline.Pipeline": "name description",
    "stages.math.classifiers.finemath.FineMathClassifier": (
        "cache_dir float_score_column int_score_column text_field max_chars max_seq_length"
        " sort_by_length model_inference_batch_size autocast center_crop_chars"
    ),
    "stages.math.download.extract.MathContentExtractor": "binary_column url_column mime_type_column",
    "stages.math.download.extract.MathExtractStage": "extractor add_filename_column",
    "stages.math.modifiers.chunking.TokenSplitterStage": "model_name text_field max_length_tokens",
    "stages.math.modifiers.merge_chunks.ChunkMergeStage": (
        "text_field raw_text_field chunk_id_field groupby_columns max_text_length"
    ),
    "stages.resources.Resources": "cpus",
    "stages.synthetic.nemotron_cc.nemotron_cc.DistillStage": _REMOTE,
    "stages.synthetic.nemotron_cc.nemotron_cc.DiverseQAPostProcessingStage": (
        "input_field qa_field tokenizer"
    ),
    "stages.synthetic.nemotron_cc.nemotron_cc.DiverseQAStage": _REMOTE,
    "stages.synthetic.nemotron_cc.nemotron_cc.ExtractKnowledgeStage": _REMOTE,
    "stages.synthetic.nemotron_cc.nemotron_cc.KnowledgeListPostProcessingStage": "input_field",
    "stages.synthetic.nemotron_cc.nemotron_cc.KnowledgeListStage": _REMOTE,
    "stages.synthetic.nemotron_cc.nemotron_cc.WikipediaParaphrasingStage": _REMOTE,
    **{
        f"stages.synthetic.nemotron_cc.nemo_data_designer.nemotron_cc.{name}Stage": _DESIGNED
        for name in ("Distill", "DiverseQA", "ExtractKnowledge", "KnowledgeList")
    },
    "stages.synthetic.nemotron_cc.nemo_data_designer.nemotron_cc.WikipediaParaphrasingStage": (
        _DESIGNED
    ),
    "stages.synthetic.nemo_data_designer.data_designer.DataDesignerStage": (
        "config_builder data_designer_config_file model_providers verbose"
    ),
    "stages.deduplication.fuzzy.workflow.FuzzyDeduplicationWorkflow": (
        "input_path cache_path output_path input_filetype input_file_extensions input_blocksize"
        " text_field perform_removal char_ngrams num_bands minhashes_per_band use_64_bit_hash"
        " bands_per_iteration seed"
    ),
    "stages.text.deduplication.removal_workflow.TextDuplicatesRemovalWorkflow": (
        "input_path ids_to_remove_path output_path input_filetype input_file_extensions id_field"
        " duplicate_id_field input_blocksize id_generator_path"
    ),
    "stages.text.classifiers.FineWebMixtralEduClassifier": _CLASSIFIER,
    "stages.text.classifiers.FineWebNemotronEduClassifier": _CLASSIFIER,
    "stages.text.models.model.ModelStage": "model_identifier unpack_inference_batch autocast",
    "stages.text.filters.Filter": "filter_fn filter_field",
    "stages.text.modifiers.line_remover.LineRemover": "patterns",
    "stages.text.modifiers.markdown_remover.MarkdownRemover": "",
    "stages.text.modifiers.quotation_remover.QuotationRemover": "",
    "stages.text.modifiers.slicer.Slicer": "left include_left strip",
    "stages.math.modifiers.llm_cleanup.LLMCleanupStage": (
        "model system_prompt text_field output_field max_model_len classification temperature top_p"
        " top_k min_p max_tokens cache_dir n_tokens_field"
    ),
    "stages.text.classifiers.AegisClassifier": "aegis_variant hf_token filter_by",
    "stages.text.classifiers.ContentTypeClassifier": _CLASSIFIER,
    "stages.text.classifiers.DomainClassifier": _CLASSIFIER,
    "stages.text.classifiers.FineWebEduClassifier": _CLASSIFIER,
    "stages.text.classifiers.InstructionDataGuardClassifier": "hf_token filter_by",
    "stages.text.classifiers.MultilingualDomainClassifier": _CLASSIFIER,
    "stages.text.classifiers.PromptTaskComplexityClassifier": "",
    "stages.text.classifiers.QualityClassifier": _CLASSIFIER,
    "stages.text.experimental.translation.TranslationStage": (
        "source_lang target_lang text_field output_field segmentation_mode client model_name"
        " generation_config enable_faith_eval faith_threshold output_mode merge_scores skip_translated"
    ),
    "stages.text.download.ArxivDownloadExtractStage": "download_dir url_limit record_limit",
    "stages.text.download.CommonCrawlDownloadExtractStage": (
        "start_snapshot end_snapshot download_dir crawl_type url_limit record_limit use_aws_to_download"
    ),
    "stages.text.download.WikipediaDownloadExtractStage": "language download_dir dump_date url_limit",
    "stages.text.download.common_crawl.download.CommonCrawlWARCReader": (
        "warc_filename_col warc_record_offset_col warc_record_length_col"
    ),
    "stages.text.filters.heuristic.string.SubstringFilter": "substring position",
    "stages.text.filters.heuristic_filter.SubstringFilter": "substring position",
    "stages.text.filters.heuristic_filter.TokenCountFilter": _COUNTED,
    "stages.text.filters.token.token_count.TokenCountFilter": _COUNTED,
    "stages.text.io.reader.JsonlReader": "file_paths",
    "stages.text.io.reader.parquet.ParquetReader": "file_paths",
    "stages.text.io.writer.jsonl.JsonlWriter": "path",
    "stages.text.io.writer.parquet.ParquetWriter": "path",
    "stages.text.io.writer.megatron_tokenizer.MegatronTokenizerWriter": (
        "path model_identifier append_eod text_field tokenization_batch_size"
    ),
    "stages.text.modifiers.string.LineRemover": "patterns",
    "stages.text.modifiers.string.MarkdownRemover": "",
    "stages.text.modifiers.string.QuotationRemover": "",
    "stages.text.modifiers.string.Slicer": "left include_left strip",
    "stages.text.modules.joiner.DocumentJoiner": "separator text_field segment_id_field",
    "stages.text.modules.modifier.Modify": "modifier_fn input_fields output_fields",
    "stages.text.modules.score_filter.Filter": "filter_fn filter_field",
    "stages.text.modules.score_filter.ScoreFilter": "filter_obj text_field score_field",
    "stages.text.modules.splitter.DocumentSplitter": "separator text_field segment_id_field",
    "tasks.document.DocumentBatch": "data dataset_name",
}
"""The names of settings by the path below `nemo_curator`."""


def imported(path):
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"nemo_curator.{module}"), name)


@pytest.mark.parametrize("path", USES)
def test_a_tutorial_finds_the_name_and_its_settings(path):
    known = inspect.signature(imported(path)).parameters
    assert [name for name in USES[path].split() if name not in known] == []


def test_prompts_of_nemotron_cc_are_there():
    prompts = import_module("nemo_curator.stages.synthetic.nemotron_cc.prompts")
    names = ("DISTILL", "DIVERSE_QA", "EXTRACT_KNOWLEDGE", "KNOWLEDGE_LIST")
    assert all("{document}" in getattr(prompts, f"{name}_PROMPT_TEMPLATE") for name in names)


def test_a_client_takes_the_address_and_the_key_of_a_server():
    client = made("AsyncOpenAIClient", api_key="k", base_url="http://localhost:1/v1")
    assert made("DistillStage", client=client, model_name="m").model_name == "m"


def made(name, **settings):
    found = imported(next(path for path in USES if path.endswith(f".{name}")))
    return found(**settings)


def test_the_steps_of_the_tutorial_on_mathematics_fit_together(tmp_path):
    pages = made("MathContentExtractor", mime_type_column="content_mime_type")
    half = made("Resources", cpus=0.5)
    pipeline = Pipeline("maths", "Pages, chunks, scores")
    pipeline.add_stage(
        made("ParquetReader", file_paths=str(tmp_path / "*.parquet")).with_(
            {
                "file_partitioning": {"resources": half},
                "parquet_reader": {"resources": half},
            }
        )
    )
    pipeline.add_stage(made("MathExtractStage", extractor=pages))
    pipeline.add_stage(made("TokenSplitterStage", model_name="m", max_length_tokens=100))
    pipeline.add_stage(made("ChunkMergeStage", text_field="text", groupby_columns=["url"]))
    pipeline.add_stage(made("FineMathClassifier", autocast=False))
    pipeline.add_stage(made("JsonlWriter", path=str(tmp_path / "out")))
    pipeline.build()
    assert len(pipeline.stages) >= 6


@pytest.mark.parametrize(
    "kind", ["Domain", "MultilingualDomain", "Quality", "ContentType", "FineWebEdu"]
)
def test_the_steps_of_the_tutorials_on_classifiers_fit_together(kind, tmp_path):
    pipeline = Pipeline("classify", "Read, classify, write")
    pipeline.add_stage(made("JsonlReader", file_paths=str(tmp_path / "*.jsonl")))
    classifier = made(f"{kind}Classifier", filter_by=["a label"])
    pipeline.add_stage(classifier).add_stage(made("JsonlWriter", path=str(tmp_path / "out")))
    pipeline.build()
    assert [stage.name.rpartition("_")[2] for stage in classifier.decompose()] == [
        "tokenizer",
        "model",
        "filter",
    ]


class Words:
    """A tokenizer as the tutorial hands it over."""

    def encode(self, text):
        return text.split()

    def tokenize(self, text):
        return text.split()


def post_processing(kind, field):
    """The steps behind each task of Nemotron-CC, as the tutorial has them."""
    modify, score = imported("stages.text.modules.modifier.Modify"), made
    counted = {"tokenizer": Words(), "hf_token": "", "text_field": field}
    yield counted_stage(max_tokens=598, score_field="segment_tokens", **counted)
    yield modify(modifier_fn=made("MarkdownRemover"), input_fields=field)
    if kind == "DiverseQA":
        yield made(
            "DiverseQAPostProcessingStage", input_field="text", qa_field=field, tokenizer=Words()
        )
    elif kind == "Distill":
        substring = score("SubstringFilter", substring="Paraphrased Text:", position="prefix")
        yield score("ScoreFilter", filter_obj=substring, text_field=field, score_field="substring")
        slicer = score("Slicer", left="Paraphrased Text:", include_left=False, strip=True)
        yield modify(modifier_fn=slicer, input_fields=field)
        yield modify(modifier_fn=made("QuotationRemover"), input_fields=field)
    elif kind == "ExtractKnowledge":
        remover = made("LineRemover", patterns=["Passage:", "Passage 1:"])
        yield modify(modifier_fn=remover, input_fields=field)
    else:
        yield made("KnowledgeListPostProcessingStage", input_field=field)
    yield counted_stage(min_tokens=1, score_field="document_tokens", **counted)


def counted_stage(*, tokenizer, hf_token, text_field, score_field, **limits):
    tokens = made("TokenCountFilter", tokenizer=tokenizer, hf_token=hf_token, **limits)
    return made("ScoreFilter", filter_obj=tokens, text_field=text_field, score_field=score_field)


@pytest.mark.parametrize("designed", [False, True])
@pytest.mark.parametrize("kind", ["DiverseQA", "Distill", "ExtractKnowledge", "KnowledgeList"])
def test_the_steps_of_the_tutorials_on_nemotron_cc_fit_together(kind, designed, tmp_path):
    field = {"DiverseQA": "diverse_qa", "Distill": "distill"}.get(kind, "answers")
    common = {"prompt": "{document}", "input_field": "text", "output_field": field}
    if designed:
        room = "stages.synthetic.nemotron_cc.nemo_data_designer.nemotron_cc"
        generate = imported(f"{room}.{kind}Stage")(
            model_alias="m",
            model_configs=[{"alias": "m", "model": "org/m", "provider": "nvidia"}],
            model_providers=[{"name": "nvidia", "endpoint": "http://localhost:1/v1"}],
            **common,
        )
    else:
        client = made("AsyncOpenAIClient", api_key="k", base_url="http://localhost:1/v1")
        generate = imported(f"stages.synthetic.nemotron_cc.nemotron_cc.{kind}Stage")(
            client=client, model_name="m", **common
        )
    pipeline = Pipeline("nemotron_cc", "Read, choose, ask, tidy, write")
    pipeline.add_stage(made("ParquetReader", file_paths=str(tmp_path / "*.parquet")))
    pipeline.add_stage(
        imported("stages.text.filters.Filter")(lambda x: int(x) > 11, "bucketed_results")
    )
    pipeline.add_stage(
        counted_stage(
            tokenizer=Words(), hf_token="", text_field="text", score_field="tokens", min_tokens=30
        )
    )
    pipeline.add_stage(generate)
    for stage in post_processing(kind, field):
        pipeline.add_stage(stage)
    pipeline.add_stage(made("JsonlWriter", path=str(tmp_path / "out")))
    pipeline.build()
    assert generate in pipeline.stages


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ("CommonCrawl", {"start_snapshot": "2020-50", "end_snapshot": "2020-50", "url_limit": 1}),
        ("Wikipedia", {"language": "en", "dump_date": None, "url_limit": 5}),
        ("Arxiv", {"url_limit": 5, "record_limit": 1000}),
    ],
)
def test_the_steps_of_the_tutorials_on_downloads_and_on_tokens_fit_together(
    source, settings, tmp_path
):
    folder = str(tmp_path / "downloads")
    fetched = made(f"{source}DownloadExtractStage", download_dir=folder, **settings)
    tokens = made(
        "MegatronTokenizerWriter",
        path=str(tmp_path / "tokens"),
        model_identifier="m",
        append_eod=True,
    )
    download, tokenize = Pipeline("download"), Pipeline("tokens")
    download.add_stage(fetched).add_stage(made("JsonlWriter", path=str(tmp_path / "out")))
    tokenize.add_stage(made("ParquetReader", file_paths=str(tmp_path / "out"))).add_stage(tokens)
    for pipeline in (download, tokenize):
        pipeline.build()
        assert len(pipeline.stages) == 2
