#!/usr/bin/env python3
"""Makes training clips of still photographs: two of them, the nearer one cut out softly, each with a motion of its own.

    apt-get download mate-backgrounds lomiri-wallpapers-20.04 plasma-workspace-wallpapers      # free photographs; any folder of pictures will do
    for package in *.deb; do dpkg-deb -x $package pictures; done
    photographs.py --pictures pictures --output ../../shared/data/photographs --clips 40
    train.py … --data ../../shared/data/train … ../../shared/data/photographs

Photographs are sharper than most video and were never coded at a low rate. In half of the clips the far one stands still, as the room
behind somebody in a call does. Clips are lossless H.264; the same folder, number and seed give the same clips.
"""

import argparse
import math
import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, FRAMES, RATE = 640, 360, 60, 30
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
LEAST = 1280, 720  # pixels of a picture that is taken
ZOOM = 0.5, 1.0  # pixels of a clip's picture per pixel of the photograph, which is first scaled to 2·WIDTH across
DRIFT, TURN, BREATH = 40, 3, 0.04  # most that a motion does: pixels of its photograph, degrees, share of the size
PERIODS = 40, 160  # frames of one swing
STILL = 0.5  # share of clips whose far photograph does not move
EDGE = 4  # pixels over which the near photograph fades


def photographs(folders):
    """-> paths of all pictures of at least LEAST pixels, sorted by name"""
    found = sorted((path for folder in folders for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES), key=lambda path: (path.name, str(path)))
    large = []
    for path in found:
        with Image.open(path) as picture:
            if picture.width >= LEAST[0] and picture.height >= LEAST[1]:
                large.append(path)
    if not large:
        raise FileNotFoundError(f"no picture of {LEAST[0]}x{LEAST[1]} pixels or more below {', '.join(map(str, folders))}")
    return large


def opened(path):
    """A photograph, 2·WIDTH pixels across and at least 2·HEIGHT high where it can be."""
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
    scale = max(2 * WIDTH / picture.width, 2 * HEIGHT / picture.height)
    return picture.resize((math.ceil(picture.width * scale), math.ceil(picture.height * scale)), Image.LANCZOS)


class Motion:
    """A window of a photograph that drifts, turns and breathes in slow swings."""

    def __init__(self, random, picture, still):
        self.picture, self.zoom = picture, random.uniform(*ZOOM)
        reach = [side * (1 / self.zoom) / 2 + DRIFT for side in (WIDTH, HEIGHT)]
        self.centre = [random.uniform(min(r, side / 2), max(side - r, side / 2)) for r, side in zip(reach, picture.size)]
        self.sizes = [0.0 if still else random.uniform(0.1, 1) * most for most in (DRIFT, DRIFT, TURN, BREATH)]
        self.periods, self.phases = random.uniform(*PERIODS, 4), random.uniform(0, 2 * math.pi, 4)

    def picture_at(self, n):
        """-> the window at frame n, WIDTH x HEIGHT; what lies outside the photograph is black"""
        across, down, turn, breath = (s * math.sin(2 * math.pi * n / p + f) for s, p, f in zip(self.sizes, self.periods, self.phases))
        scale, angle = (1 + breath) / self.zoom, math.radians(turn)
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        x, y = self.centre[0] + across, self.centre[1] + down
        window = (cosine, sine, x - cosine * WIDTH / 2 - sine * HEIGHT / 2, -sine, cosine, y + sine * WIDTH / 2 - cosine * HEIGHT / 2)
        return self.picture.transform((WIDTH, HEIGHT), Image.AFFINE, window, Image.BICUBIC)


def shape(random):
    """-> mask of the near photograph: a head and shoulders, roughly, that may lie anywhere"""
    mask = Image.new("L", (WIDTH, HEIGHT))
    draw, size = ImageDraw.Draw(mask), random.uniform(0.15, 0.35) * HEIGHT
    x, y = random.uniform(0.25, 0.75) * WIDTH, random.uniform(0.3, 0.6) * HEIGHT
    draw.ellipse((x - 0.8 * size, y - size, x + 0.8 * size, y + size), fill=255)
    draw.ellipse((x - 1.8 * size, y + 0.8 * size, x + 1.8 * size, y + 4 * size), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(EDGE / 2))


def frames(random, paths):
    """-> FRAMES pictures of one clip"""
    far, near = (opened(paths[i]) for i in random.integers(0, len(paths), 2))
    behind, before = Motion(random, far, random.random() < STILL), Motion(random, near, False)
    mask, path = shape(random), Motion(random, near, False)
    for n in range(FRAMES):
        across, down = (s * math.sin(2 * math.pi * n / p + f) for s, p, f in zip(path.sizes[:2], path.periods, path.phases))
        moved = mask.transform(mask.size, Image.AFFINE, (1, 0, -across, 0, 1, -down), Image.BICUBIC)
        yield Image.composite(before.picture_at(n), behind.picture_at(n), moved)


def write(pictures, path):
    command = f"ffmpeg -v error -nostdin -y -f rawvideo -pix_fmt rgb24 -s {WIDTH}x{HEIGHT} -r {RATE} -i - -pix_fmt yuv420p -c:v libx264 -preset veryfast -qp 0 -f matroska".split()
    partial = path.with_suffix(".part")
    with subprocess.Popen([*command, str(partial)], stdin=subprocess.PIPE) as process:
        for picture in pictures:
            process.stdin.write(picture.tobytes())
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not write {path}")
    partial.rename(path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, nargs="+", required=True, help="folders of photographs")
    parser.add_argument("--output", type=Path, required=True, help="folder for the clips")
    parser.add_argument("--clips", type=int, default=40, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    paths = photographs(options.pictures)
    options.output.mkdir(parents=True, exist_ok=True)
    for number in range(options.clips):
        write(frames(numpy.random.default_rng((options.seed, number)), paths), options.output / f"photo_s{options.seed}-{number:03}_001.mkv")
        print(f"\r{number + 1} of {options.clips} clips of {len(paths)} photographs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
