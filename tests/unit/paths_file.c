/* Paths files: what is wrong with one, and that another in its place is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/paths_file.h"

/* "FILE:LINE: [warning: ]WORDS", the directory left out. */
static void
fault_text(const struct config_fault *f, struct buf *out)
{
	buf_clear(out);
	buf_fmt(out, "%s:%d: %s%s", strrchr(f->place.file, '/') + 1, f->place.line,
	        f->warning ? "warning: " : "", f->words);
}

static void
what_is_wrong_with_a_file_is_told(void **state)
{
	static const struct {
		const char *name, *text;
		mode_t mode;
		int rc;
		const char *fault;
	} rows[] = {
	    {"good", "mcvax\tdecvax!mcvax!%s\n", 0644, 0, NULL},
	    {"empty", "", 0644, 0, NULL},
	    {"no-lf", "mcvax\tdecvax!mcvax!%s", 0644, 0, NULL},
	    {"missing", NULL, 0, -1,
	     "missing:0: `paths` names it, and it cannot be used: No such file or directory"},
	    {"open", "", 0646, -1,
	     "open:0: `paths` names it, and it cannot be used: it may be written by everybody: "
	     "chmod o-w it"},
	    {"slip", "# ours\nmcvax mcvax\nfar\tdecvax!far!%s\n", 0644, 0,
	     "slip:2: warning: left out: a route without %s"},
	    {"twice", "far\tdecvax!far!%s\nmcvax\tmcvax!%s\nfar\tfar!%s\n", 0644, 0,
	     "twice:3: warning: left out: far is there already, at line 1"},
	    {"twice-domain", "cwi.nl\tdecvax!%s\nCWI.NL\tmcvax!%s\n", 0644, 0,
	     "twice-domain:2: warning: left out: CWI.NL is there already, at line 1"},
	};
	struct buf got = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char path[80];
		struct config c = gateway;
		struct config_strings files = LIST(path);
		struct config_faults faults = {0};
		struct route_table *t;

		c.paths = files;
		snprintf(path, sizeof path, "%s/%s", directory, rows[i].name);
		if (rows[i].text != NULL) {
			file_write(rows[i].name, rows[i].text, strlen(rows[i].text), path);
			assert_int_equal(chmod(path, rows[i].mode), 0);
		}
		t = table_of(&c, &faults, rows[i].rc);
		assert_int_equal(faults.n, rows[i].fault != NULL);
		if (faults.n > 0) {
			fault_text(&faults.v[0], &got);
			expect(rows[i].name, buf_text(&got), rows[i].fault);
		}
		config_faults_free(&faults);
		route_table_free(t);
	}
	buf_free(&got);
}

static void
not_every_slip_of_a_file_is_told(void **state)
{
	char path[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	struct route_table *t;
	struct buf text = {0};
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_fmt(&text, "host%d\n", i);
	file_write("slips", text.p, text.n, path);
	c.paths = files;
	t = table_of(&c, &faults, 0);
	assert_int_equal(faults.n, 11);
	fault_text(&faults.v[0], &text);
	expect("sum", buf_text(&text),
	       "slips:0: warning: 1000 lines are left out, of which the first 10 are told");
	buf_free(&text);
	config_faults_free(&faults);
	route_table_free(t);
}

static void
a_file_that_was_replaced_is_noticed(void **state)
{
	char path[80], other[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	const struct route_file *read;
	struct route_file seen;
	struct route_table *t;

	(void)state;
	file_write("seen", "a\ta!%s\n", 7, path);
	c.paths = files;
	t = table_of(&c, &faults, 0);
	assert_int_equal(route_table_files(t, &read), 1);
	seen = read[0];
	assert_false(route_file_changed(&seen));
	file_write("other", "a\tb!%s\n", 7, other);
	assert_int_equal(rename(other, path), 0);
	assert_true(route_file_changed(&seen));
	assert_false(route_file_changed(&seen));
	assert_int_equal(unlink(path), 0);
	assert_true(route_file_changed(&seen));
	assert_false(route_file_changed(&seen));
	config_faults_free(&faults);
	route_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_wrong_with_a_file_is_told),
	    cmocka_unit_test(not_every_slip_of_a_file_is_told),
	    cmocka_unit_test(a_file_that_was_replaced_is_noticed),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
