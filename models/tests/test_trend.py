import json
import xml.etree.ElementTree as xml

from trend import main, octaves, ticks


def test_ticks_are_round_and_cover_the_range():
    assert ticks(0, 16.2) == [0, 5, 10, 15, 20]
    assert octaves(1, 5.9) == [1, 2, 4, 8] and octaves(0.7, 1) == [0.5, 1]
    assert ticks(-3, 104)[0] <= -3 and ticks(-3, 104)[-1] >= 104


def test_more_pixels_stand_further_right_and_fewer_bits_lower(tmp_path):
    points = []
    for pixels, rate in (("4.6", 100.0), ("9", 50.0)):
        path = tmp_path / f"{pixels}.json"
        path.write_text(json.dumps({"model": {"id": "mlvc-xs-onnx-generic-v" + pixels}, "command": "", "bd_rate_percent": {"x264-veryfast": {"psnr611": rate, "msssim": rate / 2}}}))
        points += ["--point", pixels, str(path)]
    main(["--anchor", "x264-veryfast", *points, "--output", str(tmp_path / "trend")])
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in xml.parse(tmp_path / "trend.svg").iter("{http://www.w3.org/2000/svg}circle")]
    first, second = circles[:2]
    assert second[0] > first[0] and second[1] > first[1]
    assert [point["psnr611"] for point in json.loads((tmp_path / "trend.json").read_text())["points"]] == [100.0, 50.0]
