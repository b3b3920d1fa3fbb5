/*
 * Paths files for tests, in a directory that goes with the group, and a table
 * that has read them. Needs cmocka.h before it.
 */
#ifndef TEST_PATHS_FILE_H
#define TEST_PATHS_FILE_H

#include "bridge/route/paths.h"
#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/expect.h"
#include "tests/unit/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[40];

static inline int
make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/bangway-paths.XXXXXX");
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static inline int
remove_directory(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", directory);
	return system(command);
}

static inline const char *
file_write(const char *name, const char *text, size_t n, char path[80])
{
	FILE *f;

	snprintf(path, 80, "%s/%s", directory, name);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0644), 0);
	return path;
}

static inline struct route_table *
table_of(const struct config *c, struct config_faults *faults, int want)
{
	struct route_table *t = route_table_new(c);

	assert_non_null(t);
	assert_int_equal(route_table_read(t, ROUTE_FILES, faults), want);
	return t;
}

/* The next hop by the destination alone is the recipient's. */
static inline void
expect_same_hop(const struct route_table *t, const char *asked, const struct route_answer *a)
{
	struct route_answer whole = {0};
	struct buf one = {0}, other = {0};

	assert_int_equal(route_of_destination(t, buf_view(&a->destination), &whole), 0);
	route_hop_name(a, SPAN("?"), &one);
	route_hop_name(&whole, SPAN("?"), &other);
	expect(asked, buf_text(&other), buf_text(&one));
	assert_int_equal(whole.cost, a->cost);
	assert_ptr_equal(whole.rule, a->rule);
	route_answer_free(&whole);
	buf_free(&one);
	buf_free(&other);
}

#endif
