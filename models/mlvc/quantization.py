"""Integer inference: an xs network whose convolutions read and write 8-bit integers, made without training.

    weights      int8, one step per output channel, symmetric
    activations  uint8, one step per tensor (a `Grid`), fitted to what training clips make of it

Exported, a grid is a pair QuantizeLinear → DequantizeLinear, and a runtime turns a convolution between two such pairs into
integer arithmetic. The insides of all blocks are integers, and the previous picture enters as the bytes that it is. Float stays where the coded
picture itself passes: its way in (patch and the stream of the encoder's blocks, down), its way out (up, direct, the stream of the decoder's and
recon's blocks, recon.head), and what makes symbols of it (hyper transforms, quant step, means). Encoder and decoder graphs are traced from the
same modules, so they share every step and compute the state alike. Streams are of the parent's version: symbols mean the same.

Blocks keep their stream as (B, H, W, C), the layout that integer kernels want, so that nothing is reordered in between; so does all of synthesis.
"""

import copy
import itertools

import numpy
import onnx
from onnx import helper, numpy_helper
import torch
from torch import nn

from .codec import MlvcXs, row_of
from .layers import LEAKY_SLOPE, FoldedBlock
from .pictures import PICTURE_CHANNELS, bytes_of_picture, picture_of_bytes

LEVELS = 255  # of uint8
WEIGHT_LEVELS = 127  # of int8, symmetric
SAMPLES = 8192  # values of every tensor that a grid looks at while it is fitted
PLACES = 128  # of every feature that `even_out` looks at
# Share of a tensor's values that a grid covers on each side, and share of the pictures whose bounds it covers; what lies outside
# saturates. Wider grids lose quality at low rates to coarse steps, narrower ones at high rates to saturation (experiments.md).
COVERED, COVERED_ENTERING, COVERED_LEAVING = 0.9995, 0.9998, 0.999
PICTURES_COVERED = 0.99
QUALITIES = (4, 20, 36, 52, 62)  # q indices that grids are fitted to: the streams' amplitudes grow 14-fold from the lowest to the highest
BALANCE = 0.45  # exponent: how far the channels of a tensor are evened out; all the way would leave their spread to the weights
BALANCE_FLOOR = 1e-3  # a channel that never moves is taken for one with this share of the strongest one's amplitude
BYTES_LOW, BYTES_HIGH, BYTES_SHIFT = -127 / 255, 128 / 255, 0.5 / 255  # picture_of_bytes(b) + BYTES_SHIFT = (b − 127) / 255 lies on the grid from LOW to HIGH


class Grid(nn.Module):
    """The 256 levels of one tensor. Collects bounds until `fit`; from then on rounds to the levels and saturates."""

    def __init__(self, low=None, high=None, covered=COVERED):
        """low, high: bounds that are known; the tensor is clamped to them."""
        super().__init__()
        self.low, self.high, self.covered = low, high, covered
        self.bounds, self.scale, self.zero = [], None, 0

    def forward(self, x):
        if self.scale is None:
            flat = x.detach().flatten()
            some = flat[torch.randint(len(flat), (SAMPLES,))].numpy()
            self.bounds.append(numpy.quantile(some, [1 - self.covered, self.covered]))
            return x if self.low is None else x.clamp(self.low, self.high)
        return torch.fake_quantize_per_tensor_affine(x, self.scale, self.zero, 0, LEVELS)

    def fit(self):
        bounds = numpy.array(self.bounds)
        low, high = numpy.quantile(bounds[:, 0], 1 - PICTURES_COVERED), numpy.quantile(bounds[:, 1], PICTURES_COVERED)
        low = min(low, 0.0) if self.low is None else self.low
        high = max(high, low + 1e-6) if self.high is None else self.high
        self.scale = float(numpy.float32((high - low) / LEVELS))
        self.zero = int(numpy.clip(numpy.rint(-low / self.scale), 0, LEVELS))
        self.bounds = []


class Rectifier(Grid):
    """A grid that begins at 0. While it is fitted it is the LeakyReLU whose place it takes, and measures what will be missing."""

    def __init__(self):
        super().__init__(0.0)
        self.sum, self.count = 0, 0

    def forward(self, x):
        if self.scale is not None:
            return super().forward(x)
        below = LEAKY_SLOPE * x.clamp_max(0)
        self.sum, self.count = self.sum + below.sum((0, 2, 3)), self.count + below[:, 0].numel()
        return super().forward(x) + below

    def missing(self):
        """Mean of what LeakyReLU lets through below 0, per channel."""
        return self.sum / self.count


