# plain-build-only: it is about files and their modes, not about memory
#
# What `make install` puts where, what `make uninstall` leaves, and what of
# other packages neither of them touches.
. tests/lib/tap.sh

root=$tap_dir/root
# the programs are taken as they are: this test builds nothing
run() { BUILD=$tap_dir/built PREFIX=/usr DESTDIR=${dest-$root} SYSCONFDIR=/etc/bangway \
	STATEDIR=/var/lib/bangway UUCPLINKS=${links-} sh contrib/install/install.sh "$@" 2>&1; }
mkdir "$tap_dir/built"
for p in rmail rsmtp bangway bangwayd; do
	printf '#!/bin/sh\necho %s\n' $p >"$tap_dir/built/$p"
	chmod 755 "$tap_dir/built/$p"
done

umask 077 # an administrator's
said=$(run install)
is "install ends with 0" $? 0
like "says what a package must do itself" "$said" 'mode 4710'
like "says that it wrote a sample" "$said" 'wrote a sample to .*/etc/bangway/bangway.conf'

is "exactly these files, with these modes" "$(cd "$root" && find . ! -type d -printf '%m %P %l\n' | sed 's/ $//' | LC_ALL=C sort -k2)" \
"644 etc/bangway/bangway.conf
777 usr/lib/bangway/uucp/brsmtp rsmtp
777 usr/lib/bangway/uucp/bsmtp rsmtp
777 usr/lib/bangway/uucp/cbsmtp rsmtp
777 usr/lib/bangway/uucp/crsmtp rsmtp
777 usr/lib/bangway/uucp/frsmtp rsmtp
777 usr/lib/bangway/uucp/gbsmtp rsmtp
777 usr/lib/bangway/uucp/grsmtp rsmtp
777 usr/lib/bangway/uucp/rbsmtp rsmtp
777 usr/lib/bangway/uucp/rcsmtp rsmtp
777 usr/lib/bangway/uucp/rfsmtp rsmtp
777 usr/lib/bangway/uucp/rgsmtp rsmtp
755 usr/lib/bangway/uucp/rmail
755 usr/lib/bangway/uucp/rsmtp
777 usr/lib/bangway/uucp/rzsmtp rsmtp
777 usr/lib/bangway/uucp/zrsmtp rsmtp
644 usr/lib/systemd/system/bangwayd.service
644 usr/lib/sysusers.d/bangway.conf
644 usr/lib/tmpfiles.d/bangway.conf
755 usr/sbin/bangway
755 usr/sbin/bangwayd
644 usr/share/bash-completion/completions/bangway
644 usr/share/doc/bangway/README
644 usr/share/doc/bangway/bangway.conf
755 usr/share/doc/bangway/openrc/bangwayd
644 usr/share/doc/bangway/retro.conf
644 usr/share/doc/bangway/uucp/README
644 usr/share/doc/bangway/uucp/sys
644 usr/share/fish/vendor_completions.d/bangway.fish
644 usr/share/man/man5/bangway-log.5
644 usr/share/man/man5/bangway.conf.5
644 usr/share/man/man7/bangway-spool.7
644 usr/share/man/man8/bangway.8
644 usr/share/man/man8/bangwayd.8
644 usr/share/man/man8/rmail.8
644 usr/share/man/man8/rsmtp.8
644 usr/share/zsh/site-functions/_bangway"
is "directories can be entered by everybody" "$(find "$root" -type d ! -perm 755)" ""
ok "the spool's directory is there" test -d "$root/var/lib/bangway"
is "no place is left unsaid" "$(grep -rlE '@[a-z]+dir@' "$root")" ""
is "no other place is spoken of" "$(grep -rl /var/spool/bangway "$root")" ""
like "the unit starts what was installed" "$(cat "$root/usr/lib/systemd/system/bangwayd.service")" '^ExecStart=/usr/sbin/bangwayd$'
like "UUCP's sample names the doors' directory" "$(cat "$root/usr/share/doc/bangway/uucp/sys")" '^command-path +/usr/lib/bangway/uucp '
is "a batch name runs rsmtp" "$("$root/usr/lib/bangway/uucp/rcsmtp")" rsmtp
while read -r name; do
	ok "the sample lets uuxqt run $name" grep -qE "^commands.* $name( |\$)" contrib/uucp/sys
