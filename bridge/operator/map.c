/*
 * `bangway map`: a paths file out of UUCP maps, as pathalias made it.
 *
 * Maps are full of slips, and were so when they were current: a line that is
 * not understood is told on standard error and left out, and the routes are
 * made of the rest. --strict is for the maps that one writes oneself.
 */
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/map/map.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#define FILE_MAX        ((size_t)64 << 20)
#define UNREACHED_SHOWN 20 /* in words; --json has them all */

struct drawing {
	struct console *con;
	struct map *map; /* owned */
	const char *from;
	bool cost, first_hop, places;
	struct json_list routes; /* with json */
	json_t *fault_list;      /* owned, with json */
	json_t *unreached_list;  /* likewise */
	struct buf unreached;    /* owned: the first of them, in words */
	uint64_t nfaults, nunreached;
};

static void
on_fault(void *arg, const struct map_fault *f)
{
	struct drawing *d = arg;
	struct buf text = {0};

	d->nfaults++;
	if (d->con->json) {
		json_array_append_new(d->fault_list,
		                      json_pack("{s:o, s:i, s:o}", "file",
		                                json_outside(span_of(f->file)), "line", f->line,
		                                "words", json_outside(span_of(f->words))));
		return;
	}
	if (f->line > 0) {
		buf_escape(&text, span_of(f->file));
		buf_fmt(&text, ":%d: ", f->line);
	}
	buf_escape(&text, span_of(f->words));
	fprintf(d->con->err, "bangway: %s\n", buf_text(&text));
	buf_free(&text);
}

static void
route_text(const struct drawing *d, const struct map_route *r)
{
	struct buf place = {0};

	if (d->cost || d->first_hop)
		fprintf(d->con->out, "%" PRId64 "\t", d->first_hop ? r->first_cost : r->cost);
	fprintf(d->con->out, "%s\t%s", r->host, r->route);
	if (d->places && r->line > 0) {
		buf_escape(&place, span_of(r->file));
		fprintf(d->con->out, "\t# %s:%d", buf_text(&place), r->line);
	}
	fputc('\n', d->con->out);
	buf_free(&place);
}

static json_t *
route_json(const struct map_route *r)
{
	json_t *j = json_pack("{s:o, s:o, s:I, s:I}", "host", json_outside(span_of(r->host)),
	                      "route", json_outside(span_of(r->route)), "cost", (json_int_t)r->cost,
	                      "first_cost", (json_int_t)r->first_cost);

	if (r->line > 0) {
		json_object_set_new(j, "file", json_outside(span_of(r->file)));
		json_object_set_new(j, "line", json_integer(r->line));
	}
	return j;
}

static void
on_route(void *arg, const struct map_route *r)
{
	struct drawing *d = arg;

	if (d->con->json)
		json_list_put(&d->routes, route_json(r));
	else
		route_text(d, r);
}

static void
on_unreached(void *arg, const char *host)
{
	struct drawing *d = arg;

	if (d->con->json)
		json_array_append_new(d->unreached_list, json_outside(span_of(host)));
	else if (d->nunreached < UNREACHED_SHOWN)
		buf_fmt(&d->unreached, "%s%s", d->nunreached > 0 ? ", " : "", host);
	d->nunreached++;
}

/* ---- the host that the routes are for ---- */

static enum ending
find_from(struct drawing *d)
{
	struct console *con = d->con;
	struct config_faults faults = {0};
	enum ending e = ENDING_DONE;

	if ((d->from = args_value(con->args, "from")) != NULL)
		return ENDING_DONE;
	if (access(con->config_path, F_OK) != 0 && errno == ENOENT)
		e = operator_fail(con, ENDING_CONFIG,
		                  "there is no configuration %s, and --from does not say whose "
		                  "routes are wanted",
		                  con->config_path);
	else if (config_load(con->config_path, &con->config, &faults) != 0)
		e = operator_fail(con, ENDING_CONFIG,
		                  "the configuration has faults (`bangway check` lists them), and "
		                  "--from does not say whose routes are wanted");
	else if (con->config->uucp_names.n == 0)
		e = operator_fail(con, ENDING_CONFIG,
		                  "%s has no uucp-name; --from HOST says whose routes are wanted",
		                  con->config_path);
	else
		d->from = con->config->uucp_names.v[0];
	config_faults_free(&faults);
	return e;
}

/* ---- files ---- */

