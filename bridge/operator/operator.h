/*
 * The operator's command: what one run of `bangway` has in hand, and the table
 * of its commands.
 *
 * One row a command. Dispatch, usage lines, `help`, the answers to mistakes and
 * the shells' completions (`bangway help --json`) all come from the rows, so a
 * command is added by adding a row and its function.
 */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"
#include "bridge/base/exits.h"
#include "spool/spool.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct args;

struct console {
	const char *config_path;
	struct config *config; /* owned; NULL while it is not read */
	struct spool *spool;   /* owned; NULL while it is not open */
	const struct args *args;
	bool json;
	bool answered; /* with json: its document is begun, or out */
	json_t *error; /* owned; with json: the first failure, told with or after the answer */
	int64_t now_s;
	bool was_root; /* before root became the spool's owner */
	char who[40];  /* the person's login name or user id, for the journal */
	FILE *out;     /* borrowed */
	FILE *err;     /* borrowed */
};

/* What dispatch makes ready before a command begins. */
enum need {
	NEEDS_NOTHING,
	NEEDS_CONFIG, /* con->config is read */
	NEEDS_SPOOL,  /* and con->spool is open */
	NEEDS_DAEMON, /* and a daemon holds it */
};

struct command_option {
	const char *name;  /* without its dashes; NULL ends a list */
	const char *value; /* what follows it, as usage shows it; NULL: nothing does */
	const char *meaning;
};

struct command {
	const char *name;  /* one word, or two: group and verb */
	const char *words; /* what follows the name, as usage shows it; "" nothing */
	int least, most;   /* how many words that may be; most -1: any number */
	const struct command_option *options; /* --json and --help are every command's */
	enum need need;
	enum ending (*run)(struct console *con);
	const char *summary; /* one line, for a list of commands */
	const char *more;    /* what --help adds; "" nothing */
};

/* In the order `help` shows them; a name of NULL ends them. A group alone is its first row. */
extern const struct command operator_commands[];

/* The whole command: 0 or a code of sysexits.h. */
int operator_main(int argc, char **argv, FILE *out, FILE *err);

/*
 * Says "bangway: words" to con->err, once, and with --json makes it the answer's
 * "error". The words are escaped. Returns e, so that a command ends with it.
 */
enum ending operator_fail(struct console *con, enum ending e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The commands, each in its file; operator_commands names them. */
enum ending operator_check(struct console *con);
enum ending operator_help(struct console *con);
enum ending operator_status(struct console *con);
enum ending operator_route(struct console *con);
enum ending operator_map(struct console *con);
enum ending operator_trace(struct console *con);
enum ending operator_queue_list(struct console *con);
enum ending operator_queue_show(struct console *con);
enum ending operator_queue_hold(struct console *con);
enum ending operator_queue_release(struct console *con);
enum ending operator_queue_retry(struct console *con);
enum ending operator_queue_delete(struct console *con);
enum ending operator_link_list(struct console *con);
enum ending operator_link_up(struct console *con);
enum ending operator_link_down(struct console *con);
enum ending operator_link_auto(struct console *con);
enum ending operator_link_history(struct console *con);
enum ending operator_quarantine_list(struct console *con);
enum ending operator_quarantine_show(struct console *con);
enum ending operator_quarantine_drop(struct console *con);
enum ending operator_reply_list(struct console *con);
enum ending operator_spool_stats(struct console *con);
enum ending operator_spool_verify(struct console *con);
enum ending operator_spool_backup(struct console *con);
enum ending operator_spool_compact(struct console *con);
enum ending operator_spool_create(struct console *con);
enum ending operator_spool_restore(struct console *con);
enum ending operator_reload(struct console *con);

#endif
