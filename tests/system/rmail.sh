# rmail, the real static program, run as uuxqt runs it: what it takes, what it
# sets aside, what it leaves for another time; once and once only.
#
# plain-build-only: it bounds the memory of the programs and kills their workers, which the
# sanitizers' own memory and helper processes do not survive.

. tests/lib/tap.sh
. tests/lib/doors.sh

data=$PWD/tests/data
door_setup
letter=$tap_dir/letter
cat >"$letter" <<'L'
From alice Mon Jan  5 10:00:00 1987 remote from alpha
From: alpha!alice (Alice)
Subject: hello

text
L
variant() { sed "s/^Subject: .*/$2/" "$letter" >"$1"; }

# -- the jobs of a real uuxqt ------------------------------------------------

# the envelope that each job of tests/data/uucp becomes
envelopes() {
	cat <<'T'
01-simple|<alpha!alice> to bob by local:gw.example.com
02-relay-three-rcpt|<alpha!charlie!delta!carol> to bob by local:gw.example.com to echo!foxtrot!dan by site:echo to eve@example.com by domain:example.com
03-from-lines-reversed|<delta!charlie!alpha!uucp> to bob by local:gw.example.com
04-crlf-8bit-no-eol|<alice@alpha.example> to bob@bravo.example by domain:bravo.example
05-no-from-line|<alpha!uucp> to bob by local:gw.example.com
06-binary|<alpha!uucp> to bob by local:gw.example.com
07-larger-grade-C|<alpha!alice> to bob by local:gw.example.com
08-x-file-sent-b-option|<alpha!alice> to bob by local:gw.example.com
09-shell-metachars|<alpha!alice> to a;b by refused: to "q"@x.y by domain:x.y to bob@c.d by domain:c.d to p|q by local:gw.example.com
10-requestor-space|<alpha!alice> to bob by local:gw.example.com
13-slash-dash-tilde-args|<alpha!alice> to /C=US/ADMD=X/ by refused: to -oQ by refused: to /var/spool/uucp by refused: to ~x by local:gw.example.com
T
}
envelope() { peek list | sed -E 's/ (rmail|local|notice) site=.*//; s/ notify=.*//; s/^  //' | paste -sd' '; }

while IFS='|' read -r name wanted; do
	door_empty
	mapfile -t args < <(sed -n 's/^argv[1-9][0-9]*=//p' "$data/uucp/$name/rmail1.argv")
	job "$data/uucp/$name/rmail1.stdin"
	door rmail "${args[@]}"
	is "$name: taken" $rc 0
	is "$name: its envelope" "$(envelope)" "$wanted"
	tr -d '\r' <"$D" >"$tap_dir/canonical"
	[ $name = 06-binary ] && cp "$D" "$tap_dir/canonical"
	peek content 0 >"$tap_dir/stored"
	ok "$name: stored as it came" cmp "$tap_dir/canonical" "$tap_dir/stored"
done < <(envelopes)

# -- senders that no SMTP could carry ------------------------------------------

wide=/G=Jan/S=Smit/O=Centrum-voor-Wiskunde-en-Informatica/PRMD=surf/ADMD=400net/C=NL/
while read -r sender wanted; do
	door_empty
	sed "1s|alice|$sender|" "$letter" >"$tap_dir/sender"
	job "$tap_dir/sender"
	door rmail bob
	is "From $sender: taken" "$(envelope)" "<$wanted> to bob by local:gw.example.com"
done <<T
$wide alpha!$wide
far!$wide alpha!far!$wide
@a:user@b alpha!b!user
@a.example,@b:user@c.UUCP alpha!c!user
T
id=$("$bin/bangway" -C "$conf" queue --json | jq -r '.messages[0].id')
hop='^hop +alpha, 1987-01-05T10:00:00Z, from @a.example,@b:user@c.UUCP$'
like "queue show tells the hops of its chain" "$("$bin/bangway" -C "$conf" queue show "$id")" "$hop"
like "and so does trace" "$("$bin/bangway" -C "$conf" trace "$id")" "$hop"
is "and for programs" "$("$bin/bangway" -C "$conf" trace "$id" --json | jq -r '.messages[0].hops[0].site')" alpha

