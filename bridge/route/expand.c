/*
 * Whom a recipient means. A name that is an alias means its members, and those
 * that are aliases theirs, until only addresses and mailboxes are left; each of
 * them once, however many ways lead there. An alias that has been expanded is
 * not expanded again, which also cuts every circle.
 *
 * Members are written by us, so they may be anywhere: who sent the letter, and
 * whether he may send through us, is asked of the recipient he wrote alone. A
 * member without a domain is of the domain that its alias was asked at.
 *
 * A list is an alias that has an owner (owner-LIST, or LIST-owner): a failure
 * among its members is no business of who wrote the letter (RFC 1123 5.3.6), so
 * they are sent it by the owner. An alias in a list has the list's owner,
 * unless it has one of its own.
 */
#include "bridge/route/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct expander {
	const struct route_table *t;
	struct route_ask ourselves;
	struct seen *seen;
	struct route_steps *steps;
	struct route_expansion *out;
};

struct nest {
	const struct nest *outer; /* NULL: what the sender wrote */
	const struct alias *alias;
	const struct own_domain *domain;
	const char *owner; /* NULL: none */
	unsigned depth;
};

static int expand_text(struct expander *x, struct span text, const struct route_ask *ask,
                       const struct nest *in);

/* ---- members ---- */

static struct route_member *
member_new(struct route_expansion *out)
{
	size_t size = out->size == 0 ? 1 : 2 * out->size;
	struct route_member *v;

	if (out->n < out->size)
		return &out->v[out->n++];
	if ((v = realloc(out->v, size * sizeof *v)) == NULL)
		return NULL;
	out->v = v;
	out->size = size;
	return &v[out->n++];
}

/* What makes two recipients one. */
static void
add_key(const struct resolved *r, struct span text, const char *destination, struct buf *key)
{
	buf_fmt(key, "%s\n", destination);
	if (r->kind == RESOLVED_REFUSED)
		buf_span(key, text);
	else if (r->kind == RESOLVED_LOCAL)
		route_add_lower(key, r->addr.user);
	else
		addr_print_bang(&r->addr, key);
}

static int
member_add(struct expander *x, struct span text, const struct resolved *r, const char *owner)
{
	struct route_expansion *out = x->out;
	struct buf destination = {0}, key = {0};
	struct route_member *m = NULL;
	int new = -1;

	out->reached++;
	resolved_destination(r, &destination);
	add_key(r, text, buf_text(&destination), &key);
	if (!destination.bad && !key.bad)
		new = seen_add(x->seen, buf_view(&key));
	if (new > 0 && out->n == out->most && out->most > 0)
		out->too_many = true;
	else if (new > 0 && (m = member_new(out)) == NULL)
		new = -1;
	if (m != NULL)
		*m = (struct route_member){.address = arena_text(&out->texts, text),
		                           .destination =
		                               arena_text(&out->texts, buf_view(&destination)),
		                           .owner = owner};
	buf_free(&destination);
	buf_free(&key);
	return new < 0 || out->texts.bad ? -1 : 0;
}

/* The mailbox of that name at the alias's domain, whatever is in it. */
static void
add_local(struct buf *out, struct span user, const struct own_domain *d)
{
	const struct addr a = {.user = user, .path = span_of(d->name), .hops = 1};

	addr_print_domain(&a, out);
}

/* An alias's member that is no alias again. */
static int
expand_mailbox(struct expander *x, const struct alias_member *m, const struct nest *in)
{
	struct buf text = {0};
	struct resolved r;
	int rc = -1;

	add_local(&text, span_of(m->text), in->domain);
	if (!text.bad && resolve(x->t, buf_view(&text), &x->ourselves, NULL, &r) == 0)
		rc = member_add(x, buf_view(&text), &r, in->owner);
	resolved_free(&r);
	buf_free(&text);
	return rc;
}

static int
expand_address(struct expander *x, const struct alias_member *m, const struct nest *in)
{
	struct buf store = {0}, text = {0};
	const char *why;
	struct addr a;
	int rc;

	if (addr_parse(span_of(m->text), ADDR_DOMAIN_FIRST, &store, &a, &why) == 0 && a.hops == 0)
		add_local(&text, a.user, in->domain);
	else
		buf_str(&text, m->text);
	rc = text.bad || store.bad ? -1 : expand_text(x, buf_view(&text), &x->ourselves, in);
	buf_free(&store);
	buf_free(&text);
	return rc;
}

