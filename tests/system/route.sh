# `bangway route`: every step with the line that gave it, what was not chosen,
# the links, the way back, in text, in JSON and as a graph that Graphviz draws;
# as others see it; with addresses that would like to be more than text.
. tests/lib/tap.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
spool=$tap_dir/spool
[ -x "$bin/bangway" ] || bail "$BUILD/bangway is not built"
command -v dot >/dev/null || bail "dot is not installed: make test-deps"

cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "owner@gw.example.com";
spool      = { directory = "$spool"; };
sites  = { vax43 = { domain = "vax43.example.com"; };
           guest = { relay = false; }; };
links  = { vsat = { up-when = "manual"; };
           wifi = { up-when = "tcp:127.0.0.1:9"; }; };
routes = ( { to = "cwi.example"; next-hop = "smtp:mail.cwi.example"; links = [ "vsat", "wifi" ]; },
           { to = ".example"; next-hop = "mx"; },
           { to = "site:*"; next-hop = "uucp"; },
           { to = "*"; next-hop = "mx"; links = [ "wifi" ]; } );
relay-clients = [ "192.0.2.0/24" ];
C

bw() { "$bin/bangway" -C "$conf" "$@"; }
route() { bw route "$@" 2>&1; }
json() { # json WHAT FILTER WANTED ARGUMENT...
	local what=$1 filter=$2 wanted=$3
	shift 3
	is "$what" "$(bw route --json "$@" 2>/dev/null | jq -c "$filter" 2>&1)" "$wanted"
}
fails() { # fails WHAT REGEX ARGUMENT...: 64, and those words
	local what=$1 words=$2 out rc
	shift 2
	out=$(bw route "$@" 2>&1 </dev/null)
	rc=$?
	is "$what: exit code" $rc 64
	like "$what: its words" "$out" "^bangway: .*$words"
}

# -- without a spool: the configuration alone -------------------------------------

out=$(route cwi.example!b!piet)
is "no spool is needed" $? 0
like "a step has its line" "$out" '^ +[0-9]+\. rule to = "cwi.example" \[bangway.conf:11\]$'
like "so has what is ours" "$(route gw!fred)" '2\. gw is ourselves: taken off the front \[bangway.conf:2\]'
like "and what is kept here" "$(route fred)" 'next hop maildir \[bangway.conf:4\]'
{
	sed 's|^domains.*|domains = ( "gw.example.com", { name = "museum.example"; users = [ "curator" ]; catch-all = "curator@museum.example"; } );|' "$conf"
	echo 'users = [ "fred" ];'
} >"$tap_dir/lists.conf"
lists() { "$bin/bangway" -C "$tap_dir/lists.conf" route "$1" 2>&1 | tr -s '[:space:]' ' '; }
like "a user has his own list's line" "$(lists xyz@museum.example)" 'curator is a user of ours \[lists.conf:3\]'
like "or that of the list at the top" "$(lists fred)" 'fred is a user of ours \[lists.conf:16\]'
like "and who is none, that of the list he is not in" "$(lists xyz)" 'xyz is none of the `users` of gw.example.com \[lists.conf:16\]'
like "what was chosen" "$(echo $out)" 'chosen to = "cwi.example", smtp, host mail.cwi.example port 25 \[bangway.conf:11\]: names the host itself'
like "and what was not" "$(echo $out)" 'not chosen to = "\*", mx \[bangway.conf:14\]: a rule for the host itself goes before'
is "a rule that does not fit is not told" "$(grep -c 'to = "site:\*"' <<<"$out")" 0
like "the next hop" "$out" '^  next hop +smtp:mail.cwi.example:25$'
like "its links" "$out" '^  link +vsat: down, manual$'
like "each with what is known" "$out" '^  link +wifi: unknown, tcp:127.0.0.1:9$'
like "any link" "$(route a@b.example)" '^  links +any of them$'
like "the form that it understands" "$out" '^  to +b!piet@cwi.example$'
like "DNS is not asked" "$(route a@elsewhere.test)" '^  next hop +mx of elsewhere.test \(DNS is asked when it is sent\)$'
like "the way back" "$out" '^a letter from there, and an answer to it$'
like "and its verdict" "$(route fred)" '^  verdict +an answer comes back$'

