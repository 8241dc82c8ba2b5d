import json
from pathlib import Path

import torch

from evaluate import evaluate_clip
from mlvc import cascade
from mlvc.codec import CodecConfig, build
from mlvc.data import Segments, load_clips
from mlvc.weights import load_weights, save_weights
from train import SegmentSource, Trainer, main

CONFIG = Path(__file__).parents[1] / "configs" / "mlvc-xs.json"
SMALL = {"frames": 2, "lanes": [2, 6], "crop": 64, "quality_change": 0.3, "jump": 0.5, "learning_rate": 1e-3, "prior_learning_rate": 1e-2}


def trainer_of(clips, seed=0):
    training = {**json.loads(CONFIG.read_text())["training"], **SMALL}
    torch.manual_seed(seed)
    segments = Segments(clips, seed, 64, 2, 64, quality_change=0.3)
    return Trainer(build(CodecConfig.load(CONFIG)), training, segments, seed)


def test_a_short_run_lowers_the_loss(clip_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("train.WARM_UP_STEPS", 10)
    trainer = trainer_of(load_clips([clip_folder], tmp_path))
    first = [trainer.train_step()[0] for _ in range(80)]
    trainer.step, trainer.carried = 0, None  # the same batches and the same noise once more
    again = [trainer.train_step()[0] for _ in range(8)]
    assert sum(again) < 0.9 * sum(first[:8])


def test_a_resumed_run_equals_an_uninterrupted_one(clip_folder, tmp_path):
    clips = load_clips([clip_folder], tmp_path)
    straight, first, second = (trainer_of(clips) for _ in range(3))
    for _ in range(5):
        straight.train_step()
    for _ in range(3):  # stops inside segments
        first.train_step()
    first.save(tmp_path / "checkpoint.pt")
    second.restore(tmp_path / "checkpoint.pt")
    for _ in range(2):
        second.train_step()
    for a, b in ((straight.codec, second.codec), (straight.average, second.average)):
        assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values()))


def test_half_of_the_segments_are_coded_by_place(clip_folder, tmp_path):
    trainer = trainer_of(load_clips([clip_folder], tmp_path))
    setting, number = torch.tensor([30, 30]), torch.tensor([0, 1])
    every = {(step, lane) for step in range(6) for lane in range(2)}
    half = {(2, 0), (3, 0), *((step, 1) for step in range(5))}  # segments of 2 and of 6 steps, the second lane's a step ahead
    for share, expected in ((0, set()), (0.5, half), (1, every)):
        trainer.training["cascade"], placed = share, set()
        for trainer.step in range(6):
            placed |= {(trainer.step, lane) for lane, by_place in enumerate(trainer.by_place()) if by_place}
        assert placed == expected
    assert trainer.quality(setting, number, torch.tensor([True, False])).tolist() == [cascade.quality_of(30, 0), 30]


def test_the_door_trains_stops_resumes_and_exports(clip_folder, tmp_path, capsys):
    values = [f"{key}={json.dumps(value)}" for key, value in SMALL.items()]
    arguments = ["--run", str(tmp_path / "run"), "--data", str(clip_folder), "--cache", str(tmp_path), "--device", "cpu"]
    arguments += ["--threads", "1", "--workers", "1", "--export", str(tmp_path / "weights.npz"), "--set", *values]
    assert main([*arguments, "--steps", "2"]).step == 2
    assert main([*arguments, "--steps", "5"]).step == 5
    assert "step 2, cpu" in capsys.readouterr().out
    codec = load_weights(build(CodecConfig.load(CONFIG)), tmp_path / "weights.npz")
    (clip,) = load_clips([clip_folder], tmp_path)
    (figures,) = evaluate_clip(codec, clip, [40], frames=3)
    assert figures["kbps"] > 0 and figures["psnr"] > 20


def test_worker_processes_bring_the_same_segments(clip_folder, tmp_path):
    segments = Segments(load_clips([clip_folder], tmp_path), 0, 64, 2, 64, quality_change=0.3)
    here, ahead, resumed = (SegmentSource(segments, [2, 6], 2, workers) for workers in (0, 1, 0))
    for step in range(9):
        assert all((a == b).all() for a, b in zip(here.step(step), ahead.step(step)))
    assert all((a == b).all() for a, b in zip(here.step(9), resumed.step(9)))


def test_published_networks_train_too(clip_folder, tmp_path):
    path = CONFIG.with_name("mlvc-tiny.json")
    training = {**json.loads(path.read_text())["training"], **SMALL}
    segments = Segments(load_clips([clip_folder], tmp_path), 0, 64, 2, 64)
    trainer = Trainer(build(CodecConfig.load(path)), training, segments)
    losses = [trainer.train_step()[0] for _ in range(3)]
    assert all(0 < loss < 1e4 for loss in losses)


def test_weights_round_trip_through_npz(tmp_path):
    torch.manual_seed(1)
    codec = build(CodecConfig.load(CONFIG))
    save_weights(codec, tmp_path / "w.npz")
    other = load_weights(build(CodecConfig.load(CONFIG)), tmp_path / "w.npz")
    assert all(torch.equal(a, b) for a, b in zip(codec.state_dict().values(), other.state_dict().values()))
