#!/usr/bin/env bash
# A call between two network namespaces joined by a link that is rate-limited (tbf) and loses packets at random (nft numgen), and what becomes of it when one side's address
# changes. Needs root, iproute2 and nftables. Leaves nothing behind. Every address lives in the namespaces.
#
#   call-in-namespaces.sh MLVCRTC SERVER OUT [LOSS_PERCENT=2] [KBIT=2000] [SECONDS=60] [MOVE_AT=0]
#
# MLVCRTC: the program; SERVER: mlvcrtc-server; OUT: folder for reports, a.json and b.json. MOVE_AT: second at which B's address is taken away and another one given; 0 = never.
# CALL_KBPS: coded video of each side; CALL_OPTIONS: more options of both sides. With --fixed-rate --playout-ms 40 --reference CLIP the figures are those of 'mlvcrtc lab --scenario random-2-near'.
set -euo pipefail
mlvcrtc=$1 server=$2 out=$3 loss=${4:-2} kbit=${5:-2000} seconds=${6:-60} move_at=${7:-0}
a=mlvc-a-$$ b=mlvc-b-$$
mkdir -p "$out"

end() {
  local status=$?
  for pid in ${pids:-}; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ip netns del "$a" 2>/dev/null || true
  ip netns del "$b" 2>/dev/null || true
  if [ "$status" != 0 ]; then tail -n 5 "$out"/*.log >&2; fi
}
trap end EXIT

ip netns add "$a"
ip netns add "$b"
ip link add veth-a netns "$a" type veth peer name veth-b netns "$b"
for side in a b; do
  ns=${!side}
  ip -n "$ns" link set lo up
  ip -n "$ns" addr add "10.77.0.$([ $side = a ] && echo 1 || echo 2)/24" dev "veth-$side"
  ip -n "$ns" link set "veth-$side" up
  # 300 ms of queue, as in the lab's bandwidth scenarios.
  tc -n "$ns" qdisc add dev "veth-$side" root tbf rate "${kbit}kbit" burst 8kb latency 300ms
  # Only UDP is lost: the calls' media. In hundredths of a percent.
  ip netns exec "$ns" nft -f - <<NFT
table inet loss {
  chain in {
    type filter hook input priority 0;
    meta l4proto udp numgen random mod 10000 < $(awk "BEGIN { print int($loss * 100) }") drop
  }
}
NFT
done

call() {  # side namespace json options...
  local ns=$1 json=$2
  shift 2
  ip netns exec "$ns" "$mlvcrtc" call --server ws://10.77.0.1:8080 --room net --headless --size 320x180 --kbps "${CALL_KBPS:-300}" --json "$json" "$@"
}

ip netns exec "$a" "$server" --Signaling:Open=true --urls=http://10.77.0.1:8080 > "$out/server.log" 2>&1 &
pids=$!
sleep 2
call "$a" "$out/a.json" ${CALL_OPTIONS:-} > "$out/a.log" 2>&1 &
first=$!
pids="$pids $first"
call "$b" "$out/b.json" --seconds "$seconds" ${CALL_OPTIONS:-} > "$out/b.log" 2>&1 &
second=$!
pids="$pids $second"

if [ "$move_at" != 0 ]; then
  until grep -q ' s  sent ' "$out/b.log"; do sleep 0.2; done
  sleep "$move_at"
  ip -n "$b" addr del 10.77.0.2/24 dev veth-b
  sleep 0.3
  ip -n "$b" addr add 10.77.0.3/24 dev veth-b
fi

wait "$second"
wait "$first"
tail -n 5 "$out/a.log" "$out/b.log"