out=$(route 'not an address')
is "what would be returned" $? 65
like "and why" "$out" '^  refused +5\.1\.3 '

# -- what a neighbour is given ----------------------------------------------------

out=$(echo $(route vax43!cwi.example!x))
like "his class has its line" "$out" 'vax43 is of class old: paths alone \[bangway.conf:7\]'
like "the From_ line" "$out" 'one From_ line, `From postmaster DATE remote from gw`, and gw!postmaster in its header'
like "the rest of the path" "$out" 'the next hop is given cwi.example!x '
sed 's|domain = "vax43.example.com"|& ; class = "domain"|' "$conf" >"$tap_dir/class.conf"
out=$(echo $("$bin/bangway" -C "$tap_dir/class.conf" route vax43!cwi.example!x 2>&1))
like "of another class, the From_ line" "$out" 'From gw.example.com!postmaster DATE remote from gw'
like "and user@domain" "$out" 'the next hop is given x@cwi.example '
like "what no rmail takes" "$(route '"a b"@vax43.example.com')" '^  refused +5\.1\.3 vax43 cannot be given it'

# -- as others see it -------------------------------------------------------------

like "as a neighbour" "$(route --as vax43 a@elsewhere.test)" '^  as +the UUCP neighbour vax43 \[bangway.conf:7\]$'
like "his line lets him" "$(route --as vax43 a@elsewhere.test)" 'the site vax43 may send through us to anywhere \[bangway.conf:7\]'
json "one who may not relay" '.routes[0] | [.as, ."next-hop".verdict.outcome]' '["guest","never"]' --as guest a@elsewhere.test
like "a stranger" "$(route --as nobody a@elsewhere.test)" '^  as +the UUCP neighbour nobody, which has no entry in sites$'
json "an SMTP client" '.routes[0] | [.client, ."next-hop".verdict.status]' '["198.51.100.7","5.7.1"]' --client 198.51.100.7 a@elsewhere.test
like "one of relay-clients" "$(echo $(route --client 192.0.2.9 a@elsewhere.test))" 'by relay-clients \[bangway.conf:15\]'
json "and by IPv6" '.routes[0].client' '"2001:db8::1"' --client 2001:db8::1 fred
fails "a client is an address" 'IP address.* not mail.example' --client mail.example fred
fails "one of the two" 'from a site or from a client' --as vax43 --client 192.0.2.1 fred
fails "--dot is no JSON" 'one of the two' --dot --json fred
fails "no address" 'something is missing'

# -- a list -----------------------------------------------------------------------

printf 'fred\n\n  a@cwi.example \r\nvax43!x\n' >"$tap_dir/list"
json "an address a line" '[.routes[].address]' '["fred","a@cwi.example","vax43!x"]' - <"$tap_dir/list"
json "beside words" '[.routes[].address]' '["one","fred","a@cwi.example","vax43!x","two"]' one - two <"$tap_dir/list"
bw route - </dev/null >"$tap_dir/out" 2>/dev/null
is "an empty list is no fault" "$? $(cat "$tap_dir/out")" "0 "
{ head -c 70000 /dev/zero | tr '\0' '!'; echo; echo fred; } >"$tap_dir/list"
out=$(bw route - <"$tap_dir/list" 2>&1)
is "a line without an end" $? 65
like "is told with its number" "$out" '^bangway: line 1 has more than 65536 octets$'
like "and the others are answered" "$out" '^fred$'

awk 'BEGIN { for (i = 0; i < 10000; i++) printf "h%d!u%d\na@b%d.cwi.example\n", i, i, i }' | head -10000 >"$tap_dir/list"
for form in "" --json --dot; do
	before=$(date +%s%N)
	bw route $form - <"$tap_dir/list" >"$tap_dir/out"
	ms=$((($(date +%s%N) - before) / 1000000))
	diag "10,000 addresses ${form:-as text}: $ms ms"
	ok "10,000 addresses ${form:-as text} in seconds" [ $ms -lt 15000 ]
