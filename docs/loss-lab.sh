#!/usr/bin/env bash
# Makes every figure of loss-lab.md anew: reports in artifacts/lab, pictures in docs/images, tables into loss-lab.md. About an hour on two idle cores.
# With clips (bash docs/loss-lab.sh one.mp4,two.mp4) it measures the price of recovery frames on them, too.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release src/MlvcRtc.App -v q
lab() { src/MlvcRtc.App/bin/Release/net10.0/mlvcrtc lab "$@"; }
out=artifacts/lab
mkdir -p "$out"

run() { local name=$1; shift; lab --seed 1 "$@" --out "$out/$name" --json "$out/$name.json" | tee "$out/$name.txt"; }
run test --codec test
run real-random --codec real --scenario random-5,random-2 --seconds 60
run real-bursts --codec real --scenario bursts,random-20,blackout --policy nack,ltr,ltr+nack --seconds 60
run real-single --codec real --scenario single-loss-20,single-loss-80,single-loss-200 --policy pli,nack,ltr,ltr+nack --seconds 215
lab --bandwidth-matrix --json "$out/bandwidth.json" | tee "$out/bandwidth.txt"  # docs/architecture.md
if [ $# -gt 0 ]; then  # clips for the price of recovery frames, joined by commas
  lab --recovery-cost --input "$1" --json "$out/recovery-cost.json" | tee "$out/recovery-cost.txt"
fi

for picture in overview bursts blackout shared-1000; do
  cp "$out/test/$picture.png" "docs/images/lab-$picture.png"
done
cp "$out/real-random/random-5.png" docs/images/lab-random-5.png

python3 - "$out" <<'PYTHON'
import pathlib, sys
out = pathlib.Path(sys.argv[1])
page = pathlib.Path("docs/loss-lab.md")
begin, end = "<!-- results: begin -->\n", "<!-- results: end -->"
parts = []
for name, command in [
    ("real-random", "--seed 1 --codec real --scenario random-5,random-2 --seconds 60"),
    ("real-bursts", "--seed 1 --codec real --scenario bursts,random-20,blackout --policy nack,ltr,ltr+nack --seconds 60"),
    ("real-single", "--seed 1 --codec real --scenario single-loss-20,single-loss-80,single-loss-200 --policy pli,nack,ltr,ltr+nack --seconds 215"),
    ("test", "--seed 1 --codec test"),
    ("recovery-cost", "--recovery-cost --input CLIPS"),
]:
    if not (out / f"{name}.txt").exists():
        continue
    lines = [line.rstrip() for line in (out / f"{name}.txt").read_text().splitlines() if line[:1] in "╭│├╰" and line]
    parts.append(f"`mlvcrtc lab {command}`\n\n```\n" + "\n".join(lines) + "\n```\n")
text = page.read_text()
head, rest = text.split(begin)
page.write_text(head + begin + "\n" + "\n".join(parts) + "\n" + end + rest.split(end)[1])
PYTHON
