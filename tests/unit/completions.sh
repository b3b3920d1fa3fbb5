# The shells offer what `bangway` has: its commands, their verbs and options.
. tests/lib/tap.sh

bin=$PWD/$BUILD
[ -x "$bin/bangway" ] || bail "$BUILD/bangway is not built"
PATH=$bin:$PATH
. contrib/completions/bangway.bash

# What bash offers after these words; the last one is under the cursor.
offered() {
	COMP_WORDS=(bangway "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_bangway
	printf '%s\n' "${COMPREPLY[@]}"
}

table=$(bangway help --json) || bail "bangway help --json: $table"
commands=$(jq -r '.commands[].name' <<<"$table")
like "the table has commands" "$commands" '^queue list$'

is "every command is offered" \
	"$(offered '' | grep -v '^-' | sort)" "$(cut -d' ' -f1 <<<"$commands" | sort -u)"
for group in $(awk 'NF > 1 { print $1 }' <<<"$commands" | sort -u); do
	is "the verbs of $group" "$(offered "$group" '' | grep -v '^-' | sort)" \
		"$(awk -v g="$group" '$1 == g { print $2 }' <<<"$commands" | sort)"
done
while read -r name; do
	is "the options of $name" "$(offered $name -- | grep '^--' | sort)" \
		"$( (jq -r --arg n "$name" '.commands[] | select(.name == $n) | .options[].name' <<<"$table"; \
		     printf 'json\nhelp\n') | sed 's/^/--/' | sort)"
done < <(grep -v '^help' <<<"$commands")

is "a beginning is completed" "$(offered qua)" quarantine
is "after -C FILE comes the command" "$(offered -C x.conf stat)" status
like "after -C comes a file" "$(offered -C READ)" '^README$'

# links and messages of the queue that is there
cat >"$tap_dir/bangway.conf" <<C
hostname = "gw.example.com";
postmaster = "o@example.org";
spool = { directory = "$tap_dir/spool"; };
links = { vsat = { up-when = "manual"; }; lan = { }; };
C
ok "a spool to ask" bangway -C "$tap_dir/bangway.conf" spool create
is "the links are offered" "$(offered -C "$tap_dir/bangway.conf" link up '' | grep -v '^-' | sort | xargs)" "lan vsat"

# the other shells' files name the same words
for file in contrib/completions/_bangway contrib/completions/bangway.fish; do
	words=$(grep -oE '[a-z]+(-[a-z]+)*' "$file" | sort -u)
	is "$file names every command" "$(tr ' ' '\n' <<<"$commands" | sort -u | comm -23 - <(printf '%s\n' "$words"))" ""
	is "$file names every option" "$(jq -r '.commands[].options[].name' <<<"$table" | sort -u | comm -23 - <(printf '%s\n' "$words"))" ""
done
for shell in zsh:_bangway fish:bangway.fish; do
	if command -v "${shell%%:*}" >/dev/null; then
		ok "${shell%%:*} can read its file" "${shell%%:*}" -n "contrib/completions/${shell##*:}"
	else
		ok "${shell%%:*} can read its file # SKIP it is not on this machine" true
	fi
done

done_testing
