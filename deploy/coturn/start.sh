#!/bin/sh
# Starts coturn with turnserver.conf beside this script, the secret from a file (it must not stand in a process list) and the addresses of the place, from
# the environment:
#   TURN_SECRET_FILE   the secret that the signaling nodes have too
#   TURN_RUN           a folder to write the complete configuration to; of this process alone
#   TURN_PORT          UDP and TCP; default 3478
#   TURN_TLS_PORT, TURN_CERT, TURN_KEY   TLS; off without TURN_CERT
#   TURN_MIN_PORT, TURN_MAX_PORT         relayed UDP; default 49160 to 49559, two for each call through the relay
#   TURN_LISTEN        address to listen on; default all
#   TURN_EXTERNAL      public address, when the machine stands behind a 1:1 translation
#   TURN_LOOPBACK=1    tests on one machine: peers may be private and 127.0.0.1. Never in production.
set -eu
umask 077
here=$(dirname "$0")
conf=$TURN_RUN/turnserver.conf
{
  if [ "${TURN_LOOPBACK:-}" = 1 ]; then
    grep -v '^denied-peer-ip' "$here/turnserver.conf"
    echo allow-loopback-peers
  else
    cat "$here/turnserver.conf"
  fi
  echo "static-auth-secret=$(cat "$TURN_SECRET_FILE")"
  echo "listening-port=${TURN_PORT:-3478}"
  echo "min-port=${TURN_MIN_PORT:-49160}"
  echo "max-port=${TURN_MAX_PORT:-49559}"
  [ -z "${TURN_LISTEN:-}" ] || { echo "listening-ip=$TURN_LISTEN"; echo "relay-ip=$TURN_LISTEN"; }
  [ -z "${TURN_EXTERNAL:-}" ] || echo "external-ip=$TURN_EXTERNAL"
  if [ -n "${TURN_CERT:-}" ]; then
    echo "tls-listening-port=${TURN_TLS_PORT:-5349}"
    echo "cert=$TURN_CERT"
    echo "pkey=$TURN_KEY"
  else
    echo no-tls
  fi
  echo no-dtls
  echo "userdb=$TURN_RUN/turndb"
  echo "pidfile=$TURN_RUN/turnserver.pid"
  echo log-file=stdout
} > "$conf"
exec turnserver -c "$conf"
