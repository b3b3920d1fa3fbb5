#include "bridge/operator/sought.h"

#include "bridge/message/replies.h"
#include "bridge/operator/tables.h"

#include <string.h>

/* ---- what it stands for ---- */

struct bare {
	struct span token;
	struct buf *address;
};

static int
take_token(void *arg, const struct reply_kept *k)
{
	struct bare *b = arg;

	if (!span_is_nocase(b->token, k->token))
		return 0;
	buf_span(b->address, k->address);
	return 1;
}

/* A mailbox of ours without a domain is at ours. */
static void
of_mailbox(struct route_table *t, const struct console *con, const char *part, struct buf *path)
{
	const struct route_ask ask = {.now_s = con->now_s};
	struct route_answer a = {0};
	struct buf address = {0};

	buf_str(&address, part);
	if (strchr(part, '@') == NULL)
		buf_fmt(&address, "@%s", route_our_domain(t));
	if (route_find(t, buf_view(&address), &ask, &a) == 0)
		buf_span(path, buf_view(&a.stands_for));
	route_answer_free(&a);
	buf_free(&address);
}

static void
of_site(const struct route_table *t, const char *part, struct buf *path)
{
	const char *at = strrchr(part, '@');
	const struct config_site *site = at != NULL ? route_site(t, span_of(at + 1)) : NULL;

	if (site != NULL && at > part)
		buf_fmt(path, "%s!%.*s", site->name, (int)(at - part), part);
}

static void
find(struct console *con, const char *part, struct buf *path)
{
	struct route_table *t = route_table_new(con->config); /* its files say nothing of this */
	struct bare bare = {span_of(part), path};
	struct buf why = {0};

	if (t == NULL)
		return;
	tables_remember(con, t, &why);
	buf_free(&why);
	if (bare.token.n == REPLY_TOKEN && con->spool != NULL)
		replies_each(con->spool, "", take_token, &bare);
	if (path->n == 0 && strpbrk(part, "@+=") != NULL)
		of_mailbox(t, con, part, path);
	if (path->n == 0)
		of_site(t, part, path);
	route_table_free(t);
}

void
sought_begin(struct console *con, const char *part, struct sought *s)
{
	struct buf shown = {0};
	struct span host, user;

	*s = (struct sought){.part = part};
	if (part == NULL)
		return;
	find(con, part, &s->path);
	if (s->path.n == 0)
		return;
	user = buf_view(&s->path);
	host = span_cut(&user, '!');
	if (memchr(user.p, '!', user.n) == NULL)
		buf_fmt(&s->mailbox, "%.*s@%.*s", (int)user.n, user.p, (int)host.n, host.p);
	if (con->json)
		return;
	buf_escape(&shown, span_of(part));
	buf_str(&shown, " stands for ");
	buf_escape(&shown, buf_view(&s->path));
	fprintf(con->out, "%s\n", buf_text(&shown));
	buf_free(&shown);
}

void
sought_end(struct sought *s)
{
	buf_free(&s->path);
	buf_free(&s->mailbox);
}

/* ---- finding it ---- */

static bool
has(struct span text, struct span part)
{
	size_t i;

	for (i = 0; i + part.n <= text.n; i++)
		if (span_eq_nocase((struct span){text.p + i, part.n}, part))
			return true;
	return false;
}

bool
sought_in(const struct sought *s, const char *text)
{
	struct span t = span_of(text);

	return s->part == NULL || has(t, span_of(s->part)) ||
	       (s->path.n > 0 && has(t, buf_view(&s->path))) ||
	       (s->mailbox.n > 0 && has(t, buf_view(&s->mailbox)));
}

/* A value of the journal is escaped: what is looked for may be, or may have been copied from it. */
static bool
has_escaped(struct span value, struct span part)
{
	struct buf escaped = {0};
	bool found;

	buf_escape_value(&escaped, part);
	found = has(value, part) || has(value, buf_view(&escaped));
	buf_free(&escaped);
	return found;
}

bool
sought_in_value(const struct sought *s, struct span value)
{
	return s->part == NULL || has_escaped(value, span_of(s->part)) ||
	       (s->path.n > 0 && has_escaped(value, buf_view(&s->path))) ||
	       (s->mailbox.n > 0 && has_escaped(value, buf_view(&s->mailbox)));
}
