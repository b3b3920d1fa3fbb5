# fish completion for bangway(8)

set -l groups queue link quarantine reply spool
set -l commands status queue trace route map link quarantine reply check reload spool help

function __bangway_ids
    bangway queue list --limit 50 --json 2>/dev/null | grep -o '"id": *"[^"]*"' | cut -d '"' -f 4
end
function __bangway_links
    bangway link list --json 2>/dev/null | grep -o '"name": *"[^"]*"' | cut -d '"' -f 4
end
# The words so far are these, and no more.
function __bangway_at
    set -l words (commandline -opc)
    test "$words[2..-1]" = "$argv"
end
function __bangway_in
    string match -q -- "$argv*" (string join ' ' (commandline -opc)[2..-1])
end

complete -c bangway -f
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -s C -r -F -d 'the configuration'
complete -c bangway -n "__fish_seen_subcommand_from $commands" -l json -d 'answer in JSON'
complete -c bangway -n "__fish_seen_subcommand_from $commands" -l help -d 'all about the command'

complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a status -d 'daemon, queue, links on one screen'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a queue -d 'what is queued'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a trace -d 'what became of a message'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a route -d 'where an address would go'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a map -d 'a paths file out of UUCP maps'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a link -d 'the links'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a quarantine -d 'what could not be understood'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a reply -d 'whom our tokens stand for'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a check -d 'the configuration and its errors'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a reload -d 'read the configuration again'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a spool -d 'care of the queue'
complete -c bangway -n "not __fish_seen_subcommand_from $commands" -a help -d 'about the commands'
complete -c bangway -n "__bangway_at help" -a "$commands"

complete -c bangway -n "__bangway_at queue" -a "list show hold release retry delete"
complete -c bangway -n "__bangway_at link" -a "list up down auto history"
complete -c bangway -n "__bangway_at quarantine" -a "list show drop"
complete -c bangway -n "__bangway_at reply" -a list
complete -c bangway -n "__bangway_at spool" -a "stats verify backup compact create restore"

for verb in show hold release retry delete
    complete -c bangway -n "__bangway_in queue $verb" -a "(__bangway_ids)"
end
for verb in up down auto history
    complete -c bangway -n "__bangway_in link $verb" -a "(__bangway_links)"
end
for verb in list hold release retry delete
    complete -c bangway -n "__bangway_in queue $verb" -l from -r -d 'part of the sender'
    complete -c bangway -n "__bangway_in queue $verb" -l to -r -d 'part of a recipient'
    complete -c bangway -n "__bangway_in queue $verb" -l held -d 'with a held delivery'
end
for verb in hold release retry delete
    complete -c bangway -n "__bangway_in queue $verb" -l all -d 'every message'
end
complete -c bangway -n "__bangway_in queue list" -l limit -r -d 'at most so many'
complete -c bangway -n "__bangway_in queue list" -l newest -d 'the newest first'
complete -c bangway -n "__bangway_in link history" -l limit -r -d 'the last lines'
complete -c bangway -n "__bangway_in queue show" -l content -d 'the stored octets'
complete -c bangway -n "__bangway_in quarantine show" -l content -d 'the stored octets'
complete -c bangway -n "__bangway_in trace" -l limit -r -d 'at most so many'
complete -c bangway -n "__bangway_in trace" -a "(__bangway_ids)"
complete -c bangway -n "__bangway_in route" -l as -r -d 'as if this site had sent it'
complete -c bangway -n "__bangway_in route" -l client -x -d 'as if this SMTP client had sent it'
complete -c bangway -n "__bangway_in route" -l dot -d 'a graph for Graphviz'
complete -c bangway -n "__bangway_in map" -F
complete -c bangway -n "__bangway_in map" -l from -x -d 'routes from this host'
complete -c bangway -n "__bangway_in map" -l cost -d 'with what each route costs'
complete -c bangway -n "__bangway_in map" -l first-hop -d 'with what its first hop costs'
complete -c bangway -n "__bangway_in map" -l keep-case -d 'capitals make other hosts'
complete -c bangway -n "__bangway_in map" -l places -d 'with file and line of each'
complete -c bangway -n "__bangway_in map" -l strict -d 'no routes when there is a fault'
complete -c bangway -n "__bangway_at spool backup" -a "(__fish_complete_directories)"
complete -c bangway -n "__bangway_at spool restore" -a "(__fish_complete_directories)"
