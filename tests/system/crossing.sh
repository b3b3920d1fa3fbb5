# Mail crosses on real software: two Taylor UUCP nodes, alpha and bravo; bravo
# runs our rmail, rsmtp and bangwayd; a real Postfix, then a real Exim, takes
# the mail. Then the same with the worker killed, the spool full and the daemon
# stopped: .Failed stays empty, and each job arrives exactly once.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$tap_dir/bin # uucp's own user may not see where we are built
mkdir "$bin"
cp "$BUILD"/rmail "$BUILD"/rsmtp "$BUILD"/bangway "$BUILD"/bangwayd "$bin"
n=$tap_dir/uucp
bravo=$n/bravo

ok "the peers are unpacked" peers_unpack
[ -x /usr/lib/uucp/uucico ] || bail "uucp is not installed: make test-deps"

pf_port=$(free_port)
ex_port=$(free_port)
ok "Postfix is up" postfix_start "$tap_dir/postfix" "$pf_port" </dev/null
ok "Exim is up" exim_start "$tap_dir/exim" "$ex_port"

taylor_node "$n" alpha bravo
taylor_node "$n" bravo alpha
mkdir -p "$tap_dir/gw"
chown uucp:uucp "$tap_dir/gw"

# By rename: half a script is a program that fails.
door() {
	cat >"$bravo/bin/.new" && chmod 755 "$bravo/bin/.new" && mv "$bravo/bin/.new" "$bravo/bin/$1"
}
# Programs under uuxqt get no variable of ours: a wrapper names the configuration.
for name in rmail rsmtp rgsmtp rcsmtp rbsmtp; do
	prog=rsmtp
	[ $name = rmail ] && prog=rmail
	door $name <<W
#!/bin/sh
BANGWAY_CONFIG=$tap_dir/gw/bangway.conf exec $bin/$prog "\$@"
W
done

configure() { # PORT LIMIT
	cat >"$tap_dir/gw/bangway.conf" <<C
hostname   = "gw.example.com";
uucp-name  = "bravo";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/gw/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/gw/spool"; limit = "$2"; };
control-socket = "$tap_dir/gw/control";
sites = { alpha = { domain = "alpha.example.com"; }; };
links = { sea = { up-when = "manual"; }; };
routes = ( { to = "*"; next-hop = "smtp:127.0.0.1:$1"; links = [ "sea" ]; tls = "off"; } );
C
}
bangway() { as_uucp "$bin/bangway" -C "$tap_dir/gw/bangway.conf" "$@"; }
uuxqt_idle() { ! ls "$bravo"/spool/LCK.XQT.* >/dev/null 2>&1; }
uuxqt_through() {
	taylor_uuxqt "$n" bravo >/dev/null 2>&1
	within 20 uuxqt_idle
}
jobs_left() { find "$bravo/spool/alpha/X." -type f | wc -l; }
daemon_start() {
	(cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups \
		"$bin/bangwayd" -C "$tap_dir/gw/bangway.conf") >>"$tap_dir/gw/log" 2>&1 &
	daemon=$!
	started $daemon
	within 5 bangway status
}
daemon_stop() {
	kill "$daemon"
	wait "$daemon"
}
deliveries() { bangway queue --json | jq '.counts.deliveries // .deliveries // 0'; }
deliveries_are() { [ "$(deliveries)" = "$1" ]; }
arrived() { ls "$1/out" | wc -l; }
arrived_is() { [ "$(arrived "$1")" -ge "$2" ]; }
letter() { # SENDER-LINE SUBJECT
	printf 'From %s Sat Nov 22 12:31:11 1986 remote from alpha\n' "$1"
	printf 'Received: by alpha (5.52/1.36)\n\tid AA00101; Sat, 22 Nov 86 12:31:11 PST\n'
	printf 'Date: Sat, 22 Nov 86 12:31:11 PST\nFrom: alpha!%s (Ernie)\nTo: cwi.example!piet\n' "$1"
	printf 'Message-Id: <%s@alpha>\nSubject: %s\n\nThe text of %s.\n.\nAfter the dot.\n' "$2" "$2" "$2"
}
queue_letter() { letter "$1" "$2" | taylor_uux "$n" alpha -r -z -a "$1" - bravo!rmail "($3)"; }

