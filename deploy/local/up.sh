#!/usr/bin/env bash
# The deployment without a container engine: two nodes, Redis, coturn and the proxy on 127.0.0.1, on free ports, with the configuration files of docker-compose.yml. The
# programs are the distribution's: apt-get install redis-server coturn haproxy openssl; and the server that `dotnet build` made.
#
#   deploy/local/up.sh [--server PATH] [--folder PATH] [--setting NAME=VALUE]...
#
# --server: mlvcrtc-server or mlvcrtc-server.dll (default: the newest in src/MlvcRtc.Server/bin). --folder: secrets, logs and data; kept (default: a new one, removed at
# the end). --setting: for both nodes, as in docs/signaling.md, with __ for ':' (Signaling__Open=true).
#
# Prints NAME=VALUE lines (addresses, process ids, files), then READY. Reads commands from standard input, answers each with one line:
#   kill NAME | term NAME | stop NAME | cont NAME     signals KILL, TERM, STOP, CONT for node1, node2, redis, coturn or proxy   -> OK
#   start NAME                                        starts it again, on its port, with its data; answered once it serves      -> OK NAME_PID=...
#   quit, or the end of the input                     stops everything
set -uo pipefail
ulimit -n "$(ulimit -Hn)" 2> /dev/null
root=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$PATH:/usr/sbin:/usr/local/sbin
server="" folder="" settings=()
while [ $# -gt 0 ]; do
  case $1 in
    --server) server=$2 ;;
    --folder) folder=$2 ;;
    --setting) settings+=("$2") ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
  esac
  shift 2
done

die() { echo "ERROR $*"; exit 1; }
for program in redis-server turnserver haproxy openssl; do
  command -v "$program" > /dev/null || die "$program is not installed: apt-get install redis-server coturn haproxy openssl"
done
[ -n "$server" ] || server=$(ls -t "$root"/src/MlvcRtc.Server/bin/*/net*/mlvcrtc-server.dll 2> /dev/null | head -n 1)
[ -e "$server" ] || die "there is no server: dotnet build src/MlvcRtc.Server, or --server PATH"
case $server in *.dll) server=(dotnet "$server") ;; *) server=("$server") ;; esac

declare -A pid
own=""
[ -n "$folder" ] || { folder=$(mktemp -d); own=$folder; }
mkdir -p "$folder"/{redis,coturn,logs}
finish() {
  trap - EXIT
  for name in "${!pid[@]}"; do kill -CONT "${pid[$name]}" 2> /dev/null; kill -TERM "${pid[$name]}" 2> /dev/null; done
  for name in "${!pid[@]}"; do
    for _ in $(seq 100); do kill -0 "${pid[$name]}" 2> /dev/null || break; sleep 0.05; done
    kill -KILL "${pid[$name]}" 2> /dev/null
  done
  wait
  [ -z "$own" ] || rm -rf "$own"
}
trap finish EXIT
trap 'exit 143' INT TERM HUP

taken=" "
answers() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
free_port() {  # below the ports that the kernel gives to clients (32768 and up)
  for _ in $(seq 200); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    case $taken in *" $port "*) continue ;; esac
    answers "$port" || { taken="$taken$port "; return; }
  done
  die "no free port on 127.0.0.1"
}
free_port; redis_port=$port
free_port; turn_port=$port
free_port; turns_port=$port
free_port; https_port=$port
free_port; metrics_port=$port
free_port; node1_port=$port
free_port; node2_port=$port

secrets=$folder/secrets
REDIS_HOST=127.0.0.1:$redis_port "$root/deploy/secrets.sh" "$secrets" localhost 127.0.0.1 || die "openssl could not make the secrets"

