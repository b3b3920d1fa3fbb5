# Arrows point one way (bridge/DESIGN.md section 3): a part includes itself and
# what stands before it in the Makefile's PARTS, and spool only itself.
. tests/lib/tap.sh

parts=$(sed -n 's/^PARTS := //p' Makefile)
like "the Makefile names the parts" "$parts" "^spool base .* operator$"

# The files of a part that include another one which it may not know.
wrong() { # PART ALLOWED...
	local part=$1 folder=bridge/$1
	shift
	[ "$part" != spool ] || folder=spool
	grep -HoE '^#include "(bridge/[a-z]+|spool)/' "$folder"/*.[ch] 2>/dev/null | sed 's|#include "||; s|bridge/||2; s|/$||' |
		awk -F: -v allowed="$*" 'BEGIN { n = split(allowed, a, " "); for (i = 1; i <= n; i++) may[a[i]] = 1 }
			{ sub(/^bridge\//, "", $2) } !($2 in may) { print $1 " includes " $2 }'
}

before=
for part in $parts; do
	before="$before $part"
	[ -n "$(ls "bridge/$part"/*.h spool/*.h 2>/dev/null)" ] || continue
	case $part in
	spool) is "spool knows itself alone" "$(wrong spool spool)" "" ;;
	*) is "$part knows what is below it" "$(wrong "$part" $before)" "" ;;
	esac
done
is "quoted includes are paths from the top" \
	"$(grep -rHnE '^#include "' --include=*.[ch] bridge spool | grep -vE '#include "(bridge/[a-z]+|spool)/[a-z_0-9]+\.h"')" ""
is "the spool's libraries" "$(grep -hoE '^#include <(lmdb|uuid|xxhash|libconfig|openssl|uv|jansson)[^>]*>' spool/*.[ch] | sort -u | grep -vE '<(lmdb|uuid/uuid|xxhash)')" ""
is "the parts that are pure" "$(grep -lE '^#include <(uv|sys/socket|lmdb|openssl)' bridge/addr/*.[ch] bridge/map/*.[ch] bridge/route/*.[ch])" ""

done_testing
