#!/usr/bin/env bash
# The figures of bangway beside those of Postfix and Exim, taken in one run on
# one machine; `make bench` runs it. Writes tests/bench/RESULTS.md. Everything
# is on loopback and in a private directory (TMPDIR chooses the disk).
#
#   DEEP=1000000   letters of the deep queue (default; 0 leaves it out)

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$PWD/$BUILD
out=tests/bench/RESULTS.md
DEEP=${DEEP:-1000000}
rm -f "$out.new"

note() { printf '%s\n' "$*" | tee -a "$out.new"; }
row() { local c line='|'; for c; do line="$line $c |"; done; note "$line"; }
calc() { python3 -c "print($1)"; }
per_s() { python3 -c "print(round($1 / float('$2')))"; }
now() { date +%s.%N; }
since() { python3 -c "print(round($(now) - $1, 4))"; }

peers_unpack || bail "Postfix and Exim could not be unpacked"
version() { dpkg-deb -f "$(ls "$peers/$1"_*.deb)" Version; }

python3 - >"$tap_dir/letter" <<'P'
head = "From ernie Sat Nov 22 12:31:11 1986 remote from alpha\nDate: Sat, 22 Nov 1986 12:31:11 -0800\n" \
       "From: alpha!ernie (Ernie)\nTo: dest.example!bob\nSubject: bench\nMessage-Id: <1@alpha>\n\n"
body = ("All work and no play makes Jack a dull boy, said the bench.\n" * 40)
print(head + body[:2048 - len(head) - 1])
P
python3 - "$tap_dir" <<'P'
import sys
letter = open(sys.argv[1] + "/letter").read().split("\n", 1)[1]
def batch(n, mail, rcpt):
    return "HELO alpha\n" + "".join(
        f"MAIL FROM:<{mail}>\nRCPT TO:<{rcpt % i}>\nDATA\n{letter}.\n" for i in range(n)) + "QUIT\n"
open(sys.argv[1] + "/batch.2000", "w").write(batch(2000, "ernie@alpha.example", "bob%d@dest.example"))
open(sys.argv[1] + "/batch.500", "w").write(batch(500, "ernie@alpha.example", "bob%d@dest.example"))
P

configure() { # LINK-EVIDENCE PORT CONNECTIONS
	local probe=
	case $1 in tcp:*) probe='probe-every = "1s";' ;; esac
	cat >"$tap_dir/bangway.conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/spool"; limit = "64GB"; };
control-socket = "$tap_dir/control";
sites  = { alpha = { domain = "alpha.example"; }; };
links  = { sea = { up-when = "$1"; $probe }; };
routes = ( { to = "*"; next-hop = "smtp:127.0.0.1:$2"; tls = "off"; links = [ "sea" ]; connections = ${3:-1}; } );
C
}
bangway() { "$bin/bangway" -C "$tap_dir/bangway.conf" "$@"; }
daemon_start() {
	"$bin/bangwayd" -C "$tap_dir/bangway.conf" >"$tap_dir/bangwayd.log" 2>&1 &
	daemon=$!
	started $daemon
	until bangway status >/dev/null 2>&1; do kill -0 $daemon || bail "bangwayd: $(tail -3 "$tap_dir/bangwayd.log")"; done
}
daemon_stop() { kill "$daemon" && wait "$daemon"; }
fresh() { rm -rf "$tap_dir/spool"; bangway spool create >/dev/null 2>&1 || bail "no spool"; }
fill() { "$bin/tests/tools/fill" "$tap_dir/spool" "$@" || bail "fill"; }
sink_start() { # COUNT: a sink that leaves after so many
	"$bin/sink" --port "$1" --quiet --count "$2" 2>/dev/null &
	sink=$!
	started $sink
	within 5 port_open "$1"
}
env_door() { env -i PATH=/usr/bin:/bin UU_MACHINE=alpha UU_USER=ernie BANGWAY_CONFIG="$tap_dir/bangway.conf" "$@" 2>>"$tap_dir/doors.log"; }

note "# Figures"
note
note "Taken by \`make bench\` on $(date -u +%Y-%m-%d), in one run, everything on loopback and one disk."
note "Machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/ {printf "%d GiB", $2 / 1048576 + 0.5}' /proc/meminfo), Linux $(uname -r | cut -d- -f1), $(stat -f -c %T "$tap_dir")."
note "Peers, from Debian's packages: Postfix $(version postfix), Exim $(version exim4-daemon-light). Letters are 2 KiB unless said."
note "These machines are noisy: the ratios are worth more than the figures."

# -- accept, a process a letter ----------------------------------------------

