/*
 * The places of this machine that the configuration names: would the daemon
 * find them as it needs them?
 */
#include "bridge/operator/check.h"
#include "bridge/operator/control_client.h"
#include "bridge/operator/store.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MS    2000
#define ACCOUNT_TEXT 60

static const struct config_place nowhere;

static void
check_directory(const char *dir, const struct stat *st, struct findings *f)
{
	if (!S_ISDIR(st->st_mode))
		finding_add(f, false, nowhere, "the spool %s is no directory", dir);
	else if ((st->st_mode & 077) != 0)
		finding_add(f, false, nowhere,
		            "the spool %s is open to others (mode %03o): chmod 700 it", dir,
		            (unsigned)(st->st_mode & 0777));
}

/* Who we are now, for a person. */
static const char *
account(char out[ACCOUNT_TEXT])
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw != NULL)
		snprintf(out, ACCOUNT_TEXT, "the account %s", pw->pw_name);
	else
		snprintf(out, ACCOUNT_TEXT, "uid %lu", (unsigned long)geteuid());
	return out;
}

/* The directory of a path, "." when it names none. */
static void
parent_of(struct span path, struct buf *out)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	buf_span(out, path.n > 0 ? path : SPAN("."));
}

static void
check_socket(struct console *con, struct findings *f)
{
	const char *path = con->config->control_socket;
	struct buf dir = {0};
	char why[200];
	json_t *answer;

	parent_of(span_of(path), &dir);
	if (access(buf_text(&dir), W_OK | X_OK) != 0)
		finding_add(f, false, nowhere, "the control socket %s cannot be made: %s", path,
		            strerror(errno));
	buf_free(&dir);
	if (!spool_claimed(con->spool))
		return;
	answer = control_ask(path, ANSWER_MS, json_pack("{s:s}", "do", "status"), why);
	if (answer == NULL)
		finding_add(f, true, nowhere, "bangwayd runs but does not answer: %s", why);
	json_decref(answer);
}

void
check_spool(struct console *con, struct findings *f)
{
	const char *dir = con->config->spool.directory;
	struct spool_options o;
	struct stat st;

	if (stat(dir, &st) != 0) {
		finding_add(f, true, nowhere, "the spool %s: %s%s", dir, strerror(errno),
		            errno == ENOENT ? "; `bangway spool create` makes it" : "");
		return;
	}
	check_directory(dir, &st, f);
	if (geteuid() != 0 && access(dir, R_OK | W_OK | X_OK) != 0) {
		finding_add(f, true, nowhere, "the spool %s is not yours: it was not looked at",
		            dir);
		return;
	}
	if (store_become_owner(con) != ENDING_DONE)
		return;
	config_spool_options(con->config, &o);
	if (spool_open(&con->spool, &o) == 0)
		check_socket(con, f);
	else if (spool_status(con->spool) == SPOOL_NONE)
		finding_add(f, true, nowhere,
		            "no spool in %s yet: bangwayd makes it, or `bangway spool create`",
		            dir);
	else
		finding_add(f, false, nowhere, "the spool %s does not open: %s", dir,
		            spool_error(con->spool));
}

/* rmail and the daemon read it as the spool's owner, whoever wrote it: umask 077 is a trap. */
void
check_readable(const struct console *con, struct findings *f)
{
	char name[ACCOUNT_TEXT];

	if (access(con->config_path, R_OK) != 0)
		finding_add(f, false, (struct config_place){.file = con->config_path},
		            "%s cannot read it: %s: chmod 644 it, and 755 what it is in",
		            account(name), strerror(errno));
}

/* A maildir itself is made at need, but not what it stands in. */
static void
check_maildir(const char *path, struct config_place place, struct findings *f)
{
	struct span fixed = span_of(path);
	const char *percent = strchr(path, '%');
	char name[ACCOUNT_TEXT];
	struct buf dir = {0};

	if (percent != NULL)
		fixed.n = (size_t)(percent - path);
	parent_of(fixed, &dir);
	if (access(buf_text(&dir), W_OK | X_OK) != 0)
		finding_add(
		    f, true, place,
		    "no maildir can be made in %s by %s: %s; see `local` in bangway.conf(5)",
		    buf_text(&dir), account(name), strerror(errno));
	buf_free(&dir);
}

void
check_maildirs(const struct config *c, struct findings *f)
{
	size_t i;

	if (strncmp(c->local, "maildir:", 8) == 0)
		check_maildir(c->local + 8, config_place(c, "local"), f);
	for (i = 0; i < c->domains.n; i++)
		if (strncmp(c->own[i].local, "maildir:", 8) == 0)
			check_maildir(c->own[i].local + 8, c->own[i].place, f);
	for (i = 0; i < c->nroutes; i++)
		if (c->routes[i].hop == HOP_MAILDIR)
			check_maildir(c->routes[i].path, c->routes[i].place, f);
}
