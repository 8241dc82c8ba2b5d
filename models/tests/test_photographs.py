import numpy
import pytest

Image = pytest.importorskip("PIL.Image")

import photographs  # noqa: E402
from mlvc.data import load_clips  # noqa: E402


def test_photographs_become_clips_that_move(tmp_path, monkeypatch):
    monkeypatch.setattr(photographs, "FRAMES", 3)
    folder = tmp_path / "pictures"
    folder.mkdir()
    generator = numpy.random.default_rng(1)
    for name in ("a", "b"):
        Image.fromarray(generator.integers(0, 256, (90, 160, 3), numpy.uint8)).resize((1280, 720)).save(folder / f"{name}.png")
    Image.new("RGB", (64, 64)).save(folder / "icon.png")
    assert [path.name for path in photographs.photographs([folder])] == ["a.png", "b.png"]
    for output in ("one", "other"):
        assert photographs.main(["--pictures", str(folder), "--output", str(tmp_path / output), "--clips", "2"]) == 0
    clips = load_clips([tmp_path / "one"], tmp_path / "cache")
    again = load_clips([tmp_path / "other"], tmp_path / "cache2")
    assert [(clip.width, clip.height, clip.count, clip.content) for clip in clips] == [(640, 360, 3, "photo")] * 2
    assert clips[0].source != clips[1].source
    for clip, same in zip(clips, again):
        frames = clip.frames()
        assert (frames == same.frames()).all() and (frames[0] != frames[2]).mean() > 0.01


def test_a_folder_without_large_pictures_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="1280x720"):
        photographs.photographs([tmp_path])
