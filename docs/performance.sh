#!/usr/bin/env bash
# Measures what performance.md speaks of, on a machine that does nothing else: reports and traces in artifacts/performance. Half an hour, and an hour more with 'hour' (or 'hour SECONDS', for less).
# MLVCRTC_TIER=FILE.tar times another tier besides (python3 models/export.py --config mlvc-s --random --precision fp32 --version 0.221 --sizes 320x192,640x368 --output FILE.tar).
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release src/MlvcRtc.App -v q
mlvcrtc() { src/MlvcRtc.App/bin/Release/net10.0/mlvcrtc "$@"; }
out=artifacts/performance
mkdir -p "$out"

run() { local name=$1; shift; mlvcrtc "$@" --json "$out/$name.json" | tee "$out/$name.txt"; }
run devices devices
run codec-640 bench --size 640x360 --seconds 15
run codec-320 bench --size 320x180 --seconds 15
run call-640 bench --mode call --size 640x360 --seconds 30
run call-100fps bench --mode call --size 320x180 --fps 100 --seconds 60 --trace "$out/100fps.json"
mlvcrtc trace "$out/100fps.json" --output "$out/100fps.png" --from 10 --ms 100
run pacing bench --mode call --size 320x180 --fps 100 --kbps 1000 --seconds 30

run overload bench --mode call --size 640x360 --fps 20 --seconds 40 --adaptive --overload-from 10 --overload-to 20 --trace "$out/overload-trace.json"
run stops bench --mode call --size 640x360 --fps 30 --stops 100

# How the cost grows: pixels, frames per second, calls at once (each a process), model tier.
for size in 320x180 426x240 640x360; do run "cost-$size" bench --size $size --seconds 10; done
for fps in 15 30 60; do run "cost-${fps}fps" bench --mode call --size 320x180 --fps $fps --seconds 20; done
for calls in 1 2 4; do
  for call in $(seq $calls); do
    mlvcrtc bench --mode call --size 320x180 --fps 15 --seconds 20 --json "$out/cost-call-$call-of-$calls.json" > "$out/cost-call-$call-of-$calls.txt" &
  done
  wait
  cat "$out"/cost-call-*-of-$calls.txt
done
[ -z "${MLVCRTC_TIER:-}" ] || run cost-tier bench --size 320x180 --seconds 10 --model "$MLVCRTC_TIER"

# What ONNX Runtime's rewriting of the graphs brings, and a second thread for one direction.
for level in none basic extended all; do run "graphs-$level" bench --size 640x360 --seconds 10 --optimization $level; done
for threads in 1 2; do run "graphs-$threads-threads" bench --size 640x360 --mode encode --seconds 10 --threads $threads; done

# Processor time per frame beside x264 and AV1, on the demo clip.
run against-ffmpeg evaluate --frames 96 --anchors x264-veryfast,av1-rt8

if [ "${1:-}" = hour ]; then
  run hour bench --mode call --size 320x180 --fps 30 --seconds "${2:-3600}"
fi
