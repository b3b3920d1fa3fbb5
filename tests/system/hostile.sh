# What a hostile neighbour writes where an address belongs, through the real
# rmail, rsmtp and bangwayd: no program is started for it, no file is made but
# in a mailbox, and nothing acts on the terminal of whoever looks at it.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$tap_dir/bin # uucp's own user may not see where we are built
dir=$tap_dir/gw
mkdir -p "$bin" "$dir/mail" "$dir/out"
cp "$BUILD"/rmail "$BUILD"/rsmtp "$BUILD"/bangway "$BUILD"/bangwayd "$BUILD"/sink "$bin"
port=$(free_port)
cat >"$dir/bangway.conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$dir/mail/%d/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$dir/spool"; };
sites      = { evil = { domain = "evil.example.com"; }; };
routes     = ( { to = "kept.example"; next-hop = "maildir:$dir/mail/%d/%u"; },
               { to = "*"; next-hop = "smtp:127.0.0.1:$port"; tls = "off"; } );
C
chown -R uucp:uucp "$dir"
canary=$tap_dir/canary
export ASAN_OPTIONS=detect_leaks=0 # which cannot be asked of a program that is traced

bangway() { as_uucp "$bin/bangway" -C "$dir/bangway.conf" "$@"; }
door() { # PROGRAM ARGUMENT...
	as_uucp env UU_MACHINE=evil "UU_USER=$evil_user" BANGWAY_CONFIG="$dir/bangway.conf" \
		strace -f -qq -e trace=execve -e signal=none -A -o "$tap_dir/execs" -- "$bin/$1" "${@:2}" \
		2>>"$dir/door.log"
}
evil_user=$(printf 'root\033]0;owned\007\n$(touch %s)' "$canary")
is_idle() { [ "$(bangway queue --json | jq '.counts.deliveries // .deliveries // 0')" = 0 ]; }
: >"$tap_dir/execs"
chown uucp "$tap_dir/execs"

"$bin/sink" --port "$port" --out "$dir/out" --quiet 2>/dev/null &
started $!
(cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups strace -D -f -qq -e trace=execve -e signal=none -A -o "$tap_dir/execs" \
	"$bin/bangwayd" -C "$dir/bangway.conf") >>"$dir/log" 2>&1 &
started $!
ok "the daemon is up" within 10 bangway status

# -- mailboxes, as rmail's arguments and as an envelope's recipients -----------------------

