from curator_audio.models.transcript import Transcript, Word, joined


def heard(text, confidence=None, *, language=""):
    words = tuple(
        Word(text=word, start_s=float(i), end_s=i + 0.5) for i, word in enumerate(text.split())
    )
    return Transcript(text=text, words=words, confidence=confidence, language=language)


def test_pieces_are_put_behind_each_other():
    whole = joined(
        [(0.0, heard("ask not", 0.9)), (30.0, heard("")), (55.5, heard("what", 0.6, language="en"))]
    )
    assert (whole.text, whole.language) == ("ask not what", "en")
    assert [(word.start_s, word.end_s) for word in whole.words] == [(0, 0.5), (1, 1.5), (55.5, 56)]
    assert whole.confidence is not None
    assert round(whole.confidence, 6) == 0.8


def test_nothing_heard_is_an_empty_transcript():
    assert joined([]) == joined([(0.0, heard(""))]) == Transcript(text="")


def test_what_has_no_confidence_does_not_count_for_it():
    assert joined([(0.0, heard("a")), (1.0, heard("b", 0.5))]).confidence == 0.5
