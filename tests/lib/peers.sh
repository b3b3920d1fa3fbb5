# peers.sh: the real programs the tests talk to, from Debian's packages. The
# packages of mail servers conflict with one another, so they are downloaded
# and unpacked beside the build, never installed, and run from there with a
# private configuration and queue, on loopback.
#
#   peers_unpack                       downloads and unpacks (once)
#   postfix_start DIR PORT [main.cf lines on stdin]
#   exim_start DIR PORT              EXIM_MAIN, EXIM_AUTH: more lines of its configuration
#   taylor_node DIR NAME...            writes a Taylor UUCP node
#
# What arrives is kept by both servers as DIR/out/NNN: lines "sender ...",
# "recipient ...", an empty line, the message.

peers=${PEERS:-$PWD/build/peers}
peers_packages="postfix exim4-base exim4-daemon-light exim4-config"

peers_are_unpacked() { [ "$(cat "$peers/.complete" 2>/dev/null)" = "$peers_packages" ]; }

peers_unpack() {
	local p
	peers_are_unpacked && return 0
	mkdir -p "$peers" || return 1
	(
		flock 9
		peers_are_unpacked && exit 0
		cd "$peers" || exit 1
		apt-get -o APT::Sandbox::User=root download $peers_packages >download.log 2>&1 || {
			apt-get update >>download.log 2>&1
			apt-get -o APT::Sandbox::User=root download $peers_packages >>download.log 2>&1
		} || exit 1
		for p in *.deb; do dpkg-deb -x "$p" root || exit 1; done
		# the accounts that Debian's packages make at their installation
		id postfix >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin postfix || exit 1
		getent group postdrop >/dev/null || groupadd --system postdrop || exit 1
		id Debian-exim >/dev/null 2>&1 ||
			useradd --system --no-create-home --shell /usr/sbin/nologin Debian-exim || exit 1
		echo "$peers_packages" >.complete
	) 9>"$peers/.lock"
}

