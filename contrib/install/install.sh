#!/bin/sh
# Puts bangway in place, or takes it away: `make install`, `make uninstall`.
#
# Every file is written beside its place and then renamed over it, so that at
# no moment a job of uuxqt finds no rmail, or half of one: uuxqt would set the
# job aside and never run it again.
#
# From the Makefile: BUILD PREFIX DESTDIR SYSCONFDIR STATEDIR, and UUCPLINKS, a
# directory of uuxqt's command path where the doors shall be linked too; empty
# for none. Without DESTDIR and as root, the accounts are made that are missing.
set -eu
umask 022

root=${DESTDIR%/}
sbin=$PREFIX/sbin
uucp=$PREFIX/lib/bangway/uucp
share=$PREFIX/share
doc=$share/doc/bangway
units=$PREFIX/lib/systemd/system

programs="bangway bangwayd"
doors="rmail rsmtp"
# what sites call a batch's receiver; each is a link to rsmtp
names="bsmtp rcsmtp crsmtp cbsmtp rgsmtp grsmtp gbsmtp rbsmtp brsmtp rfsmtp frsmtp rzsmtp zrsmtp"
pages="bridge/rmail.8 bridge/rsmtp.8 bridge/bangway.8 bridge/bangwayd.8
bridge/base/bangway.conf.5 bridge/base/bangway-log.5 spool/bangway-spool.7"

say() { echo "$*"; }
fail() { echo "$*" >&2; exit 1; }

# ---- the files: what each is made from, and its mode ----

# Calls $1 with SOURCE, PLACE and MODE of each.
each_file() {
	for f in $programs; do "$1" "$BUILD/$f" "$sbin/$f" 755; done
	for f in $doors; do "$1" "$BUILD/$f" "$uucp/$f" 755; done
	for f in $pages; do "$1" "$f" "$share/man/man${f##*.}/${f##*/}" 644; done
	c=contrib/completions
	"$1" $c/bangway.bash "$share/bash-completion/completions/bangway" 644
	"$1" $c/_bangway "$share/zsh/site-functions/_bangway" 644
	"$1" $c/bangway.fish "$share/fish/vendor_completions.d/bangway.fish" 644
	"$1" contrib/systemd/bangwayd.service "$units/bangwayd.service" 644
	"$1" contrib/systemd/sysusers.conf "$PREFIX/lib/sysusers.d/bangway.conf" 644
	"$1" contrib/systemd/tmpfiles.conf "$PREFIX/lib/tmpfiles.d/bangway.conf" 644
	"$1" README "$doc/README" 644
	"$1" contrib/bangway.conf "$doc/bangway.conf" 644
	"$1" contrib/retro.conf "$doc/retro.conf" 644
	"$1" contrib/uucp/README "$doc/uucp/README" 644
	"$1" contrib/uucp/sys "$doc/uucp/sys" 644
	"$1" contrib/openrc/bangwayd "$doc/openrc/bangwayd" 755
}

