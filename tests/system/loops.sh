# Three equal hubs, a, b and c, each a whole bangway, each sure that the next
# one is the way to lost.example: what each sends is taken from an SMTP sink and
# handed to the next one's door, as the links of the day would. The letter ends
# after a few rounds, its sender is told once, and then it is quiet.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$tap_dir/bin # uucp's own user may not see where we are built
mkdir "$bin"
cp "$BUILD"/rmail "$BUILD"/rsmtp "$BUILD"/bangway "$BUILD"/bangwayd "$BUILD"/sink "$bin"
next_of_a=b
next_of_b=c
next_of_c=a

hub_start() { # NAME
	local n=$1 dir=$tap_dir/$1 port site sites=
	port=$(free_port)
	mkdir -p "$dir/out" "$dir/mail"
	for site in a b c; do
		[ $site = "$n" ] || sites="$sites $site = { domain = \"$site.example\"; };"
	done
	cat >"$dir/bangway.conf" <<C
hostname   = "$n.example";
uucp-name  = "$n";
domains    = [ "$n.example" ];
local      = "maildir:$dir/mail/%u";
postmaster = "postmaster@$n.example";
spool      = { directory = "$dir/spool"; };
sites      = { $sites };
routes     = ( { to = "*"; next-hop = "smtp:127.0.0.1:$port"; tls = "off"; } );
C
	chown -R uucp:uucp "$dir"
	"$bin/sink" --port "$port" --out "$dir/out" --quiet 2>/dev/null &
	started $!
	(cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups \
		"$bin/bangwayd" -C "$dir/bangway.conf") >>"$dir/log" 2>&1 &
	started $!
	within 10 hub "$n" status
}
hub() { as_uucp "$bin/bangway" -C "$tap_dir/$1/bangway.conf" "${@:2}"; }
# What came from the neighbour by uuxqt; without a neighbour, from a user of the hub's own.
door() { # HUB NEIGHBOUR PROGRAM ARGUMENT...
	as_uucp env ${2:+UU_MACHINE=$2} UU_USER=uucp \
		BANGWAY_CONFIG="$tap_dir/$1/bangway.conf" "$bin/$3" "${@:4}" 2>>"$tap_dir/doors.log"
}
is_idle() { [ "$(hub "$1" queue --json | jq '.counts.deliveries // .deliveries // 0')" = 0 ]; }

as_batch() { # FILE of the sink
	tr -d '\r' <"$1" | awk '
		!body && $0 == "" { body = 1; print "DATA"; next }
		body && /^\./ { print "." $0; next }
		{ print }
		END { print "." }'
}

# As an old rmail does it: a From_ line more, and no Received field.
as_letter() { # FILE of the sink, HUB
	local chain=$tap_dir/chain
	if [ -s "$chain" ]; then
		{ echo "From uucp Mon Jan  5 10:00:00 1987 remote from $2"; sed 's/^From/>From/' "$chain"; } >"$chain.new"
	else
		echo "From ernie Mon Jan  5 10:00:00 1987 remote from $2" >"$chain.new"
	fi
	mv "$chain.new" "$chain"
	cat "$chain"
	tr -d '\r' <"$1" | awk '
		!body { body = $0 == ""; next }
		/^[^ \t]/ { skip = !text && /^Received:/ }
		$0 == "" { text = 1; skip = 0 }
		!skip { print }'
}