class IntegerConv(nn.Module):
    """A convolution with 8-bit weights whose output lies on a grid; its input must lie on one, too."""

    def __init__(self, conv, grid=None):
        super().__init__()
        self.conv, self.grid = copy.deepcopy(conv), grid or Grid()
        with torch.no_grad():
            steps = torch.from_numpy(weight_steps(self.conv.weight.numpy()))[:, None, None, None]
            self.conv.weight.copy_((self.conv.weight / steps).round() * steps)

    def forward(self, x):
        return self.grid(self.conv(x))


class IntegerBlock(nn.Module):
    """The two branches of a folded block in integers, added to a stream (B, H, W, C).

    LeakyReLU becomes ReLU, which the lower bound of a grid does for nothing; what the negative slope would have let through is on
    average a constant per channel, and the bias of the depthwise convolution takes it up.
    `float_stream`: sums are kept as they are; else they lie on grids as well, and so must the input.
    """

    def __init__(self, block, float_stream=True):
        super().__init__()
        self.float_stream = float_stream
        self.enter1 = Grid(covered=COVERED_ENTERING) if float_stream else None
        self.enter2 = Grid(covered=COVERED_ENTERING)
        self.leave = None if float_stream else Grid(covered=COVERED_ENTERING)
        self.pointwise1 = IntegerConv(block.pointwise1, Rectifier())
        self.depthwise = IntegerConv(block.depthwise)
        self.pointwise2 = IntegerConv(block.pointwise2, Grid(covered=COVERED_LEAVING))
        self.gate = IntegerConv(block.gate, Grid(0.0, 1.0))
        self.value = IntegerConv(block.value)
        self.product = Grid()
        self.project = IntegerConv(block.project, Grid(covered=COVERED_LEAVING))

    def forward(self, x):
        entering = channels_first(self.enter1(x) if self.float_stream else x)
        u = x + channels_last(self.pointwise2(self.depthwise(self.pointwise1(entering))))
        if not self.float_stream:
            u = self.enter2(u)
        entering = channels_first(self.enter2(u) if self.float_stream else u)
        u = u + channels_last(self.project(self.product(self.gate(entering) * self.value(entering))))
        return u if self.float_stream else self.leave(u)

    @torch.no_grad()
    def fit(self):
        depthwise = self.depthwise.conv
        depthwise.bias += depthwise.weight.sum((1, 2, 3)) * self.pointwise1.grid.missing()


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def weight_steps(weight):
    """One step per output channel, (C,)."""
    return numpy.abs(weight).max((1, 2, 3)).clip(1e-12) / numpy.float32(WEIGHT_LEVELS)


