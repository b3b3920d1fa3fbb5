# Answers come home: a letter from a path of several hops leaves with tokens in
# its addresses, and who answers them, even a stranger, reaches the path. No
# letter ever leaves with a token that the spool does not know, however the
# daemon ends; a restored spool knows them all; too many are forgotten.

. tests/lib/tap.sh
. tests/lib/doors.sh

sink_port=$(free_port)
export BANGWAY_CONFIG=$conf
export ASAN_OPTIONS=detect_leaks=0 # which cannot be asked of a program that is traced

configure() { # [SPOOL SETTINGS]
	cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$spool"; ${1:-} };
retry      = { backoff-min = "1s"; backoff-max = "1s"; };
sites      = { alpha = { }; guest = { relay = false; }; };
links      = { sea = { up-when = "manual"; }; };
routes     = ( { to = "site:*"; next-hop = "uucp"; },
               { to = "no.example"; next-hop = "reject:nobody is there"; },
               { to = "*"; next-hop = "smtp:127.0.0.1:$sink_port"; links = [ "sea" ]; tls = "off"; } );
C
}
bangway() { "$bin/bangway" "$@"; }
daemon_start() { # [COMMAND that runs it]
	(cd / && exec "$@" "$bin/bangwayd" -v) >>"$tap_dir/log" 2>&1 &
	daemon=$!
	started $daemon
	within 10 bangway status
}
daemon_stop() {
	kill "$daemon"
	wait "$daemon" 2>/dev/null
}
letter() { # WRITER SUBJECT [HEADER [RECIPIENT]]
	site=alpha
	{
		printf 'From far!%s Sat Nov 22 12:31:11 1986 remote from alpha\n' "$1"
		printf 'From: far!%s (Piet)\nTo: cwi.example!jan\nSubject: %s\n%s\n\nText.\n' "$1" "$2" "${3:-X: y}"
	} >"$tap_dir/letter"
	job "$tap_dir/letter"
	door rmail "${4:-cwi.example!jan}"
}
answer() { # SITE RECIPIENT: a batch from there
	site=$1
	printf 'HELO x\nMAIL FROM:<jan@cwi.example>\nRCPT TO:<%s>\nDATA\nSubject: an answer\n\nYes.\n.\nQUIT\n' \
		"$2" >"$tap_dir/batch"
	job "$tap_dir/batch"
	door rsmtp
}
queued() { bangway queue --json | jq '.counts.deliveries // .deliveries // 0'; }
queued_is() { [ "$(queued)" -eq "$1" ]; }
subjects() { cat "$tap_dir"/sink/*.eml | sed -n 's/^Subject: //p' | sort -u; }
arrived() { subjects | wc -l; } # after a kill some come twice
arrived_is() { [ "$(arrived)" -ge "$1" ]; }
# Every token that has left, and every one that is remembered.
left() { cat "$tap_dir"/sink/*.eml 2>/dev/null | grep -oE '\+[a-z2-7]{12}@gw\.example\.com' | cut -c2-13 | sort -u; }
known() { bangway reply list --json | jq -r '.tokens[].token' | sort; }
unknown() { comm -23 <(left) <(known) | wc -l; }
token_of() { bangway reply list --json | jq -r --arg a "$1" '.tokens[] | select(.address == $a).token'; }
destination() { # ID: of its one delivery
	bangway queue show "$1" --json | jq -r '.deliveries[0].route.destination'
}
# The token that the newest letter, a notice, has for the one it goes to.
noticed() { bangway queue show "$(newest)" --content | grep -a '^To:' | grep -oE '\+[a-z2-7]{12}@' | cut -c2-13; }
newest() { bangway queue list --newest --limit 1 --json | jq -r '.messages[0].id'; }

configure
door_empty
mkdir -p "$tap_dir/sink"
"$bin/sink" --port "$sink_port" --out "$tap_dir/sink" --quiet 2>"$tap_dir/sink.err" &
started $!
ok "the sink is up" within 5 port_open "$sink_port"
ok "the daemon starts" daemon_start
bangway link up sea >"$tap_dir/out"

# -- there and back ------------------------------------------------------

letter piet first "Cc: b!c!jan, near!who@else.example, x@fine.example"
is "a letter is accepted" $rc 0
ok "and leaves" within 10 arrived_is 1
got=$(cat "$tap_dir"/sink/*.eml)
piet=$(token_of alpha!far!piet)
jan=$(token_of alpha!b!c!jan)
like "the writer has a token" "$piet" '^[a-z2-7]{12}$'
like "and so has a path in the header" "$jan" '^[a-z2-7]{12}$'
like "the sender leaves with it" "$got" "piet\+$piet@gw\.example\.com"
like "the From field too, with its comment" "$got" "^From: piet\+$piet@gw\.example\.com \(Piet\)"
like "the Cc field, and what is fine stays" "$got" "^Cc: jan\+$jan@gw\.example\.com, .*, x@fine\.example"
is "every token that left is known" "$(unknown)" 0
like "reply list, for people" "$(bangway reply list)" "^$piet +today +alpha!far!piet$"
like "reply list, the sum" "$(bangway reply list | tail -n 1)" '^[0-9]+ tokens?, about .* of 16 ?MB; kept 180 days'
is "reply list, a part" "$(bangway reply list "!c!" | grep -c alpha)" 1
like "route shows whom it stands for" "$(bangway route "piet+$piet@gw.example.com")" '^  stands for alpha!far!piet$'

for seen in "piet+$piet@gw.example.com" "piet+$piet" "$(echo "$piet" | tr a-z A-Z)"; do
	like "trace finds its letter by $seen" "$(bangway trace "$seen" | head -n 2 | tr '\n' ' ')" \
		"^${seen/+/\\+} stands for alpha!far!piet [^ ]*: no longer queued; 1 sent"
done
like "and by the writer's path" "$(bangway trace 'alpha!far!piet')" '^[^ ]*: no longer queued; 1 sent'

answer guest "piet+$piet@gw.example.com"
is "a stranger's answer is accepted" $rc 0
is "and goes where the letter came from" "$(destination "$(newest)")" site:alpha
like "the queue shows for whom it is" "$(bangway queue show "$(newest)")" '^  stands for alpha!far!piet$'
like "and is found by what it was written to" "$(bangway queue --to "$piet" | tr '\n' ' ')" "^$piet stands for .*; shown: 1 "
is "at once, not when it was looked at again" "$(grep -c redirected "$tap_dir/log")" 0
like "by the same path" "$(bangway route --as guest "jan+$jan@gw.example.com")" 'alpha!b!c!jan'
answer guest "PIET+$(echo "$piet" | tr a-z A-Z)@GW.example.com"
is "whatever the case of its letters" "$(destination "$(newest)")" site:alpha
is "by itself the path is refused to him" "$(bangway route --as guest --json 'cwi.example!piet' |
	jq -r '.routes[0]."next-hop".verdict.outcome')" never
is "and a token with another name is none" "$(bangway route --as guest --json "jan+$piet@gw.example.com" |
	jq -r '.routes[0]."next-hop".kind')" reject

# -- in notices ------------------------------------------------------------

letter unlucky lost 'X: y' no.example!nobody
ok "what is refused later comes back" within 10 queued_is 3
like "its notice names the writer by a token" "$(noticed)" '^[a-z2-7]{12}$'
is "which is known" "$(noticed)" "$(token_of alpha!far!unlucky)"
site=guest
printf 'From x!stranger Sat Nov 22 12:31:11 1986 remote from guest\n\nText.\n' >"$tap_dir/letter"
job "$tap_dir/letter"
door rmail cwi.example!jan
within 5 queued_is 4
like "so does a notice made at the door" "$(noticed)" '^[a-z2-7]{12}$'
is "which is known too" "$(noticed)" "$(token_of guest!x!stranger)"

# -- known already: no commit, the same token ----------------------------

before=$(known | wc -l)
letter piet second
ok "a second letter leaves" within 10 arrived_is 2
is "and makes no token" "$(known | wc -l)" "$before"
daemon_stop

# -- killed ----------------------------------------------------------------

# Every sync of the daemon takes long, as on a busy disk: a letter that did not wait for its token's
# would be at the sink by then. It is killed at moments that cover what it does.
total=2
for ms in 150 300 450 600 750 900 1050 1200; do
	letter "killed$ms" "k$ms" "Cc: q$ms!r!s"
	letter "also$ms" "a$ms"
	total=$((total + 2))
	(cd / && exec strace -f -o /dev/null -e trace=fdatasync -e inject=fdatasync:delay_enter=300000 \
		"$bin/bangwayd") >>"$tap_dir/log" 2>&1 &
	tracer=$!
	within 5 test -S "$spool/control"
	sleep "$(printf '0.%03d' $((ms % 1000)))"
	[ $ms -lt 1000 ] || sleep 1
	kill -9 "$(pgrep -P "$tracer" bangwayd)" "$tracer" 2>/dev/null
	wait "$tracer" 2>/dev/null
	is "killed after $ms ms: every token that left is known ($(arrived) letters)" "$(unknown)" 0
done
ok "the daemon starts again" daemon_start
ok "and the rest leaves" within 10 arrived_is $total
ok "two answers and two notices are left, which this version cannot carry" within 10 queued_is 4
is "every token that left is known" "$(unknown)" 0
is "nobody lost his answer" "$(left | wc -l)" "$(($(known | wc -l) - 2))" # of the notices
like "the spool is sound" "$(bangway spool verify)" '^ok'

# -- restored ----------------------------------------------------------------

install -d -o "$owner" "$tap_dir/backups"
ok "a backup" bangway spool backup "$tap_dir/backups/one"
letter later afterwards
within 10 arrived_is $((total + 1))
daemon_stop
rm -rf "$spool"
install -d -m 700 -o "$owner" -g "$(id -gn "$owner")" "$spool"
ok "is restored" bangway spool restore "$tap_dir/backups/one"
ok "the daemon starts" daemon_start
answer guest "piet+$piet@gw.example.com"
is "an answer to a letter of before comes home" "$(destination "$(newest)")" site:alpha
letter piet third
ok "the same writer" within 10 arrived_is $((total + 2))
is "has the same token: the key is the same" "$(token_of alpha!far!piet)" "$piet"
daemon_stop

# -- too many ------------------------------------------------------------------

configure 'reserve = "1MB";'
ok "the daemon starts with room for few" daemon_start
for i in 1 2 3 4 5; do
	letter "many$i" "m$i" "$(seq 700 | sed "s/.*/ h$i!x!u&/; 1s/^/Cc:/; \$!s/\$/,/")"
	within 10 arrived_is $((total + 2 + i))
done
is "five letters of many addresses leave" "$(arrived)" $((total + 7))
crowded() { grep -q 'forgotten tokens=[0-9]* reason=room' "$tap_dir/log"; }
ok "the oldest tokens have to go" within 10 crowded
fits() { bangway reply list --json | jq -e '.bytes <= ."limit-bytes" and .bytes > ."limit-bytes" / 2'; }
ok "and the others stay" within 10 fits
like "the spool is sound" "$(bangway spool verify)" '^ok'

# -- a notice is no relay -------------------------------------------------------

told() { # FROM: what guest says he is; to nobody whom he may send to
	printf 'HELO x\nMAIL FROM:<%s> RET=FULL\nRCPT TO:<no.example!nobody>\nDATA\nSubject: s\n\nBuy this.\n.\nQUIT\n' \
		"$1" >"$tap_dir/batch"
	site=guest
	job "$tap_dir/batch"
	door rsmtp
}
untold() { [ "$(grep -c " untold to=$1 .*kind=failed" "$tap_dir/log")" -eq 1 ]; }
before=$(queued)
told 'alpha!evil.example!victim'
ok "to a domain behind a site of ours no notice goes for a stranger" within 5 untold 'alpha!evil.example!victim'
told 'alpha!victim%evil.example'
ok "nor to a percent behind it" within 5 untold 'alpha!victim%evil.example'
is "nothing of them is left" "$(queued)" "$before"
told 'guest!x!spammer'
ok "to himself it goes" within 5 queued_is $((before + 1))
is "but without what he wrote" "$(bangway queue show "$(newest)" --content | grep -c 'Buy this')" 0
daemon_stop

done_testing
