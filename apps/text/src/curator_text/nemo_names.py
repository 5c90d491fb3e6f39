"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""

from curator_engine.entry_points import Home, same
from curator_text.interleaved_names import INTERLEAVED_BATCH, INTERLEAVED_OFFERS
from curator_text.synthetic_names import SYNTHETIC_OFFERS

_DOCUMENTS = same("curator_text.task", "DocumentBatch")
_FUZZY = same("curator_text.pipelines.fuzzy_dedup", "FuzzyDeduplicationWorkflow")
_EXACT = same("curator_text.pipelines.exact_dedup", "ExactDeduplicationWorkflow")
_REMOVAL = same("curator_text.pipelines.duplicates_removal", "TextDuplicatesRemovalWorkflow")
_SEMANTIC = same("curator_text.pipelines.semantic_dedup", "TextSemanticDeduplicationWorkflow")
_STEP = "nemo_curator.stages.deduplication"
_STEP_NAMES = {
    name: ("curator_text.dedup.step_names", name)
    for name in (
        "CURATOR_DEFAULT_MINHASH_FIELD",
        "CURATOR_FUZZY_DUPLICATE_GROUP_FIELD",
        "CURATOR_LSH_BUCKET_FIELD",
    )
}
_MINHASH = same("curator_text.fuzzy.minhash_stage", "GPUMinHash", "MinHash", "MinHashStage")
_LSH = same("curator_text.fuzzy.lsh_stage", "LSHStage")
_EDGES = same("curator_text.fuzzy.group_stages", "BucketsToEdgesStage")
_COMPONENTS = same("curator_text.fuzzy.group_stages", "ConnectedComponentsStage")
_IDENTIFY = same("curator_text.fuzzy.group_stages", "IdentifyDuplicatesStage") | same(
    "curator_text.dedup.step_names", "DUPLICATE_IDS_SUBDIR"
)
_COPIES = same("curator_text.exact.identification", "ExactDuplicateIdentification") | same(
    "curator_text.dedup.step_names", "EXACT_DUPLICATE_GROUP_FIELD"
)
_READER_STAGES = "curator_text.read.reader_stages"
_BASE_READERS = same(_READER_STAGES, "BaseFileReader", "BaseReader", "ReaderOutput")
_BASE_WRITER = same("curator_text.read.base_writer", "BaseWriter")
_JSONL_READER = same("curator_text.read.documents", "JsonlReader")
_JSONL_WRITER = same("curator_text.read.documents", "JsonlWriter")
_PARQUET_READER = same("curator_text.read.documents", "ParquetReader")
_PARQUET_WRITER = same("curator_text.read.documents", "ParquetWriter")
_LANCE_READER = same(
    "curator_text.read.lance_reader", "LancePartitioningStage", "LanceReader", "LanceReaderStage"
)
_LANCE_WRITER = same("curator_text.read.lance_writer", "LanceWriter", "commit_lance_checkpoint")
_LANCE_TASK = same("curator_text.task", "LanceReadTask")
_SCORE_FILTER = same("curator_text.filters.score_filter", "Filter", "Score", "ScoreFilter")
_DOC_FILTER = same("curator_text.filters.doc_filter", "DocumentFilter")
_STRING_FILTERS = same(
    "curator_text.filters.string",
    "BoilerPlateStringFilter",
    "BulletsFilter",
    "CommonEnglishWordsFilter",
    "EllipsisFilter",
    "LongWordFilter",
    "MeanWordLengthFilter",
    "NonAlphaNumericFilter",
    "NumbersFilter",
    "ParenthesesFilter",
    "PornographicUrlsFilter",
    "PunctuationFilter",
    "SubstringFilter",
    "SymbolsToWordsFilter",
    "UrlsFilter",
    "WhiteSpaceFilter",
    "WordCountFilter",
    "WordsWithoutAlphabetsFilter",
)
_REPETITION_FILTERS = same(
    "curator_text.filters.repetition",
    "RepeatedLinesByCharFilter",
    "RepeatedLinesFilter",
    "RepeatedParagraphsByCharFilter",
    "RepeatedParagraphsFilter",
    "RepeatingDuplicateNGramsFilter",
    "RepeatingTopNGramsFilter",
)
_MODIFIERS = {
    name: same(f"curator_text.modifiers.{room}", *names)
    for name, (room, names) in {
        "doc_modifier": ("doc_modifier", ["DocumentModifier"]),
        "modifier": ("modify", ["Modify"]),
        "unicode": ("unicode", ["UnicodeReformatter"]),
        "c4": ("pages", ["BoilerPlateStringModifier"]),
        "line_remover": ("lines", ["LineRemover"]),
        "newline_normalizer": ("lines", ["NewlineNormalizer"]),
        "markdown_remover": ("strings", ["MarkdownRemover"]),
        "quotation_remover": ("strings", ["QuotationRemover"]),
        "slicer": ("strings", ["Slicer"]),
        "url_remover": ("strings", ["UrlRemover"]),
        "fasttext_label": ("strings", ["FastTextLabelModifier"]),
    }.items()
}
"""By the last part of NeMo Curator's module."""
_STRING_MODIFIERS = (
    "c4",
    "line_remover",
    "markdown_remover",
    "newline_normalizer",
    "quotation_remover",
    "slicer",
    "url_remover",
)
_ALL_STRING_MODIFIERS = {
    name: home for each in _STRING_MODIFIERS for name, home in _MODIFIERS[each].items()
}
_ALL_MODIFIERS = {name: home for each in _MODIFIERS.values() for name, home in each.items()}
_SEGMENTS = {
    name: same("curator_text.modifiers.segments", cls)
    for name, cls in (
        ("add_id", "AddId"),
        ("joiner", "DocumentJoiner"),
        ("splitter", "DocumentSplitter"),
    )
}
_ALL_SEGMENTS = {name: home for each in _SEGMENTS.values() for name, home in each.items()}
_CODE_FILTERS = same(
    "curator_text.filters.code",
    "AlphaFilter",
    "GeneralCommentToCodeFilter",
    "HTMLBoilerplateFilter",
    "NumberOfLinesOfCodeFilter",
    "PerExtensionFilter",
    "PythonCommentToCodeFilter",
    "XMLHeaderFilter",
) | same("curator_text.filters.tokenizer_filters", "TokenizerFertilityFilter")
_FASTTEXT_FILTERS = same(
    "curator_text.filters.fasttext_filters", "FastTextLangId", "FastTextQualityFilter"
)
_HISTOGRAM = same("curator_text.filters.histogram", "HistogramFilter")
_TOKEN_COUNT = same("curator_text.filters.tokenizer_filters", "TokenCountFilter")
_MODEL_FILTERS = _FASTTEXT_FILTERS | _HISTOGRAM | _TOKEN_COUNT
_HEURISTICS = _STRING_FILTERS | _REPETITION_FILTERS