done

# -- paths and aliases: files that the configuration names ------------------------

printf '# of the maps\nmcvax\tdecvax!mcvax!%%s\t300\n.edu\tvax43!%%s\t95\ncwi.example\tvax43!%%s\n' >"$tap_dir/paths"
printf 'staff: fred,\n  piet@cwi.example\nowner-staff: fred\nloop: loop\nmixed: fred, guest!x, a@no.where\n' >"$tap_dir/aliases"
sed 's|^sites  = {|& decvax = { };|; s|site:\*"; next-hop = "uucp"|site:decvax"; next-hop = "smtp:hub.example"|; s|{ to = "\*".*|{ to = "site:*"; next-hop = "uucp"; } );|' "$conf" >"$tap_dir/files.conf"
cat >>"$tap_dir/files.conf" <<C
paths = "$tap_dir/paths"; aliases = "$tap_dir/aliases"; users = [ "fred" ];
C
bw_files() { "$bin/bangway" -C "$tap_dir/files.conf" route "$@" 2>/dev/null; }
flat() { tr -s '[:space:]' ' '; }

out=$(bw_files mcvax!piet | flat)
like "a path has its file and line" "$out" 'mcvax is reached by the path decvax!mcvax!%s, cost 300 \[paths:2\]'
like "and its cost" "$out" ' next hop smtp:hub.example:25 cost 300 '
like "it is chosen" "$out" 'chosen mcvax by the path decvax!mcvax!%s \[paths:2\]: the paths know the host'
like "before the rule for all sites" "$out" 'not chosen to = "site:\*", uucp \[files.conf:14\]: the paths know the host itself'
like "then a rule for its first hop" "$out" 'chosen to = "site:decvax", smtp, host hub.example port 25 \[files.conf:13\]: names the host itself'
is "JSON: two choices, one chosen of each" "$(bw_files --json mcvax!piet | jq -c '.routes[0] | [."next-hop".cost, [.considered[] | select(.chosen) | [.choice, .file, .line]]]')" \
	"[300,[[1,\"$tap_dir/paths\",2],[2,\"$tap_dir/files.conf\",13]]]"
is "and for which host each" "$(bw_files --json mcvax!piet | jq -c '[.routes[0].considered[] | select(.chosen) | .for]')" '["mcvax","decvax"]'
like "the end of a name" "$(bw_files a@x.edu | flat)" 'chosen .edu by the path vax43!%s \[paths:3\]: the paths know the end of the name'
like "the rules of a path's next hop stand apart" "$(bw_files mcvax!piet | flat)" ' not chosen .* for [^ ]*: chosen '
like "a path that is not gone by" "$(bw_files a@cwi.example | flat)" 'not chosen cwi.example by the path vax43!%s \[paths:4\]: a rule for the host itself goes before'

out=$(bw_files staff)
is "an alias" $? 0
like "whom it stands for" "$out" 'staff stands for piet@cwi.example \[aliases:2\]$'
like "its owner" "$(flat <<<"$out")" 'sent it by owner-staff@gw.example.com \[aliases:1\]'
is "each goes its way" "$(grep -E '^  (to [^ ]+@|next hop|members)' <<<"$out" | flat)" \
	" members 2 to fred@gw.example.com next hop maildir:$tap_dir/mail/fred to piet@cwi.example next hop smtp:mail.cwi.example:25 "
like "and an answer comes to all of them" "$out" '^  verdict +an answer comes back$'
bw_files mixed >/dev/null
is "a member that is refused" $? 65
is "in JSON" "$(bw_files --json mixed | jq -c '.routes[0] | [."next-hop", [.members[] | [.address, ."next-hop".verdict.outcome]]]')" \
	'[null,[["fred@gw.example.com","go"],["guest!x","later"],["a@no.where","never"]]]'
ok "as a graph" eval 'bw_files --dot mixed staff | dot -Tsvg >"$tap_dir/svg"'
like "an alias that leads to nobody" "$(bw_files loop | flat)" 'refused 5\.'
sed 's|aliases"|nothing"|' "$tap_dir/files.conf" >"$tap_dir/missing.conf"
out=$("$bin/bangway" -C "$tap_dir/missing.conf" route fred 2>&1)
is "a file that is not there" $? 78
like "is named" "$out" "^bangway: .*nothing: .aliases. names it"

