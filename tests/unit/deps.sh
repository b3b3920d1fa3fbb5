# What `make deps` would install, and by which words, on machines that are made up.
. tests/lib/tap.sh

bin=$tap_dir/bin

# A machine with this package manager, this user id, and without these libraries.
machine() { # MANAGER UID MISSING...
	rm -rf "$bin"
	mkdir "$bin"
	ln -s "$(command -v sh)" "$(command -v awk)" "$(command -v cat)" "$(command -v grep)" "$bin"
	echo "${@:3}" >"$tap_dir/missing"
	: >"$tap_dir/done"
	printf '#!/bin/sh\necho %s\n' "$2" >"$bin/id"
	cat >"$bin/pkg-config" <<-P
		#!/bin/sh
		! grep -qw -e "\$2" "$tap_dir/missing"
	P
	cat >"$bin/cc" <<-P
		#!/bin/sh
		name=\$(awk -F '[<>]' '{ print \$2 }')
		! grep -qwF -e "\$name" "$tap_dir/missing"
	P
	# an installation cures everything, or nothing when it is told to fail
	cat >"$bin/$1" <<-P
		#!/bin/sh
		echo "$1 \$*" >>"$tap_dir/done"
		case "\$*" in *update*) ;; *) : >"$tap_dir/missing" ;; esac
	P
	chmod 755 "$bin"/id "$bin"/pkg-config "$bin"/cc "$bin/$1"
}
deps() { PATH=$bin CC=cc PKG_CONFIG=pkg-config sh contrib/install/deps.sh 2>&1; }

machine apt-get 1000
is "nothing is missing: no words, no root" "$(deps) $?" " 0"
is "and nothing is done" "$(cat "$tap_dir/done")" ""

machine apt-get 0 lmdb libsodium libgsasl bzlib.h
said=$(deps)
is "root: it installs" $? 0
is "what is missing and no more" "$(tail -1 "$tap_dir/done")" \
	"apt-get install -y -qq --no-install-recommends liblmdb-dev libsodium-dev libgsasl-dev libbz2-dev"
is "after asking for the lists" "$(head -1 "$tap_dir/done")" "apt-get update -qq"
like "it says what" "$said" "^missing: lmdb libsodium libgsasl bzlib.h$"

machine apt-get 1000 lmdb
said=$(deps)
is "not root: it says the command" "$? $(tail -1 <<<"$said")" \
	"1     apt-get update -qq; apt-get install -y -qq --no-install-recommends liblmdb-dev"
is "and does nothing" "$(cat "$tap_dir/done")" ""

for manager in "dnf install -y -q lmdb-devel openssl-devel" "apk add -q lmdb-dev openssl-dev" \
	"pkg install -y lmdb unbound"; do
	machine "${manager%% *}" 0 lmdb openssl libunbound
	[ "${manager%% *}" = pkg ] || machine "${manager%% *}" 0 lmdb openssl
	deps >/dev/null
	is "${manager%% *}" "$(cat "$tap_dir/done")" "$manager"
done

machine yast 0 lmdb
said=$(deps)
is "no manager that is known" "$?" 1
like "is said" "$said" "no apt-get, dnf, apk or pkg here"

machine apt-get 0 lmdb
printf '#!/bin/sh\nexit 0\n' >"$bin/apt-get"
said=$(deps)
is "an installation that did not help" $? 1
like "is told" "$said" "still missing: lmdb"

done_testing
