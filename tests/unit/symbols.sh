# Each name that a file shows to others is one file's alone: two parts with a
# function of the same name link well until a program needs both.
# plain-build-only: the names are the same with sanitizers, and theirs are more.
. tests/lib/tap.sh

objects=$(for f in spool/*.c bridge/*/*.c; do echo "$BUILD/${f%.c}.o"; done)
ok "every part is compiled" ls $objects
is "no name is there twice" "$(nm --defined-only --extern-only $objects |
	awk 'NF == 3 && $2 ~ /[TDRB]/ { print $3 }' | sort | uniq -d)" ""

done_testing
