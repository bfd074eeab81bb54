#!/bin/sh
set -eu
mkdir -p /var/log/nginx /var/lib/nginx
exec "$@"