/* ---- owners ---- */

/* The owner's address, when the alias has one. */
static const char *
owner_of(struct expander *x, const struct alias *alias, const struct own_domain *d)
{
	static const char *const forms[] = {"owner-%s", "%s-owner"};
	struct buf name = {0}, address = {0};
	const char *owner = NULL;
	size_t i;

	for (i = 0; i < 2 && owner == NULL && strncasecmp(alias->name, "owner-", 6) != 0; i++) {
		buf_clear(&name);
		buf_fmt(&name, forms[i], alias->name);
		if (aliases_find(&d->aliases->aliases, buf_view(&name)) == NULL)
			continue;
		add_local(&address, buf_view(&name), d);
		owner = arena_text(&x->out->texts, buf_view(&address));
	}
	buf_free(&name);
	buf_free(&address);
	return owner;
}

/* ---- circles ---- */

#define CIRCLE_SHOWN 5 /* names; of more there is the number */

/* Why x->out has less than all its members: the first reason is kept, each is a warning. */
static int __attribute__((format(printf, 3, 4)))
cut_tell(struct expander *x, struct config_place place, const char *fmt, ...)
{
	struct buf words = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&words, fmt, ap);
	va_end(ap);
	if (x->out->circle == NULL)
		x->out->circle = arena_text(&x->out->texts, buf_view(&words));
	if (x->out->faults != NULL)
		config_faults_warn(x->out->faults, place, "%s: this is cut, or it had no end",
		                   buf_text(&words));
	buf_free(&words);
	return x->out->texts.bad ? -1 : 0;
}

static bool
stands_before(struct config_place a, struct config_place b)
{
	int files = strcmp(a.file, b.file);

	return files < 0 || (files == 0 && a.line < b.line);
}

static void
add_name(struct buf *out, const struct nest *one, bool with_domain)
{
	buf_str(out, one->alias->name);
	if (with_domain)
		buf_fmt(out, "@%s", one->domain->name);
}

/* "a, b and c", from the one that a reader of the file meets first. */
static size_t
add_circle(const struct nest *const v[], size_t n, struct buf *out)
{
	bool domains = false;
	size_t i, start = 0, shown = n > CIRCLE_SHOWN ? CIRCLE_SHOWN : n;

	for (i = 1; i < n; i++) {
		domains |= v[i]->domain != v[0]->domain;
		if (stands_before(v[i]->alias->place, v[start]->alias->place))
			start = i;
	}
	for (i = 0; i < shown; i++) {
		if (i > 0)
			buf_str(out, i == n - 1 ? " and " : ", ");
		add_name(out, v[(start + i) % n], domains);
	}
	if (n > shown)
		buf_fmt(out, " and %zu more", n - shown);
	return start;
}

/* The last of those under way leads to `first` again. */
static int
circle_tell(struct expander *x, const struct nest *first, const struct nest *last)
{
	const struct nest *v[ROUTE_ALIAS_DEPTH + 1];
	struct buf names = {0};
	size_t n = last->depth - first->depth + 1, i, start;
	int rc;

	for (i = n; i-- > 0; last = last->outer)
		v[i] = last;
	if (first->outer == NULL && !x->out->circular) {
		x->out->circular = true;
		x->out->circle = NULL;
	}
	start = add_circle(v, n, &names);
	rc = cut_tell(x, v[start]->alias->place, "%s stand%s for %s", buf_text(&names),
	              n == 1 ? "s" : "",
	              n == 1   ? "itself"
	              : n == 2 ? "each other"
	                       : "one another");
	buf_free(&names);
	return rc;
}

/* ---- aliases ---- */

/* The one under way that is the same. */
static const struct nest *
under_way(const struct nest *in, const struct nest *one)
{
	for (; in != NULL; in = in->outer)
		if (in->alias == one->alias && in->domain == one->domain)
			break;
	return in;
}

/* Behind it may be people, who would miss the letter: it is returned, of this alias. */
static int
refuse_deep(struct expander *x, const struct nest *nest)
{
	const struct resolved refused = {.kind = RESOLVED_REFUSED};
	struct buf text = {0};
	int rc = cut_tell(x, nest->alias->place, "%s is behind more than %d other aliases",
	                  nest->alias->name, ROUTE_ALIAS_DEPTH);

	add_local(&text, span_of(nest->alias->name), nest->domain);
	if (rc == 0)
		rc = text.bad ? -1 : member_add(x, buf_view(&text), &refused, nest->owner);
	buf_free(&text);
	return rc;
}