note; note "## Accepting: one process a letter, in sequence, durable"; note
row what "letters per second" "ms each"
row --- --- ---
configure manual 1
fresh
exec_s=$("$bin/timing" exec 1000 /dev/null "$bin/noop")
sync_s=$("$bin/timing" sync 2000 "$tap_dir")
rmail_s=$(env_door "$bin/timing" exec 1000 "$tap_dir/letter" "$bin/rmail" 'dest.example!bob')
[ "$(bangway queue --json --limit 1 | jq '.counts.messages // .messages')" = 1000 ] || diag "queue: $(bangway queue --limit 1 | tail -2)"
exec2_s=$("$bin/timing" exec 1000 /dev/null "$bin/noop")
sync2_s=$("$bin/timing" sync 2000 "$tap_dir")
row "bangway rmail" "$(per_s 1000 $rmail_s)" "$rmail_s"
pf=$(free_port)
postfix_start "$tap_dir/pf" "$pf" <<<"defer_transports = record" || bail "Postfix"
pf_s=$(postfix_run "$tap_dir/pf" "$bin/timing" exec 300 "$tap_dir/letter" \
	"$peers/root/usr/sbin/sendmail" -G -i -f ernie@alpha.example bob@dest.example)
row "Postfix sendmail" "$(per_s 300 $pf_s)" "$(calc "round($pf_s / 300 * 1000, 2)")"
ex=$(free_port)
exim_start "$tap_dir/ex" "$ex" || bail "Exim"
ex_s=$("$bin/timing" exec 300 "$tap_dir/letter" "$peers/root/usr/sbin/exim4" -C "$tap_dir/ex/exim.conf" -odq -i -f ernie@alpha.example bob@dest.example)
row "Exim (-odq)" "$(per_s 300 $ex_s)" "$(calc "round($ex_s / 300 * 1000, 2)")"
base_ms=$(calc "round(($exec_s + $exec2_s) / 2 + ($sync_s + $sync2_s) / 2, 3)")
note
note "One exec of a static program and two syncs cost $base_ms ms in this run (exec $(calc "round(($exec_s + $exec2_s)/2, 3)") ms, two syncs $(calc "round(($sync_s + $sync2_s)/2, 3)") ms): a letter costs $(calc "round($rmail_s / $base_ms, 2)") times that."

# -- accept, a batch ----------------------------------------------------------

note; note "## Accepting: a batch (BSMTP)"; note
row what messages seconds "messages per second"
row --- --- --- ---
fresh
for try in 1 2 3; do
	touch "$tap_dir/batch.2000"
	env_door "$bin/timing" exec 1 "$tap_dir/batch.2000" "$bin/rsmtp"
done | sort >"$tap_dir/batch.s"
s=$(sed -n 2p "$tap_dir/batch.s")
row "bangway rsmtp" 2000 "$s" "$(per_s 2000 $s)"
s=$("$bin/timing" exec 1 "$tap_dir/batch.500" "$peers/root/usr/sbin/exim4" -C "$tap_dir/ex/exim.conf" -odq -bS)
row "Exim -bS -odq" 500 "$s" "$(per_s 500 $s)"
s=$(postfix_run "$tap_dir/pf" "$bin/timing" exec 1 "$tap_dir/batch.500" "$peers/root/usr/sbin/sendmail" -bs)
row "Postfix sendmail -bs" 500 "$s" "$(per_s 500 $s)"

# -- drain --------------------------------------------------------------------

note; note "## Draining 2,000 messages to one server on loopback"; note
row what connections seconds "messages per second"
row --- --- --- ---
drain_bangway() { # CONNECTIONS
	local port s t0
	port=$(free_port)
	configure manual "$port" "$1"
	fresh
	fill 2000 2048 dest.example
	daemon_start
	sink_start "$port" 2000
	t0=$(now)
	bangway link up sea >/dev/null
	timeout 60 tail --pid=$sink -s 0.01 -f /dev/null || bail "bangway did not drain"
	s=$(since $t0)
	row bangway "$1" "$s" "$(per_s 2000 $s)"
	daemon_stop
}
drain_bangway 1
drain_bangway 4
postfix_ctl() { LD_LIBRARY_PATH=$peers/root/usr/lib/postfix MAIL_CONFIG=$tap_dir/$1/conf "$peers/root/usr/sbin/$2" "${@:3}"; }
drain_postfix() { # CONNECTIONS
	local dir=pf$1 port sp s t0
	port=$(free_port)
	sp=$(free_port)
	postfix_start "$tap_dir/$dir" "$port" <<M
default_transport = smtp
relayhost = [127.0.0.1]:$sp
defer_transports = smtp
smtp_destination_concurrency_limit = $1
initial_destination_concurrency = $1
M
	LD_LIBRARY_PATH=$peers/root/usr/lib/postfix "$peers/root/usr/sbin/smtp-source" -s 10 -m 2000 -l 2048 -f a@alpha.example -t b@dest.example 127.0.0.1:$port || bail "smtp-source"
	within 20 sh -c "[ \$(find $tap_dir/$dir/queue/deferred -type f | wc -l) -ge 2000 ]"
	sink_start "$sp" 2000
	postfix_ctl $dir postconf -e defer_transports= && postfix_ctl $dir postconf >/dev/null
	kill -HUP "$(cat "$tap_dir/$dir/queue/pid/master.pid")"
	sleep 1
	t0=$(now)
	postfix_ctl $dir postqueue -f
	timeout 60 tail --pid=$sink -s 0.01 -f /dev/null || { row Postfix "$1" "more than 60" "fewer than 34"; return; }
	s=$(since $t0)
	row Postfix "$1" "$s" "$(per_s 2000 $s)"
}
drain_postfix 1
drain_postfix 20

