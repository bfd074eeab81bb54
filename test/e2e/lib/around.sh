# shellcheck shell=bash
# around.sh: sourced by scripts that try what a container can reach: hosts in a network namespace that stand for a local network, the
# metadata address and the internet, and a listener on this host. Nothing else is addressed. Needs root; cleaned up at the end.
#   hosts_around   makes them and sets $lan $metadata $internet $shared $ten $corporate $six (empty without IPv6) and $hostport
export lan=192.168.213.2 metadata=169.254.169.254 internet=203.0.113.2 shared=100.64.213.2 ten=10.213.0.2 corporate=172.31.213.2 six=fd00:213::2
hostport=$(shuf -i 30000-32000 -n 1)
export hostport

# shellcheck disable=SC2154  # work is common.sh's
hosts_around() {
    local space=cage$$ near=cgh$$ far=cgn$$ host port
    must "a namespace for the hosts around" eval "ip netns add $space && ip link add $near type veth peer name $far netns $space"
    cleanup+=("ip link del $near 2>/dev/null; ip netns del $space 2>/dev/null")
    ip link set "$near" up && ip -n "$space" link set "$far" up && ip -n "$space" link set lo up
    for host in $lan $metadata $internet $shared $ten $corporate; do
        ip addr add "${host%.*}.253/24" dev "$near"
        ip -n "$space" addr add "$host/24" dev "$far"
    done
    ip -n "$space" route add default via "${internet%.*}.253"
    if ip addr add fd00:213::1/64 dev "$near" nodad 2>/dev/null && ip -n "$space" addr add $six/64 dev "$far" nodad; then :; else six=; fi
    mkdir "$work/www" && echo reached >"$work/www/index.html"
    for port in 80 25 53; do start "around$port" ip netns exec "$space" /bin/busybox httpd -f -p "$port" -h "$work/www"; done
    start host /bin/busybox httpd -f -p "[::]:$hostport" -h "$work/www"
}
fetch() { curl -gfsS --max-time 3 -o /dev/null "http://$1/${2:-}"; }
