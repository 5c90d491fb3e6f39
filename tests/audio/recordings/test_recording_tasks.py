from curator_audio.recordings.recording_tasks import tasks_of
from curator_engine.files.listing import FileInfo


def test_small_recordings_share_a_task_and_others_have_their_own():
    sizes = {"a.wav": 10, "b.flac": 10, "c.wav": 9 << 20, "d.mp4": 10, "e.ogg": 10}
    files = [FileInfo(path=n, name=n, size=s, stamp=n) for n, s in sizes.items()]
    assert [task.data for task in tasks_of(files)] == [
        ["a.wav", "b.flac"],
        ["c.wav"],
        ["d.mp4"],
        ["e.ogg"],
    ]
