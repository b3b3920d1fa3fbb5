# plain-build-only: a sanitizer's library is not for a set-uid program
#
# The doors as they are installed: set-uid, run by uucp's account, with the
# configuration's place built in, and everybody else kept out.
. tests/lib/tap.sh

[ "$(id -u)" = 0 ] || bail "the accounts are root's to make: run this as root"
getent group uucp >/dev/null || bail "uucp is not installed: make test-deps"
top=$tap_dir/top
mkdir "$top"
case $(findmnt -no OPTIONS -T "$top") in
*nosuid*) bail "set-uid programs do not work in $tap_dir: set TMPDIR" ;;
esac

# The same objects, but for the two that have the places built in.
mkdir "$tap_dir/build"
tar cf - -C "$BUILD" --exclude=./peers --exclude=./tests . | tar xf - -C "$tap_dir/build"
rm -f "$tap_dir"/build/{rmail,rsmtp,bangway,bangwayd,base.a} "$tap_dir"/build/bridge/base/{config,config_top}.o
places="BUILD=$tap_dir/build PREFIX=$top/usr SYSCONFDIR=$top/etc STATEDIR=$top/spool"

had_account=$(id -u bangway 2>/dev/null)
said=$(make -s $places install 2>&1) || bail "$said"
undo() { [ -n "$had_account" ] || userdel bangway 2>/dev/null; }
trap 'undo; tap_end' EXIT

like "install says that it made the account, if it did" "$had_account$said" '^([0-9]|made the system account bangway)'
is "the doors' owner, group and mode" "$(cd "$top/usr/lib/bangway/uucp" && stat -c '%U:%G %a %n' rmail rsmtp | xargs)" \
	"bangway:uucp 4710 rmail bangway:uucp 4710 rsmtp"
is "the spool's directory" "$(stat -c '%U:%G %a' "$top/spool")" "bangway:bangway 700"

cat >"$top/etc/bangway.conf" <<'C'
hostname = "gw.example.com";
postmaster = "owner@example.org";
sites = { vax43 = { domain = "vax43.example.com"; }; };
routes = ( { to = "*"; next-hop = "mx"; } );
C
bangway() { "$top/usr/sbin/bangway" "$@"; }
letter() { printf 'From ernie Sat Nov 22 12:31:11 1984 remote from vax43\n\n%s\n' "$1"; }
# as ACCOUNT:GROUP, with uuxqt's umask and environment
door() { setpriv --reuid "${1%:*}" --regid "${1#*:}" --clear-groups env -i PATH=/usr/bin:/bin "${@:3}" \
	sh -c "umask 000; cd /; exec $top/usr/lib/bangway/uucp/$2"; }
told() { bangway trace "$1" | tr '\n' ' '; }

letter none | door uucp:uucp 'rmail none@cwi.example' UU_MACHINE=vax43 UU_USER=ernie 2>/dev/null
is "no spool yet: later" $? 75
ok "root makes the spool" bangway spool create
is "and it is not root's" "$(find "$top/spool" ! -user bangway)" ""

letter one | door uucp:uucp 'rmail piet@cwi.example' UU_MACHINE=vax43 UU_USER=ernie 2>/dev/null
is "uucp's account hands a letter in" $? 0
like "it came from the neighbour that uuxqt named" "$(told piet@cwi.example)" 'site[ =]+vax43'

letter two | door uucp:uucp 'rmail two@cwi.example' UU_MACHINE=vax43 BANGWAY_CONFIG=/nonexistent 2>/dev/null
is "a set-uid door believes no other configuration" $? 0

letter three | door games:uucp 'rmail three@vax43.example.com' UU_MACHINE=vax43 2>/dev/null
is "another account of that group hands a letter in" $? 0
is "but names no neighbour" "$(told three@vax43.example.com | grep -c 'site[ =]*vax43')" 0

letter four | door nobody:nogroup 'rmail four@cwi.example' UU_MACHINE=vax43 2>/dev/null
is "nobody else may run it" $? 126

letter five | UU_MACHINE=vax43 "$top/usr/lib/bangway/uucp/rmail" five@cwi.example 2>/dev/null
is "root may, and becomes the owner first" $? 0
is "all in the spool is the owner's, and for nobody else" "$(find "$top/spool" ! -user bangway -o -mindepth 1 -perm /077)" ""

{ echo 'HELO vax43'; echo 'MAIL FROM:<ernie@vax43.example.com>'; echo 'RCPT TO:<six@cwi.example>'; echo DATA
  printf 'Subject: x\n\nx\n.\nQUIT\n'; } | gzip | door uucp:uucp rgsmtp UU_MACHINE=vax43 2>/dev/null
is "a batch under one of its names" $? 0
is "four letters and a batch are queued" "$(bangway queue --json | jq '.messages | length')" 5

mkdir -p "$tap_dir/D." && letter seven >"$tap_dir/D./D.vax43N0001"
for run in 1 2; do
	door uucp:uucp 'rmail seven@cwi.example' UU_MACHINE=vax43 2>/dev/null <"$tap_dir/D./D.vax43N0001"
	is "uuxqt runs a job, time $run" $? 0
done
is "it was taken once" "$(bangway queue --json | jq '.messages | length')" 6

make -s $places uninstall >/dev/null
is "uninstall leaves configuration and queue" "$(cd "$top" && find . -type f ! -path './spool/*'; ls spool/data.mdb)" "./etc/bangway.conf
spool/data.mdb"

done_testing