door_empty
job "$data/uucp/11-empty-stdin/rmail1.stdin"
door rmail bob
is "11-empty-stdin: taken" $rc 0
like "11-empty-stdin: set aside" "$(peek aside)" '^0 octets, rmail from alpha.*: the letter is empty$'
job "$data"/uucp/14-forward-two-hops/D.alphaN0003
door rmail bob
is "14-forward-two-hops: its letter is taken" "$rc $(messages)" "0 2"
job "$data"/uucp/15-rsmtp-batch/D.alphaN0001
door rsmtp
like "15-rsmtp-batch: a letter that is no batch is set aside" "$(peek aside | tail -1)" \
	'^229 octets, rsmtp from alpha.*: lines that are no SMTP commands'

for dir in "$data"/vax43/0*; do
	name=$(basename "$dir")
	door_empty
	site=vax43
	mapfile -t args <"$dir/recipients"
	job "$dir/stdin"
	door rmail "${args[@]}"
	site=alpha
	is "vax43/$name: taken" "$rc $(messages)" "0 1"
	like "vax43/$name: its sender" "$(peek list)" '^<vax43!(root|ernie)> rmail site=vax43 '
	peek content 0 >"$tap_dir/stored"
	ok "vax43/$name: stored as it came" cmp "$D" "$tap_dir/stored"
done

# -- arguments -----------------------------------------------------------------

door_empty
job "$letter"
door rmail '(a!b)' -x@b '"a' 'b"@c.example' -C /etc/passwd -be bob bob
is "no argument is an option" "$rc $(envelope)" \
	'0 <alpha!alice> to a!b by site:a to -x@b by refused: to "a b"@c.example by domain:c.example to -C by refused: to /etc/passwd by refused: to -be by refused: to bob by local:gw.example.com'
door_empty
job "$letter"
door rmail
is "no argument: kept" "$rc $(aside)" "0 1"
like "no argument: the postmaster is told" "$(peek content 0)" 'no recipient'
ok "no argument: octet for octet" sh -c "'$bin/tests/tools/peek' octets '$spool' 0 | cmp - '$letter'"
job "$letter"
door rmail "$(head -c 120000 /dev/zero | tr '\0' x)@c.example" bob
is "an address of 120 KB is refused, the other is not" \
	"$rc $(peek list | grep -c 'by refused:') $(peek list | grep -c 'to bob ')" "0 1 1"

door_empty
job /dev/null
door rmail bob 'dest.example!a b' "$(printf 'x%0400d' 1)"
shown=$("$bin/bangway" -C "$conf" quarantine show \
	"$("$bin/bangway" -C "$conf" quarantine --json | jq -r '.items[0].id')" | tr -d '\n ')
like "set aside: for whom it was is kept whole" "$shown" 'forbobdest\.example!abx0{399}1'

door_empty
sed '1s/alice/MAILER-DAEMON/' "$letter" >"$tap_dir/stray"
job "$tap_dir/stray"
door rmail -x@b
like "nobody to send it to and nobody to tell: set aside" "$rc $(peek aside)" '^0 .*no recipient'
job "$tap_dir/stray"
door rmail bob
like "a null sender is the null sender" "$(peek list)" '^<> rmail site=alpha '
site=stranger
job "$letter"
door rmail piet@cwi.example bob
site=alpha
like "a stranger may not send through us, but to us" "$(peek list | tail -2 | paste -sd' ')" \
	'to piet@cwi.example by refused: .* to bob by local:'
exec 7<>"$spool/wake"
job "$letter"
door rmail bob
is "the daemon is woken" "$(timeout 2 head -c 1 <&7 | wc -c)" 1
exec 7<&-

# -- what Debian's rmail gets wrong (tests/unit/from_line.c) ------------------------

debian_fault() { # WHAT FROM-LINES SENDER
	printf "$2\nSubject: x\n\ntext\n" >"$tap_dir/fault"
	door_empty
	job "$tap_dir/fault"
	door rmail bob
	is "Debian's fault $1" "$rc $(peek list | sed -n '1s/ .*//p')" "0 $3"
}
day='Mon Jan  5 10:00:00 1987 remote from alpha'
debian_fault "1: a hop put before user@domain" "From bob@dom.example $day" '<bob@dom.example>'
debian_fault "2: a hop put before the null path" "From <> $day" '<>'
debian_fault "3: a mailer daemon that is answered" "From MAILER-DAEMON $day" '<>'
debian_fault "4: text of the letter eaten as a hop" "From bob $day\n>From here I quote" '<alpha!bob>'
like "Debian's fault 4: the text is there" "$(peek content 0)" '^>From here I quote'

