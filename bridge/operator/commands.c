/*
 * The table of commands. To add one: a row here, its function in operator.h.
 */
#include "bridge/operator/operator.h"

static const struct command_option list_options[] = {
    {"limit", "N", "at most N messages"},
    {"newest", NULL, "the newest first"},
    {"from", "TEXT", "only where the sender has TEXT in it"},
    {"to", "TEXT", "only where a queued recipient has TEXT in it"},
    {"held", NULL, "only messages with a held delivery"},
    {NULL, NULL, NULL},
};

static const struct command_option content_options[] = {
    {"content", NULL, "the stored octets alone; made visible on a terminal"},
    {NULL, NULL, NULL},
};

static const struct command_option change_options[] = {
    {"all", NULL, "every message, or those the next three select"},
    {"from", "TEXT", "where the sender has TEXT in it"},
    {"to", "TEXT", "where a queued recipient has TEXT in it"},
    {"held", NULL, "with a held delivery"},
    {NULL, NULL, NULL},
};

static const struct command_option route_options[] = {
    {"as", "SITE", "as if UUCP neighbour SITE had sent it"},
    {"client", "IP", "as if an SMTP client of that address had sent it"},
    {"dot", NULL, "as a graph for Graphviz: bangway route --dot 'a!b' | dot -Tsvg"},
    {NULL, NULL, NULL},
};

static const struct command_option map_options[] = {
    {"from", "HOST", "routes from HOST, not from our own uucp-name"},
    {"cost", NULL, "in front of each route, what it costs"},
    {"first-hop", NULL, "in front of each route, what its first hop costs"},
    {"keep-case", NULL, "names that differ in case are different hosts"},
    {"places", NULL, "behind each route, file and line of the map's last link"},
    {"strict", NULL, "no routes when a line is not understood"},
    {NULL, NULL, NULL},
};

static const struct command_option history_options[] = {
    {"limit", "N", "the last N lines (20)"},
    {NULL, NULL, NULL},
};

static const struct command_option trace_options[] = {
    {"limit", "N", "at most N messages with that address (20)"},
    {NULL, NULL, NULL},
};

#define CHANGE_MORE                                                                                \
	"\nID is a message, ID/N one delivery of it. While bangwayd runs the change goes\n"        \
	"through it, and waits for a delivery that is on the wire just now.\n"

