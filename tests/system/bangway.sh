# The operator's command, as typed: every command on a small spool, every
# mistake with its code and its words, JSON that parses, and the times that a
# deep queue may take. First without a daemon, then with a false one, which
# answers what a true one seldom does, then with the true one.
. tests/lib/tap.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
spool=$tap_dir/spool

cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "owner@gw.example.com";
spool      = { directory = "$spool"; };
sites  = { vax43 = { domain = "vax43.example.com"; }; };
links  = { vsat = { up-when = "manual"; };
           wifi = { up-when = "tcp:127.0.0.1:9"; }; };
routes = ( { to = "cwi.example"; next-hop = "smtp:mail.cwi.example"; links = [ "vsat", "wifi" ]; },
           { to = "site:*"; next-hop = "uucp"; },
           { to = "*"; next-hop = "mx"; links = [ "wifi" ]; } );
C

bw() { "$bin/bangway" -C "$conf" "$@"; }
stock() { "$bin/tests/tools/stock" "$spool"; }

# fails WHAT CODE REGEX COMMAND...: ends with that code; says those words in one line.
fails() {
	local what=$1 code=$2 words=$3 rc
	shift 3
	"$@" >"$tap_dir/out" 2>"$tap_dir/err"
	rc=$?
	is "$what: exit code" $rc "$code"
	like "$what: its words" "$(cat "$tap_dir/err")" "^bangway: .*$words"
	is "$what: in one line" "$(wc -l <"$tap_dir/err")" 1
}
json() { # json WHAT FILTER WANTED COMMAND...: the answer parses, and has that
	local what=$1 filter=$2 wanted=$3
	shift 3
	is "$what" "$("$@" 2>/dev/null | jq -c "$filter" 2>&1)" "$wanted"
}
# No line wider than 80, none that could act on a terminal.
tidy() {
	local what=$1 out
	shift
	out=$("$@" 2>&1)
	is "$what: 80 columns, nothing but text" \
		"$(printf '%s\n' "$out" | LC_ALL=C.UTF-8 grep -cE '^.{81}|[[:cntrl:]]')" 0
}

# -- before there is anything ---------------------------------------------------

fails "no command" 64 "" sh -c "'$bin/bangway' 2>&1 >/dev/null | sed 's/^/bangway: /;q' >&2; exit 64"
"$bin/bangway" >/dev/null 2>&1
is "no command at all" $? 64
like "--version" "$("$bin/bangway" --version)" '^bangway [0-9.]+$'
like "help lists commands" "$("$bin/bangway" help)" '  queue show '
like "--help is help" "$("$bin/bangway" --help)" '  queue show '
like "help of a group" "$("$bin/bangway" queue --help)" '^bangway queue delete '
like "help of a command" "$("$bin/bangway" help queue list)" '^usage: bangway queue list \[--limit N'
is "help within 80 columns" "$(for c in queue link quarantine spool map; do "$bin/bangway" help $c; done | awk 'length > 80')" ""
like "--help of a command" "$("$bin/bangway" trace --help)" '^usage: bangway trace '
tidy "help" "$bin/bangway" help
json "the table is JSON" '[.commands[] | select(.name == "queue show") | .needs][0]' '"spool"' "$bin/bangway" help --json
is "every command has help" "$("$bin/bangway" help --json | jq -r '.commands[].name' | while read -r c; do
	"$bin/bangway" $c --help >"$tap_dir/out" 2>&1 && grep -q "^usage: bangway $c" "$tap_dir/out" || echo "$c"
done)" ""
fails "a slip" 64 'no command `queu`; did you mean `queue`\?' bw queu
fails "a slip in a verb" 64 'did you mean `queue show`\?' bw queue shwo 1
fails "no such verb" 64 'it has list, show, hold, release, retry, delete' bw queue banana
fails "no such command" 64 '`bangway help` lists them all' bw banana
fails "no such option" 64 'did you mean --limit\?' bw queue --limt 5
fails "an option escaped" 64 'no option --\\x1b\[2J' bw queue "--$(printf '\033[2J')"
fails "no such leading option" 64 'no option --colour' bw --colour queue
fails "-C at the wrong end" 64 '-C FILE stands before the command' bw queue -C x
fails "-C without a file" 64 '-C wants a file' "$bin/bangway" -C
fails "a missing word" 64 'something is missing: bangway queue show ID' bw queue show
fails "too many words" 64 'too many words' bw queue show a b
fails "no help for that" 64 'no command `banana`' bw help banana
fails "no configuration" 78 'none.conf' "$bin/bangway" -C "$tap_dir/none.conf" queue
BANGWAY_CONFIG=$tap_dir/other.conf fails "BANGWAY_CONFIG" 78 'other.conf' "$bin/bangway" queue
fails "no spool" 69 'no spool in .*bangway spool create' bw queue
json "no spool, as JSON" '.status' 69 bw queue --json
like "check says that there is no spool" "$(bw check)" 'warning: .*`bangway spool create` makes it'

