/* The paths of three hosts in December 1987, every line gone by; and as many as there ever were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/clock.h"
#include "tests/unit/paths_file.h"

struct corpus {
	char path[80];
	struct buf text;
	struct config_site *sites;
	struct config config;
};

static int
compare_sites(const void *a, const void *b)
{
	const struct config_site *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Every first hop of the file becomes a neighbour. */
static void
corpus_sites(struct corpus *k)
{
	struct span rest = buf_view(&k->text), line, hop;
	size_t n = 0, kept = 0, i;

	k->sites = calloc(20000, sizeof *k->sites);
	while (rest.n > 0) {
		line = span_cut(&rest, '\n');
		span_cut(&line, '\t');
		span_cut(&line, '\t');
		hop = span_cut(&line, '!');
		if (line.n > 0)
			k->sites[n++].name = strndup(hop.p, hop.n);
	}
	qsort(k->sites, n, sizeof *k->sites, compare_sites);
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(k->sites[i].name, k->sites[kept - 1].name) == 0)
			free((char *)k->sites[i].name);
		else
			k->sites[kept++] = (struct config_site){
			    .name = k->sites[i].name, .domain = "", .relay = true};
	}
	k->config.sites = k->sites;
	k->config.nsites = kept;
}

static void
corpus_open(struct corpus *k, const char *host)
{
	static struct config_route routes[] = {{.to = "site:*", .hop = HOP_UUCP},
	                                       {.to = "*", .hop = HOP_UUCP}};
	char command[300];
	FILE *f;

	snprintf(k->path, sizeof k->path, "%s/%s", directory, host);
	snprintf(command, sizeof command,
	         "zcat tests/data/maps/paths-1987-12-%s.tsv.gz >'%s' && chmod 644 '%s'", host,
	         k->path, k->path);
	assert_int_equal(system(command), 0);
	assert_non_null(f = fopen(k->path, "r"));
	assert_int_equal(buf_room(&k->text, 1000000), 0);
	k->text.n = fread(k->text.p, 1, 1000000, f);
	fclose(f);
	k->config = (struct config){.hostname = "here.invalid", .local = "", .postmaster = ""};
	k->config.routes = routes;
	k->config.nroutes = 2;
	k->config.reroute = REROUTE_NONE;
	corpus_sites(k);
}

static void
corpus_close(struct corpus *k)
{
	size_t i;

	for (i = 0; i < k->config.nsites; i++)
		free((char *)k->sites[i].name);
	free(k->sites);
	buf_free(&k->text);
}

/* What is asked to use a line, and what its route makes of that; "" when it leads nowhere. */
static void
ask_line(struct span line, struct buf *asked, struct buf *want)
{
	struct span host, user;

	span_cut(&line, '\t');
	host = span_cut(&line, '\t');
	buf_clear(asked);
	buf_clear(want);
	if (host.p[0] == '.')
		buf_str(asked, "some-host");
	buf_fmt(asked, "%.*s!user", (int)host.n, host.p);
	user = host.p[0] == '.' ? buf_view(asked) : SPAN("user");
	if (!span_is(line, "%s"))
		buf_fmt(want, "%.*s%.*s", (int)(line.n - 2), line.p, (int)user.n, user.p);
}

static void
every_route_of_1987_is_gone_as_it_is_written(void **state)
{
	static const struct {
		const char *name;
		size_t ours; /* lines with the route %s: what that means the configuration says */
	} hosts[] = {{"ihnp4", 4}, {"mcvax", 7}, {"rutgers", 17}};
	size_t i, asked_n, as_ours;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct corpus k = {0};
		struct config_strings files = LIST(k.path), ours = LIST(hosts[i].name);
		struct config_faults faults = {0};
		struct route_answer a = {0};
		struct buf asked = {0}, want = {0}, got = {0};
		struct route_table *t;
		struct span rest;
		int64_t began;

		corpus_open(&k, hosts[i].name);
		k.config.paths = files;
		k.config.uucp_names = ours;
		t = route_table_new(&k.config);
		began = clock_mono_ms();
		assert_int_equal(route_table_read(t, ROUTE_PATHS, &faults), 0);
		print_message("# %s: read in %lld ms\n", hosts[i].name,
		              (long long)(clock_mono_ms() - began));
		assert_int_equal(faults.n, 0);
		rest = buf_view(&k.text);
		for (asked_n = as_ours = 0; rest.n > 0; asked_n++) {
			ask_line(span_cut(&rest, '\n'), &asked, &want);
			assert_int_equal(route_find(t, buf_view(&asked), ASK(NULL), &a), 0);
			buf_clear(&got);
			if (a.hop == HOP_UUCP)
				buf_fmt(&got, "%s!%s", a.site->name, buf_text(&a.address));
			if (want.n > 0)
				expect(buf_text(&asked), buf_text(&got), buf_text(&want));
			else
				as_ours++;
			expect_same_hop(t, buf_text(&asked), &a);
		}
		assert_int_equal(asked_n, 10840);
		assert_int_equal(as_ours, hosts[i].ours);
		route_answer_free(&a);
		route_table_free(t);
		buf_free(&asked);
		buf_free(&want);
		buf_free(&got);
		corpus_close(&k);
	}
}

/* As many hosts as the largest known set of maps had, and not in order. */
static void
thirty_three_thousand_routes_are_read_at_once(void **state)
{
	char path[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	struct route_table *t;
	struct buf text = {0};
	int64_t began, took;
	unsigned i;

	(void)state;
	for (i = 0; i < 33375; i++)
		buf_fmt(&text, "host%u\talpha!mtune!rutgers!uunet!hop%u!host%u!%%s\n",
		        i * 7919 % 33375, i % 97, i * 7919 % 33375);
	file_write("many", text.p, text.n, path);
	c.paths = files;
	began = clock_mono_ms();
	t = table_of(&c, &faults, 0);
	took = clock_mono_ms() - began;
	print_message("# 33,375 unsorted routes: %lld ms\n", (long long)took);
	assert_int_equal(faults.n, 0);
	assert_true(took < 2000);
	buf_free(&text);
	route_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_route_of_1987_is_gone_as_it_is_written),
	    cmocka_unit_test(thirty_three_thousand_routes_are_read_at_once),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
