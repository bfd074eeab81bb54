#!/bin/sh
# As the published image: options or a file alone mean redis-server; it runs as the user redis; it listens on every address,
# and protected mode is off unless the command line says otherwise.
set -eu
if [ "$#" -eq 0 ] || [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- redis-server "$@"
fi
if [ "$1" = redis-server ]; then
    case " $* " in
        *" --bind "*|*.conf*) ;;
        *) set -- "$@" --bind 0.0.0.0 ;;
    esac
    case " $* " in
        *" --protected-mode "*|*.conf*) ;;
        *) set -- "$@" --protected-mode no ;;
    esac
    if [ "$(id -u)" = 0 ]; then
        chown -R redis:redis .
        exec setpriv --reuid=redis --regid=redis --clear-groups "$@"
    fi
fi
exec "$@"
