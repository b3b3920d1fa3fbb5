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
run() {
	printf '\n  $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/  /'
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

sites  = { decvax = { domain = "decvax.example"; }; };
links  = { vsat = { up-when = "manual"; }; };
routes = ( { to = "*"; next-hop = "smtp:127.0.0.1:$port"; tls = "off";
             links = [ "vsat" ]; } );
C

say "The stage"
cat <<T
  argo is a ship. Its mail crosses the satellite link "vsat" when that is up.
  On board, an old machine named decvax sends mail by UUCP, the way it was done
  in 1984: a letter is addressed by the machines it passes, with a bang after
  each: decvax!mcvax!piet is piet at mcvax, by way of decvax. The Internet wants
  user@domain. bangway carries one to the other. This is all it was told:

T
sed -n '/^hostname/p;/^uucp-name/p;/^sites/p;/^links/p;/^routes/,$p' "$dir/bangway.conf" | sed 's/^/    /'

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
env -i PATH=/usr/bin:/bin UU_MACHINE=decvax UU_USER=ernie BANGWAY_CONFIG="$dir/bangway.conf" \
	"$bin/rmail" 'cwi.example!piet' <"$dir/letter" 2>"$dir/door.log" || give_up "rmail did not take the letter"
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
env -i PATH=/usr/bin:/bin UU_MACHINE=decvax UU_USER=ernie BANGWAY_CONFIG="$dir/bangway.conf" \
	"$bin/rsmtp" <"$dir/batch.gz" 2>"$dir/door.log" || give_up "rsmtp did not take the batch"
echo "    exit 0"

say "3. The link is down, so they wait"
run bangway queue
id=$(bangway queue --json --limit 1 | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -1)

say "4. Where would the letter go, and why?"
run bangway route --as decvax 'cwi.example!piet'
echo "  (as decvax: the answer for a letter that decvax brings)"

# -- 2: the link comes up ----------------------------------------------------

say "5. The satellite rises"
run bangway link up vsat
arrived_all() { [ "$(ls "$dir/arrived" | wc -l)" -ge 11 ]; }
wait_for 10 arrived_all || give_up "the mail did not arrive"
echo "    all eleven have arrived at the server on the Internet"

say "6. What was written, and what arrived"
got=$(grep -l 'greetings from 1984' "$dir"/arrived/*)
field() { sed -n "s/^$1:* *//p" "$2" | head -1; }
row() { printf '    %-10s %-29s %s\n' "$@"; }
row '' 'on the old machine' 'on the Internet'
row 'sender' 'decvax!ernie' "$(sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1/p' "$got")"
row 'recipient' 'cwi.example!piet' "$(sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$got")"
row 'From:' "$(field From: "$dir/letter")" "$(field From: "$got")"
row 'To:' "$(field To: "$dir/letter")" "$(field To: "$got")"

say "7. The journey of that letter"
journey_over() { bangway trace "$id" | grep -q sent; }
wait_for 5 journey_over || :
run bangway trace "$id"

say "That was bangway. README says how to install it; bangway(8) how to use it."