const struct command operator_commands[] = {
    {"status", "", 0, 0, NULL, NEEDS_SPOOL, operator_status,
     "Daemon, queue, links and what keeps mail waiting: one screen",
     "\nEnds with 69 when bangwayd does not run.\n"},
    {"queue list", "", 0, 0, list_options, NEEDS_SPOOL, operator_queue_list,
     "What is queued, the oldest first, and why it waits", ""},
    {"queue show", "ID[/N]", 1, 1, content_options, NEEDS_SPOOL, operator_queue_show,
     "One message: envelope, deliveries, routes, header, journal", ""},
    {"queue hold", "[ID[/N]...]", 0, -1, change_options, NEEDS_SPOOL, operator_queue_hold,
     "Keep messages from going until they are released", CHANGE_MORE},
    {"queue release", "[ID[/N]...]", 0, -1, change_options, NEEDS_SPOOL, operator_queue_release,
     "Let held messages go again", CHANGE_MORE},
    {"queue retry", "[ID[/N]...]", 0, -1, change_options, NEEDS_SPOOL, operator_queue_retry,
     "Make messages due now, whatever they were to wait for", CHANGE_MORE},
    {"queue delete", "[ID[/N]...]", 0, -1, change_options, NEEDS_SPOOL, operator_queue_delete,
     "Remove messages, without a notice to anybody", CHANGE_MORE},
    {"trace", "ID|TEXT...", 1, -1, trace_options, NEEDS_SPOOL, operator_trace,
     "What became of a message, even a gone one",
     "\nTEXT is a part of an address or of a Message-ID: every message that the journal\n"
     "or the queue knows with it is told, the newest first.\n"},
    {"route", "ADDRESS...", 1, -1, route_options, NEEDS_CONFIG, operator_route,
     "Where an address would go, by which rules, and the way back",
     "\nADDRESS - is standard input, an address a line. Nothing is sent, and DNS is not\n"
     "asked. Ends with 65 when mail for one of them would be returned.\n"},
    {"map", "FILE...", 1, -1, map_options, NEEDS_NOTHING, operator_map,
     "A paths file out of UUCP maps, as pathalias makes it",
     "\nFILE is a map, or a posting with maps in a shell archive; - is standard input.\n"
     "Each line is `host TAB route`, in the order of hosts.\n"},
    {"link list", "", 0, 0, NULL, NEEDS_SPOOL, operator_link_list,
     "The links, which are up, since when and on what evidence", ""},
    {"link up", "NAME...", 1, -1, NULL, NEEDS_SPOOL, operator_link_up,
     "Take links for up, whatever their evidence says", ""},
    {"link down", "NAME...", 1, -1, NULL, NEEDS_SPOOL, operator_link_down,
     "Take links for down, whatever their evidence says", ""},
    {"link auto", "NAME...", 1, -1, NULL, NEEDS_SPOOL, operator_link_auto,
     "Believe the evidence of links again", ""},
    {"link history", "[NAME...]", 0, -1, history_options, NEEDS_SPOOL, operator_link_history,
     "When links went up and down, and by whose word", ""},
    {"quarantine list", "", 0, 0, NULL, NEEDS_SPOOL, operator_quarantine_list,
     "Bytes that could not become a message, and why", ""},
    {"quarantine show", "ID", 1, 1, content_options, NEEDS_SPOOL, operator_quarantine_show,
     "One of them: reason, source, its first octets", ""},
    {"quarantine drop", "ID...", 1, -1, NULL, NEEDS_SPOOL, operator_quarantine_drop,
     "Remove some of them for good", ""},
    {"reply list", "[TEXT]", 0, 1, NULL, NEEDS_SPOOL, operator_reply_list,
     "The tokens in addresses of ours, and whom each stands for",
     "\nTEXT is a part of the token or of the address: only those that have it are shown.\n"},
    {"check", "", 0, 0, NULL, NEEDS_NOTHING, operator_check,
     "What is wrong with the configuration, and would it work here",
     "\nEnds with 78 when there is an error; warnings alone end with 0.\n"},
    {"reload", "", 0, 0, NULL, NEEDS_DAEMON, operator_reload,
     "Have bangwayd read its configuration again", ""},
    {"spool stats", "", 0, 0, NULL, NEEDS_SPOOL, operator_spool_stats,
     "How much is queued, held, in quarantine, on the disk", ""},
    {"spool verify", "", 0, 0, NULL, NEEDS_SPOOL, operator_spool_verify,
     "Read every page and check every digest and index", ""},
    {"spool backup", "DIRECTORY", 1, 1, NULL, NEEDS_SPOOL, operator_spool_backup,
     "Copy the spool while it is in use", ""},
    {"spool compact", "", 0, 0, NULL, NEEDS_SPOOL, operator_spool_compact,
     "Give back unused disk; bangwayd must not run", ""},
    {"spool create", "", 0, 0, NULL, NEEDS_CONFIG, operator_spool_create,
     "Make an empty spool, never over an existing one", ""},
    {"spool restore", "DIRECTORY", 1, 1, NULL, NEEDS_CONFIG, operator_spool_restore,
     "Put a backup in the spool's place; bangwayd must not run", ""},
    {"help", "[COMMAND [VERB]]", 0, 2, NULL, NEEDS_NOTHING, operator_help,
     "This list, or all about one command",
     "\nWith --json: the whole table of commands, for completions.\n"},
    {NULL, "", 0, 0, NULL, NEEDS_NOTHING, NULL, "", ""},
};
