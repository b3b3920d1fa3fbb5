# Mail by MX records, between two hosts of our own making: network namespaces
# joined by a veth pair, a real unbound for the names, the sink on port 25.
# Preferences in order, an address that refuses, no MX, a null MX, ourselves
# among the exchangers, a name that is not there, IPv6. Senders of other domains
# leave as SRS, and those without a domain as tokens: their answers come home.

. tests/lib/tap.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
export BANGWAY_CONFIG=$conf
[ "$(id -u)" = 0 ] || bail "network namespaces need root"

# A namespace is that of a process that sleeps: `ip netns` would mount, which a chroot forbids.
namespace() { # NAME of the variable with its process
	unshare -n sleep 600 &
	started $!
	eval "$1=$!"
}
namespace here
namespace there
in_here() { nsenter -t $here -n "$@"; }
in_there() { nsenter -t $there -n "$@"; }
apart() {
	local ours
	ours=$(readlink /proc/$$/ns/net)
	[ "$(readlink /proc/$here/ns/net)" != "$ours" ] && [ "$(readlink /proc/$there/ns/net)" != "$ours" ]
}
within 5 apart || bail "the namespaces cannot be made"
{
	in_here ip link add hub type veth peer name ship netns $there &&
		in_here ip addr add 192.0.2.1/24 dev hub && in_here ip addr add fd00:2::1/64 dev hub nodad &&
		in_there ip addr add 192.0.2.2/24 dev ship && in_there ip addr add 192.0.2.3/24 dev ship &&
		in_there ip addr add fd00:2::2/64 dev ship nodad &&
		in_here ip link set lo up && in_there ip link set lo up &&
		in_here ip link set hub up && in_there ip link set ship up
} >"$tap_dir/ip.log" 2>&1 || bail "the namespaces cannot be joined: $(cat "$tap_dir/ip.log")"

cat >"$tap_dir/unbound.conf" <<C
server:
	interface: 192.0.2.2
	port: 53
	access-control: 192.0.2.0/24 allow
	do-daemonize: no
	username: ""
	chroot: ""
	directory: "$tap_dir"
	pidfile: "$tap_dir/unbound.pid"
	use-syslog: no
	module-config: "iterator"
	local-zone: "example." static
	local-data: "two.example. MX 10 dead.two.example."
	local-data: "two.example. MX 20 good.two.example."
	local-data: "dead.two.example. A 192.0.2.3"
	local-data: "good.two.example. A 192.0.2.2"
	local-data: "plain.example. A 192.0.2.2"
	local-data: "six.example. MX 10 six.example."
	local-data: "six.example. AAAA fd00:2::2"
	local-data: "null.example. MX 0 ."
	local-data: "loop.example. MX 10 gw.example.com."
	local-data: "loop.example. MX 20 good.two.example."
	local-data: "address.example. MX 10 me.address.example."
	local-data: "me.address.example. A 192.0.2.1"
	local-data: "backup.example. MX 5 good.two.example."
	local-data: "backup.example. MX 10 gw.example.com."
	local-zone: "example.com." static
	local-data: "gw.example.com. A 192.0.2.1"
C
nsenter -t $there -n unbound -d -c "$tap_dir/unbound.conf" >"$tap_dir/unbound.log" 2>&1 &
started $!
mkdir "$tap_dir/arrived" "$tap_dir/mail"
for address in 192.0.2.2; do
	nsenter -t $there -n "$bin/sink" --address $address --port 25 --out "$tap_dir/arrived" --quiet 2>/dev/null &
	started $!
done
nsenter -t $there -n python3 - >"$tap_dir/six" 2>&1 <<'P' &
import socket
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("fd00:2::2", 25))
s.listen(4)
while True:
    c, _ = s.accept()
    f = c.makefile("rwb", buffering=0)
    f.write(b"220 six\r\n")
    data = False
    for line in f:
        if data:
            if line == b".\r\n":
                data = False
                print("taken", flush=True)
                f.write(b"250 ok\r\n")
        elif line[:4].upper() == b"DATA":
            data = True
            f.write(b"354 go\r\n")
        elif line[:4].upper() == b"QUIT":
            f.write(b"221 bye\r\n")
            break
        else:
            f.write(b"250 ok\r\n")
    c.close()
P
started $!

cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/spool"; };
control-socket = "$tap_dir/control";
resolvers  = [ "192.0.2.2" ];
sites      = { far = { }; };
routes     = ( { to = "*"; next-hop = "mx"; tls = "off"; },
               { to = "good.two.example"; next-hop = "mx"; tls = "off"; srs = false; } );
C
nsenter -t $here -n "$bin/bangwayd" >"$tap_dir/log" 2>&1 &
daemon=$!
started $daemon
ok "the daemon is up" within 10 "$bin/bangway" status

letter() { # DOMAIN
	printf 'From: ann@gw.example.com\nTo: bob@%s\nSubject: %s\n\nx\n' "$1" "$1" |
		"$bin/rmail" "bob@$1" 2>>"$tap_dir/rmail.log"
}
said() { grep -E "$1" "$tap_dir/log"; }
for domain in two.example plain.example six.example null.example loop.example address.example \
	backup.example none.example; do
	ok "a letter to $domain is taken" letter $domain
done
went() { said " sent to=bob@$1 .*next-hop=mx:$1"; }
ok "the first exchanger refuses, the second gets it" within 30 went two.example
ok "no MX: the domain itself" within 10 went plain.example
ok "by IPv6" within 10 grep -q taken "$tap_dir/six"
ok "a better one than ourselves gets it" within 10 went backup.example
never() { said " never to=bob@$1 .*status=$2"; }
ok "a null MX is never (RFC 7505)" within 10 never null.example 5.1.10
ok "ourselves by name, nobody better: a loop" within 10 never loop.example 5.4.6
ok "ourselves by address: a loop" within 10 never address.example 5.4.6
ok "a domain that is not there is never" within 10 never none.example 5.1.2
is "three letters are at the server" "$(ls "$tap_dir/arrived" | wc -l)" 3
notices() { [ "$(ls "$tap_dir"/mail/root/new 2>/dev/null | wc -l)" -eq 4 ]; }
ok "the writer is told of the four that cannot go" within 10 notices

foreign() { # SENDER RECIPIENT
	printf 'MAIL FROM:<%s>\nRCPT TO:<%s>\nDATA\nFrom: %s\nSubject: for %s\n\nx\n.\n' "$1" "$2" "$1" "$2" |
		UU_MACHINE=far "$bin/rsmtp" 2>>"$tap_dir/rmail.log"
}
sender() { # RECIPIENT
	grep -lF "RCPT TO:<$1>" "$tap_dir"/arrived/* | head -1 | xargs -r sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1/p'
}
has_sender() { [ -n "$(sender "$1")" ]; }
answered() { "$bin/bangway" route --client 198.51.100.7 "$1" 2>&1; }
ok "a letter of another domain is taken" foreign piet@cwi.example srs@plain.example
ok "it goes" within 10 has_sender srs@plain.example
srs=$(sender srs@plain.example)
like "by MX its sender is ours" "$srs" '^SRS0=[a-z2-7]{5}=[a-z2-7]{2}=cwi.example=piet@gw.example.com$'
like "whom an answer reaches, from anybody" "$(answered "$srs")" 'piet@cwi\.example'
like "in other letters too" "$(answered "${srs^^}")" 'PIET@CWI\.EXAMPLE'
like "but not when it is changed" "$(answered "${srs/piet/pete}")" '5\.7\.1 .*changed on its way'
like "nor as one that we did not make" "$(answered SRS0=aaaaa=bb=x.example=u@gw.example.com)" 'not made here'
ok "a route may say srs = false" foreign piet@cwi.example plain@good.two.example
ok "and it goes" within 10 has_sender plain@good.two.example
is "with the sender it had" "$(sender plain@good.two.example)" piet@cwi.example
ok "a sender at a site without a domain is taken" foreign 'far!vax!ernie' token@plain.example
ok "and goes too" within 10 has_sender token@plain.example
token=$(sender token@plain.example)
like "it is a token" "$token" '^ernie\+[a-z2-7]{12}@gw.example.com$'
like "so is the From field" "$(cat $(grep -lF "RCPT TO:<token@" "$tap_dir"/arrived/*))" "From: ${token/+/\\+}"
like "an answer goes to the site" "$(answered "$token")" 'far!vax!ernie'
like "whoever changes the case" "$(answered "${token^^}")" 'far!vax!ernie'
is "but not by another name" "$(answered "joe${token#ernie}" | grep -c 'far!vax')" 0
[ $tap_failed -eq 0 ] || diag "$(tail -30 "$tap_dir/log" | cut -c1-200)"
kill $daemon
wait $daemon
done_testing
