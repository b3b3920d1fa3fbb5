/*
 * The path itself, for those who want to see it: decvax!mcvax!piet, by way of
 * us. Where not everybody could send there, what we wrote has a tag at its
 * end, =k3v7xab: a digest over the whole path and the mailbox, and a day.
 *
 * The whole of it is signed from its first hop on. A hop put in front, taken
 * away or moved behind a % makes another path, which the tag does not fit;
 * it is then a part of the mailbox's name, and the path is judged without it.
 */
#include "bridge/route/reply_int.h"

/* Hops as they are looked up, the first by its site's name: what the tag is over. */
static void
add_signed(const struct route_table *t, const struct addr *a, struct buf *out)
{
	const struct config_site *site = route_site(t, addr_first_hop(a));
	struct span rest = a->path, hop;

	while (addr_hop_next(&rest, &hop)) {
		buf_span(out, site != NULL ? span_of(site->name) : addr_hop_name(hop));
		buf_ch(out, '!');
		site = NULL;
	}
	buf_span(out, a->user);
}

/* rest!user@domain when the first hop has one, all of it at our own otherwise. */
static int
print(const struct route_table *t, const struct addr *a, struct span user, struct buf *out)
{
	const struct config_site *site = route_site(t, addr_first_hop(a));
	struct addr send = *a;
	struct span rest = a->path;
	struct buf path = {0};
	size_t at = out->n;
	int got = 0;

	send.user = user;
	if (site != NULL && site->domain[0] != '\0') {
		span_cut(&rest, '!');
		buf_str(&path, site->domain);
	} else {
		buf_str(&path, route_our_domain(t));
		send.hops++;
	}
	if (rest.n > 0)
		buf_fmt(&path, "!%.*s", (int)rest.n, rest.p);
	send.path = buf_view(&path);
	if (!path.bad && addr_print_domain(&send, out) == 0)
		got = route_local_fits((struct span){buf_text(out) + at, out->n - at});
	if (got == 0 && out->p != NULL)
		out->p[out->n = at] = '\0';
	got = path.bad || out->bad ? -1 : got;
	buf_free(&path);
	return got;
}

/* Whether anybody may write to what was printed last, at `at`. 1, 0; -1 without memory. */
static int
anybody_may(const struct rewrite *w, const struct buf *out, size_t at)
{
	const struct route_ask anybody = ROUTE_STRANGER(w->now_s);

	return reply_asked(w->table, (struct span){out->p + at, out->n - at}, &anybody);
}

static int
print_tagged(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	char tag[DIGEST_TAG + 1];
	struct buf path = {0}, user = {0};
	int got = -1;

	add_signed(w->table, a, &path);
	digest_tag(w->table->memory.key, DIGEST_PATH, buf_view(&path), w->now_s, tag);
	buf_fmt(&user, "%.*s=%s", (int)a->user.n, a->user.p, tag);
	if (!path.bad && !user.bad)
		got = print(w->table, a, buf_view(&user), out);
	buf_free(&path);
	buf_free(&user);
	return got;
}

/*
 * It would be asked about without the hops between, and signed with them: the
 * site's domain, which is written for its name, hides that it comes twice.
 * 1, 0; -1 without memory.
 */
static int
passes_a_host_twice(const struct addr *a)
{
	struct buf store = {0};
	struct addr cut;
	int got = addr_cut_loops(a, &store, &cut) < 0 ? -1 : cut.hops < a->hops;

	buf_free(&store);
	return got;
}

int
reply_path(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	size_t at = out->n;
	int got = passes_a_host_twice(a);

	if (got != 0)
		return got < 0 ? -1 : 0;
	got = print(w->table, a, a->user, out);
	if (got <= 0 || (got = anybody_may(w, out, at)) != 0)
		return got;
	out->p[out->n = at] = '\0';
	/* in quotes a tag is a part of the name: reply_path_read() */
	if (!w->table->memory.keyed || (a->flags & ADDR_QUOTED) != 0 ||
	    (got = reply_may(w, a)) <= 0 || (got = print_tagged(w, a, out)) <= 0)
		return got;
	/* a mailbox like -x is taken from nobody, in this form */
	if ((got = anybody_may(w, out, at)) == 0)
		out->p[out->n = at] = '\0';
	return got;
}

struct span
reply_path_tag(const struct route_table *t, const struct addr *a)
{
	struct span tag = a->user;
	size_t i;
	char c;

	if (!t->memory.keyed || (a->flags & ADDR_QUOTED) != 0 || tag.n < DIGEST_TAG + 2)
		return SPAN("");
	tag.p += tag.n - DIGEST_TAG - 1;
	tag.n = DIGEST_TAG + 1;
	for (i = 1; i < tag.n; i++) {
		c = tag.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '2' && c <= '7'))
			return SPAN("");
	}
	return tag.p[0] == '=' ? tag : SPAN("");
}

int
reply_path_read(const struct route_table *t, int64_t now_s, struct addr *a)
{
	struct addr bare = *a;
	struct span tag;
	struct buf path = {0};
	int got;

	if (!t->memory.keyed || a->hops == 0 || (a->flags & ADDR_QUOTED) != 0 ||
	    a->user.n < DIGEST_TAG + 2)
		return 0;
	bare.user.n -= DIGEST_TAG + 1;
	tag = (struct span){bare.user.p + bare.user.n + 1, DIGEST_TAG};
	if (bare.user.p[bare.user.n] != '=')
		return 0;
	add_signed(t, &bare, &path);
	got = path.bad ? -1
	               : digest_tag_check(t->memory.key, DIGEST_PATH, buf_view(&path), tag, now_s,
	                                  reply_days(t)) == DIGEST_GOOD;
	buf_free(&path);
	if (got > 0)
		*a = bare;
	return got;
}
