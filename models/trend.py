#!/usr/bin/env python3
"""Draws what training has brought: BD-rate against an anchor over the pixels that a model was trained on.

    mlvcrtc evaluate --input ../../shared/data/test --frames 32 --qp 20,28,36,44 --model ID --anchors x264-veryfast --json one.json   # for each model
    trend.py --anchor x264-veryfast --point 4.6 one.json --point 6.9 two.json --output results/trend

Pixels are luma samples of all pictures that losses were taken of, in thousands of millions, those of the weights that a run began from included.
Writes OUTPUT.svg and OUTPUT.json.
"""

import argparse
import json
import math
from pathlib import Path

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 50
NAME_WIDTH, NAME_HEIGHT = 40, 12
METRICS = {"psnr611": ("PSNR 6:1:1", "#2a6fb0"), "msssim": ("MS-SSIM", "#c2571a")}


def ticks(low, high, count=6):
    """Round numbers that cover low..high."""
    steps = [m * 10**e for e in range(-3, 6) for m in (1, 2, 5)]
    step = next(s for s in steps if (high - low) / s <= count)
    first = int(low // step)
    return [step * n for n in range(first, int(-(-high // step)) + 1)]


def octaves(low, high):
    """Powers of 2 that cover low..high."""
    return [2.0**n for n in range(math.floor(math.log2(low)), math.ceil(math.log2(high)) + 1)]


def times(percent):
    """BD-rate in percent -> times the bits"""
    return 1 + percent / 100


def draw(points, anchor):
    """points: [{"pixels", "model", "psnr611", "msssim"}, …] by pixels -> SVG"""
    rates = [times(point[key]) for point in points for key in METRICS]
    across, down = ticks(0, max(point["pixels"] for point in points)), octaves(min(1, *rates), max(rates))

    def place(pixels, factor):
        x = LEFT + (WIDTH - LEFT - RIGHT) * pixels / across[-1]
        return x, TOP + (HEIGHT - TOP - BOTTOM) * math.log(down[-1] / factor) / math.log(down[-1] / down[0])

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><text x="{LEFT}" y="20" font-size="14">Times the bits of {anchor} at equal quality, by training</text>')
    for factor in down:
        y = place(0, factor)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{"#888" if factor == 1 else "#ddd"}"/><text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{factor:g}</text>')
    for pixels in across:
        x = place(pixels, down[0])[0]
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{pixels:g}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">training pixels, thousands of millions</text>')
    for n, (key, (name, colour)) in enumerate(METRICS.items()):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(point["pixels"], times(point[key])) for point in points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.extend(f'<circle cx="{place(p["pixels"], times(p[key]))[0]:.1f}" cy="{place(p["pixels"], times(p[key]))[1]:.1f}" r="3.5" fill="{colour}"/>' for p in points)
        parts.append(f'<text x="{WIDTH - RIGHT - 150 + 90 * n}" y="40" fill="{colour}">{name}</text>')
    tops = [place(point["pixels"], max(times(point[key]) for key in METRICS)) for point in points]
    for point, (x, y), (next_x, next_y) in zip(points, tops, [*tops[1:], (math.inf, 0)]):
        if next_x - x < NAME_WIDTH and abs(next_y - y) < NAME_HEIGHT:
            continue  # the next name would cover it
        at, side = (x + 6, "start") if x < WIDTH - 3 * RIGHT else (WIDTH - 4, "end")
        parts.append(f'<text x="{at:.1f}" y="{y - 8:.1f}" text-anchor="{side}">{point["model"]}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anchor", required=True, help="its name in the files")
    parser.add_argument("--point", nargs=2, action="append", required=True, metavar=("PIXELS", "JSON"), help="of one model")
    parser.add_argument("--output", type=Path, required=True, help="without an extension")
    options = parser.parse_args(arguments)
    points = []
    for pixels, path in options.point:
        report = json.loads(Path(path).read_text())
        rates = report["bd_rate_percent"].get(options.anchor)
        if rates is None:
            parser.error(f"{path} has no {options.anchor}; it has {', '.join(report['bd_rate_percent'])}")
        points.append({"pixels": float(pixels), "model": report["model"]["id"].rsplit("-", 1)[-1], **{key: rates[key] for key in METRICS}, "command": report["command"]})
    points.sort(key=lambda point: point["pixels"])
    options.output.with_suffix(".svg").write_text(draw(points, options.anchor))
    options.output.with_suffix(".json").write_text(json.dumps({"anchor": options.anchor, "points": points}, indent=1) + "\n")


if __name__ == "__main__":
    main()
