# Every program and every file of ours has its manual, and mandoc finds no fault in them.
. tests/lib/tap.sh

command -v mandoc >/dev/null || bail "mandoc is not installed: make test-deps"

pages="bridge/rmail.8 bridge/rsmtp.8 bridge/bangway.8 bridge/bangwayd.8
bridge/base/bangway.conf.5 bridge/base/bangway-log.5 spool/bangway-spool.7"

for page in $pages; do
	is "$page" "$(mandoc -Tlint -Wwarning "$page" 2>&1)" ""
done
is "there are no others" "$(find bridge spool -name '*.[1-8]' | sort)" "$(printf '%s\n' $pages | sort)"

# a page refers to no page of ours that is not there
ours=$(printf '%s\n' $pages | sed 's|.*/||')
for name in $(sed -n 's/^\.Xr \(bangway[^ ]*\|rmail\|rsmtp\) \([0-9]\).*/\1.\2/p' $pages | sort -u); do
	ok "a page refers to $name" grep -qxF "$name" <<<"$ours"
done

# no event is a promise: each is written somewhere
for event in $(grep -oE '^	X\([A-Z_]+' bridge/base/event.h | cut -d'(' -f2); do
	ok "something writes $event" grep -rqw "EVENT_$event" bridge --include='*.c'
done

done_testing
