# The maps of December 1987, and the routes that pathalias 10 found in them from
# three hosts: every host, every cost and every route the same. And what the
# command does besides: files, postings, faults, endings.
. tests/lib/tap.sh

data=tests/data/maps
config=$tap_dir/bangway.conf
bangway() { "$BUILD/bangway" -C "$config" "$@"; }
tab=$(printf '\t')

for host in ihnp4 mcvax rutgers; do
	zcat "$data/paths-1987-12-$host.tsv.gz" | LC_ALL=C sort -t "$tab" -k2,2 >"$tap_dir/wanted"
	ok "$host: the maps are read" sh -c \
		"'$BUILD/bangway' map --from $host --cost $data/1987-12/* >'$tap_dir/got' 2>'$tap_dir/said'"
	is "$host: without a fault" "$(cat "$tap_dir/said")" ""
	is "$host: hosts and costs" "$(cut -f1,2 "$tap_dir/got" | md5sum)" "$(cut -f1,2 "$tap_dir/wanted" | md5sum)"
	is "$host: routes" "$(diff "$tap_dir/got" "$tap_dir/wanted" | head)" ""
done
is "there are as many as there were" "$(wc -l <"$tap_dir/got")" 10840

# the same maps as they were posted, one shell archive for all
{
	printf 'From: rutgers\nSubject: UUCP maps\n\n: This is a shell archive.\n'
	for file in "$data"/1987-12/*; do
		printf 'echo shar: extracting %s\ncat << \\SHAR_EOF > %s\n' "${file##*/}" "${file##*/}"
		cat "$file"
		printf 'SHAR_EOF\n'
	done
	printf '#\tEnd of shell archive\nexit 0\n'
} >"$tap_dir/posting"
is "as a posting, on standard input" "$(bangway map --from rutgers --cost - <"$tap_dir/posting" 2>&1 | md5sum)" \
	"$(md5sum <"$tap_dir/wanted")"

# ---- the command ----

printf 'gw decvax(DIRECT)\ndecvax mcvax(DAILY), .edu\n' >"$tap_dir/map"
printf 'decvax ucbvax(HOURLY) oops\n' >"$tap_dir/fault"

is "host TAB route, in order" "$(bangway map --from gw "$tap_dir/map")" \
	".edu${tab}decvax!%s
decvax${tab}decvax!%s
gw${tab}%s
mcvax${tab}decvax!mcvax!%s"
is "with the cost of the first hop" "$(bangway map --from gw --first-hop "$tap_dir/map" | grep mcvax!)" \
	"200${tab}mcvax${tab}decvax!mcvax!%s"
is "--json" "$(bangway map --from gw --json "$tap_dir/map" "$tap_dir/fault" |
	jq -c '[.from, (.routes[] | select(.host == "mcvax") | del(.file)), .faults[0].line, .unreached]')" \
	'["gw",{"host":"mcvax","route":"decvax!mcvax!%s","cost":5200,"first_cost":200,"line":2},1,[]]'
is "with the line of the map" "$(bangway map --from gw --places "$tap_dir/map" | grep mcvax!)" \
	"mcvax${tab}decvax!mcvax!%s${tab}# $tap_dir/map:2"
printf 'hostname = "gw.example.com";\nuucp-name = "gw";\npostmaster = "o@example.org";\npaths = "%s";\n' \
	"$tap_dir/paths" >"$config"
bangway map --places "$tap_dir/map" >"$tap_dir/paths"
like "which a route made of it names" "$(bangway route mcvax!piet | tr -s '\n ' ' ')" \
	"by the path decvax!mcvax!%s, from the map $tap_dir/map:2 "

is "a fault is told with file and line" "$(bangway map --from gw "$tap_dir/fault" "$tap_dir/map" 2>&1 >/dev/null)" \
	"bangway: $tap_dir/fault:1: \`,\` or the line's end expected, not \`oops\`"
is "and what stands before it holds" "$(bangway map --from gw "$tap_dir/fault" "$tap_dir/map" 2>/dev/null | grep ucbvax)" \
	"ucbvax${tab}decvax!ucbvax!%s"
bangway map --from gw "$tap_dir/fault" "$tap_dir/map" >/dev/null 2>&1
is "faults are no failure" $? 0
bangway map --from gw --strict "$tap_dir/fault" "$tap_dir/map" >"$tap_dir/got" 2>/dev/null
is "but with --strict" $? 65
is "no routes are written then" "$(cat "$tap_dir/got")" ""
is "and --json has the faults" "$(bangway map --from gw --strict --json "$tap_dir/fault" 2>/dev/null | jq -c '[.faults[0].line, .routes, .status]')" \
	'[1,null,65]'

printf 'hostname = "gw.example.com";\nuucp-name = "gw";\npostmaster = "o@example.org";\n' >"$config"
is "our own name is the configuration's" "$(bangway map "$tap_dir/map" | grep -c decvax!)" 3
echo 'nonsense' >"$config"
bangway map "$tap_dir/map" >/dev/null 2>&1
is "a faulty configuration ends with 78" $? 78
bangway map --from gw "$tap_dir/map" >/dev/null 2>&1
is "and is not needed with --from" $? 0
bangway map --from gw "$tap_dir/none" >/dev/null 2>&1
is "a file that is not there: 66" $? 66
bangway map --from gw "$tap_dir" >/dev/null 2>&1
is "a directory: 66" $? 66
bangway map --from "a b" "$tap_dir/map" >/dev/null 2>&1
is "a name that is none: 64" $? 64
like "a host that is in no map" "$(bangway map --from att "$tap_dir/map" 2>&1 >/dev/null)" \
	'^bangway: no map has a link to or from att$'
like "hosts without a way are named" "$(printf 'x y\n' | bangway map --from gw "$tap_dir/map" - 2>&1 >/dev/null)" \
	'^bangway: no way from gw to 2 names: x, y$'
is "nothing acts on the terminal" "$(printf 'gw \033[7m\n' | bangway map --from gw - 2>&1 | tr -d '\033' | wc -c)" \
	"$(printf 'gw \033[7m\n' | bangway map --from gw - 2>&1 | wc -c)"

done_testing
