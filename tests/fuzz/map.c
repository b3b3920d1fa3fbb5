/*
 * Octets at random as UUCP maps (libFuzzer: `make fuzz`). The first octet says
 * whether capitals count and where the text is cut into two files. Whatever a
 * map says, routes come in order, each a form for printf with one "%s" in it,
 * no longer than stated, and without anything that a paths file cannot carry;
 * and reading it again gives the same.
 */
#include "bridge/map/map.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct heard {
	struct buf last; /* the host before */
	long routes;
	uint64_t sum;
};

static void
check_form(const char *route)
{
	const char *p;
	int users = 0;

	for (p = route; *p != '\0'; p++) {
		if (*p <= ' ' || *p >= 0x7f)
			abort();
		if (*p != '%')
			continue;
		p++;
		users += *p == 's';
		if (*p != 's' && *p != '%')
			abort();
	}
	if (users != 1 || p - route > MAP_ROUTE_MAX + 2)
		abort();
}

static void
on_route(void *arg, const struct map_route *r)
{
	struct heard *h = arg;
	const char *p;

	check_form(r->route);
	if (h->routes++ > 0 && strcmp(buf_text(&h->last), r->host) > 0)
		abort();
	buf_clear(&h->last);
	buf_str(&h->last, r->host);
	h->sum = h->sum * 31 + (uint64_t)r->cost;
	for (p = r->route; *p != '\0'; p++)
		h->sum = h->sum * 31 + (unsigned char)*p;
}

static void
on_fault(void *arg, const struct map_fault *f)
{
	(void)arg;
	if (f->file == NULL || f->line < 0 || f->words[0] == '\0')
		abort();
}

static void
on_unreached(void *arg, const char *host)
{
	(void)arg;
	if (host[0] == '\0')
		abort();
}

static uint64_t
read_map(struct span one, struct span two, bool keep_case)
{
	struct heard h = {0};
	const struct map_hooks hooks = {on_fault, on_route, on_unreached, &h};
	struct map *m = map_new(SPAN("a"), keep_case, &hooks);
	long n;

	if (m == NULL)
		return 0;
	map_read(m, "one", one);
	map_read(m, "two", two);
	n = map_routes(m);
	if (n != (map_error(m)[0] == '\0' ? h.routes : -1) || (n == -1 && map_error(m)[0] == '\0'))
		abort();
	map_free(m);
	buf_free(&h.last);
	return h.sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text, two;
	size_t cut;

	if (n == 0)
		return 0;
	text = (struct span){(const char *)data + 1, n - 1};
	cut = text.n * (data[0] & 0x7f) / 127;
	two = (struct span){text.p + cut, text.n - cut};
	text.n = cut;
	if (read_map(text, two, data[0] >> 7) != read_map(text, two, data[0] >> 7))
		abort();
	return 0;
}
