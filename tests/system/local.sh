# Mail for our own domains, by the real rmail and rsmtp and a daemon: users,
# nobody, the postmaster of each domain, the catch-all; aliases with an included
# file and members elsewhere; lists whose owner is told, circles, files that
# cannot be used, and what the operator sees of it.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$tap_dir/bin # uucp's own user may not see where we are built
mkdir "$bin"
cp "$BUILD"/rmail "$BUILD"/rsmtp "$BUILD"/bangway "$BUILD"/bangwayd "$BUILD"/sink "$bin"
conf=$tap_dir/etc/bangway.conf
port=$(free_port)
mkdir "$tap_dir/etc" "$tap_dir/mail" "$tap_dir/museum" "$tap_dir/out"

cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = [ "gw", "oldgw" ];
domains    = ( "gw.example.com", "open.example",
               { name = "museum.example";
                 users = [ "curator" ];
                 aliases = "$tap_dir/etc/museum.aliases";
                 catch-all = "curator@museum.example";
                 postmaster = "guard@museum.example";
                 local = "maildir:$tap_dir/museum/%u"; },
               { name = "empty.example"; users = []; catch-all = "none"; } );
users      = [ "jim", "piet", "captain", "boss" ];
aliases    = "$tap_dir/etc/aliases";
local      = "maildir:$tap_dir/mail/%u";
postmaster = "boss@gw.example.com";
spool      = { directory = "$tap_dir/spool"; };
control-socket = "$tap_dir/etc/control";
sites      = { vax43 = { domain = "vax43.example.com"; relay = false; }; };
routes     = ( { to = "*"; next-hop = "smtp:127.0.0.1:$port"; tls = "off"; } );
C
cat >"$tap_dir/etc/aliases" <<A
# who reads what
staff:       piet, :include:$tap_dir/etc/staff.list
piet:        \\piet, piet@home.example
ship:        jim, mate@sea.example, dead@sea.example
owner-ship:  captain
fleet:       admiral@sea.example, ship
fleet-owner: boss
round:       about
about:       round
half:        about, jim
sea:         x@sea.example, y@sea.example
A
cat >"$tap_dir/etc/staff.list" <<A
# of the list alone
jim
far@elsewhere.example
A
cat >"$tap_dir/etc/museum.aliases" <<A
guard: curator, guard@night.example
A
chown -R uucp:uucp "$tap_dir"