_DOWNLOAD = "nemo_curator.stages.text.download"
_URLS = same("curator_text.download.fetch", "URLGenerationStage", "URLGenerator")
_FETCH = same("curator_text.download.fetch", "DocumentDownloadStage", "DocumentDownloader")
_EXTRACTOR = same("curator_text.download.records", "DocumentExtractor")
_ITERATOR = same("curator_text.download.records", "DocumentIterateExtractStage", "DocumentIterator")
_ALL_STEPS = same("curator_text.download.records", "DocumentDownloadExtractStage")
_CRAWL, _WIKI, _ARXIV = (
    f"curator_text.extract.{each}" for each in ("common_crawl", "wikipedia", "arxiv")
)
_HTML = "curator_text.extract.html_extractors"
_CRAWL_STAGE = same(_CRAWL, "CommonCrawlDownloadExtractStage")
_WIKI_STAGE = same(_WIKI, "WikipediaDownloadExtractStage")
_ARXIV_STAGE = same(_ARXIV, "ArxivDownloadExtractStage")
_HTML_EXTRACTORS = same(_HTML, "JusTextExtractor", "ResiliparseExtractor", "TrafilaturaExtractor")
_HTML_BASE = same(_HTML, "HTMLExtractorAlgorithm")
_PUBLISHED: dict[str, dict[str, Home]] = {
    "common_crawl": _CRAWL_STAGE,
    "common_crawl.download": same(_CRAWL, "CommonCrawlWARCDownloader")
    | same("curator_text.extract.warc_reader", "CommonCrawlWARCReader"),
    "common_crawl.extract": same(_CRAWL, "CommonCrawlHTMLExtractor"),
    "common_crawl.stage": _CRAWL_STAGE,
    "common_crawl.url_generation": same(
        _CRAWL,
        "BaseCommonCrawlUrlGenerator",
        "MainCommonCrawlUrlGenerator",
        "NewsCommonCrawlUrlGenerator",
    ),
    "common_crawl.warc_iterator": same("curator_text.download.warc", "CommonCrawlWarcIterator"),
    "html_extractors": _HTML_EXTRACTORS | _HTML_BASE,
    "html_extractors.base": _HTML_BASE,
    "html_extractors.justext": same(_HTML, "JusTextExtractor"),
    "html_extractors.resiliparse": same(_HTML, "ResiliparseExtractor"),
    "html_extractors.trafilatura": same(_HTML, "TrafilaturaExtractor"),
    "html_extractors.utils": same("curator_text.extract.stop_words", "get_stop_list_dict"),
    "wikipedia": _WIKI_STAGE,
    "wikipedia.download": same(_WIKI, "WikipediaDownloader"),
    "wikipedia.extract": same(_WIKI, "WikipediaExtractor"),
    "wikipedia.iterator": same(_WIKI, "WikipediaIterator"),
    "wikipedia.stage": _WIKI_STAGE,
    "wikipedia.url_generation": same(_WIKI, "WikipediaUrlGenerator"),
    "arxiv": _ARXIV_STAGE,
    "arxiv.download": same(_ARXIV, "ArxivDownloader"),
    "arxiv.extract": same(_ARXIV, "ArxivExtractor"),
    "arxiv.iterator": same(_ARXIV, "ArxivIterator"),
    "arxiv.stage": _ARXIV_STAGE,
    "arxiv.url_generation": same(_ARXIV, "ArxivUrlGenerator"),
}
"""By module below NeMo Curator's room of downloads."""
_SOURCES = _URLS | _FETCH | _EXTRACTOR | _ITERATOR | _ALL_STEPS
_ALL_SOURCES = _SOURCES | _CRAWL_STAGE | _WIKI_STAGE | _ARXIV_STAGE
_EMBEDDER = same("curator_text.semantic.embedding_stage", "EmbeddingCreatorStage")
_VLLM_EMBEDDER = same("curator_text.semantic.vllm_stage", "VLLMEmbeddingModelStage")
_REMOVAL_STAGE = same("curator_text.removal.removal_stage", "TextDuplicatesRemovalStage")
_MEGATRON = same("curator_text.tokenize.megatron_writer", "MegatronTokenizerWriter")
_CHUNKS = "curator_text.tokenize.chunks"

