import numpy

from mlvc.data import Clip, Segments, load_clips, padded_frame, source_of, split


def test_a_video_becomes_mapped_frames_once(clip_folder, tmp_path):
    (clip,) = load_clips([clip_folder], tmp_path)
    assert (clip.width, clip.height, clip.count, clip.rate) == (96, 80, 24, 10)
    assert (clip.content, clip.source) == ("synthetic", "lavfi-bars")
    frames = clip.frames()
    assert frames.shape == (24, 96 * 80 * 3 // 2) and frames.std() > 20
    written = clip.path.stat().st_mtime_ns
    load_clips([clip_folder], tmp_path)
    assert clip.path.stat().st_mtime_ns == written
    assert padded_frame(clip, frames[0]).shape == (96, 10, 12)


def test_segments_depend_on_seed_and_number_alone(clip_folder, tmp_path):
    clips = load_clips([clip_folder], tmp_path)
    segments = Segments(clips, seed=5, frames=4, batch=2, crop=64, max_gap=3, qp_num=64)
    pictures, q = segments[7]
    segments[1]
    again, q_again = Segments(clips, seed=5, frames=4, batch=2, crop=64, max_gap=3, qp_num=64)[7]
    assert pictures.shape == (2, 5, 96, 8, 8) and pictures.dtype == numpy.uint8
    assert (pictures == again).all() and (q == q_again).all() and ((0 <= q) & (q < 64)).all()
    assert (segments[8][0] != pictures).any()


def test_sources_gather_the_parts_of_one_video():
    assert source_of("screen-ui_smooth-trimcrop_001") == source_of("screen-ui_smooth-trim_002") == "smooth-trim"
    assert source_of("holiday_03") == "holiday"


def test_split_keeps_sources_whole():
    clips = [Clip(f"a_s{i // 3}_{i}", f"s{i // 3}", "a", 64, 64, 30, 10, None) for i in range(300)]
    training, held_out = split(clips, 0.2)
    assert not {c.source for c in training} & {c.source for c in held_out}
    assert 30 <= len(held_out) <= 90