bangway() { as_uucp "$bin/bangway" -C "$conf" "$@"; }
daemon_start() {
	(cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups \
		"$bin/bangwayd" -C "$conf") >>"$tap_dir/log" 2>&1 &
	daemon=$!
	started $daemon
	within 10 bangway status
}
daemon_stop() {
	kill "$daemon"
	wait "$daemon"
}
door() { # PROGRAM ARGUMENT...; the letter from standard input
	as_uucp env UU_MACHINE=vax43 UU_USER=uucp BANGWAY_CONFIG="$conf" "$bin/$1" "${@:2}" \
		2>>"$tap_dir/doors.log"
}
letter() { # SUBJECT RECIPIENT...
	printf 'From ernie Mon Jan  5 10:00:00 1987 remote from vax43\nFrom: vax43!ernie\nSubject: %s\n\ntext\n' \
		"$1" | door rmail "${@:2}"
}
is_idle() { [ "$(bangway queue --json | jq '.counts.deliveries // .deliveries // 0')" = 0 ]; }
settled() { within 15 is_idle || { diag "the queue is not empty"; bangway queue | sed 's/^/# /'; }; }
in_box() { grep -rlx "Subject: $2" "$tap_dir/$1/new" 2>/dev/null | wc -l; } # DIRECTORY SUBJECT
notices() { grep -rlE '^Subject: (Not delivered|Handed on|Delivered)' "$tap_dir/mail/$1/new" 2>/dev/null; }
# What the sink has of a letter: "sender>recipient,recipient" of each transaction.
sent() { # SUBJECT
	local f
	for f in "$tap_dir"/out/*.eml; do
		tr -d '\r' <"$f" | grep -qx "Subject: $1" || continue
		tr -d '\r' <"$f" | sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1>/p; s/^RCPT TO:<\([^>]*\)>.*/\1/p' |
			paste -sd, | sed 's/>,/>/'
	done | sort | paste -sd' '
}
# The notices that the sink has, for vax43!ernie.
returned() { cat "$tap_dir"/out/*.eml | tr -d '\r' | sed -n '/^MAIL FROM:<>/,$p'; }
forget() { rm -f "$tap_dir"/out/*.eml; }

"$bin/sink" --port "$port" --out "$tap_dir/out" --quiet --refuse dead 2>/dev/null &
started $!
within 5 port_open "$port"
ok "the daemon is up" daemon_start

# -- users --------------------------------------------------------------------------------

ok "users: a letter is taken" letter one jim
ok "users: by domain, whatever its case" letter two JIM@GW.example.com
ok "users: by any of our UUCP names" letter three oldgw!jim
ok "users: with a detail" letter four jim+news@gw.example.com
ok "users: of a domain of its own" letter five curator@museum.example
settled
is "users: they have their letters" \
	"$(for s in one two three four; do in_box mail/jim $s; done | paste -sd' ')" "1 1 1 1"
is "users: each in the mailbox of his domain" "$(in_box museum/curator five)" 1

ok "nobody: a letter is taken" letter six nosuch@gw.example.com curator@gw.example.com
ok "nobody: at a domain without users" letter seven jim@empty.example
settled
like "nobody: the sender is told of both" "$(returned | grep -c '^Status: 5.1.1')" '^3$'
like "nobody: ... in words" "$(returned)" 'gw.example.com has no user nosuch'
forget

ok "catch-all: a letter is taken" letter eight anybody@museum.example
settled
is "catch-all: it has it" "$(in_box museum/curator eight)" 1

# -- the postmaster -----------------------------------------------------------------------

ok "postmaster: letters are taken" letter nine postmaster PostMaster@open.example \
	POSTMASTER@empty.example
ok "postmaster: of a domain of its own" letter ten postmaster@museum.example
settled
is "postmaster: the one for all has it once for each domain" "$(in_box mail/boss nine)" 1
is "postmaster: an alias of the domain is he" "$(in_box museum/curator ten)" 1
is "postmaster: ... who is two" "$(sent ten)" "ernie@vax43.example.com>guard@night.example"
forget

# -- aliases ------------------------------------------------------------------------------

ok "alias: a letter is taken" letter eleven staff jim
settled
is "alias: its members have it, once" \
	"$(in_box mail/piet eleven) $(in_box mail/jim eleven)" "1 1"
is "alias: those elsewhere too, though vax43 may send nowhere" "$(sent eleven)" \
	"ernie@vax43.example.com>piet@home.example,far@elsewhere.example"
like "alias: the log says so" "$(cat "$tap_dir/doors.log")" \
	'expanded to=staff as=piet@gw.example.com,.x20piet@home.example,.x20jim@gw.example.com,.x20far@elsewhere.example recipients=4'
ok "alias: vax43 itself may not" letter twelve far@elsewhere.example
settled
like "alias: ... and is told" "$(returned)" '^Status: 5\.7\.1'
forget

# -- circles ------------------------------------------------------------------------------

ok "circle: a letter is taken" letter thirteen round
ok "circle: and one with a way out" letter fourteen half
settled
like "circle: what leads to nobody is returned" "$(returned)" '^Status: 5\.4\.6'
like "circle: ... in words" "$(returned)" 'alias round leads to nobody: round and about stand'
is "circle: what leads out arrives once" "$(in_box mail/jim fourteen)" 1
forget

# -- lists --------------------------------------------------------------------------------

ok "list: a letter is taken" letter fifteen ship
settled
is "list: its members have it from the owner" "$(sent fifteen)" \
	"owner-ship@gw.example.com>mate@sea.example"
is "list: here too" "$(in_box mail/jim fifteen)" 1
is "list: the owner's name is in the envelope alone" \
	"$(grep -lx 'Subject: fifteen' "$tap_dir"/mail/jim/new/* | xargs grep '^From: ')" \
	"From: ernie@vax43.example.com"
is "list: the owner is told of a failure" "$(notices captain | wc -l)" 1
like "list: ... whose it is" "$(cat $(notices captain))" '^Final-Recipient: rfc822; dead@sea.example'
is "list: the writer is not" "$(returned | grep -c Status)" 0
forget

ok "lists: one with another in it" letter sixteen fleet jim
settled
is "lists: each has its own owner" "$(sent sixteen)" \
	"fleet-owner@gw.example.com>admiral@sea.example owner-ship@gw.example.com>mate@sea.example"
is "lists: who is in both has it once" "$(in_box mail/jim sixteen)" 1
is "lists: the owner of the inner one is told" "$(notices captain | wc -l)" 2
forget

# A list as long as a letter may have recipients, and one that is longer.
{ echo "owner-many: captain"; echo "many: x@many.example"; seq -f ' m%.0f@many.example,' 9990
  echo "more: x@more.example"; seq -f ' m%.0f@more.example,' 10001; } >>"$tap_dir/etc/aliases"
ok "many: a letter is taken" letter many many jim
settled
at_sink() { cat "$tap_dir"/out/*.eml | grep -c "^RCPT TO:<[^>]*@$1>"; }
is "many: all of them have it" "$(at_sink many.example)" 9991
ok "many: past limits.recipients the list is returned" letter more jim more
settled
is "many: ... to whoever wrote" "$(returned | grep -c '^Status: 5.5.3')" 1
is "many: ... and whoever came before has his letter" "$(in_box mail/jim more)" 1
is "many: ... and not half of the list" "$(at_sink more.example)" 0
sed -i '/^owner-many/,$d' "$tap_dir/etc/aliases"
forget

# A large one, staged on the disk once for each sender, and whole at the end of each.
{ printf 'From ernie Mon Jan  5 10:00:00 1987 remote from vax43\nFrom: vax43!ernie\nSubject: large\n\n'
  seq -f 'line %.0f of a large letter' 100000; } >"$tap_dir/large"
ok "lists: a large letter is taken" door rmail fleet piet <"$tap_dir/large"
settled
is "lists: each member has it" "$(sent large)" \
	"ernie@vax43.example.com>piet@home.example fleet-owner@gw.example.com>admiral@sea.example owner-ship@gw.example.com>mate@sea.example"
text_of() { sed '1,/^\r*$/d' "$1" | tr -d '\r' | sed -n '/^line /p' | cksum; }
is "lists: ... whole" "$(for f in $(grep -lx "Subject: large.*" "$tap_dir"/out/*.eml "$tap_dir"/mail/{jim,piet}/new/*); do text_of "$f"; done | sort -u)" \
	"$(text_of "$tap_dir/large")"
is "lists: nothing is left in the spool" "$(bangway spool verify >/dev/null && echo sound)" sound
forget
rm -rf "$tap_dir"/mail/captain

# -- what the sender asked to be told (RFC 3461 5.2.7) --------------------------------------

batch() { # RECIPIENT-LINE...
	printf 'HELO vax43\nMAIL FROM:<ernie@vax43.example.com> RET=HDRS ENVID=abc\n'
	printf '%s\n' "$@"
	printf 'DATA\nFrom: ernie@vax43.example.com\nSubject: told\n\ntext\n.\nQUIT\n'
}
batch 'RCPT TO:<sea@gw.example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;sea@gw.example.com' \
	'RCPT TO:<fleet@gw.example.com> NOTIFY=SUCCESS' >"$tap_dir/batch"
ok "notify: a batch is taken" door rsmtp <"$tap_dir/batch"
settled
asked() { cat "$tap_dir"/out/*.eml | tr -d '\r' | grep -E "^(MAIL|RCPT) .*$1" | paste -sd';'; }
like "notify: members of an alias are asked for failures alone" "$(asked x@sea)" \
	'NOTIFY=FAILURE ORCPT=rfc822;sea@gw.example.com$'
is "notify: members of a list for nothing" "$(asked admiral@sea)" "RCPT TO:<admiral@sea.example>"
is "notify: and its owner's letter has no ENVID" "$(asked fleet-owner | grep -c ENVID)" 0
like "notify: the sender is told that the alias was expanded" "$(returned)" '^Action: expanded'
like "notify: ... and that the list has it" "$(returned)" '^Action: delivered'
is "notify: ... of nothing else" "$(returned | grep -c '^Action:')" 2
forget

# -- what the operator sees, and files that change ------------------------------------------

daemon_stop
ok "queue: a letter waits" letter seventeen staff
id=$(bangway queue --json | jq -r '.messages[0].id')
like "queue: it shows which alias a delivery is of" "$(bangway queue show "$id")" '^ *alias +staff$'
like "queue: ... and what it was for" "$(bangway trace "$id")" \
	'^ +as piet@gw.example.com, piet@home.example,$'
is "queue: as JSON" "$(bangway queue show "$id" --json | jq -r '.deliveries[0].alias')" staff
ok "check: nothing is wrong but circles" sh -c \
	"! setpriv --reuid=uucp --regid=uucp --clear-groups $bin/bangway -C $conf check | grep -v '^ok: \|stand for each other\|cannot be reached\|not ok\|no sites\|waits'"
is "check: the circle, once" "$(bangway check | tr -s "[:space:]" " " | grep -o 'aliases:8: warning: round and about stand for each other' | wc -l)" 1
like "the daemon says so too" "$(cat "$tap_dir/log")" 'aliases:8: .*round and about stand for each other'
echo 'tools: jim, |/bin/vacation' >>"$tap_dir/etc/aliases"
like "check: and programs, with their line" "$(bangway check)" \
	'aliases:12: the alias tools names the program |/bin/vacation'
daemon_start
ok "program: a letter is taken" letter eighteen tools
settled
is "program: the others have it" "$(in_box mail/jim eighteen)" 1
like "program: the sender is told" "$(returned)" 'tools, which stands for a program or a file'
is "program: ... of what he wrote, and not of what is run elsewhere" "$(returned | grep -c vacation)" 0
forget

chmod 666 "$tap_dir/etc/staff.list"
letter nineteen jim
is "files: one that everybody may write keeps the mail with uuxqt" $? 75
like "files: ... and says which" "$(cat "$tap_dir/doors.log")" 'staff.list: .*may be written by everybody'
ok "files: the daemon refuses it" sh -c "! setpriv --reuid=uucp --regid=uucp --clear-groups $bin/bangway -C $conf reload"
ok "files: ... and works on" bangway status
chmod 644 "$tap_dir/etc/staff.list"
mv "$tap_dir/etc/aliases" "$tap_dir/etc/aliases.away"
letter twenty jim
is "files: so does one that is not there" $? 75
mv "$tap_dir/etc/aliases.away" "$tap_dir/etc/aliases"
ok "files: and then it is taken" letter nineteen jim
settled
is "files: ... once" "$(in_box mail/jim nineteen)" 1

# -- lists whose owners alternate -----------------------------------------------------------

{
	printf 'owner-many: captain\nmany: '
	for i in $(seq 15); do printf 'sub%d, p%d@x.example, ' "$i" "$i"; done
	printf 'jim\n'
	for i in $(seq 15); do printf 'sub%d: m%d@y.example\nowner-sub%d: boss\n' "$i" "$i" "$i"; done
} >>"$tap_dir/etc/aliases"
ok "alternating: a list of sub-lists and persons is taken" letter twentyone many
settled
is "alternating: all of it" "$(sent twentyone | tr ', ' '\n\n' | grep -c '@[xy].example')" 30
forget

# -- a file that is written in place ----------------------------------------------------------

cp "$tap_dir/etc/aliases" "$tap_dir/full"
{
	seq 20000 | sed 's/.*/filler&: jim/'
	echo 'last: inplace@z.example'
} >>"$tap_dir/full"
(
	for i in $(seq 6); do
		: >"$tap_dir/etc/aliases" # as a writer does that is slow
		sleep 0.05
		cat "$tap_dir/full" >"$tap_dir/etc/aliases"
		sleep 0.05
	done
) &
writer=$!
letter inplace last
is "in place: a letter is taken" $? 0
wait "$writer"
settled
is "in place: by the whole file" "$(sent inplace | grep -c 'inplace@z.example')" 1
forget