# -- a deep queue, the link down ----------------------------------------------

deep() { # N
	local port n=$1 t0 cpu0 cpu1 anon
	port=$(free_port)
	configure "tcp:127.0.0.1:$port" "$port"
	fresh
	t0=$(now)
	fill "$n" 300 dest.example
	note "- filled in $(since $t0) s"
	t0=$(now)
	daemon_start
	note "- from exec of the daemon to its first answer: $(since $t0) s"
	sleep 3
	cpu0=$(awk '{print $14 + $15}' /proc/$daemon/stat)
	sleep 20
	cpu1=$(awk '{print $14 + $15}' /proc/$daemon/stat)
	note "- link down, probed every second: $(calc "($cpu1 - $cpu0) * 1000 / $(getconf CLK_TCK)") ms of CPU in 20 s; anonymous memory $(awk '/RssAnon/ {printf "%.1f", $2 / 1024}' /proc/$daemon/status) MiB"
	t0=$(now)
	bangway queue --limit 50 >/dev/null
	note "- \`bangway queue --limit 50\`: $(since $t0) s"
	if [ "$n" -le 50000 ]; then
		t0=$(now)
		bangway queue --limit "$n" >/dev/null
		note "- the whole list: $(since $t0) s"
	fi
	daemon_stop
	t0=$(now)
	daemon_start
	note "- restart, to its first answer: $(since $t0) s"
	daemon_stop
	configure manual "$port"
	daemon_start
	python3 - "$port" "$bin/bangway" "$tap_dir/bangway.conf" <<'P' | while read -r line; do note "$line"; done
import socket, subprocess, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(8)
t0 = time.time()
p = subprocess.Popen([sys.argv[2], "-C", sys.argv[3], "link", "up", "sea"], stdout=subprocess.DEVNULL)
c, _ = s.accept(); t1 = time.time()
f = c.makefile("rwb", buffering=0)
def say(x): f.write(x + b"\r\n")
say(b"220 clock")
first = None
while first is None:
    line = f.readline()
    if not line: break
    if line.upper().startswith(b"MAIL"): first = time.time()
    elif line.upper().startswith(b"EHLO"): say(b"250 clock")
    else: say(b"250 ok")
p.wait()
print("- from `bangway link up` (its exec included) to the connection at the server: %.0f ms; to the first MAIL command: %.0f ms" % ((t1 - t0) * 1000, (first - t0) * 1000))
P
	daemon_stop
}
note; note "## 50,000 queued, the link down"; note
deep 50000
if [ "$DEEP" -gt 0 ]; then
	note; note "## $DEEP queued, the link down"; note
	deep "$DEEP"
fi

# -- addresses and maps ---------------------------------------------------------

note; note "## Addresses and maps, on one core"; note
row what "of which" "a second"
row --- --- ---
"$bin/addresses" >"$tap_dir/addresses" || bail "addresses"
while IFS='|' read -r what which rate; do row "addresses $what" "$which" "$rate"; done <"$tap_dir/addresses"
for host in ihnp4 mcvax rutgers; do
	s=$("$bin/timing" exec 20 /dev/null "$bin/bangway" map --from $host --cost tests/data/maps/1987-12/* | tail -n 1)
	row "\`bangway map\`, 10,840 routes of December 1987" "from $host" "$(per_s 20 "$s") ($(calc "round($s / 20 * 1000, 1)") ms each)"
done
note
note "pathalias 10 took 21 to 40 ms for the same maps (clean C99 sources, built apart; Debian has no package of it)."

mv "$out.new" "$out"
