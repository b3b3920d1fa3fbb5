# plain-build-only: it waits a minute, once is enough
#
# Servers that take a connection and never speak: more of them than there may
# be sessions at once. They are within their rights for five minutes (RFC 5321
# section 4.5.3.2.1); the mail for a server that answers goes all the same.

. tests/lib/tap.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
export BANGWAY_CONFIG=$conf
tarpits=40

python3 - $tarpits >"$tap_dir/ports" <<'P' &
import socket, sys, time
silent = [socket.create_server(("127.0.0.1", 0), backlog=8) for i in range(int(sys.argv[1]))]
print("\n".join(str(s.getsockname()[1]) for s in silent), flush=True)
time.sleep(300)
P
started $!
all_listen() { [ "$(wc -l <"$tap_dir/ports")" = $tarpits ]; }
within 10 all_listen || bail "the tarpits did not start"
port=$(free_port)
mkdir "$tap_dir/arrived"
"$bin/sink" --port "$port" --out "$tap_dir/arrived" --quiet 2>/dev/null &
started $!

{
	cat <<C
hostname   = "gw.example.com";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/spool"; };
control-socket = "$tap_dir/control";
routes = (
C
	while read -r silent; do
		echo "{ to = \"t$silent.example\"; next-hop = \"smtp:127.0.0.1:$silent\"; tls = \"off\"; },"
	done <"$tap_dir/ports"
	echo "{ to = \"*\"; next-hop = \"smtp:127.0.0.1:$port\"; tls = \"off\"; } );"
} >"$conf"
"$bin/bangwayd" >"$tap_dir/log" 2>&1 &
daemon=$!
started $daemon
ok "the daemon is up" within 10 "$bin/bangway" status

letter() { printf 'Subject: x\n\nx\n' | "$bin/rmail" "$1" 2>>"$tap_dir/rmail.log"; }
while read -r silent; do
	letter "bob@t$silent.example" || bail "rmail: $(tail -1 "$tap_dir/rmail.log")"
done <"$tap_dir/ports"
sessions() { "$bin/bangway" status --json | jq '[.. | .sessions? | numbers] | add // 0'; }
full() { [ "$(sessions)" -ge 32 ]; }
ok "silent servers hold every place" within 10 full
ok "a letter for another server is taken" letter bob@good.example
arrived() { ls "$tap_dir"/arrived/*.eml; }
sleep 2
is "there is no place for it yet" "$(arrived 2>/dev/null)" ""
ok "it goes when they have been silent for a minute" within 90 arrived
kill $daemon
wait $daemon
done_testing