# -- included files of other people --------------------------------------------------------------

echo 'secret words' >"$tap_dir/etc/secret"
chmod 600 "$tap_dir/etc/secret"
install -d -o nobody "$tap_dir/joe"
echo "club: :include:$tap_dir/joe/club" >"$tap_dir/etc/aliases"
chown -R uucp "$tap_dir/etc"
include() { # WORDS: the file is refused, and the letter waits
	letter club club
	is "included: $1" "$?" 75
	like "included: ... in words" "$(tail -n 1 "$tap_dir/doors.log")" "joe/club: .*$1"
}
echo jim >"$tap_dir/joe/club"
chown nobody "$tap_dir/joe/club"
ok "included: a file of its directory's owner" letter club club
chmod 600 "$tap_dir/joe/club"
chmod 640 "$tap_dir/joe/club"
chgrp uucp "$tap_dir/joe/club"
include 'lets not everybody read it'
chmod 644 "$tap_dir/joe/club"
chown daemon "$tap_dir/joe/club"
include 'belongs neither to'
rm "$tap_dir/joe/club"
ln -s "$tap_dir/etc/secret" "$tap_dir/joe/club"
include 'a symbolic link'
rm "$tap_dir/joe/club"
ln "$tap_dir/etc/secret" "$tap_dir/joe/club"
include 'lets not everybody read it'
daemon_stop
[ $tap_failed -eq 0 ] || { diag "the log:"; tail -20 "$tap_dir/log" | cut -c1-200 | sed 's/^/# /'; tail -5 "$tap_dir/doors.log" | sed 's/^/# /'; }
done_testing
