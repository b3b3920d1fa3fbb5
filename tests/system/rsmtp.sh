# rsmtp, the real static program, run as uuxqt runs it, under every name: the
# whole collection of batches, damaged ones, jobs run again.
#
# plain-build-only: it bounds the memory of the programs and kills their workers, which the
# sanitizers' own memory and helper processes do not survive.

. tests/lib/tap.sh
. tests/lib/doors.sh

data=$PWD/tests/data/bsmtp
door_setup

# -- the collection ------------------------------------------------------------

# "messages recipients aside" of the last job, by its own account
counted() {
	peek journal | sed -nE 's/^batch-accepted .* messages=([0-9]+) .*refused=([0-9]+) quarantined=([0-9]+) .*/\1 \2 \3/p' | tail -1
}
flags() { peek journal | sed -nE 's/^batch-accepted .*( flags=([^ ]*))$/\2/p' | tail -1; }

# Each file against tests/data/bsmtp/EXPECTED.tsv: its messages in the spool, its
# other pieces set aside. Differences that only the whole program makes are named.
wanted() { # FILE
	case $1 in
	# by its first octets it is compressed; nothing of it is trusted then
	malformed/garbage-before.bsmtp) echo "0 0 1" ;;
	# one recipient cannot be read: it is refused, the other is taken
	malformed/rcpt-bad-syntax.bsmtp) echo "2 1 0" ;;
	*)
		awk -F '\t' -v f="$1" '$1 == f {
			m = $2 == "" ? 0 : split($2, a, " ; "); k = $3 == "" ? 0 : split($3, a, " ; ")
			print m, 0, k}' "$data/EXPECTED.tsv"
		;;
	esac
}