done < <(ls "$root/usr/lib/bangway/uucp")

# Taylor UUCP itself reads the sample
if [ -x /usr/lib/uucp/uuchk ]; then
	cp "$root/usr/share/doc/bangway/uucp/sys" "$tap_dir/sys"
	for f in spool sysfile portfile dialfile callfile passwdfile logfile statfile debugfile; do
		echo "$f $tap_dir/${f%file}"
	done >"$tap_dir/config"
	touch "$tap_dir/port" "$tap_dir/dial" "$tap_dir/call" "$tap_dir/passwd"
	chmod -R a+rX "$tap_dir/config" "$tap_dir/sys" "$tap_dir/port" "$tap_dir/dial" "$tap_dir/call" "$tap_dir/passwd"
	said=$(/usr/lib/uucp/uuchk -I "$tap_dir/config" -s vax43 2>&1)
	like "Taylor UUCP would run the doors" "$said" 'May execute rmail rsmtp bsmtp .* zrsmtp'
	like "from where they are" "$said" 'Execution path /usr/lib/bangway/uucp '
else
	ok "Taylor UUCP reads the sample # SKIP uucp is not on this machine" true
fi

# -- again: another configuration stays, a program in use is replaced ----------

echo 'hostname = "mine.example";' >"$root/etc/bangway/bangway.conf"
exec 9<"$root/usr/lib/bangway/uucp/rmail"
inode=$(stat -c %i "$root/usr/lib/bangway/uucp/rmail")
run install >/dev/null
is "the configuration stays" "$(cat "$root/etc/bangway/bangway.conf")" 'hostname = "mine.example";'
[ "$(stat -c %i "$root/usr/lib/bangway/uucp/rmail")" != "$inode" ]
tap $? "rmail is another file, renamed into place"
is "who runs the old one keeps it whole" "$(cat <&9)" "$(cat "$tap_dir/built/rmail")"
exec 9<&-
is "nothing half written is left" "$(find "$root" -name '*.new')" ""

# -- uuxqt's command path, which other mail servers share ----------------------

mkdir -p "$root/usr/bin"
echo postfix >"$root/usr/bin/rmail"
said=$(links=/usr/bin run install)
is "somebody else's rmail is a fault" $? 1
like "and is named" "$said" '/usr/bin/rmail is not ours and stays'
is "and stays" "$(cat "$root/usr/bin/rmail")" postfix
is "and nothing else was linked there" "$(ls "$root/usr/bin")" rmail
rm "$root/usr/bin/rmail"
links=/usr/bin run install >/dev/null
is "without it, the doors are linked" "$(readlink "$root/usr/bin/rmail")" /usr/lib/bangway/uucp/rmail
is "all fifteen names" "$(ls "$root/usr/bin" | wc -l)" 15
links=/usr/bin run install >/dev/null
is "installing twice is no fault" $? 0

# -- away ------------------------------------------------------------------------

echo mail >"$root/var/lib/bangway/data.mdb"
said=$(links=/usr/bin run uninstall)
is "uninstall ends with 0" $? 0
like "it says what it leaves" "$said" 'left in place: .*/var/lib/bangway'
is "configuration and queue alone are left" "$(cd "$root" && find . -type f | sort)" \
"./etc/bangway/bangway.conf
./var/lib/bangway/data.mdb"
rm -rf "$root"
run install >/dev/null
run uninstall >/dev/null
is "an installation that was not used leaves nothing" "$(ls -A "$root" 2>&1 | head -3)" ""
rm "$tap_dir/built/rsmtp"
said=$(run install)
is "half a build is not installed" "$? $(ls -A "$root" 2>/dev/null)" "1 "

# -- the units are what systemd and OpenRC understand ---------------------------

if command -v systemd-analyze >/dev/null; then
	sed -e "s|@sbindir@|/bin|; s|bangwayd\$|true|" -e "s|@statedir@|/var/lib/bangway|" \
		contrib/systemd/bangwayd.service >"$tap_dir/bangwayd.service"
	is "systemd finds no fault in the unit" "$(systemd-analyze verify --man=no "$tap_dir/bangwayd.service" 2>&1 | grep bangwayd)" ""
else
	ok "systemd finds no fault in the unit # SKIP systemd-analyze is not on this machine" true
fi
ok "OpenRC's script is shell" sh -n contrib/openrc/bangwayd

done_testing