# -- check ------------------------------------------------------------------------

sed 's/next-hop = "mx"/next-hop = "mxx"/; s/up-when = "manual"/up-when = "maybe"/' "$conf" >"$tap_dir/bad.conf"
out=$("$bin/bangway" -C "$tap_dir/bad.conf" check)
is "check: errors end with 78" $? 78
like "check: file and line of the first" "$out" "^$tap_dir/bad.conf:8: "
like "check: file and line of the second" "$out" "^$tap_dir/bad.conf:12: "
json "check --json" '[.ok, .errors]' '[false,2]' "$bin/bangway" -C "$tap_dir/bad.conf" check --json
fails "another command says the first" 78 "bad.conf:8: .*1 more: .bangway check. lists them" "$bin/bangway" -C "$tap_dir/bad.conf" queue
sed 's/{ to = "site:\*"/{ to = "site:vax43"; next-hop = "uucp"; }, { to = "vax43.example.com"; next-hop = "mx"; }, &/
	s/; links = \[ "vsat", "wifi" \]//' "$conf" >"$tap_dir/odd.conf"
out=$("$bin/bangway" -C "$tap_dir/odd.conf" check)
is "check: warnings end with 0" $? 0
like "check: a route that is never used" "$out" "odd.conf:11: warning: the route to \"vax43.example.com\" is never used: .*odd.conf:11"
like "check: a link that no route has" "$out" "odd.conf:8: warning: the link \"vsat\" is in no route"
like "check: a neighbour that mail waits for" "$out" 'warning: mail for site vax43 waits'
grep -v 'to = "\*"' "$conf" | sed 's/next-hop = "uucp"; },/next-hop = "uucp"; } );/' >"$tap_dir/few.conf"
like "check: no route for the rest" "$("$bin/bangway" -C "$tap_dir/few.conf" check)" 'warning: no route has to = "\*"'

grep -v '^sites' "$conf" >"$tap_dir/alone.conf"
like "check: no neighbour" "$("$bin/bangway" -C "$tap_dir/alone.conf" check)" 'warning: no sites: .* not through us'

# -- the spool ----------------------------------------------------------------------

like "spool create" "$(bw spool create 2>/dev/null)" "$spool"
fails "never over another" 73 'already' bw spool create
like "check is content" "$(bw check)" '^ok: .*3 routes, 2 links, 1 site'
chmod 750 "$spool"
bw check >"$tap_dir/out"
is "check: an open spool is an error" $? 78
chmod 700 "$spool"
like "check: no place for maildirs" "$(bw check)" "warning: no maildir can be made in $tap_dir/mail by the account [a-z-]+: No such file"
mkdir -m 1777 "$tap_dir/mail"
{ cat "$conf"; echo "control-socket = \"$tap_dir/none/control\";"; } >"$tap_dir/socket.conf"
like "check: no place for the control socket" "$("$bin/bangway" -C "$tap_dir/socket.conf" check)" '^the control socket .*/none/control cannot be made: No such'
like "an empty queue" "$(bw queue)" '^0 messages, 0 deliveries, 0 B queued; bangwayd is not running$'
json "an empty queue as JSON" '[.messages, .counts.messages]' '[[],0]' bw queue --json
bw status >"$tap_dir/out"
is "status without a daemon" $? 69
like "status says so" "$(cat "$tap_dir/out")" '^bangwayd +not running'
json "status --json" '[.running, .daemon, .counts.messages, (.links | length)]' '[false,null,0,2]' bw status --json
json "quarantine --json" '[.items, .count]' '[[],0]' bw quarantine --json

