# bash completion for bangway(8)

_bangway() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local -a words=()
	local config=() i=1

	COMPREPLY=()
	# -C FILE stands before the command
	while [ $i -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[i]} in
		-C)
			config=(-C "${COMP_WORDS[i + 1]-}")
			i=$((i + 2))
			;;
		*)
			words+=("${COMP_WORDS[i]}")
			i=$((i + 1))
			;;
		esac
	done
	if [ "$prev" = -C ]; then
		COMPREPLY=($(compgen -f -- "$cur"))
		return
	fi

	local command=${words[0]-} verb=${words[1]-} offer=
	case $command in
	'') offer="status queue trace route map link quarantine reply check reload spool help -C" ;;
	help)
		case $verb in
		'') offer="status queue trace route map link quarantine reply check reload spool help" ;;
		queue) offer="list show hold release retry delete" ;;
		link) offer="list up down auto history" ;;
		quarantine) offer="list show drop" ;;
		reply) offer="list" ;;
		spool) offer="stats verify backup compact create restore" ;;
		esac
		;;
	queue)
		case $verb in
		'') offer="list show hold release retry delete" ;;
		list) offer="--limit --newest --from --to --held" ;;
		show) offer="--content $(_bangway_ids "${config[@]}")" ;;
		*) offer="--all --from --to --held $(_bangway_ids "${config[@]}")" ;;
		esac
		;;
	link)
		case $verb in
		'') offer="list up down auto history" ;;
		list) ;;
		*) offer="$([ $verb = history ] && echo --limit) "$(bangway "${config[@]}" link list --json 2>/dev/null | grep -o '"name": *"[^"]*"' | cut -d '"' -f 4) ;;
		esac
		;;
	quarantine)
		case $verb in
		'') offer="list show drop" ;;
		show) offer="--content" ;;
		esac
		;;
	reply)
		case $verb in
		'') offer="list" ;;
		esac
		;;
	spool)
		case $verb in
		'') offer="stats verify backup compact create restore" ;;
		backup | restore)
			case $cur in
			-*) ;;
			*)
				COMPREPLY=($(compgen -d -- "$cur"))
				return
				;;
			esac
			;;
		esac
		;;
	trace) offer="--limit $(_bangway_ids "${config[@]}")" ;;
	route) offer="--as --client --dot" ;;
	map)
		case $prev/$cur in
		--from/*) return ;;
		*/-*) offer="--from --cost --first-hop --keep-case --places --strict" ;;
		*)
			COMPREPLY=($(compgen -f -- "$cur"))
			return
			;;
		esac
		;;
	esac
	if [ -n "$command" ] && [ "$command" != help ]; then
		offer="$offer --json --help"
	fi
	COMPREPLY=($(compgen -W "$offer" -- "$cur"))
}

# The names of what is queued, a screenful.
_bangway_ids() {
	bangway "$@" queue list --limit 50 --json 2>/dev/null |
		grep -o '"id": *"[^"]*"' | cut -d '"' -f 4
}

complete -F _bangway bangway