class IntegerXs(MlvcXs):
    """`MlvcXs` in integers: the same nine steps over the same tensors. Made of a folded network, then fitted."""

    def __init__(self, folded, feature_factors):
        """feature_factors (F,): what bring the channels of the feature to the range of the picture, whose grid it shares"""
        nn.Module.__init__(self)
        self.config = folded.config
        for name in ("q_encoder", "q_decoder", "q_feature", "q_recon", "z_prior", "hyper_encoder", "hyper_decoder"):
            setattr(self, name, getattr(folded, name))
        f, n = self.config.feature_channels, self.config.hidden_channels
        first = folded.feature_extractor[0]
        self.before = self.config.extractor_blocks[0]
        self.seen = Grid(BYTES_LOW, BYTES_HIGH)
        self.feature_factors = nn.Parameter(feature_factors.view(1, -1, 1, 1), False)
        self.context_adaptor = IntegerConv(adaptor_of_bytes(first.adaptor, feature_factors))
        self.context_blocks = nn.ModuleList(IntegerBlock(b, float_stream=False) for b in folded.feature_extractor)
        self.temporal_enter = Grid(covered=COVERED_ENTERING)
        self.temporal_down = IntegerConv(folded.temporal_prior[0])
        self.temporal_block = IntegerBlock(folded.temporal_prior[1])
        self.fusion, self.spatial = Around(folded.prior_fusion), Around(folded.spatial_prior)
        self.patch, self.down = folded.encoder.patch, folded.encoder.down
        self.encoder_adaptor, self.encoder_context = split_inputs(folded.encoder.blocks[0].adaptor, n)
        self.encoder_context = IntegerConv(self.encoder_context)
        self.encoder_blocks = nn.Sequential(*(IntegerBlock(b) for b in folded.encoder.blocks))
        adaptor, decoder_context = split_inputs(folded.decoder.blocks[0].adaptor, n)
        self.decoder_context = IntegerConv(decoder_context)
        self.up = doubling(folded.decoder.up.conv, adaptor.weight[:, :, 0, 0])
        self.decoder_blocks = nn.Sequential(*(IntegerBlock(b) for b in folded.decoder.blocks))
        candidate, forget, output = (output_part(folded.decoder.head, slice(k * f, k * f + f)) for k in range(3))
        self.candidate = IntegerConv(candidate)
        self.forget, self.output = (IntegerConv(hard_sigmoid_of(conv), Grid(0.0, 1.0)) for conv in (forget, output))
        self.recon_blocks = nn.Sequential(*(IntegerBlock(b) for b in folded.recon.blocks))
        self.recon_head = linear_of(folded.recon.head.weight[:, :, 0, 0], folded.recon.head.bias)
        if self.config.direct:
            self.direct, self.q_direct = doubling(folded.direct.conv, torch.eye(PICTURE_CHANNELS)), folded.q_direct

    def context(self, state, row):
        feature, _, previous = self.parts_of(state)
        x = self.seen(torch.cat([self.seen(feature * self.feature_factors), self.seen(previous + BYTES_SHIFT)], 1))
        x = channels_last(self.context_adaptor(x))
        for block in self.context_blocks[: self.before]:
            x = block(x)
        ctx_t = self.temporal_enter(x * channels_last(row_of(self.q_feature, row)))
        for block in self.context_blocks[self.before :]:
            x = block(x)
        return ctx_t, x

    def temporal_prior(self, ctx_t):
        x = channels_last(self.temporal_down(channels_first(ctx_t)))
        return channels_first(self.temporal_block(x))

    def prior_fusion(self, x):
        return self.fusion(x)

    def spatial_prior(self, x):
        return self.spatial(x)

    def analysis(self, x, state, ctx, row):
        previous = self.parts_of(state)[2]
        h = self.patch(torch.cat([x, x - previous], 1)) * row_of(self.q_encoder, row)
        x = channels_last(self.encoder_adaptor(h)) + channels_last(self.encoder_context(channels_first(ctx)))
        return self.down(channels_first(self.encoder_blocks(x)))

    def synthesis(self, y_hat, active, ctx, state, row):
        _, memory, previous = self.parts_of(state)
        x = doubled(y_hat, self.up) + channels_last(self.decoder_context(channels_first(ctx)))
        g = self.decoder_blocks(x)  # (B, H/8, W/8, N)
        entering = channels_first(self.recon_blocks[0].enter1(g))
        candidate = self.candidate(entering)
        memory = candidate + self.forget(entering) * (memory - candidate)
        feature = self.output(entering) * memory * row_of(self.q_decoder, row)
        change = by_rows(self.recon_head, self.recon_blocks(g) * channels_last(row_of(self.q_recon, row)))
        if self.config.direct:
            change = change + doubled(y_hat, self.direct) * channels_last(row_of(self.q_direct, row))
        change = channels_first(change)
        if self.config.skip_cells:
            change = change * self.changing(active, previous)
        x_hat = previous + change
        return x_hat, torch.cat([feature, memory, picture_of_bytes(bytes_of_picture(x_hat))], 1)


class Around(nn.Module):
    """A chain of blocks between a float adaptor and a float head."""

    def __init__(self, chain):
        super().__init__()
        self.adaptor, self.head = chain[0].adaptor, chain[-1]
        self.blocks = nn.Sequential(*(IntegerBlock(b) for b in chain[:-1]))

    def forward(self, x):
        return self.head(channels_first(self.blocks(channels_last(self.adaptor(x)))))


def part_of(conv, weight, bias):
    """A 1x1 convolution."""
    part = nn.Conv2d(weight.shape[1], weight.shape[0], 1)
    part.weight, part.bias = nn.Parameter(weight.clone(), False), nn.Parameter(bias.clone(), False)
    return part


def split_inputs(conv, count):
    """conv(a ⊕ b) = first(a) + second(b); a has `count` channels; the second keeps the bias."""
    return (
        part_of(conv, conv.weight[:, :count], torch.zeros_like(conv.bias)),
        part_of(conv, conv.weight[:, count:], conv.bias),
    )