printf 'From: Piet <decvax!mcvax!piet>\nTo: ernie\nSubject: \033[31mred\n\nA line\n\001\377\n' >"$tap_dir/letter"
printf 'HELO who\nMAIL FROM\n\033]0;title\007\n' >"$tap_dir/junk"
set -- $(stock <<S
name 999999
accept decvax!mcvax!piet vax43 $tap_dir/letter bob@cwi.example joe@cwi.example al@else.example
accept - - $tap_dir/letter ver\003y\\odd@cwi.example
accept a-sender-whose-name-is-much-too-long-for-its-column@a-long-domain.example vax43 $tap_dir/letter vax43!ernie
quarantine decvax $tap_dir/junk no recipients at all
S
)
none=$1 a=$2 b=$3 c=$4 q=$5 # none: a right name of nothing
stock <<S
later $a 0 900 451 4.7.1 greylisted, come again
sent $a 2
S

# -- the queue, shown ---------------------------------------------------------------

out=$(bw queue)
like "queue: the oldest first" "$(printf '%s\n' "$out" | sed -n 2p)" "^$a "
like "queue: sender, first recipient and how many more" "$out" "^$a .*decvax!mcvax!piet +bob@cwi.example \+1"
like "queue: why it waits" "$out" "^$a .* in 1[45]m: 451"
like "queue: the null sender" "$out" "^$b .* <> "
like "queue: a neighbour of ours" "$out" "^$c .* vax43!ernie "
like "queue: counts" "$out" '^3 messages, 4 deliveries, [0-9.]+ k?B queued; bangwayd is not running$'
tidy "queue" bw queue
json "queue --json" '[.messages[].id]' "[\"$a\",\"$b\",\"$c\"]" bw queue --json
json "queue --json has the deliveries" '[.messages[0].deliveries[].recipient]' '["bob@cwi.example","joe@cwi.example"]' bw queue --json
json "queue --json counts" .counts.deliveries 4 bw queue --json
json "queue --newest --limit" '[[.messages[].id], .more]' "[[\"$c\"],true]" bw queue --newest --limit 1 --json
json "queue --from" '[.messages[].id]' "[\"$a\"]" bw queue list --from MCVAX --json
json "queue --to" '[.messages[].id]' "[\"$a\"]" bw queue --to joe@ --json
json "queue --to what was sent" '[.messages[].id]' '[]' bw queue --to al@else --json
like "queue --limit says that there are more" "$(bw queue --limit 1)" '^3 messages, .* queued; shown: the oldest 1; bangwayd is'
fails "a limit that is none" 64 '--limit 0: a number' bw queue --limit 0

out=$(bw queue show "$a")
like "show: sender" "$out" '^sender +decvax!mcvax!piet$'
like "show: who brought it" "$out" '^by +rmail, site vax43$'
like "show: recipients" "$out" '^recipients +3, of which 2 still queued$'
like "show: a delivery" "$out" "^$a/0  bob@cwi.example\$"
like "show: its tries" "$out" '^  tries +1, the last '
like "show: the last words" "$out" '^  last words +451 4.7.1 greylisted, come again$'
like "show: its route and the rule" "$out" "^  route +smtp:mail.cwi.example:25 over vsat, wifi \(bangway.conf:10\)"
like "show: the header, escaped" "$out" '^Subject: \\x1b\[31mred$'
like "show: the journal" "$out" ' sent  to al@else.example$'
like "show: case and dash do not matter" "$(bw queue show "$(echo "$a" | tr -d - | tr A-Z a-z)/1")" "^$a/1  joe@"
is "show ID/N: one delivery" "$(bw queue show "$a/1" | grep -c '@cwi.example$')" 2
json "show --json" '[.sender, .site, (.deliveries | length), .deliveries[0].route.kind, .header[2].name, .journal[0].event]' \
	'["decvax!mcvax!piet","vax43",2,"smtp","Subject","accepted"]' bw queue show "$a" --json
bw queue show "$a" --content | cmp -s - "$tap_dir/letter"
is "show --content: into a pipe, as stored" $? 0
script -qec "$bin/bangway -C $conf queue show $a --content" /dev/null >"$tap_dir/tty" </dev/null
like "show --content: visible on a terminal" "$(tr -d '\r' <"$tap_dir/tty")" '^\\x01\\xff$'
is "show --content: no control reaches a terminal" "$(grep -c "$(printf '\033')" "$tap_dir/tty")" 0
fails "--content with --json" 64 'does not go with --json' bw queue show "$a" --content --json
fails "no id" 64 'is no message.s id; `bangway queue` lists' bw queue show banana
fails "an id mistyped" 64 'is no message.s id' bw queue show "${a%?}"
for word in "$a/" "$a/x" "$a/4294967295" "/1" "$a/1/1"; do
	fails "no id: $word" 64 'is no message.s id' bw queue show "$word"
