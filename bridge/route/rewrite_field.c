/*
 * Addresses in header fields. Only the octets of an address that needs another
 * form are replaced: a field in which none does keeps every octet.
 */
#include "bridge/addr/fields.h"
#include "bridge/route/rewrite.h"
#include "bridge/route/outward.h"
#include "bridge/route/table.h"

#include <string.h>

bool
rewrite_is_address_field(struct span name)
{
	static const char *const names[] = {
	    "From",       "Sender",          "Reply-To",      "To",        "Cc",
	    "Bcc",        "Resent-From",     "Resent-Sender", "Resent-To", "Resent-Cc",
	    "Resent-Bcc", "Resent-Reply-To", "Return-Path",   "Errors-To", "Return-Receipt-To",
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

/* What stands between two addresses: with only blanks there, a list of the time before commas. */
static void
add_gap(struct buf *out, struct span gap, bool first)
{
	if (!first && gap.n > 0 && span_trim(gap).n == 0)
		buf_ch(out, ',');
	buf_span(out, gap);
}

/* The form of one address, or as it stands, with *why when it has none. 1 when it was replaced;
 * without memory out->bad. */
static int
add_address(const struct rewrite *w, const struct addr *a, struct span text, struct buf *out,
            const char **why)
{
	enum addr_reading how = route_reading(w->table, w->ask);
	struct span made;
	size_t at = out->n;
	int stays = 1;

	if (text.n > 0)
		stays = w->to != NULL ? outward_is_fine(w, a, how) : route_addr_stays(w, a, how);
	out->bad |= stays < 0;
	if (stays != 0 || route_addr_rewrite(w, a, how, out, why) < 0) {
		buf_span(out, text);
		return 0;
	}
	made = buf_view(out);
	return !span_eq((struct span){made.p + at, made.n - at}, text);
}

int
rewrite_field(const struct rewrite *w, struct span body, struct buf *out, const char **why)
{
	struct buf store = {0}, made = {0};
	struct field_address f;
	struct fields walk;
	size_t at = 0;
	int got, replaced = 0, seen = 0;

	fields_begin(&walk, body, route_reading(w->table, w->ask));
	while ((got = fields_next(&walk, &store, &f)) > 0) {
		add_gap(&made, (struct span){body.p + at, f.at - at}, seen++ == 0);
		replaced += add_address(w, &f.addr, (struct span){body.p + f.at, f.n}, &made, why);
		at = f.at + f.n;
	}
	buf_add(&made, body.p + at, body.n - at);
	if (got < 0)
		*why = walk.why;
	out->bad |= made.bad || (got < 0 && store.bad);
	buf_span(out, got < 0 || replaced == 0 ? body : buf_view(&made));
	buf_free(&store);
	buf_free(&made);
	return got < 0 ? -1 : replaced;
}
