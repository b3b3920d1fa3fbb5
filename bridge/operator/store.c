#include "bridge/operator/store.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#define TRY_WAIT_MS 1000 /* for whoever holds the gate alone: compact, restore */

int
store_become(const struct stat *st)
{
	const struct passwd *pw = getpwuid(st->st_uid);

	if (geteuid() != 0 || st->st_uid == 0)
		return 0;
	if (pw != NULL ? initgroups(pw->pw_name, st->st_gid) != 0 : setgroups(0, NULL) != 0)
		return -1;
	return setgid(st->st_gid) != 0 || setuid(st->st_uid) != 0 ? -1 : 0;
}

enum ending
store_become_owner(struct console *con)
{
	const char *dir = con->config->spool.directory;
	struct stat st;
	int error = stat(dir, &st) != 0 ? errno : 0;

	if (error == ENOENT || error == ENOTDIR)
		return operator_fail(con, ENDING_UNAVAILABLE,
		                     "there is no spool in %s; `bangway spool create` makes one",
		                     dir);
	if (error == EACCES || (error == 0 && access(dir, R_OK | W_OK | X_OK) != 0))
		return operator_fail(
		    con, ENDING_NOPERM,
		    "the spool in %s is not yours; run this as root or as its owner", dir);
	if (error != 0)
		return operator_fail(con, ENDING_SYSTEM, "%s: %s", dir, strerror(error));
	if (store_become(&st) != 0)
		return operator_fail(con, ENDING_SYSTEM, "cannot become the spool's owner: %s",
		                     strerror(errno));
	return ENDING_DONE;
}

enum ending
store_open(struct console *con)
{
	struct spool_options o;
	enum ending e;

	if (con->spool != NULL)
		return ENDING_DONE;
	if ((e = store_become_owner(con)) != ENDING_DONE)
		return e;
	config_spool_options(con->config, &o);
	if (spool_open(&con->spool, &o) == 0)
		return ENDING_DONE;
	if (con->spool == NULL)
		return operator_fail(con, ENDING_SYSTEM, "out of memory");
	if (spool_status(con->spool) == SPOOL_NONE)
		return operator_fail(con, ENDING_UNAVAILABLE,
		                     "there is no spool in %s; `bangway spool create` makes one",
		                     o.directory);
	return store_failed(con, "cannot open the spool");
}

/* Not for long. */
static void
try_open(struct console *con, const char *dir, struct buf *why)
{
	struct spool_options o;

	config_spool_options(con->config, &o);
	if (o.lock_wait_ms > TRY_WAIT_MS)
		o.lock_wait_ms = TRY_WAIT_MS;
	if (spool_open(&con->spool, &o) == 0)
		return;
	if (con->spool == NULL)
		buf_str(why, "out of memory");
	else if (spool_status(con->spool) == SPOOL_NONE)
		buf_fmt(why, "there is no spool in %s yet: bangwayd makes it", dir);
	else
		buf_fmt(why, "the spool does not open: %s", spool_error(con->spool));
	spool_close(con->spool);
	con->spool = NULL;
}

void
store_try(struct console *con, struct buf *why)
{
	const char *dir = con->config->spool.directory;
	struct stat st;

	if (con->spool != NULL)
		return;
	if (stat(dir, &st) == 0 && store_become(&st) == 0 && access(dir, R_OK | W_OK | X_OK) == 0)
		try_open(con, dir, why);
	else if (errno == ENOENT || errno == ENOTDIR)
		buf_fmt(why, "there is no spool in %s yet: bangwayd makes it", dir);
	else if (errno == EACCES)
		buf_fmt(why, "the spool in %s is not yours; run this as root or as its owner", dir);
	else
		buf_fmt(why, "the spool in %s: %s", dir, strerror(errno));
}

enum ending
store_ending(enum spool_status st)
{
	switch (st) {
	case SPOOL_OK:
		return ENDING_DONE;
	case SPOOL_FULL:
	case SPOOL_BUSY:
	case SPOOL_MEMORY:
		return ENDING_TEMPORARY;
	case SPOOL_NONE:
		return ENDING_NOINPUT;
	case SPOOL_EXISTS:
		return ENDING_CANTCREATE;
	case SPOOL_DUPLICATE:
	case SPOOL_TOO_LARGE:
	case SPOOL_DAMAGED:
		return ENDING_DATA;
	case SPOOL_FORMAT:
	case SPOOL_REFUSED:
		return ENDING_UNAVAILABLE;
	case SPOOL_SYSTEM:
		return ENDING_IO;
	}
	return ENDING_SOFTWARE;
}

enum ending
store_failed(struct console *con, const char *what)
{
	return operator_fail(con, store_ending(spool_status(con->spool)), "%s: %s", what,
	                     spool_error(con->spool));
}

/* The N of ID/N: 0 and *rcpt, or -1. */
static int
delivery_number(struct span digits, uint32_t *rcpt)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < digits.n && i < 10; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return -1;
		v = v * 10 + (uint64_t)(digits.p[i] - '0');
	}
	*rcpt = (uint32_t)v;
	return digits.n > 0 && i == digits.n && v < SPOOL_ALL ? 0 : -1;
}

int
store_delivery_id(struct console *con, const char *word, spool_id *id, uint32_t *rcpt,
                  enum ending *e)
{
	struct span rest = span_of(word);
	struct span name = span_cut(&rest, '/');
	char text[2 * SPOOL_ID_TEXT] = "";

	*rcpt = SPOOL_ALL;
	if (name.n < sizeof text)
		snprintf(text, sizeof text, "%.*s", (int)name.n, name.p);
	if (spool_id_parse(text, id) == 0 &&
	    (strchr(word, '/') == NULL || delivery_number(rest, rcpt) == 0))
		return 0;
	*e = operator_fail(con, ENDING_USAGE,
	                   "%s is no message's id; `bangway queue` lists what is queued", word);
	return -1;
}

static int
first_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)id, (void)at_s, (void)line, (void)n;
	*(bool *)arg = true;
	return 1;
}

enum ending
store_no_message(struct console *con, spool_id id)
{
	char text[SPOOL_ID_TEXT];
	bool known = false;

	spool_id_text(id, text);
	spool_journal(con->spool, id, first_line, &known);
	if (known)
		return operator_fail(
		    con, ENDING_NOINPUT,
		    "message %s is gone; `bangway trace %s` tells what became of it", text, text);
	return operator_fail(con, ENDING_NOINPUT,
	                     "no message %s; `bangway queue` lists what is queued", text);
}
