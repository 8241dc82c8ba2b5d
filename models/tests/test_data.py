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


def test_segments_depend_on_seed_lane_and_number_alone(clip_folder, tmp_path):
    clips = load_clips([clip_folder], tmp_path)
    segments = Segments(clips, seed=5, crop=64, max_gap=3, qp_num=64, quality_change=0.5)
    pictures, q = segments.segment(1, 7, steps=5, frames=2)
    segments.segment(0, 1, 5, 2)
    again, q_again = Segments(clips, seed=5, crop=64, max_gap=3, qp_num=64, quality_change=0.5).segment(1, 7, 5, 2)
    assert pictures.shape == (11, 96, 8, 8) and pictures.dtype == numpy.uint8
    assert (pictures == again).all() and (q == q_again).all() and q.shape == (5,) and ((0 <= q) & (q < 64)).all()
    assert (segments.segment(1, 8, 5, 2)[0] != pictures).any() and (segments.segment(2, 7, 5, 2)[0] != pictures).any()
    assert any(len(set(segments.segment(0, n, 8, 1)[1])) > 1 for n in range(4))  # the quality changes within a segment
    one = Segments(clips, seed=5, crop=64, max_gap=3, qp_num=64)
    assert all(len(set(one.segment(0, n, 8, 1)[1])) == 1 for n in range(4))


def test_a_segment_longer_than_its_clip_turns_back_at_its_ends(clip_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("mlvc.data.NOISE_CHANCE", 0.0)
    (clip,) = load_clips([clip_folder], tmp_path)
    pictures, _ = Segments([clip], seed=1, crop=64, max_gap=1, qp_num=64).segment(0, 0, 40, 2)
    assert len(pictures) == 81 and (pictures[:35] == pictures[46:81]).all()  # 2·(24 − 1) pictures there and back
    assert all((a != b).any() for a, b in zip(pictures, pictures[1:]))


def test_sources_gather_the_parts_of_one_video():
    assert source_of("screen-ui_smooth-trimcrop_001") == source_of("screen-ui_smooth-trim_002") == "smooth-trim"
    assert source_of("holiday_03") == "holiday"


def test_split_keeps_sources_whole():
    clips = [Clip(f"a_s{i // 3}_{i}", f"s{i // 3}", "a", 64, 64, 30, 10, None) for i in range(300)]
    training, held_out = split(clips, 0.2)
    assert not {c.source for c in training} & {c.source for c in held_out}
    assert 30 <= len(held_out) <= 90