# -- the way back -----------------------------------------------------------------

out=$(bw route decvax!mcvax!piet 2>"$tap_dir/err")
like "a token" "$out" '^  sender +piet\+[a-z2-7]{12}@gw.example.com$'
like "without a key it is an example" "$(cat "$tap_dir/err")" '^bangway: .* those shown are examples$'
like "what it stands for" "$(flat <<<"$out")" 'that is a token, kept from before the letter leaves, for decvax!mcvax!piet'
like "and in a line of its own" "$out" '^  stands for decvax!mcvax!piet$'
like "whom an answer reaches" "$(bw route guest!mcvax!piet 2>&1)" '^  reaches +guest!mcvax!piet$'
whole_paths() { # whole_paths WHAT: as we see them, in each form
	local form
	for form in token site path; do
		sed "s|^hostname|reply-form = \"$form\"; hostname|" "$conf" >"$tap_dir/$form.conf"
		is "$1, reply-form $form: an answer reaches a whole path" \
			"$(for as in "" "--as guest"; do
				"$bin/bangway" -C "$tap_dir/$form.conf" route --json $as guest!bob guest!far!ernie vax43!bob fred 2>/dev/null
			done | jq -c '[.routes[].answer.reaches]' | tr '\n' ' ')" \
			'["guest!bob","guest!far!ernie","vax43.example.com!bob","fred"] ["guest!bob","guest!far!ernie","vax43.example.com!bob","guest!fred"] '
	done
}
whole_paths "without a key"
is "no path where no answer comes" "$(bw_files --json lost.example!x nowhere!x | jq -c '[.routes[].answer | [.verdict, .reaches]]')" \
	'[["comes-back","lost.example!x"],["lost",""]]'
for form in site path; do
	sed "s|^hostname|reply-form = \"$form\"; hostname|" "$conf" >"$tap_dir/$form.conf"
	"$bin/bangway" -C "$tap_dir/$form.conf" route vax43!far!ernie guest!ernie >"$tap_dir/$form" 2>/dev/null
	is "reply-form $form: both come back" "$(grep -c '^  verdict  *an answer comes back$' "$tap_dir/$form")" 2
	like "reply-form $form: the setting's line" "$(flat <"$tap_dir/$form")" "that is the (site guest|path itself).* \[$form.conf:1\]"
done
like "SRS" "$(route a@elsewhere.test | flat)" 'sender SRS0=[^ ]*=elsewhere.test=a@gw.example.com .* an answer comes back'
like "who is elsewhere answers there" "$(route --client 198.51.100.7 a@elsewhere.test | flat)" 'verdict an answer comes back'
sed 's|mx"; links|mx"; srs = false; links|' "$conf" >"$tap_dir/plain.conf"
like "which no person answers to" "$(route a@elsewhere.test | flat)" 'for notices: a person answers to From: .* a notice goes to SRS0='
like "without SRS" "$("$bin/bangway" -C "$tap_dir/plain.conf" route a@elsewhere.test 2>/dev/null | flat)" \
	'an answer goes to elsewhere.test, and not by way of us.* reaches elsewhere.test!a verdict an answer comes back'
like "the null sender" "$(route '<>')" '^  verdict +nothing can answer it: it is the null sender$'
like "no answer comes to nobody" "$(sed 's|^local|users = [ "fred" ]; local|' "$conf" >"$tap_dir/users.conf"
	"$bin/bangway" -C "$tap_dir/users.conf" route nobody 2>/dev/null | flat)" 'verdict an answer does not come back: .*no user nobody'
json "in JSON" '.routes[] | .answer | [.verdict, .why, ."next-hop".kind]' \
	'["comes-back","","maildir"]
["null","it is the null sender",null]' fred '<>'

# -- with a spool: what is known of the links -------------------------------------

