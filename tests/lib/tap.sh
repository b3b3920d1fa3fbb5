# tap.sh: the few lines of TAP that the test scripts share. Source it first.
#
#   ok "what" COMMAND...      passes when COMMAND succeeds
#   is "what" GOT WANTED      passes when both are the same text
#   like "what" TEXT REGEX    passes when TEXT matches (grep -E)
#   within SECONDS COMMAND... tries until COMMAND succeeds
#   done_testing              the plan, at the end

set -u
tap_count=0
tap_failed=0
BUILD=${BUILD:-build}

tap() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		tap_failed=$((tap_failed + 1))
	fi
}

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

ok() {
	local what=$1 rc # in this shell, so that what COMMAND sets stays set
	shift
	"$@" >"$tap_dir/.ok" 2>&1
	rc=$?
	tap $rc "$what"
	[ $rc -eq 0 ] || diag "exit $rc: $*" "$(cat "$tap_dir/.ok")"
}

is() {
	[ "$2" = "$3" ]
	tap $? "$1"
	[ "$2" = "$3" ] || diag "got:    $2" "wanted: $3"
}

like() {
	printf '%s\n' "$2" | grep -Eq -- "$3"
	local rc=$?
	tap $rc "$1"
	[ $rc -eq 0 ] || diag "got: $2" "wanted: /$3/"
}

within() {
	local end=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

bail() {
	echo "Bail out! $*"
	exit 1
}

done_testing() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
}

# A private directory for this test, removed at the end; processes noted with
# `started PID` are ended with it.
tap_pids=
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/bangway-test.XXXXXX") || exit 1
chmod 755 "$tap_dir"
started() { tap_pids="$tap_pids $1"; }
tap_end() {
	local p
	for p in $tap_pids; do kill "$p" 2>/dev/null; done
	for p in $tap_pids; do wait "$p" 2>/dev/null; done
	if [ $tap_failed -ne 0 ] && [ -n "${KEEP:-}" ]; then
		echo "# kept: $tap_dir"
	else
		rm -rf "$tap_dir"
	fi
}
trap tap_end EXIT
trap 'exit 1' INT TERM

# A free TCP port of the loopback.
free_port() {
	python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'
}
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
