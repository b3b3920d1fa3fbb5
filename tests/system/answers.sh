# Letters that came by UUCP go out to a real Exim and a real Postfix, once for
# each form in which we write their senders; users there answer to what they
# see, with the command each has, and with swaks; and the answers come back
# through us, brought by a stranger who may not relay, and go where the writer
# is.
#
# Exim judges with Debian's own access lists. The path form does not pass them
# for a user who submits by SMTP, which is why it is not the default.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$tap_dir/bin # uucp's own user may not see where we are built
gw=$tap_dir/gw
exim=$tap_dir/exim
postfix=$tap_dir/postfix
mkdir -p "$bin" "$gw/out" "$gw/mail" "$exim/jobs" "$exim/spool" "$exim/log"
cp "$BUILD"/rmail "$BUILD"/rsmtp "$BUILD"/bangway "$BUILD"/bangwayd "$BUILD"/sink "$bin"
ok "the peers are unpacked" peers_unpack
command -v swaks >/dev/null || bail "swaks is not installed: make test-deps"
sink_port=$(free_port)
ex_port=$(free_port)
pf_port=$(free_port)

# -- we ------------------------------------------------------------------------------------

cat >"$gw/bangway.conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$gw/mail/%u";
users      = [ "fred" ];
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$gw/spool"; };
sites  = { decvax = { };
           alpha = { reply-form = "site"; };
           bravo = { reply-form = "path"; };
           guest = { relay = false; }; };
routes = ( { to = "exim.example"; next-hop = "smtp:127.0.0.1:$ex_port"; tls = "off"; srs = true; },
           { to = "postfix.example"; next-hop = "smtp:127.0.0.1:$pf_port"; tls = "off"; srs = true; },
           { to = "site:*"; next-hop = "smtp:127.0.0.1:$sink_port"; tls = "off"; },
           { to = "*"; next-hop = "smtp:127.0.0.1:$sink_port"; tls = "off"; } );
C
chown -R uucp:uucp "$gw"
door() { # SITE PROGRAM ARGUMENT...
	as_uucp env UU_MACHINE="$1" UU_USER=uucp BANGWAY_CONFIG="$gw/bangway.conf" "$bin/$2" "${@:3}" 2>>"$gw/door.log"
}
"$bin/sink" --port "$sink_port" --out "$gw/out" --quiet 2>/dev/null &
started $!
(cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups \
	"$bin/bangwayd" -C "$gw/bangway.conf") >>"$gw/log" 2>&1 &
started $!
ok "bangwayd is up" within 10 as_uucp "$bin/bangway" -C "$gw/bangway.conf" status

# -- Postfix: mail for us goes into a pipe with our rmail ------------------------------------

