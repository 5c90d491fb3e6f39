from curator_audio.transcripts.speech_rate import SpeechRate, speech_rate


def test_words_and_letters_per_second():
    assert speech_rate("ask  not what", 2.0) == SpeechRate(words=1.5, characters=5.0)


def test_no_length_is_no_rate():
    assert speech_rate("ask", 0.0) == SpeechRate(words=0.0, characters=0.0)
