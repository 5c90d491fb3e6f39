"""Draw pictures by code, curate them, and say where the page of the run lies.

Among them are copies as people make them (smaller, cut, mirrored, brighter, written on, saved again),
a dark one, a blurred one, a file that is no picture, and a tar with captions. Nothing is downloaded.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

OUT = Path("demo-image-out")
SIZE = (960, 640)
SCENES = 12


def scene(number: int) -> Image.Image:
    """A landscape with another sky, sun, hills and houses for each number."""
    rng = np.random.default_rng(number)
    top, ground = (rng.integers(30, 226, 3) for _ in range(2))
    share = np.linspace(0, 1, SIZE[1])[:, None, None]
    sky = np.broadcast_to(top * (1 - share) + ground * share, (SIZE[1], SIZE[0], 3))
    grain = rng.normal(0, 5, (SIZE[1], SIZE[0], 1))
    image = Image.fromarray(np.clip(sky + grain, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    x, y, r = (int(rng.integers(low, high)) for low, high in ((100, 860), (60, 260), (30, 90)))
    draw.ellipse((x - r, y - r, x + r, y + r), (250, 236, int(rng.integers(90, 200))))
    for k in range(4):
        xs = np.arange(0, SIZE[0] + 12, 12)
        ys = (
            300
            + 70 * k
            + rng.integers(20, 60) * np.sin(xs / rng.integers(40, 160) + rng.random() * 7)
        )
        colour = tuple(int(v) for v in rng.integers(20, 180, 3))
        points = [
            *zip(xs.tolist(), ys.tolist(), strict=True),
            (SIZE[0] + 12, SIZE[1]),
            (0, SIZE[1]),
        ]
        draw.polygon(points, colour)
    for _ in range(14):
        x, y = int(rng.integers(0, SIZE[0] - 60)), int(rng.integers(320, SIZE[1] - 80))
        wide, high = (int(v) for v in rng.integers(20, 90, 2))
        draw.rectangle((x, y, x + wide, y + high), tuple(int(v) for v in rng.integers(0, 256, 3)))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", quality: int = 90) -> bytes:
    """A picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, quality=quality)
    return file.getvalue()


def copies() -> dict[str, bytes]:
    """Copies of the first scenes, by file name."""
    written = scene(6)
    ImageDraw.Draw(written).text((40, 580), "a caption in a corner", "white", font_size=30)
    return {
        "0-smaller.webp": encoded(scene(0).resize((480, 320)), "WEBP", 80),
        "1-saved-badly.jpg": encoded(scene(1), quality=25),
        "2-mirrored.jpg": encoded(ImageOps.mirror(scene(2))),
        "3-cut.jpg": encoded(scene(3).crop((60, 40, 900, 600))),
        "4-brighter.jpg": encoded(ImageEnhance.Brightness(scene(4)).enhance(1.2)),
        "5-turned.jpg": encoded(scene(5).rotate(90, expand=True)),
        "6-written-on.jpg": encoded(written),
        "7-the-same-bytes.jpg": encoded(scene(7)),
        "8-the-same-pixels.png": encoded(Image.open(io.BytesIO(encoded(scene(8)))), "PNG"),
    }


def draw_pictures(folder: Path) -> int:
    """Write the pictures; returns how many files there are."""
    photos = folder / "photos"
    photos.mkdir(parents=True)
    files = {f"scene-{n:02d}.jpg": encoded(scene(n)) for n in range(SCENES)}
    files |= copies()
    files["dark.jpg"] = encoded(ImageEnhance.Brightness(scene(20)).enhance(0.02))
    files["blurred.jpg"] = encoded(scene(21).filter(ImageFilter.GaussianBlur(14)))
    files["broken.jpg"] = encoded(scene(22))[:20_000]
    for name, data in files.items():
        (photos / name).write_bytes(data)
    with tarfile.open(folder / "shard-000.tar", "w") as tar:
        for n in range(30, 36):
            members = {
                "jpg": encoded(scene(n)),
                "txt": f"a drawn landscape, number {n}".encode(),
                "json": json.dumps({"licence": "CC0", "number": n}).encode(),
            }
            for ending, data in members.items():
                info = tarfile.TarInfo(f"{n:06d}.{ending}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return len(files) + 1


def command(*words: str) -> int:
    """Run curator-image and show how; its exit code."""
    print("\n$ " + " ".join(["curator-image", *words]), flush=True)
    program = Path(sys.executable).parent / "curator-image"
    return subprocess.run([str(program), *words], check=False).returncode


def main() -> int:
    """Run the demo; the exit code of the command."""
    start = time.perf_counter()
    shutil.rmtree(OUT, ignore_errors=True)
    pictures, result = OUT / "input", OUT / "result"
    count = draw_pictures(pictures)
    print(f"drew {count} files into {pictures}: scenes, copies of nine of them, and some bad ones")
    code = command("curate", str(pictures), "-o", str(result), "--limits", "usual")
    if code not in (0, 3):
        return code
    print(
        f"\n{time.perf_counter() - start:.1f} s in all. Look at {result / 'report.html'} and {result / 'data'}."
    )
    print("Try: curator-image filter", result, '--where "colourfulness > 40"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
