/* Samples of RFC 3492 section 7.1 and names as they are registered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/net/punycode.h"

static void
names(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: it cannot be */
	} rows[] = {
	    {"example.com", "example.com"},
	    {"Example.COM", "Example.COM"},
	    {"", ""},
	    {"a..b", "a..b"},
	    {"b\xc3\xbc"
	     "cher.example",
	     "xn--bcher-kva.example"},
	    {"B\xc3\xbc"
	     "cher.Example",
	     "xn--bcher-kva.Example"},
	    {"www.m\xc3\xbcnchen.example", "www.xn--mnchen-3ya.example"},
	    {"\xce\xb4\xce\xbf\xce\xba\xce\xb9\xce\xbc\xce\xae.example", "xn--jxalpdlp.example"},
	    {"\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4"
	     "\xe4\xb8\xad\xe6\x96\x87",
	     "xn--ihqwcrb4cv8a8dqg056pqjye"},
	    {"3\xe5\xb9\xb4"
	     "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
	     "xn--3b-ww4c5e180e575a65lsy2b"},
	    {"\xf0\x9f\x92\xa9.example", "xn--ls8h.example"},
	    {"caf\xe9.example", NULL},          /* Latin-1 */
	    {"caf\xc3.example", NULL},          /* cut */
	    {"\xed\xa0\x80.example", NULL},     /* a surrogate */
	    {"\xc0\xae.example", NULL},         /* not the shortest form */
	    {"\xf4\x90\x80\x80.example", NULL}, /* beyond Unicode */
	};
	char out[256], label[80];
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rc = punycode_domain(span_of(rows[i].in), out, sizeof out);
		assert_int_equal(rc, rows[i].out != NULL ? 0 : -1);
		if (rc == 0)
			assert_string_equal(out, rows[i].out);
	}
	memset(label, 'x', sizeof label);
	assert_int_equal(punycode_domain((struct span){label, 63}, out, sizeof out), 0);
	assert_int_equal(punycode_domain((struct span){label, 64}, out, sizeof out), -1);
	assert_int_equal(punycode_domain((struct span){label, 63}, out, 63), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
