/* TLS as a session lives it, with certificates made here by openssl(1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/sender.h"

#include <unistd.h>

static char dir[] = "/tmp/bangway-tls-XXXXXX";

static const char *
file(const char *name)
{
	static char paths[4][64];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	return path;
}

static int
make_certificates(void **state)
{
	static const char script[] =
	    "set -e; cd '%s'; exec 2>log\n"
	    "key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch -days 2'\n"
	    "openssl req -x509 $key -subj /CN=root -keyout root.key -out root.pem\n"
	    "leaf() { openssl req $key -subj /CN=$1 -keyout $1.key -out $1.req\n"
	    " printf 'subjectAltName=%%s\\n' $2 >$1.ext\n"
	    " openssl x509 -req -in $1.req -CA root.pem -CAkey root.key -CAcreateserial -days 2"
	    " -extfile $1.ext -out $1.pem; }\n"
	    "leaf good DNS:localhost,IP:127.0.0.1; leaf wrong DNS:other.example\n"
	    "openssl req -x509 $key -subj /CN=localhost -addext subjectAltName=DNS:localhost"
	    " -keyout self.key -out self.pem\n";
	char command[2000];

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(command, sizeof command, script, dir);
	return system(command) == 0 ? 0 : -1;
}

static int
remove_certificates(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -r '%s'", dir);
	return system(command);
}

enum tls_kind { STARTTLS, IMPLICIT, STRIPPED, NO_TLS, OLD_TLS };

static const struct {
	const char *certificate; /* of the server */
	enum tls_kind kind;
	enum tls_mode mode;
	const char *host, *roots;
	unsigned sent;
	bool secure;
	const char *status, *words; /* of the session's end when nothing was sent */
} rows[] = {
    {"good", STARTTLS, TLS_VERIFY, "localhost", "root.pem", 2, true, "", ""},
    {"good", STARTTLS, TLS_VERIFY, "127.0.0.1", "root.pem", 2, true, "", ""},
    {"good", IMPLICIT, TLS_VERIFY, "localhost", "root.pem", 2, true, "", ""},
    {"wrong", STARTTLS, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.5",
     "hostname mismatch"},
    {"wrong", STARTTLS, TLS_VERIFY, "127.0.0.1", "root.pem", 0, false, "4.7.5",
     "IP address mismatch"},
    {"self", STARTTLS, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.5", "self-signed"},
    {"self", IMPLICIT, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.5", "self-signed"},
    {"good", STARTTLS, TLS_VERIFY, "localhost", "", 0, false, "4.7.5", "certificate"},
    {"good", STARTTLS, TLS_VERIFY, "localhost", "none.pem", 0, false, "4.7.5", "none.pem"},
    {"self", STARTTLS, TLS_OPPORTUNISTIC, "localhost", "", 2, true, "", ""},
    {"wrong", STARTTLS, TLS_OPPORTUNISTIC, "localhost", "", 2, true, "", ""},
    {"good", STARTTLS, TLS_OFF, "localhost", "", 2, false, "", ""},
    {NULL, STRIPPED, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.4", "does not offer"},
    {NULL, STRIPPED, TLS_OPPORTUNISTIC, "localhost", "", 2, false, "", ""},
    {NULL, NO_TLS, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.5", "TLS"},
    {NULL, NO_TLS, TLS_OPPORTUNISTIC, "localhost", "", 2, false, "", ""},
    {"good", OLD_TLS, TLS_VERIFY, "localhost", "root.pem", 0, false, "4.7.5", "version"},
    {"good", OLD_TLS, TLS_OPPORTUNISTIC, "localhost", "", 2, true, "", ""},
};

static void
run_row(size_t i)
{
	char pem[32], key[32];
	struct peer_how how = {.pipelining = true};
	struct fixture *f;
	struct peer *p;

	if (rows[i].certificate != NULL) {
		snprintf(pem, sizeof pem, "%s.pem", rows[i].certificate);
		snprintf(key, sizeof key, "%s.key", rows[i].certificate);
		how.certificate = file(pem);
		how.key = file(key);
	}
	how.implicit = rows[i].kind == IMPLICIT;
	how.old_tls = rows[i].kind == OLD_TLS;
	/* the handshake that fails is followed by a connection in clear, if any */
	how.break_handshake = rows[i].kind == NO_TLS;
	p = peer_start(&how);
	f = fixture_new(2, peer_port(p));
	f->route.hosts[0].host = rows[i].host;
	f->route.tls = rows[i].mode;
	f->route.tls_implicit = how.implicit;
	f->route.ca_file = rows[i].roots[0] != '\0' ? file(rows[i].roots) : "";
	fixture_run(f);
	peer_stop(p);
	if (f->sent != rows[i].sent || p->messages != rows[i].sent)
		fail_msg("row %zu: %u sent, %s", i, f->sent, f->end.words);
	assert_int_equal(f->tls[0] != '\0', rows[i].secure);
	if (rows[i].sent == 0) {
		assert_int_equal(f->end.outcome, OUTCOME_LATER);
		assert_int_equal(f->end.scope, SCOPE_HOST);
		assert_string_equal(f->end.status, rows[i].status);
		if (strcasestr(f->end.words, rows[i].words) == NULL)
			fail_msg("row %zu: %s", i, f->end.words);
	}
	fixture_free(f);
	peer_free(p);
}

static void
modes_and_certificates(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		run_row(i);
}

/* Many messages, then a large one: records, queues and tickets do their part. */
static void
mail_over_tls(void **state)
{
	struct peer_how how = {
	    .pipelining = true, .certificate = file("good.pem"), .key = file("good.key")};
	struct peer *p = peer_start(&how);
	struct fixture *f = fixture_new(300, peer_port(p));
	char *big = malloc(1000000);
	size_t i;

	(void)state;
	f->route.tls = TLS_VERIFY;
	f->route.ca_file = file("root.pem");
	fixture_run(f);
	assert_int_equal(f->sent, 300);
	fixture_free(f);

	for (i = 0; i < 1000000; i++)
		big[i] = i % 70 == 69 ? '\n' : 'a';
	f = fixture_new(2, peer_port(p));
	f->route.tls = TLS_OPPORTUNISTIC;
	f->text = big;
	f->text_n = 1000000;
	f->piece = 30000;
	fixture_run(f);
	assert_int_equal(f->sent, 2);
	assert_string_equal(f->tls, "TLSv1.3");
	fixture_free(f);
	assert_int_equal(peer_stop(p)->handshakes, 2);
	peer_free(p);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(modes_and_certificates),
	    cmocka_unit_test(mail_over_tls),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