batch() { # COUNT TAG
	local i
	echo "HELO alpha"
	for i in $(seq "$1"); do
		printf 'MAIL FROM:<ernie@alpha.example.com>\nRCPT TO:<b%s@cwi.example>\nDATA\n' "$i"
		printf 'From: ernie@alpha.example.com\nTo: b%s@cwi.example\nSubject: %s-%s\n' "$i" "$2" "$i"
		printf 'Date: Sat, 22 Nov 86 12:31:11 PST\nMessage-Id: <%s-%s@alpha.example.com>\n\nbatched\n.\n' "$2" "$i"
	done
	echo QUIT
}

cross() { # NAME SERVER-DIR PORT
	configure "$3" 1GB
	ok "$1: check likes the configuration" bangway check
	ok "$1: the daemon starts" daemon_start
	ok "$1: a letter is handed to uux" queue_letter ernie "one-$1" 'cwi.example!piet'
	ok "$1: a letter for two" queue_letter ernie "two-$1" 'cwi.example!piet) (jan@cwi.example'
	batch 20 "batch-$1" | gzip >"$tap_dir/batch.gz"
	ok "$1: a compressed batch is handed to uux" \
		taylor_uux "$n" alpha -r -z - 'bravo!rgsmtp' <"$tap_dir/batch.gz"
	ok "$1: alpha calls bravo" taylor_call "$n" alpha bravo
	ok "$1: uuxqt runs" taylor_uuxqt "$n" bravo
	ok "$1: all is queued while the link is down" within 10 deliveries_are 23
	is "$1: nothing has arrived" "$(arrived "$2")" 0
	ok "$1: the link comes up" bangway link up sea
	ok "$1: the mail arrives" within 10 arrived_is "$2" "$4"
	ok "$1: nothing is left" within 5 deliveries_are 0
	local got
	got=$(cat "$2"/out/*)
	like "$1: the envelope sender is a domain address" "$got" '^sender ernie@alpha\.example\.com$'
	like "$1: the bang recipient is a domain address" "$got" '^recipient piet@cwi\.example$'
	like "$1: From: is rewritten, the name kept" "$got" '^From: ernie@alpha\.example\.com \(Ernie\)$'
	like "$1: To: is rewritten" "$got" '^To: piet@cwi\.example$'
	like "$1: our Received field says UUCP" "$got" '(via|with) .*(UUCP|rmail)'
	like "$1: a lone dot and what follows it is there" "$got" '^After the dot\.$'
	is "$1: the batch is whole" "$(grep -l "Subject: batch-$1-" "$2"/out/* | wc -l)" 20
	is "$1: .Failed is empty" "$(find "$bravo/spool/.Failed" -type f 2>/dev/null | wc -l)" 0
	ok "$1: the link goes down" bangway link down sea
	daemon_stop
}

cross postfix "$tap_dir/postfix" "$pf_port" 22
cross exim "$tap_dir/exim" "$ex_port" 23

# -- and with everything going wrong --------------------------------------

rm -rf "$tap_dir/postfix/out"/*
configure "$pf_port" 1GB
total=60
for i in $(seq $total); do queue_letter ernie "job-$i" "cwi.example!u$i"; done
is "faults: the jobs are queued at alpha" \
	"$(find "$n/alpha/spool/bravo/C." -type f | wc -l)" $total
# Each job's worker is killed on its first two runs, never its parent, whose
# death uuxqt would take for the job's: strace sends the signal at the system
# calls named: the first write and the sync, when nothing may have been
# accepted, and the unlocking after the commit, when all is and nobody has heard.
letter ernie dry >"$tap_dir/dry"
(cd / && setpriv --reuid=uucp --regid=uucp --clear-groups env -i PATH=/usr/bin UU_MACHINE=alpha \
	BANGWAY_CONFIG="$tap_dir/gw/bangway.conf" strace -f -e trace=flock,fdatasync \
	"$bin/rmail" 'cwi.example!dry') <"$tap_dir/dry" 2>"$tap_dir/trace"
unlocking=$(awk '/flock\(/ {n++} /fdatasync\(/ {exit} END {print n + 1}' "$tap_dir/trace")
like "faults: when rmail unlocks after its commit is known" "$unlocking" '^[2-9]$'
door rmail <<W
#!/bin/bash
to=\$1
tries=$tap_dir/tries/\${to##*!u}
export BANGWAY_CONFIG=$tap_dir/gw/bangway.conf
echo >>"\$tries"
case \$(((\${to##*!u} + \$(wc -l <"\$tries")) % 3)) in
0) at=writev,pwrite64 when=1 ;;
1) at=fdatasync when=1 ;;
2) at=flock when=$unlocking ;;
esac
[ "\$(wc -l <"\$tries")" -le 2 ] || exec $bin/rmail "\$@"
echo "\$at" >>$tap_dir/kills
export ASAN_OPTIONS=detect_leaks=0 # which cannot be asked of a program that is traced
exec strace -f -o /dev/null -e trace=\$at -e inject=\$at:signal=KILL:when=\$when $bin/rmail "\$@"
W
mkdir "$tap_dir/tries"
chown uucp "$tap_dir/tries"
: >"$tap_dir/kills"
chown uucp "$tap_dir/kills"

daemon_start
bangway link up sea >/dev/null
ok "faults: alpha calls bravo" taylor_call "$n" alpha bravo
within 5 uuxqt_idle

for round in 1 2 3 4 5; do
	uuxqt_through
	if [ $round = 1 ]; then daemon_stop; daemon_start; fi
done
is "faults: every worker was killed twice" "$(wc -l <"$tap_dir/kills")" $((2 * total))
is "faults: the jobs got through all the same" "$(jobs_left)" 0
door rmail <<W
#!/bin/sh
BANGWAY_CONFIG=$tap_dir/gw/bangway.conf exec $bin/rmail "\$@"
W
ok "faults: the queue drains" within 10 deliveries_are 0

# a full spool: the link is down, and more comes than the limit lets in
bangway link down sea >/dev/null
configure "$pf_port" 200KB
big() { letter ernie "$1"; head -c 40000 /dev/zero | tr '\0' 'x' | fold -w 70; echo; }
for i in 1 2 3 4 5 6 7 8; do
	big "full-$i" | taylor_uux "$n" alpha -r -z -a ernie - bravo!rmail "(cwi.example!full$i)"
done
taylor_call "$n" alpha bravo
within 5 uuxqt_idle
uuxqt_through
waiting=$(jobs_left)
like "faults: a full spool leaves jobs with uuxqt ($waiting of 8)" "$waiting" '^[1-7]$'
ok "faults: the link comes up and the queue drains" bangway link up sea
ok "faults: ... to its end" within 10 deliveries_are 0
for round in 1 2 3; do
	uuxqt_through
	within 10 deliveries_are 0
done
all_there() {
	[ "$(grep -hE '^Subject: (job|full)-' "$tap_dir/postfix/out"/* | sort -u | wc -l)" -eq $((total + 8)) ]
}
ok "faults: every job has arrived in the end" within 20 all_there
sleep 0.5
is "faults: each exactly once" \
	"$(grep -hE '^Subject: (job|full)-' "$tap_dir/postfix/out"/* | sort | uniq -d | wc -l)" 0
is "faults: .Failed is empty" "$(find "$bravo/spool/.Failed" -type f 2>/dev/null | wc -l)" 0
is "faults: no job is left at bravo" "$(jobs_left)" 0
ok "faults: the queue is empty" within 5 deliveries_are 0
ok "faults: the spool is sound" bangway spool verify
daemon_stop
[ $tap_failed -eq 0 ] || { diag "daemon's log:"; tail -20 "$tap_dir/gw/log" | cut -c1-150 | sed 's/^/# /'; grep -i fail "$bravo/log/Log" | sed 's/^/# /'; }
done_testing
