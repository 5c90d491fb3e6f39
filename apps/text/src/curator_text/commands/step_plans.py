"""The steps of fuzzy deduplication as an executor would run them, for `--dry-run`.

Nothing is read or started. How many tasks a step gets follows from the input's size; the stages are
made only to ask what their workers take.
"""

from typing import Any

from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.listing import FileInfo
from curator_engine.pipeline import Executor
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_text.commands.text_job import StepPlans, plan_lines
from curator_text.fuzzy.buckets import FillBuckets
from curator_text.fuzzy.connected_components import JoinPairs
from curator_text.fuzzy.copies import FindCopies
from curator_text.fuzzy.gather import GatherMembers
from curator_text.fuzzy.gpu_steps import place_of_joining, place_of_signing
from curator_text.fuzzy.index_blocks import IndexDocuments
from curator_text.fuzzy.sign import SignDocuments
from curator_text.fuzzy.verify import VerifyComponents
from curator_text.pipelines.fuzzy import FuzzyWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.settings import FuzzySettings


def step_plans(
    settings: FuzzySettings, files: list[FileInfo], *, num_bands: int, workers: int | None
) -> list[str]:
    """The plan of each step, as lines to print.

    Args:
        settings: The command's.
        files: The input.
        num_bands: Bands of the signatures.
        workers: Processes per stage; None for as many as there are CPUs.

    Raises:
        CuratorError: The executor's options are wrong, or its cluster cannot be reached.
    """
    executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
    steps = _steps(settings, files, num_bands=num_bands, executor=executor)
    return plan_lines(steps, executor)


def _steps(
    settings: FuzzySettings, files: list[FileInfo], *, num_bands: int, executor: Executor
) -> StepPlans:
    block_bytes = parse_size(FuzzyWorkflow.input_blocksize)
    blocks = sum(max(1, -(-file.size // block_bytes)) for file in files)
    # A partition holds members of components, at most all documents.
    size, partition_bytes = sum(f.size for f in files), FuzzyWorkflow.partition_bytes
    partitions = max(1, -(-size // partition_bytes))
    keep = parse_keep(settings.keep)
    common: dict[str, Any] = {"cache": "", "corpus_key": ""}
    verify = VerifyComponents(
        **common,
        output="",
        threshold=settings.threshold,
        verify=settings.verify,
        text_field=settings.text_field,
        id_field=settings.id_field,
        char_ngrams=settings.char_ngrams,
        max_checks=FuzzyWorkflow.max_checks,
        gathered=[],
    )
    join_pairs = JoinPairs(
        **common, runs=[], min_agreement=0.0, partition_bytes=partition_bytes
    ).with_(resources=place_of_joining(executor, settings.device).resources)
    gather = GatherMembers(
        **common,
        text_field=settings.text_field,
        id_field=settings.id_field,
        with_text=settings.verify,
    )
    buckets = FillBuckets(**common, max_bucket=FuzzyWorkflow.max_bucket)
    index = IndexDocuments(
        **common,
        path="",
        text_field=settings.text_field,
        id_field=settings.id_field,
        char_ngrams=settings.char_ngrams,
    )
    signing = place_of_signing(executor, settings.device, settings.method)
    sign = SignDocuments(path="", keep=keep).with_(resources=signing.resources)
    source = FilePartitioner(file_paths=settings.inputs, file_format=settings.format)
    return {
        "sign": ([source, sign], None),
        "exact": ([FindCopies(**common, keep=keep)], None),
        "buckets": ([buckets], num_bands),
        "components": ([join_pairs], None),
        "gather": ([gather], blocks),
        "verify": ([verify], partitions),
        "remove": ([RemoveDocuments(**common, output="")], len(files)),
        **({"index": ([index], blocks)} if settings.save_index else {}),
    }