# What a server runs for each message: ARGS are sender and recipients.
peers_recorder() {
	mkdir -p "$1/out" && chmod 777 "$1/out"
	cat >"$1/record" <<'R'
#!/bin/sh
f=$(mktemp "$1/.new.XXXXXX") || exit 75
dir=$1; shift
[ $# -gt 0 ] || set -- "$SENDER" "$RECIPIENT" # Exim says them in the environment
{ echo "sender $1"; shift; for r; do echo "recipient $r"; done; echo; cat; } >"$f" || exit 75
chmod 644 "$f"; mv "$f" "$dir/$(date +%s%N).$$"
R
	chmod 755 "$1/record"
}

postfix_start() {
	local dir=$1 port=$2 d lib=$peers/root/usr/lib/postfix
	mkdir -p "$dir/conf" "$dir/queue" "$dir/data"
	peers_recorder "$dir"
	for d in active bounce corrupt defer deferred flush hold incoming private saved trace; do
		mkdir -p "$dir/queue/$d" && chown postfix "$dir/queue/$d" && chmod 700 "$dir/queue/$d"
	done
	mkdir -p "$dir/queue/maildrop" "$dir/queue/public" "$dir/queue/pid"
	chown postfix:postdrop "$dir/queue/maildrop" "$dir/queue/public"
	chmod 730 "$dir/queue/maildrop"; chmod 710 "$dir/queue/public"
	chown postfix "$dir/data"
	cat >"$dir/conf/main.cf" <<M
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = $peers/root/usr/sbin
daemon_directory = $lib/sbin
shlib_directory = $lib
meta_directory = $dir/conf
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH
export_environment = TZ LANG=C LD_LIBRARY_PATH
maillog_file = $dir/log
maillog_file_prefixes = $dir
smtpd_recipient_restrictions = permit_mynetworks, reject
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
default_transport = record
relay_transport = record
record_destination_recipient_limit = 100
alias_maps =
message_size_limit = 0
smtpd_client_connection_count_limit = 0
M
	cat >>"$dir/conf/main.cf"
	# a setting given on standard input stands in for the one above
	awk -F ' *=' '{last[$1] = $0; if (!($1 in at)) {at[$1] = ++n; name[n] = $1}}
		END {for (i = 1; i <= n; i++) print last[name[i]]}' "$dir/conf/main.cf" >"$dir/conf/main.new"
	mv "$dir/conf/main.new" "$dir/conf/main.cf"
	cat >"$dir/conf/master.cf" <<M
127.0.0.1:$port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
discard unix - - n - - discard
smtp unix - - n - - smtp
record unix - n n - - pipe flags=q user=nobody argv=$dir/record $dir/out \${sender} \${recipient}
M
	: >"$dir/log"
	env LD_LIBRARY_PATH="$lib" MAIL_CONFIG="$dir/conf" "$lib/sbin/master" -c "$dir/conf" -d \
		>"$dir/master.out" 2>&1 </dev/null &
	started $!
	within 10 port_open "${port%% *}"
}

# Postfix's own programs insist on /etc/postfix: they get ours there, in a mount
# namespace of their own.
postfix_run() { # DIR COMMAND...
	local dir=$1
	shift
	mkdir -p "$dir/etc"
	[ -e "$dir/etc/postfix" ] || cp -r "$dir/conf" "$dir/etc/postfix"
	LD_LIBRARY_PATH=$peers/root/usr/lib/postfix unshare -m -- sh -c \
		'mount -t overlay overlay -o "lowerdir=$0:/etc" /etc && exec "$@"' "$dir/etc" "$@"
}

exim_start() {
	local dir=$1 port=$2
	mkdir -p "$dir/spool" "$dir/log"
	peers_recorder "$dir"
	chown -R Debian-exim "$dir/spool" "$dir/log"
	# Exim runs itself again as its own user, who may not see where we are built
	cp "$peers/root/usr/sbin/exim4" "$dir/exim4"
	cat >"$dir/exim.conf" <<M
primary_hostname = mx.example.org
exim_path = $dir/exim4
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = $port
${EXIM_MAIN:-tls_advertise_hosts =}
host_lookup =
rfc1413_hosts =
never_users =
deliver_drop_privilege = true
trusted_users = root
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  deny condition = \${if match{\$local_part}{^refused}}
       message = no such user here
  accept
begin routers
all:
  driver = accept
  transport = record
begin transports
record:
  driver = pipe
  command = $dir/record $dir/out
  user = Debian-exim
  message_prefix =
  message_suffix =
begin retry
* * F,1h,1m
${EXIM_AUTH:-}
M
	chmod 644 "$dir/exim.conf"
	chmod 755 "$dir"
	"$dir/exim4" -C "$dir/exim.conf" -bdf -q30m >"$dir/exim.out" 2>&1 </dev/null &
	started $!
	within 10 port_open "${port%% *}"
}

# One Taylor node: taylor_node BASE NAME PEER... writes BASE/NAME/. Every pair
# shares a password; calls go over a pipe port to the peer's uucico (the TCP
# server of Taylor 1.07 never starts uuxqt).
taylor_node() {
	local base=$1 me=$2 n=$1/$2 peer
	shift 2
	mkdir -p "$n/spool" "$n/pub" "$n/log" "$n/bin"
	cat >"$n/config" <<M
nodename        $me
spool           $n/spool
pubdir          $n/pub
lockdir         $n/spool
logfile         $n/log/Log
statfile        $n/log/Stats
debugfile       $n/log/Debug
sysfile         $n/sys
portfile        $n/port
dialfile        $n/dial
callfile        $n/call
passwdfile      $n/passwd
max-uuxqts      1
M
	cat >"$n/sys" <<M
protocol        t
time            any
commands        rmail rnews rsmtp rcsmtp rgsmtp rbsmtp
command-path    $n/bin /usr/bin /usr/sbin
chat            "" \\r\\c ogin: \\L word: \\P
M
	: >"$n/port"; : >"$n/dial"; : >"$n/call"; : >"$n/passwd"
	for peer; do
		cat >>"$n/sys" <<M
system          $peer
call-login      u$me
call-password   pw-$me-$peer
called-login    u$peer
port            to-$peer
M
		cat >>"$n/port" <<M
port            to-$peer
type            pipe
command         /usr/lib/uucp/uucico -I $base/$peer/config -l
M
		echo "u$peer pw-$peer-$me" >>"$n/passwd"
	done
	chown -R uucp:uucp "$n"
}

as_uucp() { (cd / && exec setpriv --reuid=uucp --regid=uucp --clear-groups "$@"); }
taylor_call() { as_uucp /usr/lib/uucp/uucico -I "$1/$2/config" -S "$3" -D; }
taylor_uuxqt() { as_uucp /usr/sbin/uuxqt -I "$1/$2/config"; }
taylor_uux() {
	local base=$1 me=$2
	shift 2
	as_uucp /usr/bin/uux -I "$base/$me/config" "$@"
}