cat >"$tap_dir/to-gw" <<R
#!/bin/sh
UU_MACHINE=guest UU_USER=uucp BANGWAY_CONFIG=$gw/bangway.conf exec $bin/rmail "\$@"
R
chmod 755 "$tap_dir/to-gw"
ok "Postfix is up" postfix_start "$postfix" "$pf_port" <<'M'
myhostname = postfix.example
transport_maps = inline:{{gw.example.com = gw:}, {.gw.example.com = gw:}}
M
postfix_pid=${tap_pids##* }
echo "gw unix - n n - - pipe flags=F user=uucp argv=$tap_dir/to-gw \${recipient}" >>"$postfix/conf/master.cf"
kill -HUP "$postfix_pid"

# -- Exim: mail for us becomes a batch for our rsmtp, as for uux ------------------------------

peers_recorder "$exim"
cat >"$exim/job" <<'R'
#!/bin/sh
f=$(mktemp "$1/.new.XXXXXX") && cat >"$f" && mv "$f" "$1/$(date +%s%N).$$"
R
chmod 755 "$exim/job" "$exim"
cp "$peers/root/usr/sbin/exim4" "$exim/exim4"
{
	cat <<M
CONFDIR = $peers/root/etc/exim4
primary_hostname = exim.example
exim_path = $exim/exim4
spool_directory = $exim/spool
log_file_path = $exim/log/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = $ex_port
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
never_users =
deliver_drop_privilege = true
trusted_users = root
domainlist local_domains = exim.example
domainlist relay_to_domains =
hostlist relay_from_hosts = 127.0.0.1
acl_smtp_mail = acl_check_mail
acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data
M
	cat "$peers"/root/etc/exim4/conf.d/acl/*
	cat <<M
begin routers
gw:
  driver = accept
  domains = gw.example.com : *.gw.example.com
  transport = gw
here:
  driver = accept
  transport = record
begin transports
gw:
  driver = pipe
  command = $exim/job $exim/jobs
  user = Debian-exim
  use_bsmtp
  message_prefix = HELO exim.example\n
  message_suffix = QUIT\n
record:
  driver = pipe
  command = $exim/record $exim/out
  user = Debian-exim
  message_prefix =
  message_suffix =
begin retry
* * F,1h,1m
M
} >"$exim/exim.conf"
chmod 644 "$exim/exim.conf"
chown -R Debian-exim "$exim/spool" "$exim/log" "$exim/jobs"
"$exim/exim4" -C "$exim/exim.conf" -bdf -q30m >"$exim/exim.out" 2>&1 </dev/null &
started $!
ok "Exim is up, with Debian's access lists" within 10 port_open "$ex_port"

# What uux and uuxqt would carry.
exim_jobs_go() {
	local f
	for f in "$exim"/jobs/[0-9]*; do
		[ -e "$f" ] || continue
		door guest rsmtp <"$f" && rm "$f"
	done
}

# -- the letters ---------------------------------------------------------------------------

letter() { # SENDER SITE FROM SUBJECT
	printf 'From %s Mon Jan  5 10:00:00 1987 remote from %s\n' "$1" "$2"
	printf 'From: %s\nTo: answerer\nSubject: %s\nDate: Mon, 5 Jan 1987 10:00:00 +0000\n\ntext\n' "$3" "$4"
}
write() { # SENDER SITE FROM SUBJECT
	letter "$@" >"$tap_dir/letter"
	ok "$4: a letter from $2" door "$2" rmail answerer@exim.example answerer@postfix.example <"$tap_dir/letter"
}
write mcvax!piet decvax mcvax!piet token
write bob alpha alpha!bob site
write far!user bravo bravo!far!user path
write x.example!user bravo bravo!x.example!user tagged
{
	printf 'HELO alpha\nMAIL FROM:<piet@cwi.example>\nRCPT TO:<answerer@exim.example>\n'
	printf 'RCPT TO:<answerer@postfix.example>\nDATA\n'
	letter x x piet@cwi.example srs | sed 1d
	printf '.\nQUIT\n'
} >"$tap_dir/letter"
ok "srs: a letter from elsewhere, by way of alpha" door alpha rsmtp <"$tap_dir/letter"

number_of() { ls "$1" | wc -l; }
arrived() { [ "$(number_of "$1/out")" -ge 5 ]; }
ok "all five arrive at Exim" within 20 arrived "$exim"
ok "all five arrive at Postfix" within 20 arrived "$postfix"

seen() { grep -l "^Subject: $2\$" "$1"/out/* | head -1; } # PEER SUBJECT
sender_at() { sed -n 's/^sender //p' "$(seen "$1" "$2")"; }
from_at() { sed -n 's/^From: *//p' "$(seen "$1" "$2")" | sed 's/.*<\(.*\)>.*/\1/'; }

tag='=[a-z2-7]{7}'
like "token: what Exim's user sees" "$(sender_at "$exim" token)" '^piet\+[a-z2-7]{12}@gw\.example\.com$'
is "token: the same in From:" "$(from_at "$exim" token)" "$(sender_at "$exim" token)"
is "site: what Exim's user sees" "$(sender_at "$exim" site)" bob@alpha.gw.example.com
is "path: what Postfix's user sees" "$(sender_at "$postfix" path)" 'bravo!far!user@gw.example.com'
like "tagged: what Postfix's user sees" "$(sender_at "$postfix" tagged)" "^bravo!x\.example!user$tag@gw\.example\.com\$"
like "srs: what Exim's user sees" "$(sender_at "$exim" srs)" '^SRS0=[a-z2-7=]*=cwi\.example=piet@gw\.example\.com$'
is "srs: From: is left alone" "$(from_at "$exim" srs)" piet@cwi.example

# -- the answers ----------------------------------------------------------------------------

answer() { # TO SUBJECT
	printf 'From: answerer@here.example\nTo: %s\nSubject: %s\n\nan answer\n' "$1" "$2"
}
by_exim_bm() { answer "$1" "$2" | "$exim/exim4" -C "$exim/exim.conf" -odf -f answerer@exim.example -bm "$1"; }
by_exim_t() { answer "$1" "$2" | "$exim/exim4" -C "$exim/exim.conf" -odf -f answerer@exim.example -t; }
sendmail=$peers/root/usr/sbin/sendmail
by_postfix_to() { answer "$1" "$2" | postfix_run "$postfix" "$sendmail" -f answerer@postfix.example "$1"; }
by_postfix_t() { answer "$1" "$2" | postfix_run "$postfix" "$sendmail" -f answerer@postfix.example -t; }
by_swaks() { # PORT FROM TO SUBJECT
	swaks --server "127.0.0.1:$1" --from "$2" --to "$3" --h-Subject "$4" --hide-all --timeout 10
}
by_exim_smtp() { by_swaks "$ex_port" answerer@exim.example "$@"; }
by_postfix_smtp() { by_swaks "$pf_port" answerer@postfix.example "$@"; }

: >"$tap_dir/expected"
# Answers FORM to its sender and to its From:, in every way that PEER has.
try() { # PEER FORM HOW TARGET-ADDRESS WHERE-IT-MUST-ARRIVE
	local subject="$2-$1-$3-$RANDOM"
	ok "$2: answered from $1 by $3 to $4" "by_$1_$3" "$4" "$subject"
	echo "$5 $subject" >>"$tap_dir/expected"
}
answer_all() { # FORM WHERE
	local how
	for how in bm smtp; do try exim "$1" $how "$(sender_at "$exim" "$1")" "$2"; done
	for how in to smtp; do try postfix "$1" $how "$(sender_at "$postfix" "$1")" "$2"; done
	[ "$1" = srs ] && return # From: is piet@cwi.example, and none of our business
	for how in t smtp; do try exim "$1" $how "$(from_at "$exim" "$1")" "$2"; done
	for how in t smtp; do try postfix "$1" $how "$(from_at "$postfix" "$1")" "$2"; done
}
# The same, but that a default Exim lets nobody submit it by SMTP.
answer_path() { # FORM WHERE
	local address how
	address=$(sender_at "$exim" "$1")
	is "$1: Exim refuses its own user, by SMTP" \
		"$(swaks --server "127.0.0.1:$ex_port" --from answerer@exim.example --to "$address" --quit-after RCPT 2>&1 |
			grep -o '550 restricted characters in address')" '550 restricted characters in address'
	try exim "$1" bm "$address" "$2"
	for how in to smtp; do try postfix "$1" $how "$(sender_at "$postfix" "$1")" "$2"; done
	for how in t smtp; do try postfix "$1" $how "$(from_at "$postfix" "$1")" "$2"; done
}
answer_all token 'decvax!mcvax!piet@[127.0.0.1]'
answer_all site 'alpha!bob@[127.0.0.1]'
answer_all srs piet@cwi.example
answer_path path 'bravo!far!user@[127.0.0.1]'
answer_path tagged 'bravo!x.example!user@[127.0.0.1]'

# A forged one from the same stranger: the tag of another path, a token and an SRS of nobody's.
forged=$(sender_at "$postfix" tagged | sed 's/x\.example/y.example/')
for address in "$forged" 'bravo!y.example!user@gw.example.com' 'piet+aaaaaaaaaaaa@gw.example.com' \
	'SRS0=aaaaa=aa=cwi.example=piet@gw.example.com' 'user%y.example@gw.example.com' \
	"$(sender_at "$exim" srs | sed 's/=piet@/=jan@/')"; do
	answer "$address" forged | postfix_run "$postfix" "$sendmail" -f answerer@postfix.example "$address"
done

what_came() {
	local f
	for f in "$gw"/out/*; do
		[ -e "$f" ] || continue
		tr -d '\r' <"$f" | sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p; s/^Subject: //p' | paste -sd' '
	done | sort
}
all_came() {
	exim_jobs_go
	[ "$(what_came | wc -l)" -ge "$(wc -l <"$tap_dir/expected")" ]
}
within 20 all_came
is "each answer went to its writer, by the path he is at" "$(what_came)" "$(sort "$tap_dir/expected")"
forged_came_back() { [ "$(grep -lE '^Subject: (Not delivered|Undelivered)' "$postfix"/out/* 2>/dev/null | wc -l)" -ge 6 ]; }
ok "what was forged came back to the stranger" within 20 forged_came_back
is "and went nowhere" "$(what_came | grep -c forged)" 0
is "no address in a header was left as it came" "$(grep -c ' header-kept ' "$gw/log")" 0
ok "the spool is sound" as_uucp "$bin/bangway" -C "$gw/bangway.conf" spool verify
[ $tap_failed -eq 0 ] || diag "$(tail -n 15 "$gw/door.log" "$gw/log" | cut -c1-250)" "$(grep -v 'connect from' "$postfix/log" | tail -n 15)" "$(tail -n 5 "$exim"/log/*)"
done_testing
