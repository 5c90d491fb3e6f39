"""What is measured on the texts held out is what the saved model says of them."""

import numpy as np
import pyarrow as pa
from training_toys import texts_of

from curator_text.models.linear_model import lowered
from curator_text.training.examples import Examples
from curator_text.training.fit import fit, held_out_values
from curator_text.training.read_ngrams import Ngrams


def test_values_and_scores_are_those_of_the_model_for_the_texts():
    ngrams, texts = Ngrams(bits=12), pa.array(texts_of("good", 60) + texts_of("bad", 90))
    places, ends = ngrams.places(*lowered(texts))
    labels, is_held_out = np.arange(150) < 60, np.arange(150) % 4 == 0
    examples = Examples(
        places=places, ends=ends, labels=labels.astype(np.int64), is_held_out=is_held_out
    )
    model, errors = fit(examples, ngrams, epochs=3)
    values, of_held_out = held_out_values(model, examples)
    assert values.tobytes() == model.values(texts.filter(pa.array(is_held_out))).tobytes()
    assert of_held_out.tolist() == labels[is_held_out].tolist()
    assert len(errors) == 3
    scores = model.calibrated(values)
    assert scores[of_held_out == 1].mean() > 0.8 > 0.2 > scores[of_held_out == 0].mean()