# every From_ chain of the corpora: taken or set aside, never lost
door_empty
python3 - "$data/from_lines/more.tsv" "$tap_dir" <<'P'
import codecs, sys
for i, row in enumerate(open(sys.argv[1]).read().split("\n")[1:-1]):
    open("%s/chain.%d" % (sys.argv[2], i), "wb").write(codecs.escape_decode(row.split("\t")[1])[0])
P
letters=0 before=0
for chain in "$tap_dir"/chain.* "$data"/from_lines/stdin/*; do
	job "$chain"
	door rmail bob
	after=$(($(messages) + $(aside)))
	[ $rc -eq 0 ] && [ $after -gt $before ] || { diag "$chain: $rc $(tail -1 "$tap_dir/words")"; break; }
	before=$after
	letters=$((letters + 1))
done
is "From_ chains: every letter is there, or set aside" $letters 241

# -- once -------------------------------------------------------------------------

door_empty
job "$letter"
door rmail bob
door rmail bob
is "a job run twice is taken once" "$rc $(messages)" "0 1"
door rmail jan
is "the same file for another is another letter" "$rc $(messages)" "0 2"
job "$letter"
door rmail bob
is "an equal letter in another file is another letter" "$rc $(messages)" "0 3"
cp "$letter" "$tap_dir/letter2"
D=$tap_dir/letter2
door rmail bob
door rmail bob
is "what is no D. file is not recognised" "$rc $(messages)" "0 5"
job "$letter"
by_hand() { env -i PATH=/usr/bin BANGWAY_CONFIG="$conf" "$bin/rmail" "$@" <"$D" 2>"$tap_dir/words"; }
by_hand bob
by_hand bob
is "outside uuxqt nothing is recognised" "$? $(messages)" "0 7"
by_hand
is "outside uuxqt: no recipient is a mistake of usage" $? 64
by_hand 'a b@c'
is "outside uuxqt: nobody to send it to" $? 65
like "outside uuxqt: said" "$(cat "$tap_dir/words")" 'no recipient can be reached'
(under_uuxqt "$bin/rmail" ann 1>&- 2>&-)
is "closed descriptors harm nothing" "$? $(messages)" "0 8"
like "outside uuxqt the letter is ours" "$(peek list)" '^<alpha!alice> local site= client=root '

# a worker killed at any moment, and the job run again: once
door_empty
for i in $(seq 30); do
	job "$letter"
	under_uuxqt "$bin/rmail" bob 2>/dev/null &
	parent=$!
	kill_worker $parent $((RANDOM % 2000))
	wait $parent
	case $? in 0 | 75) ;; *) echo >>"$tap_dir/wrong" ;; esac
	door rmail bob
	[ $rc -eq 0 ] || echo >>"$tap_dir/wrong"
done
is "workers killed: each job is there once" "$(messages)" 30
is "workers killed: only 0 and 75 were said" "$(cat "$tap_dir/wrong" 2>/dev/null)" ""
like "workers killed: some were" "$(wc -l <"$tap_dir/killed")" '^[1-9]'

# -- what passes: 75, and the words to syslog ----------------------------------------

refused_for_now() { # WHAT REGEX
	is "$1: 75" $rc 75
	like "$1: said" "$(cat "$tap_dir/words")" "$2"
}
variant "$tap_dir/other" 'Subject: other'
job "$tap_dir/other"
mv "$spool" "$spool.away"
door rmail bob
refused_for_now "no spool yet" 'no spool|No such file'
mv "$spool.away" "$spool"
mv "$conf" "$conf.away"
door rmail bob
refused_for_now "no configuration" 'cannot be read'
{ cat "$conf.away" && echo 'nonsense = 1;'; } >"$conf"
door rmail bob
refused_for_now "a wrong configuration" 'bangway.conf:[0-9]+: '
mv "$conf.away" "$conf"
door rmail bob
is "then it is taken" "$rc $(messages)" "0 31"

door_setup 'limit = "200kB"; message-size = "200kB"; lock-wait = "1s";'
head -c 150000 /dev/zero | tr '\0' 'x' | fold -w 70 | cat "$letter" - >"$tap_dir/large"
job "$tap_dir/large"
door rmail bob
job "$tap_dir/large"
door rmail bob
refused_for_now "a full spool" 'limit is 200000'
is "a full spool has what came before" "$(messages)" 1
job "$letter"
flock "$spool/lock" sleep 3 &
started $!
sleep 0.2
door rmail bob
refused_for_now "a spool that is locked for too long" 'lock|busy'
wait
door rmail bob
is "then it is taken" "$rc $(messages)" "0 2"

job "$letter"
ulimit_memory() { (ulimit -v 20000; door rmail bob; exit $rc) 2>/dev/null; }
ulimit_memory
is "no memory: 75" $? 75
syslog=$(under_uuxqt strace -f -e trace=connect env BANGWAY_CONFIG=/none UU_MACHINE=alpha "$bin/rmail" bob 2>&1)
like "a 75 is said to syslog" "$syslog" 'connect\(.*"/dev/log"'

# -- poison -------------------------------------------------------------------------

door_setup
for how in segv abrt; do
	variant "$tap_dir/poison" "X-Kill: $how"
	job "$tap_dir/poison"
	before=$(aside)
	door "$bin/tests/wrap/rmail" bob
	refused_for_now "$how: first death" 'worker-died'
	door "$bin/tests/wrap/rmail" bob
	is "$how: second death" "$rc $(aside)" "75 $before"
	door "$bin/tests/wrap/rmail" bob
	is "$how: then its octets are set aside unparsed" "$rc $(aside)" "0 $((before + 1))"
	ok "$how: octet for octet" \
		sh -c "'$bin/tests/tools/peek' octets '$spool' $before | cmp - '$D'"
	door "$bin/tests/wrap/rmail" bob
	is "$how: the job is known" "$rc $(aside)" "0 $((before + 1))"
	job "$letter"
	door rmail bob
	is "$how: another job is none of its" "$rc $(aside)" "0 $((before + 1))"
done
for how in kill exit; do
	variant "$tap_dir/poison" "X-Kill: $how"
	job "$tap_dir/poison"
	for i in 1 2 3; do
		door "$bin/tests/wrap/rmail" bob
		is "$how: death $i is no fault of the letter" "$rc $(aside)" "75 2"
	done
done
job "$letter"
door "$bin/tests/wrap/rmail" bob
is "a sound letter passes beside them" "$rc" 0

# -- bounds --------------------------------------------------------------------------

door_setup 'message-size = "100kB";' 'limits = { header = "20kB"; hops = 12; recipients = 100; };'
job "$tap_dir/large"
door rmail bob
is "too large: answered for good" $rc 0
like "too large: the sender is told" "$(peek content 0)" 'larger than this host takes'
like "too large: as an RFC 3464 report" "$(peek content 0)" '^Status: 5\.3\.4'
is "too large: to the envelope's sender" "$(envelope)" '<> to alpha!alice by site:alpha'
{ echo 'From MAILER-DAEMON Mon Jan  5 10:00:00 1987 remote from alpha'; cat "$tap_dir/large"; } |
	sed '2d' >"$tap_dir/bounce"
job "$tap_dir/bounce"
door rmail bob
is "too large, no sender to tell: set aside" "$rc $(aside)" "0 1"
{ sed -n 1p "$letter"; for i in $(seq 14); do echo "Received: by h$i; today"; done; echo; } >"$tap_dir/loop"
job "$tap_dir/loop"
door rmail bob
is "a loop by Received fields: its sender is told" "$rc $(envelope | sed 's/.*<>/<>/')" \
	"0 <> to alpha!alice by site:alpha"
{ for i in $(seq 14); do echo "From u Mon Jan  5 10:00:00 1987 remote from h$i"; done; echo; } >"$tap_dir/loop"
job "$tap_dir/loop"
door rmail bob
like "a loop by From_ lines: its sender is told" "$rc $(envelope)" \
	'^0 .*<> to h1!h2!h3!h4!h5!h6!h7!h8!h9!h10!h11!h12!h13!h14!u by site:h1$'
{ sed -n 1p "$letter"; for i in $(seq 900); do echo "X-Field-$i: some words in it"; done; echo; } >"$tap_dir/header"
job "$tap_dir/header"
door rmail bob
like "a header without end: set aside" "$rc $(peek aside | tail -1)" '^0 .*header'
door_empty
job "$letter"
door rmail $(seq -f 'u%g@c.example' 130)
is "100 recipients are taken, 30 returned" \
	"$rc $(peek list | grep -c 'by domain:c.example') $(peek content 1 | grep -c '^Final-Recipient')" "0 100 30"

door_setup 'message-size = "2GB";'
{ cat "$letter"; head -c 300000000 /dev/zero | tr '\0' '\n'; } >"$tap_dir/huge"
job "$tap_dir/huge"
under_uuxqt "$bin/rmail" bob 2>/dev/null &
parent=$!
watch_memory $parent
wait $parent
is "a letter of 300 MB is taken" "$? $(messages)" "0 1"
like "within 16 MiB of memory" "$peak" '^([1-9][0-9]{2,3}|1[0-5][0-9]{3})$'
rm -f "$tap_dir/huge" "$D"

# -- a pipe, by a person or a mail server: it is copied to a disk that is full ----------

door_empty
cat >"$tap_dir/full" <<'F'
mount -t tmpfs -o size=4M,mode=700,uid=$(id -u nobody) none "$1" || exit
"$2/tests/tools/peek" create "$1"
dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null
cat "$3" | BANGWAY_CONFIG=$4 "$2/rmail" bob 2>/dev/null
echo $?
F
is "a disk that is full may pass" "$(unshare -m sh "$tap_dir/full" "$spool" "$bin" "$letter" "$conf")" 75

# -- nobody's ^Z stops it with the spool's lock in its hand ----------------------------

mkfifo "$tap_dir/fifo"
D=$tap_dir/fifo
under_uuxqt "$bin/rmail" bob 2>/dev/null &
parent=$!
exec 5>"$tap_dir/fifo"
find_worker $parent
ignored=$(awk '/^SigIgn/ {print $2}' "/proc/$worker/status")
is "the signals of a terminal's jobs are ignored" $((0x$ignored >> 19 & 7)) 7
cat "$letter" >&5
exec 5>&-
wait $parent
is "and the letter is taken" $? 0

# -- durable before it is said --------------------------------------------------------

door_setup
job "$letter"
(under_uuxqt strace -f -o "$tap_dir/trace" -e \
	trace=openat,write,writev,pwrite64,pwritev,fdatasync,fsync,exit_group "$bin/rmail" bob) 2>/dev/null
is "traced: taken" "$? $(messages)" "0 1"
durable() {
	awk '
	/openat\(.*data\.mdb.*O_DSYNC/ {match($0, /= [0-9]+$/); meta = substr($0, RSTART + 2); next}
	/openat\(.*data\.mdb/ {match($0, /= [0-9]+$/); data = substr($0, RSTART + 2); next}
	$2 ~ "^(pwrite64|writev|pwritev|write)\\(" data "," {dirty = 1; written = 1}
	$2 ~ "^f(data)?sync\\(" data "\\)" && /= 0$/ {dirty = 0; synced = 1}
	$2 ~ "^pwrite64\\(" meta "," && /= [1-9]/ {if (!dirty && synced) done = 1}
	/exit_group\(0\)/ {if (!(written && done && !dirty)) {print "too early: " $0; bad = 1}; exits++}
	END {exit bad || exits != 2}' "$tap_dir/trace"
}
ok "traced: no success before its sync" durable
for call in fdatasync:error=EIO pwrite64:error=ENOSPC; do
	variant "$tap_dir/other" "Subject: $call"
	job "$tap_dir/other"
	before=$(messages)
	(under_uuxqt strace -f -o /dev/null -e "inject=$call" "$bin/rmail" bob) 2>/dev/null
	is "$call: 75, nothing is taken" "$? $(messages)" "75 $before"
	door rmail bob
	is "$call: then it is taken" "$rc $(messages)" "0 $((before + 1))"
done

done_testing