bw spool create >/dev/null 2>&1
bw link up vsat >/dev/null
like "an order to a link" "$(route a@cwi.example)" '^  link +vsat: up, manual, ordered up$'
json "and in JSON" '.routes[0].links | [.[] | [.name, .state, .order, .line]]' \
	'[["vsat","up","up",9],["wifi","unknown","auto",10]]' a@cwi.example

"$bin/bangwayd" -C "$conf" 2>"$tap_dir/bangwayd.log" &
daemon=$!
started $daemon
within 10 bw status || bail "bangwayd: $(cat "$tap_dir/bangwayd.log")"
like "what the daemon says of a link" "$(route a@cwi.example)" '^  link +vsat: up for [^,]*, manual, ordered up$'
is "with its key nothing is an example" "$(bw route decvax!x 2>&1 >/dev/null)" ""
kill $daemon
wait $daemon
is "nor when it is gone" "$(bw route --json decvax!x 2>&1 | jq -c '[.spool, .key]')" "[true,true]"
whole_paths "with the key"
is "the same address has the same token" "$(route decvax!x | grep '^  sender')" "$(route decvax!x | grep '^  sender')"

cp "$bin/bangway" "$tap_dir/bangway-copy"
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$tap_dir/bangway-copy" -C "$conf" route "$@"; }
like "one who may not read the spool is told" "$(nobody fred 2>&1 >/dev/null)" \
	'^bangway: the spool in .* is not yours; run this as root or as its owner; our tokens are not known'
is "and programs" "$(nobody --json fred 2>/dev/null | jq .spool)" false
sed "s|directory = \"[^\"]*\"|directory = \"$tap_dir/none-yet\"|" "$conf" >"$tap_dir/none.conf"
mkdir -m 700 "$tap_dir/none-yet"
like "one whose spool is not made yet" "$("$bin/bangway" -C "$tap_dir/none.conf" route fred 2>&1 >/dev/null)" \
	'^bangway: there is no spool in .*/none-yet yet: bangwayd makes it; our tokens'
printf 'secret = "%s/none";\n' "$tap_dir" | cat "$conf" - >"$tap_dir/none.conf"
like "one whose key cannot be read" "$("$bin/bangway" -C "$tap_dir/none.conf" route fred 2>&1 >/dev/null)" \
	'^bangway: secret: .*/none cannot be read: No such file'
json "one who may has it" '.spool' true fred

# -- the same in every form -------------------------------------------------------

set -- cwi.example!b!piet decvax!mcvax!piet gw!vax43!x fred postmaster a@b.example a@elsewhere.test \
	guest!far!x 'x%y@gw.example.com' '@a,@b:u@c.example' 'not an address' '<>' '' "$(printf 'caf\303\251@b.example')" \
	'"a b"@cwi.example' gw.example.com!gw!gw!u
