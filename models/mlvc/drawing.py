"""Pictures of the counter-example: matrices as `mlvcrtc interop` draws them, PSNR along a clip, and rows of frames. Needs Pillow."""

import numpy
import torch
from PIL import Image, ImageDraw, ImageFont

from .pictures import planes_of_packed

INK, SOFT, WHITE, FAILED = "#23262b", "#6b7280", "#ffffff", "#8a1538"
LOSSES = (0.02, "#d3ecd8"), (0.1, "#e9efbf"), (0.5, "#fbe3a0"), (1, "#f3b375"), (float("inf"), "#df7f6b")  # as InteropMatrix.cs
LINES = "#1b6ca8", "#c8553d", "#2f8f5b", "#7a5195", "#d39b22", "#4a4e57", "#0f8b8d", "#8a1538", "#e07be0"
FONT = "DejaVuSans.ttf"  # found by name where fonts are installed
CELL_WIDTH, CELL_HEIGHT, GAP = 118, 40, 3
PLOT_HEIGHT = 300


def font(size):
    try:
        return ImageFont.truetype(FONT, size)
    except OSError:
        return ImageFont.load_default()


def draw_matrices(report):
    """Scales sent above, scales predicted below, PSNR along the first clip beside both. report: as `counterexample.py` writes it."""
    names = [e["name"] for e in report["environments"]]
    clips, frames = report["clips"], report["clips"][0]["frames"]
    left, block = 150, 100 + CELL_HEIGHT * len(names)
    side = left + CELL_WIDTH * len(names) + 50
    image = Image.new("RGB", (side + 560, 2 * block + 60), WHITE)
    draw = ImageDraw.Draw(image)
    for k, (kind, title) in enumerate((("sent", f"Scales sent: PSNR lost after {frames} frames, dB"), ("predicted", "Scales predicted: the first frame that cannot be decoded"))):
        top = 20 + k * block
        draw.text((24, top), title, INK, font(20))
        draw.text((left + CELL_WIDTH * len(names) / 2, top + 38), "decoder", SOFT, font(13), anchor="mm")
        for j, name in enumerate(names):
            draw.text((left + (j + 0.5) * CELL_WIDTH, top + 62), name, INK, font(13), anchor="mm")
            draw.text((left - 14, top + 78 + (j + 0.5) * CELL_HEIGHT), name, INK, font(13), anchor="rm")
        for pair in report["pairs"]:
            row, column = names.index(pair["encoder"]), names.index(pair["decoder"])
            text, colour, ink = cell(pair[kind], pair["frames"])
            x, y = left + column * CELL_WIDTH, top + 78 + row * CELL_HEIGHT
            draw.rectangle((x, y, x + CELL_WIDTH - GAP, y + CELL_HEIGHT - GAP), colour)
            draw.text((x + (CELL_WIDTH - GAP) / 2, y + (CELL_HEIGHT - GAP) / 2), text, ink, font(13), anchor="mm")
        curves = [(p["decoder"], p[kind]["psnr"][0]) for p in report["pairs"] if p["encoder"] == names[0]]
        draw_curves(draw, (side + 40, top + 78), (460, PLOT_HEIGHT), curves, f"{clips[0]['name']}, encoded under {names[0]}: PSNR 6:1:1, dB")
    failed = report["failed_pairs"]
    note = f"{frames} frames of {' and '.join(c['name'] for c in clips)}, q {report['q']}, one key frame each; pairs that fail: {failed['sent']} of {len(report['pairs'])} with scales sent, {failed['predicted']} with scales predicted"
    draw.text((24, 2 * block + 28), note, SOFT, font(13))
    return image


def cell(result, frames):
    """-> text, colour, ink. A pair that fails says where: the first failed frame of each clip."""
    if result["frames_lost"]:
        return ", ".join("–" if first is None else f"{first}" for first in result["first_failure"]), FAILED, WHITE
    loss = result["end_loss_db"]
    return "equal" if result["equal_pictures"] == frames else f"{loss:.3f}", next(colour for most, colour in LOSSES if loss <= most), INK


def draw_curves(draw, corner, size, curves, title):
    (x0, y0), (width, height) = corner, size
    low = min(min(values) for _, values in curves)
    high = max(max(values) for _, values in curves)
    low, high, count = 5 * int(low // 5), 5 * int(-(-high // 5)), len(curves[0][1])
    draw.text((x0, y0 - 28), title, INK, font(13))
    for level in range(low, high + 1, 5):
        y = y0 + height * (high - level) / (high - low)
        draw.line((x0, y, x0 + width, y), "#e5e7eb")
        draw.text((x0 - 6, y), f"{level}", SOFT, font(11), anchor="rm")
    for k, (name, values) in enumerate(curves):
        points = [(x0 + width * n / max(1, count - 1), y0 + height * (high - value) / (high - low)) for n, value in enumerate(values)]
        draw.line(points, LINES[k % len(LINES)], 2)
        draw.text((x0 + (k % 4) * 125, y0 + height + 28 + 16 * (k // 4)), name, LINES[k % len(LINES)], font(12))
    draw.text((x0 + width, y0 + height + 8), f"frame {count - 1}", SOFT, font(11), anchor="ra")
    draw.text((x0, y0 + height + 8), "0", SOFT, font(11), anchor="la")


def draw_strip(pictures, first, encoder, decoder, rows):
    """Rows of frames around the first that fails. rows: {name: [(frame, packed picture of bytes, dB), …]}"""
    width, height, pad = pictures.width, pictures.height, 6
    columns = len(next(iter(rows.values())))
    image = Image.new("RGB", (columns * (width + pad) + pad, 40 + len(rows) * (height + 40) + 8), WHITE)
    draw = ImageDraw.Draw(image)
    title = f"Encoded under {encoder}, decoded under {decoder}; with scales predicted, frame {first} is the first that cannot be decoded"
    draw.text((pad + 4, 10), title, INK, font(18 if columns > 3 else 11))
    for r, (name, frames) in enumerate(rows.items()):
        top = 40 + r * (height + 40)
        for c, (n, packed, psnr) in enumerate(frames):
            left = pad + c * (width + pad)
            draw.text((left + 4, top + 10), f"{name}: frame {n}, {psnr:.1f} dB", INK, font(14))
            image.paste(Image.fromarray(rgb(packed, width, height)), (left, top + 34))
    return image


def rgb(packed, width, height):
    """A packed picture of bytes (1, 96, H/8, W/8), limited range, BT.601 -> (height, width, 3) uint8"""
    y, u, v = planes_of_packed(packed)[0, :, :height, :width].double() - torch.tensor([16.0, 128.0, 128.0])[:, None, None]
    y = y * 255 / 219
    planes = torch.stack([y + 1.596 * v, y - 0.392 * u - 0.813 * v, y + 2.017 * u], -1)
    return planes.round().clamp(0, 255).numpy().astype(numpy.uint8)