done
fails "a delivery where quarantine is wanted" 64 'is no id; .bangway quarantine. lists' bw quarantine show "$a/1"
fails "no such message" 66 'no message .*`bangway queue` lists what is queued' bw queue show $none
fails "escaped in a mistake" 64 'x1b\[2J is no message' bw queue show "$(printf '\033[2J')"

# -- the queue, changed -------------------------------------------------------------

is "hold says what is held" "$(bw queue hold "$a/1")" "held $a/1 from decvax!mcvax!piet to joe@cwi.example"
json "and it is" '[.messages[].id]' "[\"$a\"]" bw queue --held --json
fails "hold twice" 66 "$a/1 is held already" bw queue hold "$a/1"
is "hold all of it: only what is not" "$(bw queue hold "$a")" "held $a from decvax!mcvax!piet to bob@cwi.example"
is "and released again, alone" "$(bw queue release "$a/0")" "released $a/0 from decvax!mcvax!piet to bob@cwi.example"
like "the counter knows" "$(bw queue)" '\(1 held delivery\)'
is "release" "$(bw queue release "$a/1")" "released $a/1 from decvax!mcvax!piet to joe@cwi.example"
fails "release twice" 66 "$a is not held" bw queue release "$a"
json "none is held" '.messages' '[]' bw queue --held --json
is "retry" "$(bw queue retry "$a")" "due now $a from decvax!mcvax!piet to bob@cwi.example, joe@cwi.example"
like "and it is due" "$(bw queue show "$a/0")" '^  state +due$'
fails "no such delivery" 66 "no delivery $a/7 is queued; .bangway queue show $a. lists" bw queue hold "$a/7"
fails "a delivery that went" 66 "no delivery $a/2 is queued" bw queue hold "$a/2"
fails "one wrong name: nothing is done" 66 'no message' bw queue hold "$b" $none
json "nothing was" '.counts.held' 0 bw queue --json
fails "ids and --all" 64 'message ids, or --all without any' bw queue hold --all "$a"
fails "neither" 64 'message ids, or --all' bw queue delete
fails "--from without --all" 64 'go with --all' bw queue delete --from x "$a"
like "hold --all" "$(bw queue hold --all)" '^held: 3 messages$'
json "release --all --to --json" '.released | length' 1 bw queue release --all --to ernie --json
json "two messages are held" '.messages | length' 2 bw queue --held --json
bw queue release --all >/dev/null
json "delete --json" '.deleted[0].recipients' '["vax43!ernie"]' bw queue delete "$c" --json
fails "gone, and said so" 66 "is gone; .bangway trace $c. tells" bw queue show "$c"
is "delete" "$(bw queue delete "$a")" "deleted $a from decvax!mcvax!piet to bob@cwi.example, joe@cwi.example"
json "one is left" '[.messages[].id]' "[\"$b\"]" bw queue --json

# -- trace ------------------------------------------------------------------------

out=$(bw trace "$a")
like "trace: a message that is gone" "$out" "^$a: no longer queued; 1 sent; 2 deleted$"
like "trace: what happened" "$(echo $out)" 'accepted .* later .*greylisted, come again.* sent .*to al@else.example .*deleted to joe@cwi.example by'
tidy "trace" bw trace "$a"
json "trace --json" '.messages[0].journal | [.[0].event, .[-1].event]' '["accepted","deleted"]' bw trace "$a" --json
like "trace: by a part of an address" "$(bw trace mcvax!PIET)" "^$a: no longer queued"
like "trace: by a recipient still queued" "$(bw trace odd@cwi)" "^$b: queued, for 1 of 1 recipients"
fails "trace: nothing known" 66 'nothing about nobody@nowhere in the queue or the journal' bw trace nobody@nowhere

tidy "queue show" bw queue show "$b"

# -- links ------------------------------------------------------------------------

