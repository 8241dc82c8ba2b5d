import pytest
import torch
from test_networks import codec_of

from mlvc import bundle_weights
from mlvc.bundle import pack_bundle, write_tar
from mlvc.entropy import gaussian_tables, prior_tables
from mlvc.weights import load_weights


@pytest.mark.parametrize("name", ["mlvc-xs-motion", "mlvc-tiny"])
def test_a_bundle_gives_back_the_network_that_it_was_made_of(name, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle_weights, "FIT_STEPS", 150)
    codec = codec_of(name).eval()
    torch.manual_seed(5)
    with torch.no_grad():
        for key, parameter in codec.named_parameters():
            parameter.add_(0.02 * torch.randn_like(parameter) * (0 if key.startswith("z_prior") else 1))
        codec.z_prior.b[-1].add_(torch.linspace(-2, 2, codec.config.z_channels).view(1, -1, 1, 1))
    tables = gaussian_tables(), prior_tables(codec.z_prior)  # as export.py writes them
    write_tar(pack_bundle(codec, name, (0, 250), [(64, 64)], tables=tables), tmp_path / "model.tar")
    again = load_weights(codec_of(name), tmp_path / "model.tar").eval()
    x, q = torch.rand(2, 96, 8, 8) - 0.5, torch.tensor([3, 50])
    with torch.no_grad():
        state, state_again = codec.zero_state(x), again.zero_state(x)
        for n in range(2):
            one, other = codec(x, state, q, codec.config.shift(n)), again(x, state_again, q, codec.config.shift(n))
            state, state_again = one.state, other.state
            assert (one.x_hat - other.x_hat).abs().max() < 2e-4
            assert all((a != b).float().mean() < 0.01 for a, b in zip(one.symbols, other.symbols))
        z = torch.round(torch.randn(2, codec.config.z_channels, 4, 4))
        bits = [network.z_prior.bits(z, q).sum() for network in (codec, again)]
    assert abs(bits[1] / bits[0] - 1) < 0.2  # a start for training, from rounded tables


def test_a_bundle_of_another_configuration_is_refused(tmp_path):
    codec = codec_of("mlvc-tiny")
    write_tar(pack_bundle(codec, "mlvc-tiny", (0, 250), [(64, 64)]), tmp_path / "model.tar")
    with pytest.raises(ValueError, match="another configuration"):
        load_weights(codec_of("mlvc-xs"), tmp_path / "model.tar")
