#!/usr/bin/env bash
# What bangway does, in one minute: run by `make demo`. Everything happens in a
# directory that is thrown away at the end; nothing of the machine's own mail is
# touched, and no port but one of the loopback is used.

set -eu
bin=$(cd "${BUILD:-build}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/bangway-demo.XXXXXX")
daemon= sink=
end() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	[ -z "$sink" ] || kill "$sink" 2>/dev/null || :
	wait
	rm -rf "$dir"
}
trap end EXIT

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold= plain=; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { # its output may have 80 columns: it is not moved
	local word line=
	for word; do
		case $word in *!*) word="'$word'" ;; esac
		line="$line $word"
	done
	printf '\n  $%s\n' "$line"
	"$@" 2>&1
}
show() { sed 's/^/    | /' "$1"; }
bangway() { "$bin/bangway" -C "$dir/bangway.conf" "$@"; }
give_up() {
	echo "demo: $*" >&2
	[ ! -s "$dir/bangwayd.log" ] || sed 's/^/  bangwayd: /' "$dir/bangwayd.log" >&2
	exit 1
}
wait_for() { # SECONDS COMMAND...
	local tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

deliver() { # DOOR FILE SITE [RECIPIENT]: as uuxqt does
	local door=$1 file=$2 site=$3
	shift 3
	env -i PATH=/usr/bin:/bin UU_MACHINE="$site" UU_USER=uucp BANGWAY_CONFIG="$dir/bangway.conf" \
		"$bin/$door" "$@" <"$file" 2>"$dir/door.log" || give_up "$door did not take it"
}

# -- the stage: a server on the Internet, and our ship ----------------------

mkdir "$dir/arrived"
"$bin/sink" --port 0 --out "$dir/arrived" --quiet 2>"$dir/sink.log" &
sink=$!
wait_for 5 grep -q port "$dir/sink.log" || give_up "the SMTP sink did not start"
port=$(sed -n 's/^sink: port //p' "$dir/sink.log")

cat >"$dir/bangway.conf" <<C
hostname   = "argo.fleet.example";
uucp-name  = "argo";
domains    = [ "argo.fleet.example" ];
local      = "maildir:$dir/mail/%u";
postmaster = "radio@argo.fleet.example";
spool      = { directory = "$dir/spool"; };
control-socket = "$dir/control";

sites  = { decvax = { domain = "decvax.example"; };
           shore  = { relay = false; }; };
links  = { vsat = { up-when = "manual"; }; };
routes = ( { to = "site:*"; next-hop = "uucp"; },
           { to = "*"; next-hop = "smtp:127.0.0.1:$port"; tls = "off";
             links = [ "vsat" ]; } );
C

say "The stage"
cat <<T
  argo is a ship. Its mail crosses the satellite link "vsat" when that is up.
  On board, an old machine named decvax sends mail by UUCP, the way it was done
  in 1984: a letter is addressed by the machines it passes, with a bang after
  each: decvax!mcvax!piet is piet at mcvax, by way of decvax. The Internet wants
  user@domain. bangway carries one to the other. shore brings the Internet's
  mail in batches. This is all that bangway was told:

T
nl -ba -w4 -s'  ' "$dir/bangway.conf" | sed "s|$dir|/tmp/demo|"

"$bin/bangwayd" -C "$dir/bangway.conf" >"$dir/bangwayd.log" 2>&1 &
daemon=$!
wait_for 5 bangway status || give_up "bangwayd did not start"

# -- 1: two ways in ----------------------------------------------------------

say "1. A letter comes in by UUCP, while the link is down"
cat >"$dir/letter" <<'L'
From ernie Sat Nov 22 12:31:11 1984 remote from decvax
Date: Sat, 22 Nov 84 12:31:11 PST
From: decvax!ernie (Ernie CoVax)
To: cwi.example!piet
Subject: greetings from 1984
Message-Id: <8411222031.AA00101@decvax>

Dear Piet, this letter knows nothing of the Internet.
L
show "$dir/letter"
printf '\n  $ rmail '\''cwi.example!piet'\'' < letter      (as uuxqt runs it for decvax)\n'
deliver rmail "$dir/letter" decvax 'cwi.example!piet'
echo "    exit 0: the letter is safely on the disk"

say "2. Ten more come as one compressed batch"
batch() {
	echo "HELO decvax"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		printf 'MAIL FROM:<decvax!ernie>\nRCPT TO:<crew%s@port.example>\nDATA\n' "$i"
		printf 'From: decvax!ernie (Ernie CoVax)\nTo: crew%s@port.example\n' "$i"
		printf 'Date: Sat, 22 Nov 84 12:40:00 PST\nSubject: stores, page %s\n\nRope, tar, biscuit.\n.\n' "$i"
	done
	echo QUIT
}
batch | gzip >"$dir/batch.gz"
printf '\n  $ rgsmtp < batch.gz                       (%s bytes compressed, %s plain)\n' \
	"$(wc -c <"$dir/batch.gz")" "$(batch | wc -c)"
deliver rsmtp "$dir/batch.gz" decvax
echo "    exit 0"

say "3. The link is down, so they wait"
run bangway queue
id=$(bangway queue --json --limit 1 | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -1)

say "4. Where would the letter go, and why?"
run bangway route --as decvax 'cwi.example!piet'
echo "  (as decvax: the answer for a letter that decvax brings)"

say "5. A path of two hops leads to decvax; and would an answer come back?"
run bangway route 'decvax!mcvax!piet'

# -- 2: the link comes up ----------------------------------------------------

say "6. The satellite rises"
run bangway link up vsat
arrived_all() { [ "$(ls "$dir/arrived" | wc -l)" -ge 11 ]; }
wait_for 10 arrived_all || give_up "the mail did not arrive"
echo "    all eleven have arrived at the server on the Internet"

say "7. What was written, and what arrived"
got=$(grep -l 'greetings from 1984' "$dir"/arrived/*)
field() { sed -n "s/^$1:* *//p" "$2" | head -1; }
row() { printf '    %-10s %-29s %s\n' "$@"; }
row '' 'on the old machine' 'on the Internet'
row 'sender' 'decvax!ernie' "$(sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1/p' "$got")"
row 'recipient' 'cwi.example!piet' "$(sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$got")"
row 'From:' "$(field From: "$dir/letter")" "$(field From: "$got")"
row 'To:' "$(field To: "$dir/letter")" "$(field To: "$got")"

say "8. The journey of that letter"
journey_over() { bangway trace "$id" | grep -q sent; }
wait_for 5 journey_over || :
run bangway trace "$id"

# -- 3: the answer comes home -------------------------------------------------

say "9. mcvax writes, from behind decvax: no domain leads there"
cat >"$dir/letter" <<'L'
From mcvax!piet Sat Nov 22 13:02:40 1984 remote from decvax
From: decvax!mcvax!piet (Piet)
To: port.example!harbour
Subject: how deep is it?

Four fathoms?
L
show "$dir/letter"
deliver rmail "$dir/letter" decvax 'port.example!harbour'
asked() { grep -lq 'how deep' "$dir"/arrived/*; }
wait_for 10 asked || give_up "the letter of two hops did not arrive"
from=$(sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1/p' "$(grep -l 'how deep' "$dir"/arrived/*)")
token=${from%@*} token=${token##*+}
printf '\n    sender on the Internet   %s\n' "$from"
echo "    The twelve letters behind the + are a token: it stands for the path."

say "10. And its answer comes home"
printf 'HELO shore\nMAIL FROM:<harbour@port.example>\nRCPT TO:<%s>\nDATA\n' "$from" >"$dir/answer"
printf 'Subject: Re: how deep is it?\n\nFive.\n.\nQUIT\n' >>"$dir/answer"
show "$dir/answer"
printf '\n  $ rsmtp < answer                           (as uuxqt runs it for shore)\n'
deliver rsmtp "$dir/answer" shore
run bangway reply list
run bangway trace "$token"
echo "  (it waits for decvax: this version brings mail from UUCP, but not to it yet)"

say "That was bangway. README says how to install it; bangway(8) how to use it."