like "link: the table" "$(bw link)" '^vsat +down +- +auto +manual$'
like "link: what cannot be known" "$(bw link)" '^wifi +unknown +- +auto +tcp:127.0.0.1:9$'
like "link up" "$(bw link up vsat)" '^vsat +up +- +up +manual$'
json "link --json" '[.links[] | .order], .daemon' '["up","auto"]
false' bw link --json
like "link down, two at once" "$(bw link down vsat wifi | tr '\n' ' ')" 'vsat +down .* wifi +down '
bw link auto vsat wifi >/dev/null
json "link auto" '[.links[] | .order]' '["auto","auto"]' bw link --json
like "link history" "$(bw link history vsat | head -1)" '^[0-9TZ:-]+  link-up  link vsat  by '
is "link history: of one, the last" "$(bw link history wifi --limit 1 | wc -l)" 1
json "link history --json" '[.lines[] | .event]' '["link-up","link-down","link-auto"]' bw link history vsat --json
is "link history: nothing" "$(bw link history moon)" "the journal has nothing of that"
fails "link history: a limit that is none" 64 '--limit x: a number' bw link history --limit x
fails "link: a slip" 66 'no link vast; did you mean vsat\?' bw link up vast
fails "link: none such" 66 'no link moon; there is vsat, wifi' bw link up moon
fails "link: nothing named" 64 'something is missing: bangway link up NAME' bw link up
tidy "link" bw link

# -- quarantine -------------------------------------------------------------------

like "quarantine" "$(bw quarantine)" "^$q .* decvax +no recipients at all\$"
tidy "quarantine" bw quarantine
like "quarantine show" "$(bw quarantine show "$q")" '^\\x1b\]0;title\\x07$'
bw quarantine show "$q" --content | cmp -s - "$tap_dir/junk"
is "quarantine show --content" $? 0
json "quarantine show --json" '[.source, .reason]' '["decvax","no recipients at all"]' bw quarantine show "$q" --json
fails "quarantine: not there" 66 'nothing in quarantine is called' bw quarantine show "$b"
fails "quarantine drop: not there" 66 'nothing in quarantine' bw quarantine drop "$q" "$b"
like "quarantine drop" "$(bw quarantine drop "$q")" "^dropped $q, [0-9]+ octets"
json "quarantine is empty" .count 0 bw quarantine --json

# -- the spool's care ---------------------------------------------------------------

like "stats" "$(bw spool)" '^queued +1 message, 1 delivery'
json "stats --json" '[.messages, .accepted, .sent, .deleted]' '[1,3,1,3]' bw spool stats --json
like "verify" "$(bw spool verify)" '^ok: .*1 queued message$'
json "verify --json" '[.ok, .faults]' '[true,[]]' bw spool verify --json
like "backup" "$(bw spool backup "$tap_dir/copy")" "$tap_dir/copy"
fails "backup over something" 73 'no backup was made' bw spool backup "$tap_dir/copy"
json "backup --json" '[.ok, .did, .directory]' "[true,\"backup\",\"$tap_dir/copy2\"]" bw spool backup "$tap_dir/copy2" --json
like "compact" "$(bw spool compact)" '^compacted from '
json "compact --json" '[.ok, .did, (.before_bytes >= .after_bytes), (.after_bytes > 0)]' '[true,"compact",true,true]' bw spool compact --json
bw queue delete --all >/dev/null
like "restore" "$(bw spool restore "$tap_dir/copy")" '^restored from'
json "restore --json" '[.ok, .did, .directory]' "[true,\"restore\",\"$tap_dir/copy\"]" bw spool restore "$tap_dir/copy" --json
json "what was there is there again" '[.messages[].id]' "[\"$b\"]" bw queue --json
fails "restore from nothing" 73 'not restored, nothing is changed' bw spool restore "$tap_dir/nowhere"

# -- damage ---------------------------------------------------------------------------

hurt=$tap_dir/hurt
sed "s|$spool|$hurt|" "$conf" >"$tap_dir/hurt.conf"
printf 'Subject: MARKMARK\n\nbody\n' >"$tap_dir/marked"
h=$(echo "accept a@b - $tap_dir/marked c@cwi.example" | "$bin/tests/tools/stock" "$hurt")
sed -i 's/MARKMARK/MURKMURK/' "$hurt/data.mdb"
bw_hurt() { "$bin/bangway" -C "$tap_dir/hurt.conf" "$@"; }
fails "a damaged message is said to be" 65 'cannot read the content' bw_hurt queue show "$h"
like "and the rest of it shown" "$(cat "$tap_dir/out")" "^$h/0  c@cwi.example"
like "its journal too" "$(cat "$tap_dir/out")" ' accepted '
json "and in JSON" '[.status, .sender, .journal[0].event]' '[65,"a@b","accepted"]' bw_hurt queue show "$h" --json
fails "verify finds it" 65 '1 fault in the spool' bw_hurt spool verify
json "verify --json" '[.ok, (.faults | length)]' '[false,1]' bw_hurt spool verify --json

