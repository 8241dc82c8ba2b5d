#!/usr/bin/env bash
# Makes the secrets that are missing: secrets.sh FOLDER [NAME ...]. NAMEs (default localhost) are the names and addresses of a self-signed certificate, made
# only when there is none; put your own as tls.pem (certificate, chain, key), turn-cert.pem and turn-key.pem. Nothing is ever overwritten.
set -euo pipefail
folder=$1; shift
[ $# -gt 0 ] || set -- localhost
mkdir -p "$folder"
chmod 700 "$folder"  # the folder keeps others out; the files must be readable for the containers' own users
cd "$folder"
make() { [ -s "$1" ] || openssl rand -hex 32 > "$1"; }
make jwt-secret
make turn-secret
make log-key
make redis-password
[ -s redis-auth.conf ] || echo "requirepass $(cat redis-password)" > redis-auth.conf
[ -s redis-address ] || echo "redis://:$(cat redis-password)@${REDIS_HOST:-redis:6379}/0" > redis-address
if ! [ -s tls.pem ]; then
  names=""
  for name in "$@"; do
    case $name in *[!0-9.]*) names="$names,DNS:$name" ;; *) names="$names,IP:$name" ;; esac
  done
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$1" -addext "subjectAltName=${names#,}" \
    -keyout turn-key.pem -out turn-cert.pem 2> /dev/null
  cat turn-cert.pem turn-key.pem > tls.pem
fi
chmod 444 ./*
