"""A model stage of a user's own, written as NeMo Curator's users write theirs."""

import numpy as np
import pyarrow as pa
import pytest

from curator_text.classifiers.token_stages import SortByLengthStage
from curator_text.models.model_stage import (
    ATTENTION_MASK_FIELD,
    INPUT_ID_FIELD,
    ModelStage,
    format_name_with_suffix,
)
from curator_text.task import DocumentBatch

TOKENS = [[7, 1, 2], [5], [], [6, 6, 6, 6], None]


class Sums(ModelStage):
    """The sum of the tokens of a text, and how many tokens its batch was wide."""

    def __init__(self, model_identifier, **options):
        super().__init__(model_identifier=model_identifier, model_inference_batch_size=2, **options)

    def outputs(self):
        return ["data"], ["sum", "wide"]

    def _setup(self, local_files_only=True):
        self.local_files_only = local_files_only
        if self.unpack_inference_batch:
            self.model = lambda input_ids, attention_mask: input_ids * attention_mask
        else:
            self.model = lambda batch: batch["input_ids"] * batch["attention_mask"]

    def process_model_output(self, outputs, model_input_batch=None):
        assert model_input_batch is not None
        wide = model_input_batch["attention_mask"].shape[1]
        return {"sum": outputs.sum(1).numpy(), "wide": np.full(len(outputs), wide)}

    def create_output_dataframe(self, df_cpu, collected_output):
        df_cpu = df_cpu.drop(columns=[INPUT_ID_FIELD, ATTENTION_MASK_FIELD])
        return df_cpu.assign(**collected_output)


def ran(stage, table):
    stage.setup()
    return stage.process(DocumentBatch(data=table)).data


@pytest.fixture
def table():
    return pa.table({"n": range(5), "input_ids": pa.array(TOKENS, pa.list_(pa.int32()))})


@pytest.mark.parametrize("unpack", [False, True])
def test_rows_keep_their_order_and_batches_are_of_like_lengths(table, tmp_path, unpack):
    stage = Sums(str(tmp_path), unpack_inference_batch=unpack)
    found = ran(stage, table)
    assert found.to_pydict() == {
        "n": [0, 1, 2, 3, 4],
        "sum": [10, 5, 0, 24, 0],
        "wide": [3, 3, 1, 4, 1],
    }
    assert (stage.local_files_only, stage.name) == (True, f"{tmp_path.name.lower()}_model")
    stage.teardown()
    assert stage.model is None


@pytest.mark.parametrize(
    ("side", "sums"), [("right", [8, 5, 0, 12, 0]), ("left", [3, 5, 0, 12, 0])]
)
def test_tokens_are_cut_from_the_side_that_is_filled_up(table, side, sums):
    found = ran(Sums("org/name", padding_side=side, max_seq_length=2), table)
    assert found["sum"].to_pylist() == sums


def test_rows_that_were_sorted_are_put_back(table):
    stage = SortByLengthStage()
    sorted_ = stage.process(stage.process(DocumentBatch(data=table)))
    assert sorted_.data["n"].to_pylist() == [2, 4, 1, 0, 3]
    found = ran(Sums("org/name"), sorted_.data)
    assert found.column_names == ["n", "sum", "wide"]
    assert found["n"].to_pylist() == [0, 1, 2, 3, 4]


def test_a_batch_without_rows_stays_as_it_is(table):
    assert ran(Sums("org/name"), table.slice(0, 0)).num_rows == 0


def test_a_stage_without_its_methods_says_which():
    with pytest.raises(NotImplementedError, match="defines no _setup"):
        ModelStage(model_identifier="org/name").setup()


def test_a_stage_is_called_after_its_model():
    assert format_name_with_suffix("nvidia/Domain-classifier") == "domain_classifier_classifier"
