#!/usr/bin/env bash
# Measures what performance.md speaks of, on a machine that does nothing else: reports and traces in artifacts/performance. A quarter of an hour, and an hour more with 'hour'.
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
if [ "${1:-}" = hour ]; then
  run hour bench --mode call --size 320x180 --fps 30 --seconds 3600
fi