def output_part(conv, channels):
    return part_of(conv, conv.weight[channels], conv.bias[channels])


def hard_sigmoid_of(conv):
    """hard_sigmoid(conv(x)) is this convolution, clamped to 0..1."""
    return part_of(conv, conv.weight / 6, conv.bias / 6 + 0.5)


def adaptor_of_bytes(conv, feature_factors):
    """The convolution for a feature multiplied by `feature_factors` and a picture moved by BYTES_SHIFT, its other inputs."""
    count = len(feature_factors)
    weight, bias = conv.weight.clone(), conv.bias - BYTES_SHIFT * conv.weight[:, count:].sum((1, 2, 3))
    weight[:, :count] /= feature_factors.view(1, -1, 1, 1)
    return part_of(conv, weight, bias)


def linear_of(weight, bias):
    linear = nn.Linear(*reversed(weight.shape))
    linear.weight, linear.bias = nn.Parameter(weight, False), nn.Parameter(bias, False)
    return linear


def doubling(up, adaptor):
    """`adaptor` (C', C) after pixel shuffle after `up`, as one linear map of channels -> (2·row + column, channel)."""
    n = adaptor.shape[1]
    weight = up.weight[:, :, 0, 0].view(n, 4, -1).double()  # (channel, position, input)
    adaptor = adaptor.double()
    weight = torch.einsum("oc,cpi->poi", adaptor, weight).flatten(0, 1).float()
    return linear_of(weight, torch.einsum("oc,cp->po", adaptor, up.bias.view(n, 4).double()).flatten().float())


def doubled(x, linear):
    """(B, C, H, W) -> (B, 2H, 2W, C'): the linear map, then pixel shuffle, which here moves whole rows of channels."""
    batch, _, rows, columns = (int(side) for side in x.shape)
    x = by_rows(linear, channels_last(x)).reshape(batch * rows, columns, 2, -1).permute(0, 2, 1, 3)
    return x.reshape(batch, 2 * rows, 2 * columns, -1)


def by_rows(linear, x):
    """(B, H, W, C) -> (B, H, W, C')"""
    batch, rows, columns, channels = (int(side) for side in x.shape)
    return linear(x.reshape(batch * rows * columns, channels)).reshape(batch, rows, columns, -1)


# --- fitting ------------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def integer_codec(folded, clips):
    """-> `IntegerXs`, fitted. folded: see `fold_for_export`; changed in place, to an equal network. clips: [[x, x, …], …] of packed uint8 pictures."""
    codec = IntegerXs(folded, even_out(folded, clips)).eval()
    torch.manual_seed(0)  # grids draw their samples
    play(codec, clips)
    for kind in (Grid, IntegerBlock):
        for part in codec.modules():
            if isinstance(part, kind):
                part.fit()
    return codec


def even_out(folded, clips):
    """Brings the channels of every tensor that will share one step closer together; the network computes what it did.

    -> (F,): factors that do the same for the feature, and bring it to the range of a picture
    """
    streams = {
        "encoder": ([*folded.encoder.blocks], [folded.encoder.down]),
        "decoder": ([*folded.decoder.blocks, *folded.recon.blocks], [folded.decoder.head, folded.recon.head]),
    }
    every = [block for block in folded.modules() if isinstance(block, FoldedBlock)]
    readers = {conv: [] for block in every for conv in (block.pointwise1, block.gate, block.depthwise, block.pointwise2, block.project)}
    hooks = [
        conv.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0].square().mean((0, 2, 3))))
        for conv, seen in readers.items()
    ]
    features, count = [], folded.config.feature_channels
    adaptor = folded.feature_extractor[0].adaptor
    hooks.append(adaptor.register_forward_pre_hook(lambda _, inputs: features.append(some_places(inputs[0][:, :count]))))
    torch.manual_seed(0)  # of some_places
    play(folded, clips)
    for hook in hooks:
        hook.remove()

    def factors(convs, exponent=BALANCE):
        amplitudes = floored(torch.stack([square for conv in convs for square in readers[conv]]).mean(0).sqrt())
        return (amplitudes.mean() / amplitudes) ** exponent

    for blocks, heads in streams.values():
        balance(
            [conv for block in blocks for conv in (block.pointwise2, block.project, *adaptors(block))],
            [*heads, *(conv for block in blocks for conv in (block.pointwise1, block.gate, block.value))],
            factors([conv for block in blocks for conv in (block.pointwise1, block.gate)]),
        )
    for block in every:
        balance([block.pointwise1], [block.depthwise], factors([block.depthwise], 1.0))  # each channel has its own step there
        balance([block.depthwise], [block.pointwise2], factors([block.pointwise2]))
        balance([block.value], [block.project], factors([block.project]))
    features = torch.stack(features)  # (pictures, PLACES, F)
    evening = floored(features.square().mean((0, 1)).sqrt()) ** -BALANCE
    bounds = numpy.quantile((features.abs() * evening).flatten(1).numpy(), COVERED_ENTERING, 1)
    return evening * BYTES_HIGH / float(numpy.quantile(bounds, PICTURES_COVERED))