# One a line, for printf %b.
names() {
	cat <<N
../../x
../x@gw.example.com
..@gw.example.com
.@gw.example.com
.hidden@gw.example.com
"..\\\\/x"@gw.example.com
"../../x"@gw.example.com
a/../../x@gw.example.com
gw!../x
gw!/etc/passwd
/etc/passwd
/tmp/x@gw.example.com
../x@kept.example
kept.example!../../x
x@../kept.example
x@kept.example/../..
-oQ/tmp
-oQ/tmp@gw.example.com
-x@gw.example.com
-bs
-be
--help
-C/etc/shadow
-Ctest@cwi.example
gw!-oQ/tmp
|sh
|sh@gw.example.com
"|sh -c 'touch $canary'"@gw.example.com
gw!|touch
|touch\${IFS}$canary
|touch\${IFS}$canary@gw.example.com
:include:$canary
:include:/etc/passwd@gw.example.com
>$canary
\`touch\${IFS}$canary\`
\`touch\${IFS}$canary\`@gw.example.com
\$(touch\${IFS}$canary)
\$(x)@gw.example.com
"\$(touch $canary)"@gw.example.com
"\`touch $canary\`"@gw.example.com
"; touch $canary;"@gw.example.com
x;touch\${IFS}$canary
x&touch\${IFS}$canary@gw.example.com
"x\\\\ny"@gw.example.com
x\\ny@gw.example.com
x\\nRCPT TO:<y@cwi.example>@gw.example.com
x\\r\\nDATA@cwi.example
"x\\r\\nDATA"@cwi.example
x@cwi.example\\r\\nRCPT TO:<z@cwi.example>
x\\033[2J@gw.example.com
"\\033]0;owned\\007"@cwi.example
x\\033c@cwi.example
x\\0302\\0233[2J@gw.example.com
x\\0300\\0257@gw.example.com
\\0300\\0256\\0300\\0256\\0300\\0257x@gw.example.com
"\\0340\\0200\\0257x"@gw.example.com
x\\0355\\0240\\0200@gw.example.com
x\\0342\\0200\\0256dwp@gw.example.com
x\\0342\\0200\\0256moc.elpmaxe@cwi.example
x\\0342\\0201\\0246y@gw.example.com
x@cwi\\0342\\0200\\0256.example
x\\0342\\0200\\0250y@gw.example.com
\\0357\\0273\\0277x@gw.example.com
%s%n%x%u@gw.example.com
%u/%d@gw.example.com
x%d@gw.example.com
%n%n%n%n@cwi.example
~root@gw.example.com
~root/x@gw.example.com
*@gw.example.com
?@gw.example.com
[a-z]@gw.example.com
{a,b}@gw.example.com
cur@gw.example.com
new@gw.example.com
tmp@gw.example.com
con@gw.example.com
"a b"@gw.example.com
" "@gw.example.com
""@gw.example.com
"a\\\\\\\\b"@gw.example.com
a\\tb@gw.example.com
<script>alert(1)</script>@gw.example.com
"<img src=x>"@cwi.example
=?utf-8?q?=0d=0ax?=@gw.example.com
N
}
mapfile -t escaped < <(names)
hostile=()
for name in "${escaped[@]}"; do
	printf -v name '%b' "$name"
	hostile+=("$name")
done

letter() { # SENDER
	printf 'From %s Mon Jan  5 10:00:00 1987 remote from evil\nFrom: x@evil.example.com\n' "$1"
	printf 'Subject: =?x?=\033]0;owned\007\nDate: Mon, 5 Jan 1987 10:00:00 +0000\nMessage-Id: <x@evil>\n\ntext\n'
}
letter wilma >"$tap_dir/letter"
door rmail "${hostile[@]}" <"$tap_dir/letter"
is "rmail takes ${#hostile[@]} recipients at once" $? 0
for name in "${hostile[@]}"; do
	door rmail "$name" <"$tap_dir/letter" || echo "$name" >>"$tap_dir/refused"
done
is "rmail takes each of them alone" "$(cat "$tap_dir/refused" 2>/dev/null)" ""
{
	for name in "${hostile[@]}"; do
		printf 'MAIL FROM:<wilma@evil.example.com>\nRCPT TO:<%s>\nDATA\nFrom: x@evil\n\ntext\n.\n' "$name"
	done
	echo QUIT
} >"$tap_dir/batch"
door rsmtp <"$tap_dir/batch"
is "rsmtp takes them" $? 0

# -- and as senders -----------------------------------------------------------------------

for name in "${hostile[@]}"; do
	letter "$name" >"$tap_dir/letter"
	door rmail fred nobody@cwi.example <"$tap_dir/letter" || echo "$name" >>"$tap_dir/refused"
	letter wilma | sed "1s|evil\$|${name//[|&\\$'\n']/}|" >"$tap_dir/letter"
	door rmail fred <"$tap_dir/letter" || echo "$name" >>"$tap_dir/refused"
done
is "rmail takes each as a sender, and as his site" "$(cat "$tap_dir/refused" 2>/dev/null)" ""
ok "all is delivered or returned" within 30 is_idle

# -- nothing of it came to anything -------------------------------------------------------

is "no program was started" "$(awk '{ $1 = ""; print $2 }' "$tap_dir/execs" | grep -v -e "\"$bin/rmail\"" \
	-e "\"$bin/rsmtp\"" -e "\"$bin/bangwayd\"")" ""
ok "no file was made" test ! -e "$canary"
is "mail is in mailboxes alone" "$(find "$dir/mail" -type f | grep -vE "^$dir/mail/(gw\.example\.com|kept\.example)/[^/]+/new/[^/]+$")" ""
is "no mailbox has a name that needs care" "$(ls "$dir/mail"/* | LC_ALL=C grep -vE "^$dir/mail/|^[-A-Za-z0-9_.+=#'%^~]*\$")" ""
is "none is hidden, or looks like an option" "$(find "$dir/mail" -mindepth 2 -maxdepth 2 -name '[-.]*')" ""
ok "somebody got mail" test -d "$dir/mail/gw.example.com/fred/new"

# Octets that act on a terminal: C0 but line ends and tabs, DEL, C1, and what turns or hides text.
acts=$'[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf|\xd8\x9c'
quiet() { # WHAT FILE
	is "$1 acts on no terminal" "$(LC_ALL=C grep -caP "$acts" "$2")" 0
	ok "$1 is valid UTF-8" iconv -f UTF-8 -t UTF-8 "$2"
}
ok "there is a log to look at" test -s "$dir/log" -a -s "$dir/door.log"
quiet "the daemon's log" "$dir/log"
quiet "the doors' log" "$dir/door.log"
is "the logs' lines are ours" "$(cat "$dir/log" "$dir/door.log" | grep -cvE '^(bangwayd|rmail|rsmtp)\[[0-9]+\]: ')" 0

shown() { # WHAT COMMAND...
	local what=$1
	shift
	bangway "$@" >"$tap_dir/shown" 2>&1
	[ -s "$tap_dir/shown" ] || echo "(nothing)" >"$tap_dir/shown"
	LC_ALL=C grep -qaP "$acts" "$tap_dir/shown" && echo "$what: $*" >>"$tap_dir/loud"
	iconv -f UTF-8 -t UTF-8 "$tap_dir/shown" >/dev/null 2>&1 || echo "no UTF-8: $*" >>"$tap_dir/loud"
}
: >"$tap_dir/loud"
shown "route" route -- "${hostile[@]}"
shown "route --as" route --as evil -- "${hostile[@]}"
shown "route --dot" route --dot -- "${hostile[@]}"
shown "route --json" route --json -- "${hostile[@]}"
jq . <"$tap_dir/shown" >/dev/null 2>&1 || echo "no JSON" >>"$tap_dir/loud"
shown quarantine quarantine list
for id in $(bangway quarantine list --json | jq -r '.. | objects | .id? // empty' | head -20); do
	shown quarantine quarantine show "$id"
done
for id in $(grep -hoE ' [0-9A-Z]+-[0-9A-Z]+ (accepted|sent|never)' "$dir/log" "$dir/door.log" | awk '{print $1}' | sort -u | head -20); do
	shown trace trace "$id"
	shown trace trace --json "$id"
done
is "what bangway shows acts on no terminal" "$(head -c 1000 "$tap_dir/loud")" ""

# What went out: one MAIL and one RCPT for each, nothing that was smuggled in between.
for f in "$dir"/out/*; do sed '/^\r*$/,$d' "$f"; done >"$tap_dir/envelopes"
ok "something went out" test -s "$tap_dir/envelopes"
is "every command that went out is one" \
	"$(LC_ALL=C grep -avE '^(MAIL FROM|RCPT TO):<[^<>]*>( [A-Z0-9=-]+)*$' "$tap_dir/envelopes" | grep -avE '<".*"@[^<>]*>( [A-Z0-9=-]+)*$')" ""
is "nobody was written to who was smuggled in" "$(grep -ac 'TO:<[yz]@cwi' "$tap_dir/envelopes")" 0
is "no control octet went out" "$(LC_ALL=C grep -caP '[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$tap_dir/envelopes")" 0
ok "the spool is sound" bangway spool verify
[ $tap_failed -eq 0 ] || diag "$(tail -n 3 "$dir/log" | cut -c1-200)"
done_testing
