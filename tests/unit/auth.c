/* Passwords, against libgsasl's server side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/smtp/auth.h"
#include "bridge/smtp/secret.h"
#include "tests/unit/sender.h"

#include <sys/stat.h>
#include <unistd.h>

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static const struct {
	const char *offered, *allowed; /* mechanisms */
	bool clear;                    /* auth_plain_in_clear */
	const char *password;          /* that we have; the server's is "se:cret" */
	bool no_final;
	const char *used; /* mechanism; "" : nothing was sent */
	const char *words;
} rows[] = {
    {"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "", false, "se:cret", false, "SCRAM-SHA-256",
     ""},
    {"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", "", false, "se:cret", false, "SCRAM-SHA-1", ""},
    {"LOGIN PLAIN CRAM-MD5", "", false, "se:cret", false, "CRAM-MD5", ""},
    {"LOGIN PLAIN CRAM-MD5", "LOGIN", true, "se:cret", false, "LOGIN", ""},
    {"LOGIN PLAIN", "", true, "se:cret", false, "PLAIN", ""},
    {"LOGIN PLAIN", "", false, "se:cret", false, "", "only in clear"},
    {"LOGIN PLAIN", "CRAM-MD5", true, "se:cret", false, "", "LOGIN PLAIN"},
    {"GSSAPI", "", true, "se:cret", false, "", "GSSAPI"},
    {NULL, "", true, "se:cret", false, "", "none"},
    {"PLAIN", "", true, "guess", false, "", "535"},
    {"LOGIN", "", true, "guess", false, "", "535"},
    {"CRAM-MD5", "", true, "guess", false, "", "535"},
    {"SCRAM-SHA-1", "", false, "guess", false, "", "535"},
    {"SCRAM-SHA-256", "", false, "guess", false, "", "535"},
    /* a server that lets us in without knowing the password itself is not ours */
    {"SCRAM-SHA-256", "", false, "se:cret", true, "", "did not prove"},
};

static void
run_row(size_t i, const char *path)
{
	struct peer *p = peer_start(&(struct peer_how){
	    .auth = rows[i].offered,
	    .user = "ann",
	    .password = "se:cret",
	    .no_final = rows[i].no_final,
	});
	struct fixture *f = fixture_new(1, peer_port(p));
	char line[64];

	snprintf(line, sizeof line, "ann:%s\n", rows[i].password);
	write_file(path, line, 0600);
	f->route.auth_file = path;
	f->route.auth_mechanisms = rows[i].allowed;
	f->route.auth_plain_in_clear = rows[i].clear;
	fixture_run(f);
	peer_stop(p);
	if (f->sent != (rows[i].used[0] != '\0'))
		fail_msg("row %zu: %u sent: %s", i, f->sent, f->end.words);
	if (f->sent > 0) {
		assert_string_equal(p->mechanism, rows[i].used);
	} else { /* mail is never returned for a password of ours */
		assert_int_equal(f->given, 0);
		assert_int_equal(f->end.outcome, OUTCOME_LATER);
		assert_int_equal(f->end.scope, SCOPE_HOST);
		assert_string_equal(f->end.status, "4.7.8");
		if (strstr(f->end.words, rows[i].words) == NULL)
			fail_msg("row %zu: %s", i, f->end.words);
	}
	fixture_free(f);
	peer_free(p);
}

static void
mechanisms(void **state)
{
	char path[] = "/tmp/bangway-auth-XXXXXX";
	size_t i;

	(void)state;
	close(mkstemp(path));
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		run_row(i, path);
	unlink(path);
}

static void
secrets(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *user, *password, *error;
	} files[] = {
	    {"ann:secret\n", 0600, "ann", "secret", ""},
	    {"ann:se:cret", 0400, "ann", "se:cret", ""},
	    {"ann@example:x y\r\nmore\n", 0600, "ann@example", "x y", ""},
	    {"ann:secret\n", 0640, "", "", "its owner alone"},
	    {"ann:secret\n", 0604, "", "", "its owner alone"},
	    {"secret\n", 0600, "", "", "user:password"},
	    {":secret\n", 0600, "", "", "user:password"},
	    {"ann:\n", 0600, "", "", "user:password"},
	    {"", 0600, "", "", "user:password"},
	};
	char path[] = "/tmp/bangway-auth-XXXXXX";
	struct secret s;
	size_t i;

	(void)state;
	close(mkstemp(path));
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		write_file(path, files[i].text, 0600);
		chmod(path, files[i].mode);
		assert_int_equal(secret_read(&s, path), files[i].error[0] == '\0' ? 0 : -1);
		assert_string_equal(s.user, files[i].user);
		assert_string_equal(s.password, files[i].password);
		assert_non_null(strstr(s.error, files[i].error));
	}
	unlink(path);
	assert_int_equal(secret_read(&s, path), -1);
	assert_int_equal(secret_read(&s, ""), 0);
	assert_int_equal(secret_read(&s, "/dev/zero"), -1);
}

/* The session that has no readable secret sends nothing, and says why. */
static void
a_bad_file(void **state)
{
	struct fixture *f = fixture_new(1, peer_free_port());

	(void)state;
	f->route.auth_file = "/nonexistent/secret";
	fixture_run(f);
	assert_int_equal(f->given, 0);
	assert_int_equal(f->end.outcome, OUTCOME_LATER);
	assert_non_null(strstr(f->end.words, "/nonexistent/secret"));
	fixture_free(f);
}

/* "r=...,s=...,i=2000000000": the loop does not spend an hour on it. */
static void
too_much_work(void **state)
{
	static const char first[] = "r=%s,s=QUJDRA==,i=2000000000";
	struct auth *a = auth_new("ann", "secret", "mx.example", "", false);
	struct buf out = {0};
	char *text, challenge[300], nonce[100];
	size_t n;

	(void)state;
	assert_int_equal(auth_begin(a, "SCRAM-SHA-256", false, &out), 0);
	assert_int_equal(gsasl_base64_from(out.p + 19, out.n - 21, &text, &n), GSASL_OK);
	snprintf(nonce, sizeof nonce, "%.*sserver",
	         (int)(n - (size_t)(strstr(text, "r=") + 2 - text)), strstr(text, "r=") + 2);
	gsasl_free(text);
	snprintf(challenge, sizeof challenge, first, nonce);
	assert_int_equal(gsasl_base64_to(challenge, strlen(challenge), &text, &n), GSASL_OK);
	buf_clear(&out);
	assert_int_equal(auth_answer(a, span_of(text), &out), -1);
	assert_string_equal(out.p, "*\r\n");
	assert_non_null(strstr(auth_error(a), "work"));
	gsasl_free(text);
	buf_free(&out);
	auth_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mechanisms),
	    cmocka_unit_test(secrets),
	    cmocka_unit_test(a_bad_file),
	    cmocka_unit_test(too_much_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
