"""Training and test clips: any folder of videos -> raw 4:2:0 frames on disk -> random crops.

ffmpeg decodes each video once into a cache that is memory-mapped afterwards. Every segment is a pure function of
(seed, lane, number), so a run that resumes sees exactly the batches that an uninterrupted one would have seen.
"""

import dataclasses
import hashlib
import json
import re
import subprocess
from pathlib import Path

import numpy

from .codec import LATENT_STRIDE
from .pictures import pack420

VIDEO_SUFFIXES = {".mp4", ".mkv", ".webm", ".mov", ".avi", ".y4m", ".mpg", ".m4v"}
BRIGHTNESS_GAIN, BRIGHTNESS_OFFSET = 0.05, 0.05 * 255  # published augmentation of luma: ×0.95–1.05, ±0.05
BRIGHTNESS_CHANCE = 0.5
# Colours beyond those of the clips: a network that has only seen rooms codes a saturated edge badly (models/experiments.md).
COLOUR_GAINS, COLOUR_OFFSET = (0.6, 2.5), 12
COLOUR_CHANCE = 0.5
NOISE, NOISE_CHANCE = (0.5, 4.0), 0.15  # standard deviation of a picture's grain, in levels


@dataclasses.dataclass(frozen=True)
class Clip:
    """One decoded video. `source` groups the parts of one original video: split by it, never by file."""

    name: str
    source: str
    content: str  # first word of the name: person, screen, general, …
    width: int  # even, in pixels
    height: int
    rate: float  # frames per second
    count: int  # frames
    path: Path  # raw planar 4:2:0, frame after frame

    def frames(self):
        """-> memory-mapped (count, height·width·3/2) uint8"""
        return numpy.memmap(self.path, numpy.uint8, "r", shape=(self.count, self.width * self.height * 3 // 2))

    def planes(self, frame, top=0, left=0, rows=None, columns=None):
        """A window of one frame (even numbers of pixels) -> y (rows, columns), u and v (rows/2, columns/2), uint8."""
        rows, columns = rows or self.height, columns or self.width
        area = self.width * self.height
        y = frame[:area].reshape(self.height, self.width)[top : top + rows, left : left + columns]
        window = (slice(top // 2, (top + rows) // 2), slice(left // 2, (left + columns) // 2))
        u, v = (part.reshape(self.height // 2, self.width // 2)[window] for part in numpy.split(frame[area:], 2))
        return y, u, v


def source_of(stem):
    """`<content>_<source>-<clip>[crop]_<part>` -> what it was cut from; other names lose their trailing number."""
    fields = stem.split("_")
    name = fields[1] if len(fields) > 2 else re.sub(r"[_-]?\d+$", "", stem)
    return re.sub(r"crop$", "", name)


def load_clips(folders, cache):
    """Decodes every video below `folders` that the cache lacks -> clips, sorted by name."""
    videos = sorted(
        (path for folder in folders for path in Path(folder).rglob("*") if path.suffix.lower() in VIDEO_SUFFIXES),
        key=lambda path: path.name,
    )
    if not videos:
        raise FileNotFoundError(f"no video below {', '.join(map(str, folders))}")
    return [decode(video, Path(cache)) for video in videos]


def decode(video, cache):
    cache.mkdir(parents=True, exist_ok=True)
    stamp = video.stat()
    key = hashlib.sha256(f"{video.name}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:12]
    raw, note = cache / f"{video.stem}-{key}.yuv", cache / f"{video.stem}-{key}.json"
    if not note.exists():
        note.write_text(json.dumps(decode_raw(video, raw)))
    fields = json.loads(note.read_text())
    return Clip(video.stem, source_of(video.stem), re.split(r"[-_]", video.stem)[0], path=raw, **fields)


def decode_raw(video, raw, most=None):
    """ffmpeg -> raw frames in file `raw`, at most so many, and what the YUV4MPEG header says of them."""
    even = "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(video), "-an", "-vf", even]
    command += ["-frames:v", str(most)] if most else []
    command += ["-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-"]
    partial = raw.with_suffix(".part")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process, open(partial, "wb") as out:
        header = process.stdout.readline().decode("ascii").split()
        fields = {item[0]: item[1:] for item in header[1:]}
        width, height = int(fields["W"]), int(fields["H"])
        count = 0
        while process.stdout.readline().startswith(b"FRAME"):
            out.write(process.stdout.read(width * height * 3 // 2))
            count += 1
    if process.returncode or not count:
        raise RuntimeError(f"ffmpeg could not decode {video}")
    partial.rename(raw)
    over, under = map(int, fields["F"].split(":"))
    return {"width": width, "height": height, "rate": over / under, "count": count}


def split(clips, share, seed=0):
    """-> training clips, held-out clips; about `share` of the SOURCES are held out, the same ones every time."""

    def draw(source):
        digest = hashlib.sha256(f"{seed}:{source}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    return [c for c in clips if draw(c.source) >= share], [c for c in clips if draw(c.source) < share]


def padded_frame(clip, frame):
    """A whole frame, edge-padded right and bottom to multiples of 16 -> packed (96, H/8, W/8) uint8."""
    rows, columns = -clip.height % LATENT_STRIDE, -clip.width % LATENT_STRIDE
    y, u, v = clip.planes(frame)
    y = numpy.pad(y, ((0, rows), (0, columns)), "edge")
    u, v = (numpy.pad(p, ((0, rows // 2), (0, columns // 2)), "edge") for p in (u, v))
    return pack420(y, u, v)


class Segments:
    """Random training segments: pieces of clips, cut out, mirrored, brightened, recoloured, made noisy. Each depends on seed, lane and number alone.

    A segment that comes to an end of its clip turns back there.
    """

    def __init__(self, clips, seed, crop, max_gap, qp_num, content_weights=None, quality_change=0.0):
        self.clips = [c for c in clips if min(c.width, c.height) >= crop and c.count > 1]
        if not self.clips:
            raise ValueError(f"no clip has two frames of {crop}x{crop} pixels or more")
        weights = numpy.array([c.count * (content_weights or {}).get(c.content, 1.0) for c in self.clips])
        self.chances = weights / weights.sum()
        self.seed, self.crop, self.max_gap = seed, crop, max_gap
        self.qp_num, self.quality_change = qp_num, quality_change

    def segment(self, lane, number, steps, frames):
        """Segment `number` of a lane -> pictures (1 + steps·frames, 96, crop/8, crop/8) uint8, packed, and q (steps,) int64.

        Picture 0 is the one before the first to be coded. q is uniform over 0..qp_num − 1, and drawn anew before a step by chance `quality_change`.
        """
        random = numpy.random.default_rng((self.seed, lane, number))
        q = random.integers(0, self.qp_num, steps)
        changes = random.random(steps) < self.quality_change
        changes[0] = True
        latest = numpy.maximum.accumulate(numpy.where(changes, numpy.arange(steps), 0))
        return self.sample(random, steps * frames), q[latest]

    def batch(self, number, lanes, frames):
        """One segment of every lane, of one step -> pictures (lanes, 1 + frames, 96, crop/8, crop/8), q (lanes,)"""
        pictures, q = zip(*(self.segment(lane, number, 1, frames) for lane in range(lanes)))
        return numpy.stack(pictures), numpy.concatenate(q)

    def sample(self, random, frames):
        clip = self.clips[random.choice(len(self.clips), p=self.chances)]
        gap = int(random.integers(1, min(self.max_gap, max(1, (clip.count - 1) // frames)) + 1))
        around = 2 * (clip.count - 1)  # there and back
        places = (int(random.integers(0, around)) + gap * numpy.arange(frames + 1)) % around
        order = numpy.where(places < clip.count, places, around - places)
        top = 2 * int(random.integers(0, (clip.height - self.crop) // 2 + 1))
        left = 2 * int(random.integers(0, (clip.width - self.crop) // 2 + 1))
        mirror = random.random() < 0.5
        brighten = random.random() < BRIGHTNESS_CHANCE
        gain = 1 + random.uniform(-BRIGHTNESS_GAIN, BRIGHTNESS_GAIN)
        offset = random.uniform(-BRIGHTNESS_OFFSET, BRIGHTNESS_OFFSET)
        recolour = random.random() < COLOUR_CHANCE
        gains = random.choice([-1, 1], 2) * numpy.exp(random.uniform(*numpy.log(COLOUR_GAINS), 2))  # of U and V; −1 is the opposite hue
        shifts = 128 * (1 - gains) + random.uniform(-COLOUR_OFFSET, COLOUR_OFFSET, 2) + 0.5
        exchange = random.random() < 0.5
        noise = random.uniform(*NOISE) if random.random() < NOISE_CHANCE else 0.0
        frames, packed = clip.frames(), []
        for index in order:
            y, u, v = clip.planes(frames[index], top, left, self.crop, self.crop)
            if brighten:
                y = numpy.clip(y * gain + offset + 0.5, 0, 255).astype(numpy.uint8)
            if recolour:
                u, v = (numpy.clip(plane * gain + shift, 0, 255).astype(numpy.uint8) for plane, gain, shift in zip((u, v), gains, shifts))
                u, v = (v, u) if exchange else (u, v)
            if noise:
                y, u, v = (noisy(plane, noise, random) for plane in (y, u, v))
            if mirror:
                y, u, v = y[:, ::-1], u[:, ::-1], v[:, ::-1]
            packed.append(pack420(y, u, v))
        return numpy.stack(packed)


def noisy(plane, deviation, random):
    """What a camera in poor light adds, anew in every picture."""
    grain = random.standard_normal(plane.shape, numpy.float32) * deviation
    return numpy.clip(plane + grain + 0.5, 0, 255).astype(numpy.uint8)
