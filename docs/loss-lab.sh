#!/usr/bin/env bash
# Makes every figure of loss-lab.md anew: reports in artifacts/lab, pictures in docs/images, tables into loss-lab.md. About half an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release src/MlvcRtc.App -v q
lab() { src/MlvcRtc.App/bin/Release/net10.0/mlvcrtc lab "$@"; }
out=artifacts/lab
mkdir -p "$out/test" "$out/real"

lab --codec test --seed 1 --out "$out/test" --json "$out/test.json" | tee "$out/test.txt"
lab --codec real --seed 1 --scenario random-5,random-2,bursts,random-20,blackout --seconds 60 --out "$out/real" --json "$out/real.json" | tee "$out/real.txt"
lab --codec real --seed 1 --scenario single-loss-20,single-loss-80,single-loss-200 --policy pli,nack,ltr,ltr+nack --seconds 215 --json "$out/single.json" --out "$out/real" | tee "$out/single.txt"

for picture in overview random-5 bursts blackout shared-1000; do
  cp "$out/test/$picture.png" "docs/images/lab-$picture.png"
done

python3 - "$out" <<'PYTHON'
import pathlib, sys
out = pathlib.Path(sys.argv[1])
page = pathlib.Path("docs/loss-lab.md")
begin, end = "<!-- results: begin -->\n", "<!-- results: end -->"
parts = []
for name, command in [
    ("real", "--codec real --seed 1 --scenario random-5,random-2,bursts,random-20,blackout --seconds 60"),
    ("single", "--codec real --seed 1 --scenario single-loss-20,single-loss-80,single-loss-200 --policy pli,nack,ltr,ltr+nack --seconds 215"),
    ("test", "--codec test --seed 1"),
]:
    lines = [line.rstrip() for line in (out / f"{name}.txt").read_text().splitlines() if not line.startswith("wrote ")]
    parts.append(f"`mlvcrtc lab {command}`\n\n```\n" + "\n".join(lines) + "\n```\n")
text = page.read_text()
head, rest = text.split(begin)
page.write_text(head + begin + "\n" + "\n".join(parts) + "\n" + end + rest.split(end)[1])
PYTHON