static int
read_all(FILE *f, struct buf *text)
{
	size_t got;

	do {
		if (buf_room(text, 65536) != 0) {
			errno = text->n + 65536 > FILE_MAX ? EFBIG : ENOMEM;
			return -1;
		}
		got = fread(text->p + text->n, 1, 65536, f);
		text->n += got;
	} while (got > 0);
	text->p[text->n] = '\0';
	return ferror(f) ? -1 : 0;
}

static enum ending
read_file(struct drawing *d, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "re");
	const char *name = standard ? "[stdin]" : path;
	struct buf text = {.max = FILE_MAX};
	enum ending e = ENDING_DONE;

	if (f == NULL)
		return operator_fail(d->con, ENDING_NOINPUT, "%s: %s", path, strerror(errno));
	if (read_all(f, &text) != 0)
		e = operator_fail(d->con, errno == EISDIR ? ENDING_NOINPUT : ENDING_IO, "%s: %s",
		                  name, strerror(errno));
	else if (map_read(d->map, name, buf_view(&text)) != 0)
		e = operator_fail(d->con, ENDING_DATA, "%s: %s", name, map_error(d->map));
	if (!standard)
		fclose(f);
	buf_free(&text);
	return e;
}

static enum ending
read_files(struct drawing *d)
{
	const struct args *a = d->con->args;
	enum ending e = ENDING_DONE;
	int i;

	for (i = 0; i < a->n && e == ENDING_DONE; i++)
		e = read_file(d, a->words[i]);
	if (e == ENDING_DONE && d->nfaults > 0 && args_given(a, "strict"))
		e = operator_fail(d->con, ENDING_DATA,
		                  "%" PRIu64 " faults in the maps, no routes made", d->nfaults);
	return e;
}

/* ---- the answer: names are visible ASCII, nothing in them needs escaping ---- */

static void
say_unreached(struct drawing *d)
{
	char count[2 * SHOW_TEXT];

	if (d->nunreached == 0 || d->con->json)
		return;
	fprintf(d->con->err, "bangway: no way from %s to %s: %s%s\n", d->from,
	        show_count(d->nunreached, "name", "names", count), buf_text(&d->unreached),
	        d->nunreached > UNREACHED_SHOWN ? " ..." : "");
}

static enum ending
write_routes(struct drawing *d)
{
	enum ending e = ENDING_DONE;
	long n;

	if (d->con->json)
		json_list_begin(&d->routes, d->con, "routes");
	n = map_routes(d->map);
	if (n < 0)
		e = operator_fail(d->con, ENDING_DATA, "%s", map_error(d->map));
	else if (n == 1 && d->nunreached > 0)
		e = operator_fail(d->con, ENDING_NOINPUT, "no map has a link to or from %s",
		                  d->from);
	else
		say_unreached(d);
	if (d->con->json)
		json_list_end(&d->routes,
		              json_pack("{s:o, s:O, s:O}", "from", json_outside(span_of(d->from)),
		                        "faults", d->fault_list, "unreached", d->unreached_list));
	return e;
}

/* The answer of --json where no routes are made. */
static void
put_faults(struct drawing *d)
{
	if (d->con->json && d->nfaults > 0)
		json_put(d->con, json_pack("{s:o, s:O}", "from", json_outside(span_of(d->from)),
		                           "faults", d->fault_list));
}

static enum ending
draw(struct drawing *d)
{
	const struct args *a = d->con->args;
	const struct map_hooks hooks = {on_fault, on_route, on_unreached, d};
	enum ending e = find_from(d);

	if (e != ENDING_DONE)
		return e;
	d->cost = args_given(a, "cost");
	d->first_hop = args_given(a, "first-hop");
	d->places = args_given(a, "places");
	d->map = map_new(span_of(d->from), args_given(a, "keep-case"), &hooks);
	if (d->map == NULL)
		return operator_fail(d->con, ENDING_USAGE, "`%s` is no name of a host", d->from);
	e = read_files(d);
	if (e == ENDING_DONE)
		return write_routes(d);
	put_faults(d);
	return e;
}

enum ending
operator_map(struct console *con)
{
	struct drawing d = {.con = con};
	enum ending e;

	if (con->json) {
		d.fault_list = json_array();
		d.unreached_list = json_array();
	}
	e = draw(&d);
	map_free(d.map);
	json_decref(d.fault_list);
	json_decref(d.unreached_list);
	buf_free(&d.unreached);
	return e;
}
