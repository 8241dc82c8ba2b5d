import subprocess
from pathlib import Path

import pytest
import torch

REPOSITORY = Path(__file__).resolve().parents[2]
torch.set_num_threads(1)  # sums in one order, whatever the machine


@pytest.fixture(scope="session")
def shared():
    """The data folder beside the checkout; tests of it skip where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "weights" / "mlvc-xs-seed.npz").exists():
        pytest.skip("needs ../shared beside the checkout")
    return folder


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    """A folder with one synthetic clip of 96x80 pixels, 24 frames at 10 Hz, made by ffmpeg."""
    folder = tmp_path_factory.mktemp("clips")
    source = "testsrc2=size=96x80:rate=10:duration=2.4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-q:v", "2"]
    subprocess.run([*command, str(folder / "synthetic-test_lavfi-bars_001.mp4")], check=True)
    return folder
