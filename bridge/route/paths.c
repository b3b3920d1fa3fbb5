/*
 * The index of the paths files: their texts stay as they are in memory, and an
 * array of what is where in them is sorted by host, without regard to case.
 * Thirty thousand hosts are read in milliseconds, with no allocation a line,
 * and found in fifteen comparisons.
 */
#include "bridge/route/paths.h"
#include "bridge/route/table.h"

#include <stdlib.h>

#define TOLD 10 /* lines of a file that are told one by one */

static unsigned char
folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* The first eight octets in lower case, in the order of a number. */
static uint64_t
key_of(struct span host)
{
	uint64_t key = 0;
	size_t i;

	for (i = 0; i < sizeof key; i++)
		key = key << 8 | (i < host.n ? folded(host.p[i]) : 0);
	return key;
}

static int
compare_folded(const struct path *a, const struct path *b)
{
	size_t i, n = a->host.n < b->host.n ? a->host.n : b->host.n;
	unsigned char x, y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	for (i = sizeof a->key; i < n; i++) {
		x = folded(a->host.p[i]);
		y = folded(b->host.p[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return a->host.n < b->host.n ? -1 : a->host.n > b->host.n;
}

/* Of two with the same letters: case does not count in domains, and ".edu" is one. */
static int
compare_case(const struct path *a, const struct path *b)
{
	return addr_hop_is_domain(a->host) ? 0 : memcmp(a->host.p, b->host.p, a->host.n);
}

/* Those of one host come in the order of `paths`, then of the lines. */
static int
compare(const void *x, const void *y)
{
	const struct path *a = x, *b = y;
	int by_name = compare_folded(a, b);

	if (by_name == 0)
		by_name = compare_case(a, b);
	if (by_name != 0)
		return by_name;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- reading ---- */

struct paths_reading {
	struct route_table *t;
	struct config_faults *faults;
	struct config_place place;
	size_t left_out; /* lines of this file */
	bool unsorted;   /* somewhere a host came before the one above it */
};

static void
leave_out(struct paths_reading *r, int line, const char *why)
{
	if (r->left_out++ < TOLD)
		config_faults_warn(r->faults, (struct config_place){r->place.file, line},
		                   "left out: %s", why);
}

/* How many of a file's lines are left out, when not all of them are told. */
static void
left_out_tell(const struct paths_reading *r)
{
	if (r->left_out > TOLD)
		config_faults_warn(r->faults, (struct config_place){r->place.file, 0},
		                   "%zu lines are left out, of which the first %d are told",
		                   r->left_out, TOLD);
}

static int
make_room(struct paths_reading *r)
{
	struct paths *p = &r->t->paths;
	size_t size = p->size > 0 ? 2 * p->size : 1024;
	struct path *v;

	if (p->n < p->size)
		return 0;
	if (p->n >= PATHS_ROUTES_MAX) {
		config_faults_add(r->faults, r->place, "more than %d routes in all",
		                  PATHS_ROUTES_MAX);
		return -1;
	}
	if ((v = realloc(p->v, size * sizeof *v)) == NULL)
		return -1;
	p->v = v;
	p->size = size;
	return 0;
}

static int
line_read(struct paths_reading *r, struct span line)
{
	struct paths *p = &r->t->paths;
	struct path *one;
	const char *why;
	int got;

	if (make_room(r) < 0)
		return -1;
	one = &p->v[p->n];
	got = paths_line(line, &r->t->arena, one, &why);
	if (got < 0)
		leave_out(r, r->place.line, why);
	if (got <= 0)
		return r->t->arena.bad ? -1 : 0;
	if (one->host.p[0] != '.')
		one->host = addr_hop_name(one->host);
	one->key = key_of(one->host);
	one->place = r->place;
	one->order = (uint32_t)p->n;
	r->unsorted |= p->n > 0 && compare(one - 1, one) > 0;
	p->n++;
	return 0;
}

static int
file_read(struct paths_reading *r, const char *name)
{
	struct paths *p = &r->t->paths;
	struct buf *text = &p->texts[p->ntexts++];
	struct span rest;

	r->place = (struct config_place){name, 0};
	r->left_out = 0;
	if (route_file_read(r->t, name, "paths", text, r->faults) < 0)
		return -1;
	r->place.file = r->t->files[r->t->nfiles - 1].name;
	p->bytes += text->n;
	if (p->bytes > PATHS_BYTES_MAX) {
		config_faults_add(r->faults, r->place,
		                  "with it the paths files are larger than 64 MiB");
		p->bytes -= text->n;
		buf_free(text);
		return -1;
	}
	for (rest = buf_view(text); rest.n > 0;) {
		r->place.line++;
		if (line_read(r, span_cut(&rest, '\n')) < 0)
			return -1;
	}
	left_out_tell(r);
	return 0;
}

/* ---- the index ---- */

/*
 * Of equal hosts the first stays. In one file a second is most often a slip; in
 * another it is what the order of the files is for.
 */
static void
sort(struct paths_reading *r)
{
	struct paths *p = &r->t->paths;
	struct path *kept = p->v, *one;

	if (r->unsorted)
		qsort(p->v, p->n, sizeof *p->v, compare);
	if (p->n == 0)
		return;
	for (one = p->v + 1; one < p->v + p->n; one++) {
		if (compare_folded(kept, one) != 0 || compare_case(kept, one) != 0)
			*++kept = *one;
		else if (kept->place.file == one->place.file)
			config_faults_warn(r->faults, one->place,
			                   "left out: %.*s is there already, at line %d",
			                   (int)one->host.n, one->host.p, kept->place.line);
	}
	p->n = (size_t)(kept - p->v) + 1;
}

int
paths_read(struct route_table *t, struct config_faults *faults)
{
	const struct config_strings *names = &t->config->paths;
	struct paths_reading r = {.t = t, .faults = faults};
	struct path *v;
	size_t i;
	int rc = 0;

	for (i = 0; i < names->n && i < PATHS_FILES_MAX; i++)
		if (file_read(&r, names->v[i]) < 0)
			rc = -1;
	sort(&r);
	if (t->paths.n > 0 && (v = realloc(t->paths.v, t->paths.n * sizeof *v)) != NULL)
		t->paths.v = v;
	return rc;
}

void
paths_free(struct paths *p)
{
	size_t i;

	for (i = 0; i < p->ntexts; i++)
		buf_free(&p->texts[i]);
	free(p->v);
	*p = (struct paths){0};
}

/* ---- finding ---- */

/* The first that is not before it; p->n when all are. */
static size_t
lower_bound(const struct paths *p, const struct path *want)
{
	size_t low = 0, high = p->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_folded(&p->v[middle], want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct path *
paths_host(const struct paths *p, struct span host)
{
	const struct path want = {.host = host, .key = key_of(host)};
	size_t first = lower_bound(p, &want), i;

	for (i = first; i < p->n && compare_folded(&p->v[i], &want) == 0; i++)
		if (compare_case(&p->v[i], &want) == 0)
			return &p->v[i];
	return i == first + 1 ? &p->v[first] : NULL;
}

const struct path *
paths_end(const struct paths *p, struct span host)
{
	char whole[ADDR_DOMAIN_MAX + 2];
	struct span end = {whole, host.n + 1};
	const struct path *found = NULL;
	const char *dot;

	if (p->n == 0 || !addr_hop_is_domain(host) || host.p[0] == '[' || host.n > ADDR_DOMAIN_MAX)
		return NULL;
	whole[0] = '.';
	memcpy(whole + 1, host.p, host.n);
	while ((found = paths_host(p, end)) == NULL) {
		dot = memchr(end.p + 1, '.', end.n - 1);
		if (dot == NULL)
			break;
		end = (struct span){dot, (size_t)(end.p + end.n - dot)};
	}
	return found;
}