def floored(amplitudes):
    return amplitudes.clamp_min(BALANCE_FLOOR * float(amplitudes.max()))


def some_places(x):
    """(B, C, H, W) -> (PLACES, C)"""
    places = x.movedim(1, -1).flatten(0, -2)
    return places[torch.randint(len(places), (PLACES,))]


def adaptors(block):
    return [block.adaptor] if hasattr(block, "adaptor") else []


def balance(writers, readers, factors):
    """Multiplies the channels that `writers` make by `factors`; `readers` divide. The network stays the same."""
    for conv in writers:
        conv.weight *= factors.view(-1, 1, 1, 1)
        conv.bias *= factors
    for conv in readers:
        conv.weight /= factors.view(-1, 1, 1, 1) if conv.groups > 1 else factors.view(1, -1, 1, 1)


def play(codec, clips):
    """Encodes every clip at each of `QUALITIES`."""
    for clip, q in itertools.product(clips, QUALITIES):
        state = None
        for n, picture in enumerate(clip):
            x = picture_of_bytes(torch.from_numpy(picture)[None].float())
            state = codec.zero_state(x) if state is None else state
            state = codec.moved(x, state, torch.tensor([q]))[0] if codec.config.motion else state
            state, _ = codec.encode(x, state, torch.tensor([q + codec.config.shift(n)]))


# --- graphs -------------------------------------------------------------------------------------------------------------------


def store_integers(model):
    """Gives every convolution between two grids int8 weights and int32 biases, in place. The exporter writes floats."""
    graph = model.graph
    tensors = {t.name: t for t in graph.initializer}
    producers = {name: node for node in graph.node for name in node.output}
    nodes, added, made = [], [], set()

    def grid_before(name):
        while name in producers and producers[name].op_type == "Transpose":
            name = producers[name].input[0]
        node = producers.get(name)
        return node if node is not None and node.op_type == "DequantizeLinear" else None

    def values_of(name):
        while name not in tensors:  # the exporter writes equal tensors once, and Identity for the others
            name = producers[name].input[0]
        return numpy_helper.to_array(tensors[name]).astype(numpy.float64)

    def integers(name, values, steps):
        """-> name of a DequantizeLinear of integers with one step per channel. A convolution that works twice finds those of its first time."""
        if f"{name}_d" in made:
            return f"{name}_d"
        made.add(f"{name}_d")
        parts = {"q": values, "s": steps.astype(numpy.float32), "z": numpy.zeros(len(steps), values.dtype)}
        added.extend(numpy_helper.from_array(array, f"{name}_{suffix}") for suffix, array in parts.items())
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}_{suffix}" for suffix in parts], [f"{name}_d"], axis=0))
        return f"{name}_d"

    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node.op_type)
    for node in graph.node:
        grid = grid_before(node.input[0]) if node.op_type == "Conv" else None
        if grid is not None and readers[node.output[0]] == ["QuantizeLinear"]:
            weight, bias = (values_of(name) for name in node.input[1:])
            steps = weight_steps(weight.astype(numpy.float32)).astype(numpy.float64)
            bias_steps = steps * float(values_of(grid.input[1]))
            values = numpy.rint(weight / steps[:, None, None, None]).astype(numpy.int8)
            bias_values = numpy.rint(bias / bias_steps).clip(-(2**31), 2**31 - 1).astype(numpy.int32)
            node.input[1:] = [integers(node.input[1], values, steps), integers(node.input[2], bias_values, bias_steps)]
        nodes.append(node)
    ordered = [copy.deepcopy(node) for node in nodes]
    del graph.node[:]
    graph.node.extend(ordered)
    graph.initializer.extend(added)
    used = {name for node in graph.node for name in node.input}
    kept = [copy.deepcopy(t) for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(model, full_check=True)
