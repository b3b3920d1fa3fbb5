#!/bin/sh
# Runs fuzzers one after another; `make fuzz` does. Addresses and routes are
# tried FUZZ_RUNS times each, beginning with those of tests/data; the others
# for FUZZ_S seconds. Each says at its end how many inputs it was given and by
# which seed; FUZZ_SEED repeats a run. What is found stays beside the fuzzer.
#
#   run.sh FUZZER...

runs=${FUZZ_RUNS:-10000000}
seconds=${FUZZ_S:-60}
seed=${FUZZ_SEED:-$(date +%s)}

# A file each, the first octet being the fuzzer's own.
seeds_of_addresses() {
	awk -F '\t' -v dir="$1" 'FNR > 1 { for (i = 0; i < 6; i++) {
		file = dir "/" $1 i; printf "%d%s", i, $(FILENAME ~ /more/ ? 3 : 4) >file; close(file) } }' \
		tests/data/addresses/addresses.tsv tests/data/addresses/more.tsv
}

for fuzzer; do
	mkdir -p "$fuzzer.found" "$fuzzer.seeds"
	case ${fuzzer##*/} in
	addr | route)
		seeds_of_addresses "$fuzzer.seeds"
		bound="-runs=$runs -max_len=300 -dict=tests/fuzz/address.dict"
		;;
	*) bound=-max_total_time=$seconds ;;
	esac
	begin=$(date +%s)
	# shellcheck disable=SC2086
	if ! "$fuzzer" -seed="$seed" $bound -print_final_stats=1 -artifact_prefix="$fuzzer." \
		"$fuzzer.found" "$fuzzer.seeds" >"$fuzzer.log" 2>&1; then
		tail -n 60 "$fuzzer.log"
		echo "${fuzzer##*/}: seed $seed, a finding: its input is $(ls -t "$fuzzer".*-* | head -n 1)"
		exit 1
	fi
	echo "${fuzzer##*/}: seed $seed, $(sed -n 's/^stat::number_of_executed_units: *//p' "$fuzzer.log") runs" \
		"in $(($(date +%s) - begin)) s, nothing found"
done
