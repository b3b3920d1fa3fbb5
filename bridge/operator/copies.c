/*
 * The spool as a whole: made, copied, put back, made smaller. Compacting and
 * putting back hold the gate alone, so they are done with the spool closed
 * here, and refused while anyone else has it open.
 */
#include "bridge/base/units.h"
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Words for a person, the deed's name for a program. */
static void
said(struct console *con, const char *words, const char *did, const char *directory)
{
	struct buf shown = {0};

	buf_escape(&shown, span_of(directory));
	if (con->json)
		json_put(con, json_pack("{s:b, s:s, s:o}", "ok", 1, "did", did, "directory",
		                        json_outside(span_of(directory))));
	else
		fprintf(con->out, "%s %s\n", words, buf_text(&shown));
	buf_free(&shown);
}

static void
said_compact(struct console *con, uint64_t before_bytes, uint64_t after_bytes)
{
	char from[UNITS_TEXT], to[UNITS_TEXT];

	if (con->json)
		json_put(con, json_pack("{s:b, s:s, s:I, s:I}", "ok", 1, "did", "compact",
		                        "before_bytes", (json_int_t)before_bytes, "after_bytes",
		                        (json_int_t)after_bytes));
	else
		fprintf(con->out, "compacted from %s to %s\n", units_text_size(before_bytes, from),
		        units_text_size(after_bytes, to));
}

static void
close_spool(struct console *con)
{
	spool_close(con->spool);
	con->spool = NULL;
}

static enum ending
refuse_while_claimed(struct console *con, const char *what)
{
	if (!spool_claimed(con->spool))
		return ENDING_DONE;
	return operator_fail(con, ENDING_UNAVAILABLE,
	                     "bangwayd has the spool open; stop it, then %s", what);
}

enum ending
operator_spool_backup(struct console *con)
{
	const char *to = con->args->words[0];

	if (spool_backup(con->spool, to) == 0) {
		said(con, "copied to", "backup", to);
		return ENDING_DONE;
	}
	return operator_fail(
	    con, ENDING_CANTCREATE, "no backup was made: %s%s", spool_error(con->spool),
	    con->was_root && geteuid() != 0 ? "; the spool's owner must be able to write there"
	                                    : "");
}

enum ending
operator_spool_compact(struct console *con)
{
	struct spool_counts before = {0}, after = {0};
	char why[320] = "";
	struct spool_options o;
	enum ending e;

	if ((e = refuse_while_claimed(con, "compact")) != ENDING_DONE)
		return e;
	spool_counts(con->spool, &before);
	close_spool(con);
	config_spool_options(con->config, &o);
	if (spool_compact(&o, why, sizeof why) != 0)
		return operator_fail(con, ENDING_TEMPORARY, "not compacted, nothing is changed: %s",
		                     why);
	if ((e = store_open(con)) != ENDING_DONE)
		return e;
	spool_counts(con->spool, &after);
	said_compact(con, before.file_bytes, after.file_bytes);
	return ENDING_DONE;
}

/* An existing directory belongs to somebody: the spool in it shall be his. */
static enum ending
become_owner_if_there(struct console *con, bool *there)
{
	struct stat st;

	*there = stat(con->config->spool.directory, &st) == 0 || errno != ENOENT;
	return *there ? store_become_owner(con) : ENDING_DONE;
}

enum ending
operator_spool_create(struct console *con)
{
	struct spool_options o;
	char why[320] = "";
	enum ending e;
	bool there;

	config_spool_options(con->config, &o);
	if ((e = become_owner_if_there(con, &there)) != ENDING_DONE)
		return e;
	if (spool_create(&o, why, sizeof why) != 0)
		return operator_fail(con, ENDING_CANTCREATE, "no spool was made: %s", why);
	said(con, "made an empty spool in", "create", o.directory);
	if (!there && geteuid() == 0)
		fprintf(
		    con->err,
		    "bangway: it belongs to root; give it to the daemon's user with chown -R\n");
	return ENDING_DONE;
}

enum ending
operator_spool_restore(struct console *con)
{
	const char *from = con->args->words[0];
	struct spool_options o;
	char why[320] = "";
	enum ending e;
	bool there;

	config_spool_options(con->config, &o);
	if ((e = become_owner_if_there(con, &there)) != ENDING_DONE)
		return e;
	if (spool_restore(&o, from, why, sizeof why) != 0)
		return operator_fail(con, ENDING_CANTCREATE, "not restored, nothing is changed: %s",
		                     why);
	said(con, "restored from", "restore", from);
	return ENDING_DONE;
}
