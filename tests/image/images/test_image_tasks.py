from curator_engine.files.listing import FileInfo
from curator_image.images.image_tasks import tasks_of


def infos(*names, size=1000):
    return [FileInfo(path=f"in/{n}", name=n, stamp="1", size=size) for n in names]


def test_pictures_side_by_side_share_a_task_and_a_tar_has_its_own():
    tasks = tasks_of(infos("a.jpg", "b.png", "c.tar", "d.jpg"))
    assert [task.data for task in tasks] == [["in/a.jpg", "in/b.png"], ["in/c.tar"], ["in/d.jpg"]]


def test_large_pictures_are_tasks_of_their_own():
    assert len(tasks_of(infos("a.jpg", "b.jpg", size=5 << 20))) == 2


def test_so_many_files_share_a_task_as_are_asked_for():
    names = [f"{n:03d}.jpg" for n in range(150)]
    assert [len(task.data) for task in tasks_of(infos(*names), most_files=100)] == [100, 50]