/* 1 it is to be expanded; 0 it was already, or goes too deep; -1 no memory. */
static int
enter(struct expander *x, const struct nest *nest)
{
	const struct nest *first = under_way(nest->outer, nest);
	struct buf key = {0};
	int new;

	if (first != NULL)
		return circle_tell(x, first, nest->outer);
	if (nest->depth > ROUTE_ALIAS_DEPTH)
		return refuse_deep(x, nest);
	buf_fmt(&key, "alias\n%s\n%s", nest->alias->name, nest->domain->name);
	new = key.bad ? -1 : seen_add(x->seen, buf_view(&key));
	if (new == 0)
		x->out->reached++; /* by whoever was expanded before */
	buf_free(&key);
	return new;
}

/* Of what stood there nothing could be understood. */
static void
note_empty(struct expander *x, const struct alias *alias)
{
	struct buf words = {0};

	if (alias->n > 0 || x->out->empty != NULL)
		return;
	buf_fmt(&words, "the entry of %s at %s:%d has no usable member", alias->name,
	        alias->place.file, alias->place.line);
	x->out->empty = arena_text(&x->out->texts, buf_view(&words));
	buf_free(&words);
}

static int
expand_alias(struct expander *x, const struct resolved *r, const struct nest *outer)
{
	const struct own_domain *d = own_find(x->t, r->host);
	struct nest nest = {.outer = outer,
	                    .alias = r->alias,
	                    .domain = d,
	                    .owner = outer != NULL ? outer->owner : NULL,
	                    .depth = outer != NULL ? outer->depth + 1 : 1};
	const struct alias_member *m = &d->aliases->aliases.members[r->alias->first];
	const char *owner;
	size_t i;
	int rc;

	if ((rc = enter(x, &nest)) <= 0)
		return rc;
	note_empty(x, r->alias);
	if ((owner = owner_of(x, r->alias, d)) != NULL)
		nest.owner = owner;
	if (owner != NULL)
		route_step(x->steps, r->alias->place, "its members are sent it by %s", owner);
	for (i = 0, rc = 0; rc == 0 && i < r->alias->n && !x->out->too_many; i++, m++) {
		route_step(x->steps, m->place, "%s stands for %s", r->alias->name, m->text);
		rc = m->kind == ALIAS_ADDRESS ? expand_address(x, m, &nest)
		                              : expand_mailbox(x, m, &nest);
	}
	return rc;
}

static int
expand_text(struct expander *x, struct span text, const struct route_ask *ask,
            const struct nest *in)
{
	struct resolved r;
	int rc = resolve_expanding(x->t, text, ask, in == NULL ? x->steps : NULL, &r);

	if (rc == 0 && r.kind == RESOLVED_LOCAL && r.alias != NULL) {
		x->out->expanded = true;
		if (in == NULL)
			x->out->alias = arena_text(&x->out->texts, span_of(r.alias->name));
		rc = expand_alias(x, &r, in);
	} else if (rc == 0) {
		rc = member_add(x, text, &r, in != NULL ? in->owner : NULL);
	}
	resolved_free(&r);
	return rc;
}

/* ---- the answer ---- */

/* Nobody at all: it is to be returned. */
static int
add_nobody(struct expander *x, struct span recipient)
{
	struct resolved r = {.kind = RESOLVED_REFUSED};

	x->out->nobody = true;
	return member_add(x, recipient, &r, NULL);
}

int
route_expand(const struct route_table *t, struct span recipient, const struct route_ask *ask,
             struct seen *seen, struct route_expansion *out)
{
	struct expander x = {.t = t,
	                     .ourselves = {.now_s = ask->now_s},
	                     .seen = seen,
	                     .steps = out->steps,
	                     .out = out};
	struct seen own = {0};
	int rc;

	out->alias = "";
	if (seen == NULL)
		x.seen = &own;
	rc = expand_text(&x, recipient, ask, NULL);
	if (rc == 0 && out->reached == 0 && !out->too_many)
		rc = add_nobody(&x, recipient);
	seen_free(&own);
	return rc;
}

const char *
route_expansion_why(const struct route_expansion *x)
{
	if (x->circle != NULL)
		return x->circle;
	return x->empty != NULL ? x->empty : "it has no usable member";
}

void
route_expansion_free(struct route_expansion *x)
{
	free(x->v);
	arena_free(&x->texts);
	*x = (struct route_expansion){0};
}
