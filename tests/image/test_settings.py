from curator_image.settings import ProbeSettings


def test_the_defaults_fit_together():
    ProbeSettings(inputs=["in"]).check()
