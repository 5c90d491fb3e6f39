"""The command `curator-text`: the list of its jobs."""

from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.job_commands import with_job_files
from curator_engine.commands.settings import Job
from curator_text.classifier_settings import ClassifySettings, TrainSettings
from curator_text.content_settings import DecontaminateSettings, LangidSettings
from curator_text.embed_settings import EmbedSettings
from curator_text.generate_settings import GenerateSettings
from curator_text.interleaved_settings import InterleavedSettings
from curator_text.result_settings import (
    DiffSettings,
    ExplainSettings,
    ForgetSettings,
    SearchSettings,
)
from curator_text.settings import (
    CleanSettings,
    ExactSettings,
    FilterSettings,
    FuzzySettings,
    LinesSettings,
    PiiSettings,
    SemanticSettings,
    SubstringSettings,
)
from curator_text.source_settings import DownloadSettings, ExtractSettings
from curator_text.token_settings import BlendSettings, TokenizeSettings
from curator_text.version import __version__

_JOBS = [
    Job(
        name="download",
        settings=DownloadSettings,
        run="curator_text.commands.download:Download",
        step="curator_text.pipelines.download:DownloadWorkflow",
        help="Download crawls, news, dumps of Wikipedia, papers of arXiv, or what lists of addresses name.",
        example="curator-text download urls list.txt -o pages",
        first=(
            "output",
            "snapshot",
            "per_host",
            "base_url",
            "resume",
        ),
    ),
    Job(
        name="extract",
        settings=ExtractSettings,
        run="curator_text.commands.extract:Extract",
        step="curator_text.pipelines.extract:ExtractWorkflow",
        help="Make documents of web pages, papers and articles: WARC, HTML, PDF, LaTeX, dumps of Wikipedia.",
        example="curator-text extract crawl/*.warc.gz -o documents",
        first=(
            "output",
            "extractor",
            "html_field",
            "page_timeout",
            "resume",
        ),
    ),
    Job(
        name="interleaved",
        settings=InterleavedSettings,
        run="curator_text.commands.interleaved:Interleaved",
        step="curator_text.pipelines.interleaved:InterleavedWorkflow",
        help="Filter documents of texts and pictures: tars of MINT-1T, OBELICS, OmniCorpus, PDF.",
        example="curator-text interleaved mint/*.tar -o filtered",
        first=(
            "output",
            "min_side",
            "min_images",
            "output_format",
            "resume",
        ),
    ),
    Job(
        name="fuzzy",
        settings=FuzzySettings,
        run="curator_text.commands.fuzzy:Fuzzy",
        step="curator_text.pipelines.fuzzy:FuzzyWorkflow",
        help="Remove near-duplicate documents: find candidates by MinHash, compare them exactly.",
        example="curator-text fuzzy corpus/*.jsonl -o deduplicated",
        first=(
            "output",
            "text_field",
            "threshold",
            "keep",
            "resume",
        ),
    ),
    Job(
        name="exact",
        settings=ExactSettings,
        run="curator_text.commands.exact:Exact",
        step="curator_text.pipelines.exact:ExactWorkflow",
        help="Remove documents with the same text, also where there are more than fit into memory.",
        example="curator-text exact corpus/*.jsonl -o deduplicated",
        first=(
            "output",
            "text_field",
            "normalize",
            "keep",
            "resume",
        ),
    ),
    Job(
        name="filter",
        settings=FilterSettings,
        run="curator_text.commands.filter:Filter",
        step="curator_text.pipelines.filter:FilterWorkflow",
        help="Score documents by rules, and remove those that fail one, each with its reason.",
        example="curator-text filter corpus/*.jsonl -o filtered --set WordCount.min_words=80",
        first=(
            "output",
            "text_field",
            "recipe",
            "set",
            "resume",
        ),
    ),
    Job(
        name="clean",
        settings=CleanSettings,
        run="curator_text.commands.clean:Clean",
        step="curator_text.pipelines.clean:CleanWorkflow",
        help="Repair and clean texts by rules; what nothing is left of goes, with its reason.",
        example="curator-text clean corpus/*.jsonl -o cleaned --set NoticeLines=off",
        first=(
            "output",
            "text_field",
            "recipe",
            "set",
            "resume",
        ),
    ),
    Job(
        name="pii",
        settings=PiiSettings,
        run="curator_text.commands.pii:Pii",
        step="curator_text.pipelines.pii:PiiWorkflow",
        help="Mask, hash or drop private data in texts: addresses, phone numbers, cards, accounts, keys.",
        example="curator-text pii corpus/*.jsonl -o masked --kinds email --kinds phone",
        first=(
            "output",
            "text_field",
            "kinds",
            "action",
            "resume",
        ),
    ),
    Job(
        name="decontaminate",
        settings=DecontaminateSettings,
        run="curator_text.commands.decontaminate:Decontaminate",
        step="curator_text.pipelines.decontaminate:DecontaminateWorkflow",
        help="Remove documents that hold items of evaluation sets, each with what was found and where.",
        example="curator-text decontaminate corpus/*.jsonl -o clean --against gsm8k.jsonl",
        first=(
            "output",
            "against",
            "text_field",
            "min_overlap",
            "resume",
        ),
    ),
    Job(
        name="substring",
        settings=SubstringSettings,
        run="curator_text.commands.repeats:Substring",
        step="curator_text.pipelines.repeats:SubstringWorkflow",
        help="Cut out passages that stand at an earlier place as well: every one of a length or more.",
        example="curator-text substring corpus/*.jsonl -o once --min-bytes 400",
        first=(
            "output",
            "text_field",
            "min_bytes",
            "remove",
            "resume",
        ),
    ),
    Job(
        name="lines",
        settings=LinesSettings,
        run="curator_text.commands.repeats:Lines",
        step="curator_text.pipelines.repeats:LinesWorkflow",
        help="Cut out lines or paragraphs that stand in the corpus too often, such as menus.",
        example="curator-text lines corpus/*.jsonl -o unique --max-times 10",
        first=(
            "output",
            "text_field",
            "unit",
            "max_times",
            "resume",
        ),
    ),
    Job(
        name="langid",
        settings=LangidSettings,
        run="curator_text.commands.langid:Langid",
        step="curator_text.pipelines.langid:LangidWorkflow",
        help="Tell the language of each document, keep some languages, or write a folder for each.",
        example="curator-text langid corpus/*.jsonl -o english --keep en",
        first=(
            "output",
            "text_field",
            "keep",
            "split_by_language",
            "resume",
        ),
    ),
    Job(
        name="classify",
        settings=ClassifySettings,
        run="curator_text.commands.classify:Classify",
        step="curator_text.pipelines.classify:ClassifyWorkflow",
        help="Label and score each document by a model, and keep some labels.",
        example="curator-text classify corpus/*.jsonl -o judged --model model",
        first=(
            "output",
            "classifier",
            "model",
            "filter_by",
            "resume",
        ),
    ),
    Job(
        name="train",
        settings=TrainSettings,
        run="curator_text.commands.train:Train",
        help="Train a model that tells good texts from bad ones, and test it on texts that it has not seen.",
        example="curator-text train good.jsonl bad.jsonl -o model",
        first=(
            "output",
            "text_field",
            "held_out",
            "ngrams",
            "resume",
        ),
    ),
    Job(
        name="tokenize",
        settings=TokenizeSettings,
        run="curator_text.commands.tokenize:Tokenize",
        step="curator_text.pipelines.tokenize:TokenizeWorkflow",
        help="Make tokens of documents: files for Megatron, or shards to map into memory; shuffled if asked for.",
        example="curator-text tokenize corpus/*.jsonl -o tokens --tokenizer gpt2/ --shuffle",
        first=(
            "output",
            "tokenizer",
            "output_format",
            "shuffle",
            "append",
        ),
    ),
    Job(
        name="blend",
        settings=BlendSettings,
        run="curator_text.commands.blend:Blend",
        step="curator_text.pipelines.blend:BlendWorkflow",
        help="Mix token files by weights: repeated or cut, shuffled, split, packed.",
        example="curator-text blend web books -o blend --weights web=0.7,books=0.3 --tokens 300M",
        first=(
            "output",
            "weights",
            "tokens",
            "split",
            "sequence_length",
        ),
    ),
    Job(
        name="generate",
        settings=GenerateSettings,
        run="curator_text.commands.generate:Generate",
        step="curator_text.pipelines.generate:GenerateWorkflow",
        help="Ask a language model about each document, by a recipe, within a budget; no answer is paid for twice.",
        example="curator-text generate corpus/*.jsonl -o out --recipe distill --endpoint http://localhost:8000/v1",
        first=(
            "output",
            "recipe",
            "endpoint",
            "budget_tokens",
            "resume",
        ),
    ),
    Job(
        name="embed",
        settings=EmbedSettings,
        run="curator_text.commands.embed:Embed",
        step="curator_text.pipelines.embed:EmbedWorkflow",
        help="Make a vector of each document, by a fingerprint, a text model or an endpoint.",
        example="curator-text embed corpus/*.jsonl -o vectors --model all-MiniLM-L6-v2/",
        first=(
            "output",
            "text_field",
            "model",
            "keep_text",
            "resume",
        ),
    ),
    Job(
        name="search",
        settings=SearchSettings,
        run="curator_text.commands.search:run",
        help="Find the documents of a run of embed that are nearest to a text or to a document.",
        example='curator-text search vectors "how plants make sugar"',
    ),
    Job(
        name="explain",
        settings=ExplainSettings,
        run="curator_text.commands.explain:run",
        help="Say why a document left or stayed, which one it matched, and what differs.",
        example="curator-text explain deduplicated a.jsonl:17",
    ),
    Job(
        name="diff",
        settings=DiffSettings,
        run="curator_text.commands.diff:run",
        help="Compare two runs: settings, counts, and documents that only one of them removed.",
        example="curator-text diff deduplicated deduplicated-again",
    ),
    Job(
        name="forget",
        settings=ForgetSettings,
        run="curator_text.commands.forget:run",
        help="Take documents out of a finished run, by their ids: its data, tables, quarantine, page, cache, index.",
        example="curator-text forget ids.txt deduplicated",
    ),
    Job(
        name="semantic",
        settings=SemanticSettings,
        run="curator_text.commands.semantic:Semantic",
        step="curator_text.pipelines.semantic:SemanticWorkflow",
        help="Remove documents that are near each other by their embeddings: cluster, then compare.",
        example="curator-text semantic corpus/*.jsonl -o deduplicated --model all-MiniLM-L6-v2/",
        first=(
            "output",
            "text_field",
            "model",
            "eps",
            "resume",
        ),
    ),
]
JOBS = with_job_files(
    "curator-text", _JOBS, version=__version__, more="curator_text.commands.recipes:listed"
)


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-text", JOBS, version=__version__))
