#!/usr/bin/env bash
# A package of deploy/desktop/package.sh on a machine that has nothing: unpacked into a root of its own (chroot) that holds nothing else but the C and C++ libraries and
# OpenSSL; no SDK, no .NET, no Node.js, no ffmpeg, no shell, an empty environment and home. As a user who may not chroot, it runs with an empty environment and PATH instead.
# The program must print its page's address, serve the page, show the demo's call and make a call of two processes.
#
#   tests/interop/package-on-bare-machine.sh mlvcrtc-VERSION-linux-x64.tar.gz
#
# Prints what was done and measured, and 'N passed, N failed' last.
set -uo pipefail
archive=$(realpath "$1")
name=$(basename "$archive" .tar.gz)
bare=$(mktemp -d)
trap 'ended 2> /dev/null; [ -z "${mounted:-}" ] || umount "$bare/proc"; rm -rf "$bare"' EXIT
passed=0 failed=0
pass() { printf 'ok: %s\n' "$1"; passed=$((passed + 1)); }
fail() { printf 'FAILED: %s\n' "$1"; failed=$((failed + 1)); [ -z "${2:-}" ] || tail -n 20 "$2" | sed 's/^/  | /'; }
pause() { sleep "$1"; }  # between looks at something that is waited for
# Ends the programs that run from the unpacked folder, which are no children of this shell.
ended() { for process in /proc/[0-9]*; do case $(readlink "$process/exe") in "$home"/*) kill "${process#/proc/}" ;; esac; done; wait; }
value() { python3 -c 'import json,sys; v = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."): v = v[int(key)] if isinstance(v, list) else v[key]
print(v)' "$@"; }

if (cd "$(dirname "$archive")" && grep -F "$name.tar.gz" SHA256SUMS | sha256sum --check --quiet); then pass "the checksum holds"; else fail "the checksum does not hold"; fi
mkdir -p "$bare/opt" "$bare/home" "$bare/tmp"
tar -C "$bare/opt" -xzf "$archive"
home=$bare/opt/$name
for file in mlvcrtc README.txt LICENCES.html install.sh page/index.html; do
  if [ -s "$home/$file" ]; then pass "$file is inside"; else fail "$file is missing"; fi
done

if [ "$(id -u)" = 0 ] && mkdir -p "$bare/proc" "$bare/dev" && mount -t proc proc "$bare/proc" 2> /dev/null; then
  mounted=yes
  mkdir -p "$bare/etc" && cp /etc/resolv.conf "$bare/etc/"  # .NET reads the addresses of network interfaces together with it
  for device in null urandom random zero; do cp -a "/dev/$device" "$bare/dev/"; done
  # What the package itself asks for, and what is opened by name as it runs: OpenSSL and its libraries.
  needed=$(find "$home" \( -name '*.so' -o -name mlvcrtc \) -exec ldd {} + 2> /dev/null | grep -v lttng | grep -oE '/[^ ]+\.so[^ ]*' | grep -v "^$bare" | sort -u)
  openssl=$(find /usr/lib /lib -name 'libssl.so.3' -o -name 'libcrypto.so.3' 2> /dev/null | sort -u)
  for library in $needed $openssl; do mkdir -p "$bare$(dirname "$library")"; cp -L "$library" "$bare$library"; done
  inside=/opt/$name box=(chroot "$bare" /usr/bin/env)
  mkdir -p "$bare/usr/bin" && cp /usr/bin/env "$bare/usr/bin/" && for library in $(ldd /usr/bin/env | grep -oE '/[^ ]+'); do mkdir -p "$bare$(dirname "$library")"; cp -nL "$library" "$bare$library"; done
  run() { "${box[@]}" -i -C "$inside" HOME=/home TMPDIR=/tmp "$inside/mlvcrtc" "$@"; }
  echo "in a root with $(find "$bare" -path "$bare/proc" -prune -o -type f -print | grep -cv "^$home") other files: $(for l in $needed $openssl; do basename "$l"; done | sort -u | paste -sd' ')"
else
  inside=$home
  run() { env -i -C "$inside" HOME="$bare/home" TMPDIR="$bare/tmp" PATH=/nonexistent "$inside/mlvcrtc" "$@"; }
  echo "with an empty environment and PATH (chroot is not permitted here)"
fi
at() { if [ -n "${mounted:-}" ]; then echo "$bare$1"; else echo "$1"; fi; }
out=$inside/out
mkdir -p "$(at "$out")"

if run --version > "$bare/version" 2>&1 && grep -q '^[0-9]' "$bare/version"; then pass "it starts: version $(cat "$bare/version")"; else fail "it does not start" "$bare/version"; fi

# Start-up: from the start of the process to the printed address; the first run has read the files already.
begun=$(date +%s%3N)
run client --no-browser > "$bare/said" 2>&1 &
address=""
until [ -n "$address" ] || [ $(($(date +%s%3N) - begun)) -gt 60000 ]; do
  address=$(grep -m1 -oE 'http://127\.0\.0\.1:[0-9]+/#token=[^ ]+' "$bare/said")
  pause 0.02
done
took=$(($(date +%s%3N) - begun))
if [ -n "$address" ]; then pass "the page's address is there after $took ms"; else fail "the client printed no address" "$bare/said"; fi
origin=${address%%/#*}
if curl -fsS "$origin/" 2> /dev/null | grep -qi '<!doctype html>'; then pass "the page is served"; else fail "the page is not served"; fi
status=$(curl -s -o /dev/null -w '%{http_code}' -X POST -H "Origin: $origin" -d "{\"token\":\"${address##*=}\"}" "$origin/api/session")
if [ "$status" = 204 ]; then pass "the token opens a session"; else fail "the token opens no session: $status"; fi
ended

if run demo --seconds 6 --output "$out/demo" > "$bare/demo.log" 2>&1; then
  report=$(at "$out/demo")/report.json
  decoded=$(value "$report" frames_decoded 2> /dev/null || echo 0)
  if [ "${decoded:-0}" -gt 10 ] && [ -s "$(at "$out/demo")/received.mp4" ]; then pass "the demo's call: $decoded frames decoded, received.mp4 written"; else fail "the demo decoded $decoded frames" "$bare/demo.log"; fi
else
  fail "the demo failed" "$bare/demo.log"
fi

port=$((20000 + RANDOM % 20000))
run call --host --port $port --room kitchen --headless --size 320x180 --loopback --seconds 8 --json "$out/a.json" > "$bare/a.log" 2>&1 &
a=$!
until (exec 3<> /dev/tcp/127.0.0.1/$port) 2> /dev/null || ! kill -0 $a 2> /dev/null; do pause 0.1; done
run call --server ws://127.0.0.1:$port --room kitchen --headless --size 320x180 --loopback --seconds 8 --json "$out/b.json" --output "$out/seen.mp4" > "$bare/b.log" 2>&1
wait "$a"
for side in a b; do
  decoded=$(value "$(at "$out")/$side.json" video.frames_decoded 2> /dev/null || value "$(at "$out")/$side.json" frames_decoded 2> /dev/null || echo 0)
  if [ "${decoded:-0}" -gt 10 ]; then pass "the call, side $side: $decoded frames decoded"; else fail "the call, side $side: $decoded frames decoded" "$bare/$side.log"; fi
done
if find "$bare" -path "$bare/proc" -prune -o -path '*/Microsoft/*' ! -path "$home/*" -print | grep -q .; then fail "ONNX Runtime left an identifier for its telemetry"; else pass "nothing is told to anybody: no telemetry was begun"; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