_CLASSIFIERS = "nemo_curator.stages.text.classifiers"
_COMPOSITES = "curator_text.classifiers.composites"
_TOKEN_STAGES = "curator_text.classifiers.token_stages"
_MODEL_STAGE = "curator_text.models.model_stage"
_NETWORKS = "curator_text.models.classifier_networks"
_TOKEN_EMBEDDING = "curator_text.semantic.token_embedding"
_CLASSIFIER_BASE = same(_COMPOSITES, "DistributedDataClassifier")
_DOMAINS = same(_COMPOSITES, "DomainClassifier", "MultilingualDomainClassifier")
_QUALITY = same(_COMPOSITES, "QualityClassifier")
_CONTENT = same(_COMPOSITES, "ContentTypeClassifier")
_FINEWEB = same(
    _COMPOSITES,
    "FineWebEduClassifier",
    "FineWebMixtralEduClassifier",
    "FineWebNemotronEduClassifier",
)
_PROMPTS_CLASSES = same(_COMPOSITES, "PromptTaskComplexityClassifier")
_FINEMATH = same(_COMPOSITES, "FineMathClassifier")
_GUARDS = "curator_text.classifiers.guard_stages"
_SAFETY = same(_GUARDS, "AegisClassifier", "InstructionDataGuardClassifier")
OFFERS: dict[str, dict[str, Home]] = {
    "nemo_curator.stages.math.classifiers": _FINEMATH,
    "nemo_curator.stages.math.classifiers.finemath": same(_CHUNKS, "CenterCropTextStage")
    | _FINEMATH
    | same(_TOKEN_STAGES, "FineMathModelStage"),
    _CLASSIFIERS: (
        _CLASSIFIER_BASE | _DOMAINS | _QUALITY | _CONTENT | _FINEWEB | _PROMPTS_CLASSES | _SAFETY
    ),
    f"{_CLASSIFIERS}.aegis": _SAFETY
    | same(_GUARDS, "AegisModelStage", "FormatAegisPromptStage", "PostProcessAegisResponsesStage")
    | same("curator_text.models.guard_model", "AegisModel", "InstructionDataGuardNet"),
    f"{_CLASSIFIERS}.aegis_utils": same("curator_text.classifiers.safety_prompt", "format_aegis"),
    f"{_CLASSIFIERS}.base": _CLASSIFIER_BASE
    | same(_TOKEN_STAGES, "ClassifierModelStage")
    | same(_NETWORKS, "Deberta"),
    f"{_CLASSIFIERS}.utils": same(_TOKEN_STAGES, "SortByLengthStage"),
    f"{_CLASSIFIERS}.content_type": _CONTENT,
    f"{_CLASSIFIERS}.domain": _DOMAINS,
    f"{_CLASSIFIERS}.fineweb_edu": _FINEWEB | same(_TOKEN_STAGES, "FineWebModelStage"),
    f"{_CLASSIFIERS}.prompt_task_complexity": _PROMPTS_CLASSES
    | same(_TOKEN_STAGES, "PromptTaskComplexityModelStage")
    | same(_NETWORKS, "CustomDeberta", "MeanPooling", "MulticlassHead"),
    f"{_CLASSIFIERS}.quality": _QUALITY,
    "nemo_curator.stages.text.models.model": same(_MODEL_STAGE, "ModelStage"),
    "nemo_curator.stages.text.models.tokenizer": same(_TOKEN_STAGES, "TokenizerStage"),
    "nemo_curator.stages.text.models.utils": same(
        _MODEL_STAGE,
        "ATTENTION_MASK_FIELD",
        "INPUT_ID_FIELD",
        "SEQ_ORDER_FIELD",
        "TOKEN_LENGTH_FIELD",
        "format_name_with_suffix",
    )
    | same("curator_text.models.token_batches", "clip_tokens"),
    "nemo_curator.stages.math.download.extract": same(
        "curator_text.extract.math_stages", "MathContentExtractor", "MathExtractStage"
    ),
    "nemo_curator.stages.math.download.html_extractors.lynx": same(
        "curator_text.extract.math_stages", "LynxExtractor"
    ),
    "nemo_curator.stages.math.modifiers.chunking": same(_CHUNKS, "TokenSplitterStage"),
    "nemo_curator.stages.math.modifiers.merge_chunks": same(_CHUNKS, "ChunkMergeStage"),
    "nemo_curator.stages.text.io.writer.megatron_tokenizer": _MEGATRON,
    _DOWNLOAD: _ALL_SOURCES,
    f"{_DOWNLOAD}.base": _SOURCES,
    f"{_DOWNLOAD}.base.download": _FETCH,
    f"{_DOWNLOAD}.base.extract": _EXTRACTOR,
    f"{_DOWNLOAD}.base.iterator": _ITERATOR,
    f"{_DOWNLOAD}.base.stage": _ALL_STEPS,
    f"{_DOWNLOAD}.base.url_generation": _URLS,
    **{f"{_DOWNLOAD}.{name}": home for name, home in _PUBLISHED.items()},
    "nemo_curator.stages.text.deduplication.removal": _REMOVAL_STAGE,
    "nemo_curator.stages.text.embedders": _EMBEDDER | _VLLM_EMBEDDER,
    "nemo_curator.stages.text.embedders.base": _EMBEDDER
    | same(_TOKEN_EMBEDDING, "EmbeddingModelStage", "SentenceTransformerEmbeddingModelStage"),
    "nemo_curator.stages.text.embedders.utils": same(
        _TOKEN_EMBEDDING, "create_list_series_from_1d_or_2d_ar"
    ),
    "nemo_curator.stages.text.embedders.vllm": _VLLM_EMBEDDER,
    f"{_STEP}.exact.identification": _COPIES,
    f"{_STEP}.fuzzy.buckets_to_edges": _EDGES,
    f"{_STEP}.fuzzy.connected_components": _COMPONENTS,
    f"{_STEP}.fuzzy.identify_duplicates": _IDENTIFY,
    f"{_STEP}.fuzzy.lsh": _LSH,
    f"{_STEP}.fuzzy.lsh.stage": _LSH,
    f"{_STEP}.fuzzy.minhash": _MINHASH,
    f"{_STEP}.fuzzy.utils": _STEP_NAMES,
    "nemo_curator.stages.deduplication.exact": _EXACT,
    "nemo_curator.stages.deduplication.exact.workflow": _EXACT,
    "nemo_curator.stages.deduplication.fuzzy": _FUZZY,
    "nemo_curator.stages.deduplication.fuzzy.workflow": _FUZZY,
    "nemo_curator.stages.text.deduplication": _REMOVAL | _SEMANTIC | _REMOVAL_STAGE,
    "nemo_curator.stages.text.deduplication.removal_workflow": _REMOVAL,
    "nemo_curator.stages.text.deduplication.semantic": _SEMANTIC,
    "nemo_curator.stages.text.filters": (
        _DOC_FILTER | _SCORE_FILTER | _HEURISTICS | _CODE_FILTERS | _MODEL_FILTERS
    ),
    "nemo_curator.stages.text.filters.doc_filter": _DOC_FILTER,
    "nemo_curator.stages.text.filters.fasttext": _FASTTEXT_FILTERS,
    "nemo_curator.stages.text.filters.fasttext.fasttext_filters": _FASTTEXT_FILTERS,
    "nemo_curator.stages.text.filters.heuristic": _HEURISTICS | _CODE_FILTERS,
    "nemo_curator.stages.text.filters.heuristic.code": _CODE_FILTERS,
    "nemo_curator.stages.text.filters.heuristic.code.code": _CODE_FILTERS,
    "nemo_curator.stages.text.filters.heuristic.repetition": _REPETITION_FILTERS,
    "nemo_curator.stages.text.filters.heuristic.repetition.repetition": _REPETITION_FILTERS,
    "nemo_curator.stages.text.filters.heuristic.string": _STRING_FILTERS,
    "nemo_curator.stages.text.filters.heuristic_filter": _HEURISTICS | _TOKEN_COUNT,
    "nemo_curator.stages.text.filters.histogram": _HISTOGRAM,
    "nemo_curator.stages.text.filters.histogram.histogram": _HISTOGRAM,
    "nemo_curator.stages.text.filters.score_filter": _SCORE_FILTER,
    "nemo_curator.stages.text.filters.token": _TOKEN_COUNT,
    "nemo_curator.stages.text.filters.token.token_count": _TOKEN_COUNT,
    "nemo_curator.stages.text.io.reader": _JSONL_READER | _PARQUET_READER,
    "nemo_curator.stages.text.io.reader.lance": _LANCE_READER,
    "nemo_curator.stages.text.io.reader.base": _BASE_READERS,
    "nemo_curator.stages.text.io.reader.jsonl": (
        _JSONL_READER | same(_READER_STAGES, "JsonlReaderStage")
    ),
    "nemo_curator.stages.text.io.reader.parquet": (
        _PARQUET_READER | same(_READER_STAGES, "ParquetReaderStage")
    ),
    "nemo_curator.stages.text.io.writer": _JSONL_WRITER | _PARQUET_WRITER | _MEGATRON,
    "nemo_curator.stages.text.io.writer.lance": _LANCE_WRITER,
    "nemo_curator.stages.text.io.writer.base": _BASE_WRITER,
    "nemo_curator.stages.text.io.writer.jsonl": _JSONL_WRITER,
    "nemo_curator.stages.text.io.writer.parquet": _PARQUET_WRITER,
    "nemo_curator.stages.text.modifiers": _ALL_MODIFIERS,
    "nemo_curator.stages.text.modifiers.doc_modifier": _MODIFIERS["doc_modifier"],
    "nemo_curator.stages.text.modifiers.fasttext": _MODIFIERS["fasttext_label"],
    "nemo_curator.stages.text.modifiers.fasttext.fasttext_label": _MODIFIERS["fasttext_label"],
    "nemo_curator.stages.text.modifiers.modifier": _MODIFIERS["modifier"],
    "nemo_curator.stages.text.modifiers.string": _ALL_STRING_MODIFIERS,
    **{
        f"nemo_curator.stages.text.modifiers.{room}{name}": _MODIFIERS[name]
        for name in _STRING_MODIFIERS
        for room in ("", "string.")
    },
    "nemo_curator.stages.text.modifiers.unicode": _MODIFIERS["unicode"],
    "nemo_curator.stages.text.modifiers.unicode.unicode_reformatter": _MODIFIERS["unicode"],
    "nemo_curator.stages.text.modifiers.unicode_reformatter": _MODIFIERS["unicode"],
    "nemo_curator.stages.text.modules": _SCORE_FILTER | _ALL_SEGMENTS | _MODIFIERS["modifier"],
    **{f"nemo_curator.stages.text.modules.{name}": home for name, home in _SEGMENTS.items()},
    "nemo_curator.stages.text.modules.modifier": _MODIFIERS["modifier"],
    "nemo_curator.stages.text.modules.score_filter": _SCORE_FILTER,
    "nemo_curator.tasks": _DOCUMENTS | INTERLEAVED_BATCH | _LANCE_TASK,
    "nemo_curator.tasks.lance": _LANCE_TASK,
    "nemo_curator.utils.lance": same(
        "curator_text.read.lance_columns",
        "LANCE_FRAGID_COLUMN",
        "LANCE_ROWADDR_COLUMN",
        "LANCE_ROWID_COLUMN",
        "add_lance_metadata_columns",
        "encode_lance_blob_columns",
        "materialize_lance_blob_columns",
    ),
    "nemo_curator.tasks.document": _DOCUMENTS,
    **INTERLEAVED_OFFERS,
    **SYNTHETIC_OFFERS,
}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
