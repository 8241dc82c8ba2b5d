#!/usr/bin/env bash
# How soon two people see each other: three processes on 127.0.0.1 (server, two sides) make CALLS calls, each in a room of its own. Of every call one side is the second to join; the figures are
# its milliseconds from just before connecting to the signaling server to the first decoded picture. Starting the program and loading models is not counted, since it comes before joining.
#
#   call-beginnings.sh MLVCRTC SERVER OUT [CALLS=50] [PORT=8993]
#
# MLVCRTC: the program; SERVER: mlvcrtc-server; OUT: folder for the reports a.json and b.json. CALL_OPTIONS: more options of both sides. Needs jq.
set -euo pipefail
mlvcrtc=$1 server=$2 out=$3 calls=${4:-50} port=${5:-8993}
mkdir -p "$out"
trap 'for pid in ${pids:-}; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true' EXIT

"$server" --Signaling:Open=true "--urls=http://127.0.0.1:$port" > "$out/server.log" 2>&1 &
pids=$!
until (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.2; done
side() {
  "$mlvcrtc" call --server "ws://127.0.0.1:$port" --room begin --headless --loopback --size 320x180 --seconds 2 --calls "$calls" --json "$out/$1.json" ${CALL_OPTIONS:-} > "$out/$1.log" 2>&1
}
side a &
first=$!
side b &
second=$!
pids="$pids $first $second"
wait "$first"
wait "$second"
jq -s -r '
  [.[].calls[] | select(.joined_second)] as $all | ($all | map(.first_frame_ms) | sort) as $ms |
  "\($ms | length) calls: p50 \($ms[(($ms | length) * 0.5 | ceil) - 1]) ms, p95 \($ms[(($ms | length) * 0.95 | ceil) - 1]) ms, longest \($ms[-1]) ms; " +
  "of the mean: signaling \($all | map(.join_to_peer_ms) | add / length | round), path and keys \($all | map(.peer_to_connected_ms) | add / length | round), picture \($all | map(.first_frame_ms - .join_to_peer_ms - .peer_to_connected_ms) | add / length | round)"' "$out/a.json" "$out/b.json"
