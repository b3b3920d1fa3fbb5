# doors.sh: rmail and rsmtp run as uuxqt runs them. Source tap.sh first.
#
#   door_setup [spool settings]   a private configuration and an empty spool
#   job FILE                      a D. file with the content of FILE, as a new job: sets $D
#   door PROGRAM [ARGUMENT...]    runs it on $D; sets $rc, its words are in $tap_dir/words
#   peek WHAT [N]                 what is in the spool (tests/tools/peek.c)

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
spool=$tap_dir/spool
site=alpha
job_number=0
D=/dev/null
rc=
door_env= # more variables, for a sanitizer's own
owner=nobody # whose spool it is: not root's
odd="$tap_dir/an odd \" place"

[ "$(id -u)" = 0 ] || bail "these tests change users: they need root"
mkdir -p "$odd" "$tap_dir/D"

door_setup() {
	cat >"$conf" <<C
hostname   = "gw.example.com";
uucp-name  = "gw";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$spool"; ${1:-} };
sites      = { alpha = { domain = "alpha.example.com"; }; vax43 = { domain = "vax43.example.com"; }; };
links      = { sea = { up-when = "manual"; }; };
routes     = ( { to = "*"; next-hop = "smtp:127.0.0.1:25"; links = [ "sea" ]; tls = "off"; } );
${2:-}
C
	door_empty
}

door_empty() {
	rm -rf "$spool"
	install -d -m 700 -o "$owner" -g "$(id -gn "$owner")" "$spool"
	"$bin/tests/tools/peek" create "$spool"
}

peek() {
	local what=$1
	shift
	"$bin/tests/tools/peek" "$what" "$spool" "$@"
}
messages() { peek counts | cut -d' ' -f1; }
aside() { peek counts | cut -d' ' -f5; }

job() {
	job_number=$((job_number + 1))
	D=$tap_dir/D/D.alphaN$(printf %04d $job_number)
	cp "$1" "$D"
}

# Nothing is handed down but what uuxqt hands down; BANGWAY_CONFIG stands for
# the wrapper in uuxqt's command-path. Takes the place of the shell that calls it.
under_uuxqt() {
	umask 000
	trap '' ALRM HUP INT QUIT
	cd "$odd" || exit 99
	exec env -i PATH=/usr/bin:/bin HOME="$tap_dir" TERM=dumb SHELL=/bin/sh USER=uucp \
		UU_MACHINE="$site" UU_USER=uucp BANGWAY_CONFIG="$conf" $door_env "$@" <"$D"
}

door() {
	local program=$1
	shift
	case $program in /*) ;; *) program=$bin/$program ;; esac
	(under_uuxqt "$program" "$@") >"$tap_dir/out" 2>"$tap_dir/words"
	rc=$?
}

# The worker of a door started in the background: $worker, "" when it is gone already.
find_worker() { # PARENT
	worker=
	while [ -z "$worker" ]; do
		read -r worker <"/proc/$1/task/$1/children" || [ -e "/proc/$1" ] || return
	done 2>/dev/null
	worker=${worker%% *}
}

# Kills it after so many turns of doing nothing; counts the kills in $tap_dir/killed.
kill_worker() { # PARENT TURNS
	local i
	find_worker "$1"
	for ((i = 0; i < $2; i++)); do :; done
	[ -n "$worker" ] && kill -9 "$worker" 2>/dev/null && echo >>"$tap_dir/killed"
}

# The most anonymous memory it had, in kB: sets $peak.
watch_memory() { # PARENT
	local now
	peak=0
	find_worker "$1"
	while [ -e "/proc/$worker/status" ]; do
		now=$(awk '/^RssAnon/ {print $2}' "/proc/$worker/status" 2>/dev/null)
		[ "${now:-0}" -gt $peak ] && peak=$now
		sleep 0.01
	done
}
