# plain-build-only: a sanitizer's own memory is not what is measured
#
# A letter that no memory should hold: through rmail into the queue and out to
# a server, with the anonymous memory of both watched. And the gate: an rmail
# stopped between opening the spool and its commit, while compact runs.
# LARGE_MB makes the letter larger than the suite's 300 (at most 2000).

. tests/lib/tap.sh
. tests/lib/doors.sh

large_mb=${LARGE_MB:-300}
owner=root
port=$(free_port)
door_setup 'message-size = "2000MB"; lock-wait = "1s";' "control-socket = \"$tap_dir/control\";"
sed -i "s/^routes .*/routes = ( { to = \"*\"; next-hop = \"smtp:127.0.0.1:$port\"; tls = \"off\"; } );/; /^links /d" "$conf"
ok "check likes the configuration" "$bin/bangway" -C "$conf" check
bangway() { "$bin/bangway" -C "$conf" "$@"; }
queued_is() { [ "$(bangway queue --json | jq '.messages | length')" = "$1" ]; }

# -- the gate -----------------------------------------------------------------

mkfifo "$tap_dir/slow"
env -i PATH=/usr/bin UU_MACHINE=$site BANGWAY_CONFIG="$conf" "$bin/rmail" 'dest.example!gate' \
	<"$tap_dir/slow" 2>"$tap_dir/gate.log" &
gate=$!
started $gate
exec 8>"$tap_dir/slow"
printf 'From ernie Sat Nov 22 12:31:11 1986 remote from alpha\nSubject: gate\n\n' >&8
find_worker $gate
has_it_open() { find "/proc/$worker/fd" -lname '*/data.mdb' | grep -q .; }
ok "rmail has the spool open" within 5 has_it_open
[ -n "$worker" ] || bail "no worker"
kill -STOP "$worker"
bangway spool compact >"$tap_dir/compact" 2>&1
is "compact does not begin while a stopped rmail has it open" $? 75
like "and says why" "$(cat "$tap_dir/compact")" 'spool'
kill -CONT "$worker"
printf 'the rest\n' >&8
exec 8>&-
wait $gate
is "rmail takes the letter" $? 0
ok "compact runs when it has gone" bangway spool compact
ok "the letter is there" queued_is 1
like "whole" "$(bangway queue show --content "$(bangway queue --json | jq -r '.messages[0].id')")" 'the rest'

# -- a large letter -------------------------------------------------------------

{
	printf 'From ernie Sat Nov 22 12:31:11 1986 remote from alpha\nSubject: large\n\n'
	yes 'All work and no play makes Jack a dull boy, says the buoy in the bay of b.' | head -c $((large_mb * 1000000))
	echo
} >"$tap_dir/letter"
env -i PATH=/usr/bin UU_MACHINE=$site BANGWAY_CONFIG="$conf" "$bin/rmail" 'dest.example!large' \
	<"$tap_dir/letter" 2>"$tap_dir/large.log" &
door=$!
watch_memory $door
wait $door
is "a letter of $large_mb MB is taken" $? 0
diag "rmail: at most $peak kB of anonymous memory"
like "rmail holds at most 16 MiB" "$peak" '^([1-9][0-9]{2,3}|1[0-5][0-9]{3})$'
content_bytes=$(wc -c <"$tap_dir/letter")
rm "$tap_dir/letter"

"$bin/sink" --port "$port" --quiet --count 2 --ehlo PIPELINING,8BITMIME 2>/dev/null &
sink=$!
started $sink
within 5 port_open "$port"
"$bin/bangwayd" -C "$conf" >"$tap_dir/daemon.log" 2>&1 &
daemon=$!
started $daemon
most=0
for ((turn = 0; turn < 40 * 60 && $(kill -0 $sink 2>/dev/null && kill -0 $daemon && echo 1 || echo 0); turn++)); do
	now=$(awk '/^RssAnon/ {print $2}' /proc/$daemon/status)
	[ "${now:-0}" -gt $most ] && most=$now
	sleep 0.05
done
ok "it is delivered" within 10 queued_is 0
like "... in full" "$(grep -o 'sent .*size=[0-9]*' "$tap_dir/daemon.log" | grep -o 'size=[0-9]*' | sort -t= -k2 -n | tail -1)" \
	"size=$content_bytes"
diag "bangwayd: at most $most kB of anonymous memory"
like "bangwayd holds at most 16 MiB" "$most" '^([1-9][0-9]{2,3}|1[0-5][0-9]{3})$'
kill $daemon
wait $daemon
is "the daemon ends well" $? 0
done_testing
