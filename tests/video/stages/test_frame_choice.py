"""What scripts say about frames and windows."""

from curator_video.stages.frame_choice import (
    FrameExtractionPolicy,
    FrameExtractionSignature,
    WindowFrameInfo,
    compute_windows,
)


def test_a_signature_is_a_key():
    signature = FrameExtractionSignature(FrameExtractionPolicy.sequence, 2.0)
    assert signature.to_str() == "FrameExtractionPolicy.sequence-2000"
    assert {signature: 1}[FrameExtractionSignature(FrameExtractionPolicy.sequence, 2.0)] == 1


def test_windows_cover_a_clip():
    assert compute_windows(300, 128, 64) == [WindowFrameInfo(0, 128), WindowFrameInfo(128, 300)]
    assert compute_windows(0) == []