# Text with this installation's places in it. Programs are copied as they are.
write() {
	case $1 in
	"$BUILD"/*) cat "$1" ;;
	*) sed -e "s|/var/spool/bangway|@statedir@|g" -e "s|/etc/bangway|$SYSCONFDIR|g" \
		-e "s|@sbindir@|$sbin|g" -e "s|@uucpdir@|$uucp|g" -e "s|@statedir@|$STATEDIR|g" "$1" ;;
	esac
}

# A door gets its owner before its name, so that it is never there without its rights.
put() {
	mkdir -p "$root${2%/*}"
	write "$1" >"$root$2.new"
	mode=$3
	case $2 in
	"$uucp"/*)
		if [ -n "$door_group" ]; then
			chown "bangway:$door_group" "$root$2.new"
			mode=$door_mode
		fi
		;;
	esac
	chmod "$mode" "$root$2.new"
	mv -f "$root$2.new" "$root$2"
}

# ---- accounts ----

door_group= door_mode=

make_account() {
	if command -v useradd >/dev/null; then
		useradd --system --user-group --home-dir "$STATEDIR" --no-create-home \
			--shell "$(command -v nologin || echo /bin/false)" bangway
	elif command -v pw >/dev/null; then
		pw useradd bangway -d "$STATEDIR" -s /usr/sbin/nologin
	elif command -v adduser >/dev/null; then
		addgroup -S bangway &&
			adduser -S -D -H -h "$STATEDIR" -s /sbin/nologin -G bangway bangway
	else
		return 1
	fi
}

# The doors are set-uid bangway, for the group uucp alone (bridge/DESIGN.md section 11).
accounts() {
	if ! id -u bangway >/dev/null 2>&1; then
		make_account || fail "there is no user bangway, and no program to make one: make it, then install again"
		say "made the system account bangway"
	fi
	if grep -q '^uucp:' /etc/group; then
		door_group=uucp door_mode=4710
	else
		door_group=bangway door_mode=4700
		say "there is no group uucp, so uuxqt may not run $uucp/rmail and rsmtp:"
		say "    install UUCP, then bangway again"
	fi
	mkdir -p "$STATEDIR"
	chown bangway:bangway "$STATEDIR"
	chmod 700 "$STATEDIR"
}

# ---- links ----

link() { # TARGET PLACE, replacing what is there at once
	mkdir -p "$root${2%/*}"
	ln -sf "$1" "$root$2.new"
	mv -f "$root$2.new" "$root$2"
}

ours() { case $(readlink "$1" 2>/dev/null) in "$uucp"/*) true ;; *) false ;; esac; }

# Another mail server's package may own an rmail: that one is never replaced.
uucp_links_check() {
	for f in $doors $names; do
		place=$root$UUCPLINKS/$f
		if { [ -e "$place" ] || [ -L "$place" ]; } && ! ours "$place"; then
			fail "$place is not ours and stays; take another directory of uuxqt's command path for UUCPLINKS"
		fi
	done
}

# ---- the two ----

install_all() {
	next="edit $SYSCONFDIR/bangway.conf, then: bangway check; systemctl enable --now bangwayd"
	[ -z "$UUCPLINKS" ] || uucp_links_check
	for f in $programs $doors; do
		[ -x "$BUILD/$f" ] || fail "$BUILD/$f is not built: make"
	done
	mkdir -p "$root$STATEDIR"
	if [ -z "$root" ] && [ "$(id -u)" = 0 ]; then accounts; fi
	each_file put
	for f in $names; do link rsmtp "$uucp/$f"; done
	if [ -n "$UUCPLINKS" ]; then
		for f in $doors $names; do link "$uucp/$f" "$UUCPLINKS/$f"; done
	fi
	if [ -e "$root$SYSCONFDIR/bangway.conf" ]; then
		next="bangway check; systemctl restart bangwayd: one that runs is still the old one"
	else
		put contrib/bangway.conf "$SYSCONFDIR/bangway.conf" 644
		say "wrote a sample to $root$SYSCONFDIR/bangway.conf: make it yours"
	fi
	if [ -n "$root" ]; then
		say "for the package: $uucp/rmail and rsmtp belong to bangway:uucp, mode 4710;"
		say "    $STATEDIR to bangway, mode 0700; lib/sysusers.d/bangway.conf makes the accounts"
	elif [ "$(id -u)" = 0 ]; then
		say "next: $next"
		say "and $doc/uucp/README for uuxqt: command-path $uucp"
	else
		say "not root: $uucp/rmail and rsmtp are not set-uid; only the queue's owner can use them"
	fi
}

drop() { rm -f "$root$2"; }

# Removes directories of ours that are empty; in a DESTDIR those above them too.
prune() {
	for dir in "$@"; do
		while [ -n "$dir" ] && rmdir "$root$dir" 2>/dev/null && [ -n "$root" ]; do
			dir=${dir%/*}
		done
	done
}

uninstall_all() {
	each_file drop
	for f in $names; do rm -f "$root$uucp/$f"; done
	if [ -n "$UUCPLINKS" ]; then
		for f in $doors $names; do
			if ours "$root$UUCPLINKS/$f"; then rm -f "$root$UUCPLINKS/$f"; fi
		done
		prune "$UUCPLINKS"
	fi
	if write contrib/bangway.conf | cmp -s - "$root$SYSCONFDIR/bangway.conf"; then
		rm -f "$root$SYSCONFDIR/bangway.conf" # still the sample
	fi
	prune "$uucp" "$PREFIX/lib/bangway" "$doc/uucp" "$doc/openrc" "$doc" "$SYSCONFDIR" "$STATEDIR"
	if [ -n "$root" ]; then
		prune "$sbin" "$share/man/man5" "$share/man/man7" "$share/man/man8" \
			"$share/bash-completion/completions" \
			"$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$units" \
			"$PREFIX/lib/sysusers.d" "$PREFIX/lib/tmpfiles.d"
	fi
	for f in "$SYSCONFDIR" "$STATEDIR"; do
		if [ -e "$root$f" ]; then say "left in place: $root$f"; fi
	done
}

case ${1-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) fail "usage: install.sh install|uninstall, from the Makefile" ;;
esac