begin() {  # NAME COMMAND...: in the background, deaf to our input, its words in logs/NAME
  local name=$1; shift
  "$@" < /dev/null >> "$folder/logs/$name" 2>&1 &
  pid[$name]=$!
}
node() {
  (
    set -a; . "$root/deploy/server/node.env"; set +a
    export Signaling__RedisFile=$secrets/redis-address Signaling__JwtSecretFile=$secrets/jwt-secret Signaling__TurnSecretFile=$secrets/turn-secret
    export Signaling__LogKeyFile=$secrets/log-key Signaling__TrustedProxies=127.0.0.1/32
    export Signaling__StunUrls="stun:127.0.0.1:$turn_port"
    export Signaling__TurnUrls="turn:127.0.0.1:$turn_port?transport=udp,turn:127.0.0.1:$turn_port?transport=tcp,turns:127.0.0.1:$turns_port?transport=tcp"
    export URLS=http://127.0.0.1:$2
    for setting in ${settings[@]+"${settings[@]}"}; do export "${setting?}"; done
    exec "${server[@]}"
  ) < /dev/null >> "$folder/logs/$1" 2>&1 &
  pid[$1]=$!
}
http() {  # PORT PATH: succeeds on 200
  local line=""
  { exec 3<> "/dev/tcp/127.0.0.1/$1"; } 2> /dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
  IFS= read -r -t 2 line <&3 2> /dev/null
  exec 3>&-
  case $line in *" 200 "*) ;; *) return 1 ;; esac
}
start() {
  case $1 in
    redis) begin redis redis-server "$root/deploy/redis/redis.conf" --include "$secrets/redis-auth.conf" --bind 127.0.0.1 --port "$redis_port" --dir "$folder/redis" ;;
    coturn) TURN_SECRET_FILE=$secrets/turn-secret TURN_RUN=$folder/coturn TURN_PORT=$turn_port TURN_TLS_PORT=$turns_port TURN_CERT=$secrets/turn-cert.pem \
      TURN_KEY=$secrets/turn-key.pem TURN_LISTEN=127.0.0.1 TURN_LOOPBACK=1 begin coturn sh "$root/deploy/coturn/start.sh" ;;
    proxy) PROXY_HTTPS=127.0.0.1:$https_port PROXY_METRICS=127.0.0.1:$metrics_port PROXY_CERT=$secrets/tls.pem NODE1=127.0.0.1:$node1_port \
      NODE2=127.0.0.1:$node2_port begin proxy haproxy -db -f "$root/deploy/proxy/haproxy.cfg" ;;
    node1) node node1 "$node1_port" ;;
    node2) node node2 "$node2_port" ;;
    *) return 1 ;;
  esac
  for _ in $(seq 300); do
    kill -0 "${pid[$1]}" 2> /dev/null || { tail -n 5 "$folder/logs/$1" >&2; die "$1 ended: $(tail -n 1 "$folder/logs/$1")"; }
    case $1 in
      redis) answers "$redis_port" ;;
      coturn) answers "$turn_port" ;;
      proxy) http "$metrics_port" /alive ;;
      node1) http "$node1_port" /readyz ;;
      node2) http "$node2_port" /readyz ;;
    esac && return 0
    sleep 0.1
  done
  die "$1 does not serve after 30 s: $(tail -n 1 "$folder/logs/$1")"
}

for name in redis coturn node1 node2 proxy; do start "$name"; done
cat << E2
FOLDER=$folder
URL=wss://localhost:$https_port
CERTIFICATE=$secrets/turn-cert.pem
NODE1_URL=ws://127.0.0.1:$node1_port
NODE2_URL=ws://127.0.0.1:$node2_port
REDIS_URL=$(cat "$secrets/redis-address")
TURN_ADDRESS=127.0.0.1:$turn_port
TURNS_ADDRESS=127.0.0.1:$turns_port
PROXY_METRICS=http://127.0.0.1:$metrics_port/metrics
JWT_SECRET_FILE=$secrets/jwt-secret
TURN_SECRET_FILE=$secrets/turn-secret
LOGS=$folder/logs
REDIS_PID=${pid[redis]}
COTURN_PID=${pid[coturn]}
PROXY_PID=${pid[proxy]}
NODE1_PID=${pid[node1]}
NODE2_PID=${pid[node2]}
READY
E2
while IFS=' ' read -r verb name; do
  case $verb in
    kill | term | stop | cont)
      kill -"${verb^^}" "${pid[$name]:-x}" 2> /dev/null && echo OK || echo "ERROR no such process: $name" ;;
    start) start "$name" && echo "OK ${name^^}_PID=${pid[$name]}" || echo "ERROR no such process: $name" ;;
    quit) break ;;
    *) echo "ERROR the commands are kill, term, stop, cont, start and quit" ;;
  esac
done