# What a way has, with what is in it: the members of an alias, the answer.
all_of='def ways: ., (.members // [] | .[] | ways), (.answer // empty);'
said=$all_of' .routes[0] | ways | ((.steps + .considered)[] |
		.words + (if .file then " [" + (.file | sub(".*/"; "")) + ":" + (.line | tostring) + "]" else "" end)),
	(.sender, .reaches, (."next-hop" // {} | ."stands-for") | strings | select(. != ""))'
whole() { tr -d '[:space:]'; } # however it was folded
absent() { # absent TEXT <LINES: those that it has not
	local line
	tr -d ' ' | while IFS= read -r line; do
		case $1 in *"$line"*) ;; *) echo "$line" ;; esac
	done
}
compare() { # compare CONFIGURATION ADDRESS
	local graph
	"$bin/bangway" -C "$1" route "$2" >"$tap_dir/text"
	"$bin/bangway" -C "$1" route --json "$2" >"$tap_dir/json"
	graph=$("$bin/bangway" -C "$1" route --dot "$2" | sed 's/\\l//g; s/\\\(["\\]\)/\1/g; s/&amp;/\&/g' | whole)
	is "text has what JSON has: $2" "$(jq -r "$said" "$tap_dir/json" | absent "$(whole <"$tap_dir/text")")" ""
	is "so has the graph: $2" "$(jq -r "$said" "$tap_dir/json" | absent "$graph")" ""
	is "and the lines of the text: $2" "$(sed -nE 's/^  (link|verdict)  +//p
		s/^  (next hop|cost|links|to|refused|waits|as|members)  +/\1/p' "$tap_dir/text" | absent "$graph")" ""
	is "no step more: $2" "$(grep -cE '^ +[0-9]+\. ' "$tap_dir/text")" \
		"$(jq "[$all_of .routes[0] | ways | .steps[]] | length" "$tap_dir/json")"
	is "in 80 columns: $2" "$(LC_ALL=C.UTF-8 grep -cE '^.{81}|[[:cntrl:]]' "$tap_dir/text")" 0
}
for address; do compare "$conf" "$address"; done
for address in mixed staff loop mcvax!piet a@x.edu; do compare "$tap_dir/files.conf" "$address"; done
{ printf 'many: u0'; printf ',\n u%d' {1..1000}; echo; } >>"$tap_dir/aliases"
bw_files --json many >"$tap_dir/json"
is "more members than are told" "$(jq -c '.routes[0] | [."members-lost", (.members | length), ."steps-lost" > 0]' "$tap_dir/json")" '[true,1000,true]'
lost=$(jq '.routes[0]."steps-lost"' "$tap_dir/json")
for form in "" --dot; do
	out=$(bw_files $form many | sed 's/\\l/ /g' | flat)
	like "and so does the ${form:-text}" "$out" 'members more than 1000, of whom these are told'
	like "of steps too: ${form:-text}" "$out" "and $lost more, which are not shown"
done
bw route --dot "$@" >"$tap_dir/dot"
is "a graph of them all: exit code" $? 65
ok "Graphviz reads it" dot -Tsvg -o "$tap_dir/svg" "$tap_dir/dot"
is "and has no remark" "$(dot -Tsvg -o /dev/null "$tap_dir/dot" 2>&1 | grep -vi fontconfig)" ""
is "a cluster each" "$(dot -Tdot_json "$tap_dir/dot" | jq '[.objects[] | select(.name | startswith("cluster_"))] | length')" $#
is "every step is a node" "$(dot -Tdot_json "$tap_dir/dot" | jq '[.objects[] | select(.label) | select(.label | test("^[0-9]+\\. "))] | length')" \
	"$(bw route --json "$@" | jq '[.routes[] | (.steps + .answer.steps)[]] | length')"
is "what was not chosen is dashed" "$(dot -Tdot_json "$tap_dir/dot" | jq '[.objects[] | select(.style == "dashed")] | length')" \
	"$(bw route --json "$@" | jq '[.routes[] | (.considered + .answer.considered)[] | select(.chosen | not)] | length')"

# -- addresses that would be more than text ---------------------------------------

set -- $'\e]0;title\a!x' $'a\r\nb!c' $'x\xe2\x80\xaemoc.live@cwi.example' $'\xff\xfe!x' \
	'"];evil->node;x["@cwi.example' 'a\' 'a"b\"!c' '"\"];}"@cwi.example' '&lt;b&gt;@cwi.example' '<b>bold</b>' \
	'\N\G\l@cwi.example' $'\xc2\x9b31m!x' "$(head -c 100000 /dev/zero | tr '\0' '!')"
is "nothing acts on a terminal" "$(route "$@" | LC_ALL=C grep -cP '[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80\xae|\xc2\x9b|\xff')" 0
is "JSON of them" "$(bw route --json "$@" | jq '.routes | length')" $#
bw route --dot "$@" >"$tap_dir/dot"
is "nothing acts on Graphviz" "$(dot -Tdot_json "$tap_dir/dot" 2>&1 |
	jq -c '[([.objects[] | select(.name | startswith("cluster_"))] | length), [.objects[].name | select(test("^(cluster_|n)[0-9_]+$") | not)]]')" "[$#,[]]"
is "what is text stays text" "$(bw route --dot '\N&lt;"@cwi.example' | dot -Tsvg | grep -c '\\\\N&amp;lt;&quot;@cwi.example')" 1

done_testing
