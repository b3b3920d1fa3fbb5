/*
 * A file of aliases as it may come, with an included one: read twice it says
 * the same, each member is one that the spool takes as an address, and what
 * has been indexed is found.
 */
#include "bridge/addr/addr.h"
#include "bridge/route/aliases.h"

#include <stdint.h>
#include <stdlib.h>

struct files {
	struct span included;
	struct config_faults *faults;
};

static int
open_included(void *arg, const char *path, struct config_place from, struct buf *text)
{
	const struct files *f = arg;

	if (path[0] != '/' || from.line == 0)
		abort();
	buf_span(text, f->included);
	return text->bad ? -1 : 0;
}

static bool
is_ours(void *arg, struct span host)
{
	(void)arg;
	return span_is_nocase(host, "gw");
}

static void
check_member(const struct alias_member *m)
{
	struct buf store = {0};
	struct addr a;
	const char *why;

	if (m->place.line == 0 || m->text[0] == '\0')
		abort();
	if (m->kind == ALIAS_ADDRESS &&
	    addr_parse(span_of(m->text), ADDR_DOMAIN_FIRST, &store, &a, &why) != 0)
		abort();
	buf_free(&store);
}

static size_t
read_aliases(struct span text, struct span included)
{
	struct config_faults faults = {0};
	struct files f = {included, &faults};
	const struct alias_source from = {"file", open_included, &f, &faults};
	struct aliases a = {0};
	size_t i, k, sum;

	if (aliases_read(&a, &from, text) != 0 || aliases_index(&a, is_ours, NULL, &faults) != 0)
		abort();
	sum = a.n + faults.n;
	for (i = 0; i < a.n; i++) {
		if (aliases_find(&a, span_of(a.v[i].name)) != &a.v[i] ||
		    a.v[i].n > ALIAS_MEMBERS_MAX)
			abort();
		for (k = a.v[i].first; k < a.v[i].first + a.v[i].n; k++) {
			check_member(&a.members[k]);
			sum = sum * 31 + strlen(a.members[k].text);
		}
	}
	aliases_free(&a);
	config_faults_free(&faults);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text, included;
	size_t cut;

	if (n == 0 || memchr(data + 1, '\0', n - 1) != NULL)
		return 0;
	text = (struct span){(const char *)data + 1, n - 1};
	cut = text.n * (data[0] & 0x7f) / 127;
	included = (struct span){text.p + cut, text.n - cut};
	text.n = cut;
	if (read_aliases(text, included) != read_aliases(text, included))
		abort();
	return 0;
}