# -- who may ------------------------------------------------------------------------

if [ "$(id -u)" = 0 ]; then
	chown -R nobody "$spool"
	bw queue hold "$b" >/dev/null
	is "root leaves nothing of its own in the spool" "$(find "$spool" -user root)" ""
	chmod 711 "$tap_dir"
	fails "a backup where its owner may not write" 73 'no backup was made: .*the spool.s owner must be able to write there' \
		bw spool backup "$tap_dir/unwritable"
	cp "$bin/bangway" "$tap_dir/bangway-copy"; chmod 755 "$tap_dir/bangway-copy"
	fails "not permitted" 77 'is not yours; run this as root or as its owner' \
		setpriv --reuid=daemon --clear-groups "$tap_dir/bangway-copy" -C "$conf" queue
	chmod 600 "$conf"
	fails "not even the configuration" 77 'bangway.conf is not for you to read' \
		setpriv --reuid=daemon --clear-groups "$tap_dir/bangway-copy" -C "$conf" route a@b.example
	chmod 644 "$conf"
	like "the owner may" "$(setpriv --reuid=nobody --clear-groups "$tap_dir/bangway-copy" -C "$conf" queue)" '^1 message'
	chown -R root "$spool"
fi

bw queue release --all >/dev/null

# -- what a daemon is asked -----------------------------------------------------------