# One file from one hub to the next.
carry() { # HUB FILE HOW
	local to rcpt
	eval "to=\$next_of_$1"
	if [ "$3" = rmail ] && ! grep -q '^MAIL FROM:<>' "$2"; then
		rcpt=$(sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$2" | head -1)
		as_letter "$2" "$1" >"$tap_dir/letter"
		door "$to" "$1" rmail "$rcpt" <"$tap_dir/letter"
	else
		as_batch "$2" >"$tap_dir/batch"
		door "$to" "$1" rsmtp <"$tap_dir/batch"
	fi || echo "$1 $2" >>"$tap_dir/refused"
	echo "$1" >>"$tap_dir/carried"
	rm -f "$2"
}

# Until nothing moves any more, or 60 letters have been carried.
carry_all() { # HOW
	local n f moved=1
	: >"$tap_dir/carried"
	: >"$tap_dir/refused"
	rm -f "$tap_dir/chain"
	while [ $moved = 1 ] && [ "$(wc -l <"$tap_dir/carried")" -lt 60 ]; do
		moved=0
		for n in a b c; do
			within 10 is_idle "$n" || diag "$n is not idle"
			for f in "$tap_dir/$n"/out/*.eml; do
				[ -e "$f" ] || continue
				carry "$n" "$f" "$1"
				moved=1
			done
		done
	done
}
carried() { wc -l <"$tap_dir/carried"; }
mailbox() { cat "$tap_dir/$1/mail/$2"/new/* 2>/dev/null; }
letters() { ls "$tap_dir/$1/mail/$2/new" 2>/dev/null | wc -l; }
aside() { hub "$1" quarantine list --json | jq '[.. | objects | select(has("reason"))] | length'; }

for n in a b c; do ok "hub $n is up" hub_start $n; done

letter() { # FROM_
	printf '%s\nFrom: ernie@a.example\nTo: piet@lost.example\nSubject: round and round\n' "$1"
	printf 'Date: Mon, 5 Jan 1987 10:00:00 +0000\nMessage-Id: <round@a.example>\n\ntext\n'
}

# -- by batches, with the Received fields that each hub adds ------------------------------

letter "From ernie Mon Jan  5 10:00:00 1987" >"$tap_dir/first"
ok "batches: a letter starts at a" door a "" rmail piet@lost.example <"$tap_dir/first"
carry_all rsmtp
is "batches: it ends after four rounds" "$(carried) $(wc -l <"$tap_dir/refused")" "12 0"
is "batches: its sender is told once" "$(letters a ernie)" 1
like "batches: ... that it goes in a circle" "$(mailbox a ernie)" '^Status: 5\.4\.6'
like "batches: ... and for whom it was" "$(mailbox a ernie)" '^Final-Recipient: rfc822; ?piet@lost\.example'
like "batches: the log has it" "$(cat "$tap_dir/doors.log")" \
	' returned protocol=rsmtp site=c .* sender=ernie@a.example recipients=1 status=5.4.6 '
is "batches: no postmaster is bothered" "$(letters a postmaster) $(letters b postmaster) $(letters c postmaster)" "0 0 0"
is "batches: nothing is set aside" "$(aside a) $(aside b) $(aside c)" "0 0 0"

# -- and a sender who lives where the circle is: the notice is cut as well ------------------

letter "From ernie Mon Jan  5 10:00:00 1987 remote from lost.example" >"$tap_dir/first"
ok "no way back: a letter starts at a" door a b rmail piet@lost.example <"$tap_dir/first"
carry_all rsmtp
is "no way back: the letter and its notice end after four rounds each" \
	"$(carried) $(wc -l <"$tap_dir/refused")" "24 0"
is "no way back: the notice is set aside, once" "$(($(aside a) + $(aside b) + $(aside c)))" 1
is "no way back: and nobody is told, for that might go round as well" \
	"$(letters a postmaster) $(letters b postmaster) $(letters c postmaster)" "0 0 0"
like "no way back: the log has it" "$(cat "$tap_dir"/?/log; hub a quarantine list; hub b quarantine list; hub c quarantine list)" \
	'goes round in a circle'

# -- by rmails that add a From_ line and take Received fields away --------------------------

letter "From ernie Mon Jan  5 10:00:00 1987" >"$tap_dir/first"
ok "From_ lines: a letter starts at a" door a "" rmail piet@lost.example <"$tap_dir/first"
carry_all rmail
[ "$(carried)" -lt 30 ]
tap $? "From_ lines: it ends, and its notice comes home ($(carried) carried)"
is "From_ lines: its sender is told once" "$(letters a ernie)" 2
is "From_ lines: nothing more is set aside" "$(($(aside a) + $(aside b) + $(aside c)))" 1
is "From_ lines: every job was taken" "$(wc -l <"$tap_dir/refused")" 0
[ $tap_failed -eq 0 ] || { diag "$(tail -n 5 "$tap_dir"/?/log | cut -c1-200)"; }
done_testing
