# Paths files with the daemon: what is queued follows them when they are
# replaced, written to, wrong, right again; and what a door does without one.

. tests/lib/tap.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
paths=$tap_dir/lists/paths
near=$(free_port)
far=$(free_port)
tab=$(printf '\t')
export BANGWAY_CONFIG=$conf

configure() { # REROUTE
	cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/spool"; };
control-socket = "$tap_dir/control";
paths   = "$paths";
reroute = "$1";
sites   = { alpha = { domain = "alpha.example.com"; };
            bravo = { domain = "bravo.example.com"; }; };
links   = { sea = { up-when = "manual"; }; };
routes  = ( { to = "site:alpha"; next-hop = "smtp:127.0.0.1:$near"; tls = "off"; links = [ "sea" ]; },
            { to = "site:bravo"; next-hop = "smtp:127.0.0.1:$far"; tls = "off"; links = [ "sea" ]; } );
C
}
bangway() { "$bin/bangway" "$@"; }
daemon_start() {
	"$bin/bangwayd" -v >>"$tap_dir/log" 2>&1 &
	daemon=$!
	started $daemon
	within 10 bangway status
}
sink_start() { # DIR PORT
	mkdir -p "$tap_dir/$1"
	"$bin/sink" --port "$2" --out "$tap_dir/$1" --quiet 2>>"$tap_dir/sink.err" &
	started $!
	within 5 port_open "$2"
}
letter() { # SUBJECT RECIPIENT
	printf 'From piet Sat Nov 22 12:31:11 1986 remote from origin\nSubject: %s\n\nText.\n' "$1" |
		"$bin/rmail" "$2" 2>>"$tap_dir/rmail.log"
}
lies() { # DIR SUBJECT
	grep -qs "^Subject: $2\$" "$tap_dir/$1"/*.eml
}
logged() { grep -c -- "$1" "$tap_dir/log"; }
more_logged() { [ "$(logged "$1")" -gt "$2" ]; }
write() { # ROUTE...: the new file in the place of the old
	printf '%s\n' "$@" >"$paths.new"
	chmod 644 "$paths.new"
	mv "$paths.new" "$paths"
}
replace() { # ROUTE...: and wait until it is in force
	local before
	before=$(logged config-loaded)
	write "$@"
	within 10 more_logged config-loaded "$before"
}

mkdir "$tap_dir/lists"
configure none
sink_start near "$near"
sink_start far "$far"

# ---- without the file ----

"$bin/bangwayd" >"$tap_dir/refused" 2>&1
is "the daemon does not start without the file" $? 78
like "and says which" "$(cat "$tap_dir/refused")" "$paths"
bangway check >"$tap_dir/checked"
is "check finds it too" $? 78
like "with the file's name" "$(cat "$tap_dir/checked")" "$paths: .paths. names it"
letter early 'mcvax!piet'
is "a door needs no paths to accept" $? 0
configure paths
letter rerouted 'x!mcvax!piet' 2>/dev/null
is "but to reroute it does: later" $? 75
configure none

if id nobody >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	chmod 755 "$tap_dir"
	mkdir "$tap_dir/theirs"
	chown nobody "$tap_dir/theirs"
	sed "s|$tap_dir/spool|$tap_dir/theirs|" "$conf" >"$tap_dir/theirs.conf"
	printf 'mcvax\tmcvax!%%s\n' >"$paths"
	chmod 600 "$paths"
	"$bin/bangway" -C "$tap_dir/theirs.conf" check >"$tap_dir/checked"
	like "check reads as the spool's owner" "$(cat "$tap_dir/checked")" "$paths: .paths. names it.* Permission denied"
	rm "$paths"
else
	diag "not root: that check reads as the spool's owner is not tried"
fi

# ---- the queue follows the file ----

write "mcvax${tab}alpha!mcvax!%s"
daemon_start
ok "one letter waits" within 5 sh -c "'$bin/bangway' queue --json | jq -e '.counts.deliveries // .deliveries == 1'"
ok "the file is replaced, and read" replace "mcvax${tab}bravo!gate!mcvax!%s${tab}500"
is "since it has changed" "$(logged "$paths has changed")" 1
bangway link up sea >/dev/null
ok "the letter goes by the new path" within 10 lies far early
ok "and not by the old one" sh -c "! ls '$tap_dir/near'/*.eml >/dev/null 2>&1"

letter second 'mcvax!b!piet'
ok "so does the next" within 10 lies far second
ok "with the path in its address" grep -rqs 'gate!mcvax!b!piet@bravo.example.com' "$tap_dir/far"

before=$(logged config-loaded)
printf 'mcvax\talpha!mcvax!%%s\n' >"$paths"
ok "a file that is written to is read again" within 10 more_logged config-loaded "$before"
letter third 'mcvax!piet'
ok "and followed" within 10 lies near third

# ---- a wrong one changes nothing ----

before=$(logged config-refused)
chmod o+w "$paths"
ok "a file that everybody may write is refused" within 10 more_logged config-refused "$before"
letter fourth 'mcvax!piet'
ok "mail goes by the one before" within 10 lies near fourth
before=$(logged config-refused)
rm "$paths"
ok "so is none at all" within 10 more_logged config-refused "$before"
letter fifth 'mcvax!piet'
ok "and mail still goes" within 10 lies near fifth

before=$(logged 'left out')
ok "a slip is left out, the rest is read" replace "mcvax bravo" "seismo bravo!seismo!%s"
ok "and told" more_logged 'left out' "$before"
like "with file and line" "$(grep 'left out' "$tap_dir/log")" "$paths:1: left out: a route without %s"
letter sixth 'seismo!rick'
ok "seismo is known now" within 10 lies far sixth
bangway check >"$tap_dir/checked"
is "check takes it for a warning" $? 0
like "with file and line" "$(cat "$tap_dir/checked")" "paths:1: warning: left out"

replace "far${tab}decvax!far!%s" "further${tab}decvax!far!further!%s"
like "check knows where nobody here goes" "$(bangway check)" \
	"paths:1: warning: of the paths, 2 lead nowhere; the first is to far: "

# ---- a symbolic link, and what is behind it ----

mkdir "$tap_dir/elsewhere"
printf 'mcvax\talpha!mcvax!%%s\n' >"$tap_dir/elsewhere/1987"
before=$(logged config-loaded)
ln -sf "$tap_dir/elsewhere/1987" "$paths"
ok "a link in its place is noticed" within 10 more_logged config-loaded "$before"
before=$(logged config-loaded)
printf 'mcvax\tbravo!mcvax!%%s\n' >"$tap_dir/elsewhere/new"
mv "$tap_dir/elsewhere/new" "$tap_dir/elsewhere/1987"
ok "and what it leads to" within 10 more_logged config-loaded "$before"
letter seventh 'mcvax!piet'
ok "and followed" within 10 lies far seventh

# ---- quiet ----

# A look that was on its way already may have come before the first touch, the next one not.
before=$(logged 'has changed')
for other in lists/other elsewhere/other; do
	looks=$(logged 'are as they were read')
	touch "$tap_dir/$other"
	ok "$other is looked into" within 5 more_logged 'are as they were read' "$looks"
done
is "other files there are none of ours" "$(logged 'has changed')" "$before"

kill "$daemon"
wait "$daemon"
is "and it ends as it should" $? 0

done_testing