cat >"$tap_dir/daemon.py" <<'P'
import fcntl, json, os, socket, struct, sys
spool, log = sys.argv[1:3]
lock = open(spool + "/daemon.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
path = spool + "/control"
s = socket.socket(socket.AF_UNIX)
s.bind(path); s.listen(5)
answers = {
    "status": {"ok": True, "version": "9.9", "pid": 42, "config": "/x", "started": 1, "under-way": 3,
        "links": [{"name": "vsat", "evidence": "manual", "order": "auto", "state": "down", "since": 5, "words": ""},
                  {"name": "wifi", "evidence": "tcp", "order": "auto", "state": "down", "since": 5, "words": "refused\x1b[2J"}],
        "next-hops": [{"name": "smtp:mail.cwi.example:25", "links": [], "destinations": 1, "sessions": 0, "under-way": 0,
            "wait": "backoff", "until": 9999999999, "failures": 4, "words": "421 busy"}]},
    "hold": {"ok": True}, "release": {"ok": False, "kind": "none", "error": "gone"}, "link": {"ok": True, "state": "up"},
    "delete": {"ok": False, "kind": "busy", "error": "it is on the wire just now"},
    "reload": {"ok": False, "kind": "config", "error": "x.conf:3: no"},
}
while True:
    c, _ = s.accept()
    f = c.makefile("rw")
    for line in f:
        asked = json.loads(line)
        print(json.dumps(asked), file=open(log, "a"))
        if asked["do"] == "retry":
            os._exit(0)
        f.write(json.dumps(answers[asked["do"]]) + "\n"); f.flush()
P
python3 "$tap_dir/daemon.py" "$spool" "$tap_dir/asked" &
started $!
ok "a false daemon is there" within 5 test -S "$spool/control"
out=$(bw status)
is "status with a daemon" $? 0
like "status: the daemon" "$out" '^bangwayd +9.9, process 42, up '
like "status: a link, escaped" "$out" '^    refused\\x1b'
like "status: what keeps mail waiting" "$out" '^  smtp:mail.cwi.example:25 tries again .*, failed 4x$'
tidy "status" bw status
like "queue: the link is down" "$(bw queue)" "^$b .* link down: vsat, wifi"
like "hold goes through it" "$(bw queue hold "$b/0")" '^held '
is "and as it wants it" "$(grep hold "$tap_dir/asked")" "{\"do\": \"hold\", \"by\": \"$(id -un)\", \"id\": \"$b\", \"rcpt\": 0}"
like "link goes through it" "$(bw link up vsat)" '^vsat '
is "and as it wants that" "$(grep '"link"' "$tap_dir/asked")" "{\"do\": \"link\", \"name\": \"vsat\", \"set\": \"up\", \"by\": \"$(id -un)\"}"
fails "what it refuses is said" 75 "$b: it is on the wire just now" bw queue delete "$b"
json "and in JSON" '[.deleted, .status]' '[[],75]' bw queue delete "$b" --json
fails "reload" 78 'stays in force: x.conf:3: no' bw reload
fails "compact while it runs" 69 'bangwayd has the spool open' bw spool compact
fails "it dies under a request" 69 'closed the connection' bw queue retry "$b"
fails "reload without a daemon" 69 'bangwayd is not running' bw reload

# -- with the true one ----------------------------------------------------------------

rm -f "$spool/control"
"$bin/bangwayd" -C "$conf" 2>"$tap_dir/bangwayd.log" &
daemon=$!
started $daemon
ok "the daemon runs" within 5 bw status
json "status --json" '[.running, .daemon.links[0].state, .counts.messages]' '[true,"down",1]' bw status --json
is "hold" "$(bw queue hold "$b")" 'held '"$b"' from <> to ver\\003y\\odd@cwi.example'
fails "hold twice" 66 "$b is held already" bw queue hold "$b"
json "it is held" .counts.held 1 bw queue --json
like "release" "$(bw queue release --all)" '^released: 1 message$'
like "link up" "$(bw link up vsat)" '^vsat +up +[0-9]+s +up +manual$'
like "link auto" "$(bw link auto vsat)" '^vsat +down +[0-9]+s +auto +manual$'
history_has() { bw link history vsat --json | jq -e '[.lines[-3:][] | .event] == ["link-up","link-auto","link-down"]'; }
ok "link history has both" within 5 history_has
like "why it waits" "$(bw queue show "$b")" '^  state +link down: vsat, wifi$'
like "check asks it" "$(bw check)" '^ok: '
is "reload" "$(bw reload)" "the configuration is in force"
fails "compact" 69 'bangwayd has the spool open' bw spool compact
like "delete" "$(bw queue delete "$b")" "^deleted $b from <> "
like "trace names the recipient" "$(bw trace "$b")" " held  to ver.*@cwi.example  by $(id -un)"
SUDO_USER=jane bw link up vsat >/dev/null
like "at once, and the person behind sudo" "$(bw link history vsat --limit 1)" 'link-up .* by jane$'
json "nothing is left" .counts.messages 0 bw queue --json
kill $daemon
wait $daemon
is "the daemon ends well" $? 0

# -- a deep queue ---------------------------------------------------------------------
# A sanitized build is slow: there the same is asked with other times.

case $BUILD in *sanitize*) n=2000 list_ms=20000 page_ms=5000 ;; *) n=50000 list_ms=300 page_ms=100 ;; esac
deep=$tap_dir/deep
sed "s|$spool|$deep|" "$conf" >"$tap_dir/deep.conf"
bw() { "$bin/bangway" -C "$tap_dir/deep.conf" "$@"; }
"$bin/tests/tools/fill" "$deep" $n 300 cwi.example || bail "fill"
best_ms() { # of processor time, the best of three: what else runs here is not measured
	local TIMEFORMAT='%3U %3S' i
	for i in 1 2 3; do
		{ time "$@" >"$tap_dir/out"; } 2>&1
	done | awk '{ ms = ($1 + $2) * 1000; if (NR == 1 || ms < best) best = ms } END { printf "%d", best }'
}
t=$(best_ms bw queue)
ok "$n messages listed in $list_ms ms ($t)" test "$t" -le $list_ms
is "all of them" "$(wc -l <"$tap_dir/out")" $((n + 2))
t=$(best_ms bw queue --limit 50)
ok "a page of it in $page_ms ms ($t)" test "$t" -le $page_ms
is "and no more" "$(wc -l <"$tap_dir/out")" 52
t=$(best_ms bw status)
ok "status in $page_ms ms ($t)" test "$t" -le $page_ms
bw queue --json >"$tap_dir/out"
is "the whole list is one JSON document" "$(jq '.messages | length' "$tap_dir/out")" $n
like "hold --all takes it in batches" "$(bw queue hold --all --from user1 | tail -1)" '^held: [0-9,]+ messages$'

bw queue >/dev/full 2>"$tap_dir/err"
is "a full disk is said" $? 74
like "in words" "$(cat "$tap_dir/err")" 'could not write the answer'

done_testing
