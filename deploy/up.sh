#!/usr/bin/env bash
# The one command: two nodes, Redis, coturn and a proxy with TLS, in containers. up.sh [NAME ...]: the public names of the host, for the first certificate.
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/secrets.sh deploy/secrets "$@"
compose="docker compose"
docker compose version > /dev/null 2>&1 || compose=docker-compose
exec $compose up --detach --build