wrong=0
files=0
letters=0
for path in "$data"/valid/*.bsmtp "$data"/malformed/*.bsmtp; do
	name=${path#"$data"/}
	files=$((files + 1))
	job "$path"
	door rsmtp
	got="$rc $(counted)"
	[ "${got##* }" = 0 ] || letters=$((letters + 1))
	[ "$got" = "0 $(wanted "$name")" ] && continue
	wrong=$((wrong + 1))
	diag "$name: got $got, wanted 0 $(wanted "$name")"
done
is "every plain file of the collection gives what is expected" "$files $wrong" "101 0"
is "one postmaster's letter for each job of which something was set aside" \
	"$(peek list | grep -c '^<> notice')" "$letters"

door_empty
grep -v '^QUIT' "$data/malformed/sender-bad-syntax.bsmtp" >"$tap_dir/two-pieces"
cat "$data/malformed/data-before-rcpt.bsmtp" >>"$tap_dir/two-pieces"
job "$tap_dir/two-pieces"
door rsmtp
is "two pieces of one job" "$rc $(counted) $(aside)" "0 2 0 2 2"
like "are told in one letter" "$(peek list | grep -c '^<> notice') $(peek content 2)" '^1 From:'
like "with its pieces counted" "$(peek content 2)" '^    [0-9]+ bytes in 2 pieces$'
like "and both reasons" "$(peek content 2 | tr '\n' '+')" '    a sender that cannot be read\+    a message without a recipient\+'

wrong=0
files=0
for path in "$data"/valid/*.Z* "$data"/valid/*.gz* "$data"/valid/*.bz2* "$data"/valid/*.xz* "$data"/valid/*.zst*; do
	name=$(basename "$path")
	files=$((files + 1))
	door_empty
	job "$data/valid/${name%%.*}.bsmtp"
	door rsmtp
	plain=$(peek list; for i in 0 1 2; do peek content $i; done)
	door_empty
	job "$path"
	door rsmtp
	packed=$(peek list; for i in 0 1 2; do peek content $i; done)
	[ $rc = 0 ] && [ "$packed" = "$plain" ] && continue
	wrong=$((wrong + 1))
	diag "$name: exit $rc, another queue than the plain file's"
done
is "every compressed file gives the queue of the plain one" "$files $wrong" "20 0"

# -- names, forms, contents -------------------------------------------------------

door_empty
three=$data/valid/smail-12-three-helo-quit.bsmtp
for name in rsmtp rcsmtp crsmtp cbsmtp rgsmtp grsmtp gbsmtp rbsmtp brsmtp rfsmtp frsmtp rzsmtp zrsmtp bsmtp; do
	ln -sf "$bin/rsmtp" "$tap_dir/$name"
	job "$three.xz"
	door "$tap_dir/$name"
	[ $rc = 0 ] || diag "$name: exit $rc"
done
is "fourteen names, each reads an .xz" "$(messages)" 42

door_empty
job "$data/malformed/from-line-in-data.bsmtp"
door rsmtp
is "a From_ line after DATA is dropped" "$(peek content 0)" "Subject: x

b"
job "$data/malformed/mail-params.bsmtp"
door rsmtp
like "parameters are kept" "$(peek list)" 'to d@one.example by domain:one.example notify=1 '
job "$data/malformed/unstuffed-dot-line.bsmtp"
door rsmtp
like "dots are unstuffed once" "$(peek content 2)" '^\.two$'
job "$data/malformed/unqualified-user.bsmtp"
door rsmtp
like "a bare sender is the neighbour's user" "$(peek list)" '^<alpha!alice> bsmtp site=alpha '
job "$data/malformed/rcpt-2000.bsmtp"
door rsmtp
is "2000 recipients" "$(peek list | grep -c 'to u[0-9]*@one.example')" 2000
job "$data/malformed/crlf-dot-lf.bsmtp"
door rsmtp
is "nothing is smuggled" "$(peek list | grep -c 'evil\|victim')" 0

# -- damage --------------------------------------------------------------------------

fifty=$data/valid/smail-13-fifty-helo-quit.bsmtp
damaged() { # WHAT FILE REGEX: nothing is taken, everything is kept as it came
	door_empty
	job "$2"
	door rsmtp
	is "$1: nothing is taken, all is kept" "$rc $(counted)" "0 0 0 1"
	like "$1: the reason" "$(peek aside)" "$3"
	peek octets 0 >"$tap_dir/octets"
	ok "$1: octet for octet" cmp "$tap_dir/octets" "$2"
}
flip() { # FILE OFFSET-FROM-END >OUT
	python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[-int(sys.argv[2])] ^= 64; sys.stdout.buffer.write(d)' "$1" "$2"
}
for suffix in gz bz2 xz; do
	flip "$fifty.$suffix" 6 >"$tap_dir/flipped"
	damaged "a .$suffix with a wrong checksum" "$tap_dir/flipped" 'damaged|cannot be decompressed'
done
flip "$fifty.zst" 2 >"$tap_dir/flipped"
damaged "a .zst with a wrong checksum" "$tap_dir/flipped" 'damaged'
flip "$fifty.gz" 20000 >"$tap_dir/flipped"
damaged "a .gz that is wrong in its middle" "$tap_dir/flipped" 'damaged'
{ printf '\037\237'; head -c 100 "$fifty"; } >"$tap_dir/frozen"
damaged "freeze, which nothing reads" "$tap_dir/frozen" 'cannot be decompressed'
head -c 30000000 /dev/zero | gzip -9 >"$tap_dir/bomb"
damaged "a bomb" "$tap_dir/bomb" 'limits.batch-ratio'
head -c 400000000 /dev/zero | xz -T1 --lzma2=preset=0,dict=384MiB >"$tap_dir/greedy"
damaged "a greedy dictionary" "$tap_dir/greedy" 'memory|limits.batch-ratio'

short() { # WHAT FILE: whole messages are taken, the rest is kept
	local total
	door_empty
	job "$2"
	door rsmtp
	total=$(counted)
	like "$1: whole messages are taken, one piece is kept" "$rc $total" "${3:-^0 [1-9][0-9]* 0 1\$}"
	diag "$1: $total, flags $(flags)"
}
head -c 24000 "$fifty.gz" >"$tap_dir/cut"
short "a .gz cut in half" "$tap_dir/cut"
head -c 24000 "$fifty.Z" >"$tap_dir/cut"
short "a .Z cut in half" "$tap_dir/cut"
is "a .Z cut in half: flagged" "$(flags)" cut,unchecked,no-quit
head -c 60000 "$fifty" >"$tap_dir/cut"
short "a plain batch cut in half" "$tap_dir/cut"
head -c 24000 "$fifty.bz2" >"$tap_dir/cut"
short "a .bz2 cut in half has no whole block" "$tap_dir/cut" '^0 0 0 1$'
head -c 24000 "$fifty.zst" >"$tap_dir/cut"
short "a .zst cut in half" "$tap_dir/cut" '^0 [0-9]+ 0 1$'
head -c 24000 "$fifty.xz" >"$tap_dir/cut"
short "a .xz cut in half" "$tap_dir/cut" '^0 [0-9]+ 0 1$'
grep -v '^QUIT' "$three" | compress -c >"$tap_dir/noquit"
door_empty
job "$tap_dir/noquit"
door rsmtp
is "a .Z without QUIT is taken, and flagged" "$rc $(counted) $(flags)" "0 3 0 0 unchecked,no-quit"

# -- once, durable, and everything that passes -----------------------------------------

door_empty
job "$fifty.gz"
door rsmtp
door rsmtp
is "a batch run again gives nothing twice" "$rc $(messages)" "0 50"
job "$fifty.gz"
door rsmtp
is "the same batch in another file is another batch" "$rc $(messages)" "0 100"
is "a batch is one commit" "$(
	job "$three"
	(under_uuxqt strace -f -e trace=fdatasync "$bin/rsmtp") 2>&1 | grep -c 'fdatasync('
)" 1

door_empty
for i in $(seq 15); do
	job "$fifty.gz"
	under_uuxqt "$bin/rsmtp" 2>/dev/null &
	parent=$!
	kill_worker $parent $((RANDOM % 5000))
	wait $parent
	case $? in 0 | 75) ;; *) echo >>"$tap_dir/wrong" ;; esac
	door rsmtp
	[ $rc -eq 0 ] || echo >>"$tap_dir/wrong"
done
is "workers killed: each message is there once" "$(messages)" 750
is "workers killed: only 0 and 75 were said" "$(cat "$tap_dir/wrong" 2>/dev/null)" ""
like "workers killed: some were" "$(wc -l <"$tap_dir/killed")" '^[1-9]'
none_left() { ! pgrep -x rsmtp -u "$owner"; }
ok "no decoder is left behind" within 5 none_left

door_setup 'limit = "100kB"; message-size = "100kB";'
job "$fifty.gz"
door rsmtp
is "a full spool takes nothing of a batch: 75" "$rc $(messages)" "75 0"
like "a full spool: said" "$(cat "$tap_dir/words")" 'limit is 100000'
door_setup 'message-size = "64kB";' 'limits = { recipients = 100; hops = 12; };'
{
	sed '/^QUIT/d' "$three"
	printf 'MAIL FROM:<s@example.net>\nRCPT TO:<big@one.example>\nDATA\nSubject: big\n\n'
	head -c 70000 /dev/zero | tr '\0' x | fold -w 70
	printf '\n.\nMAIL FROM:<s@example.net>\n'
	for i in $(seq 120); do echo "RCPT TO:<r$i@one.example>"; done
	printf 'DATA\nSubject: many\n\n.\nMAIL FROM:<s@example.net>\nRCPT TO:<loop@one.example>\nDATA\n'
	for i in $(seq 14); do echo "Received: by h$i; today"; done
	printf '\n.\nMAIL FROM:<>\nRCPT TO:<nobody@>\nDATA\nSubject: stray\n\n.\nQUIT\n'
} >"$tap_dir/bounds"
job "$tap_dir/bounds"
door rsmtp
is "bounds: one bad message never stops the others" "$rc $(counted)" "0 4 22 1"
is "bounds: each has its answer" "$(peek aside | sed 's/.*): //')" \
	"no recipient can be reached from here, and there is no sender to tell"
like "bounds: a loop too" "$(peek content 6)" '^Status: 5\.4\.6'
is "bounds: the senders are told" "$(peek list | grep -c 'to s@example.net ')" 3

door_setup
sed 's/^Subject: message 1/X-Kill: segv/' "$three" | gzip >"$tap_dir/poison"
job "$tap_dir/poison"
for i in 1 2; do
	door "$bin/tests/wrap/rsmtp"
	is "poison: death $i" "$rc $(aside) $(messages)" "75 0 0"
done
door "$bin/tests/wrap/rsmtp"
is "poison: then its octets are set aside unparsed" "$rc $(aside)" "0 1"
ok "poison: as they came" sh -c "'$bin/tests/tools/peek' octets '$spool' 0 | cmp - '$D'"

# -- large ------------------------------------------------------------------------------

door_setup
python3 - "$tap_dir/large" <<'P'
import sys
text = ("x" * 71 + "\n") * 26
with open(sys.argv[1], "w") as f:
    for i in range(20000):
        f.write(f"MAIL FROM:<a@b.example>\nRCPT TO:<u{i}@c.example>\nDATA\nSubject: {i}\n\n{text}.\n")
P
gzip "$tap_dir/large"
job "$tap_dir/large.gz"
under_uuxqt "$bin/rsmtp" 2>/dev/null &
parent=$!
watch_memory $parent
wait $parent
is "20000 messages are taken" "$? $(messages)" "0 20000"
like "within 16 MiB of memory" "$peak" '^([1-9][0-9]{2,3}|1[0-5][0-9]{3})$'

# -- an envelope without end: bounded, and for good; 75 would run it for ever -----------

overrun() { # FORMAT
	door_empty
	{
		echo 'MAIL FROM:<a@b.example>'
		seq -f "$1" 200000
		printf 'DATA\nSubject: many\n\ntext\n.\nMAIL FROM:<a@b.example>\nRCPT TO:<d@c.example>\nDATA\n\nnext\n.\n'
	} >"$tap_dir/overrun"
	job "$tap_dir/overrun"
	under_uuxqt "$bin/rsmtp" 2>/dev/null &
	parent=$!
	watch_memory $parent
	wait $parent
	rc=$?
}
long=$(head -c 350 /dev/zero | tr '\0' x)
overrun 'RCPT TO:<u%g@c.example>'
is "200000 recipients: set aside, the next message is taken" "$rc $(aside)" "0 1"
like "within 16 MiB of memory" "$peak" '^([1-9][0-9]{1,3}|1[0-5][0-9]{3})$'
overrun 'RCPT TO:<u%g@c.example'
is "200000 that cannot be read: likewise" "$rc $(aside)" "0 1"
overrun "RCPT TO:<$long!u%g@c.example>"
is "more octets of them than the spool holds of one letter: likewise" "$rc $(aside)" "0 1"
done_testing
