/* What a UUCP neighbour is given when no path can hold it: a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/outward.h"

static void
what_no_path_can_hold_is_a_token(void **state)
{
	static const struct {
		const char *address, *header, *user;
	} held[] = {
	    {"\"Joe Soap\"@cwi.example", "gw!Joe_Soap+", "Joe_Soap+"},
	    {"alpha!\"Joe Soap\"", "gw!Joe_Soap+", "Joe_Soap+"},
	    {"j\303\270rgen@cwi.example", "gw!j__rgen+", "j__rgen+"},
	    {"o'brien@cwi.example", "gw!o_brien+", "o_brien+"},
	    {"a`id`@cwi.example", "gw!a_id_+", "a_id_+"},
	    {"vax43!a;b", "gw!a_b+", "a_b+"},
	};
	struct config_site to = neighbour("vax43", SITE_OLD);
	const struct rewrite w = {
	    .table = table, .ask = ASK(NULL), .to = &to, .tokens = &remembered};
	struct buf out = {0};
	const char *why;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof held / sizeof held[0]; i++) {
		buf_clear(&out);
		assert_int_equal(rewrite_address(&w, span_of(held[i].address), &out, &why), 0);
		n = strlen(held[i].header);
		assert_int_equal(out.n, n + REPLY_TOKEN);
		assert_memory_equal(out.p, held[i].header, n);
		buf_clear(&out);
		assert_int_equal(rewrite_sender(&w, span_of(held[i].address), &out, NULL, &why), 0);
		n = strlen(held[i].user);
		assert_int_equal(out.n, n + REPLY_TOKEN);
		assert_memory_equal(out.p, held[i].user, n);
	}
	buf_free(&out);
}

/* A path that an old rmail's line has no room for; without a key it goes as it is. */
static void
what_is_too_long_is_a_token(void **state)
{
	struct config_site to = neighbour("vax43", SITE_OLD);
	struct route_table *plain = route_table_new(&gateway);
	const struct rewrite unkeyed = {.table = plain, .ask = ASK(NULL), .to = &to};
	const struct rewrite w = {
	    .table = table, .ask = ASK(NULL), .to = &to, .tokens = &remembered};
	struct buf path = {0}, out = {0};
	const char *why;
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		buf_fmt(&path, "hopnum%02d!", i);
	buf_str(&path, "piet");
	assert_int_equal(rewrite_sender(&w, buf_view(&path), &out, NULL, &why), 0);
	assert_int_equal(out.n, strlen("piet+") + REPLY_TOKEN);
	buf_clear(&out);
	assert_int_equal(rewrite_sender(&unkeyed, buf_view(&path), &out, NULL, &why), 0);
	assert_string_equal(buf_text(&out), buf_text(&path));
	buf_free(&path);
	buf_free(&out);
	route_table_free(plain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_no_path_can_hold_is_a_token),
	    cmocka_unit_test(what_is_too_long_is_a_token),
	};

	return cmocka_run_group_tests(tests, gateway_open_keyed, gateway_close);
}
