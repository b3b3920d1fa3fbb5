/*
 * The resolver against Debian's unbound, started here on a high port of
 * loopback with a zone of our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/buf.h"
#include "bridge/net/resolve_int.h"
#include "bridge/net/stream.h"
#include "tests/unit/peer.h"

#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/bangway-dns-XXXXXX";
static uint16_t dns_port;
static pid_t dns_pid;

static const char zone[] = "$TTL 60\n"
                           "@ SOA ns hostmaster 1 3600 600 86400 60\n"
                           "@ NS ns\n"
                           "ns A 127.0.0.1\n"
                           "one MX 20 mx2\n"
                           "one MX 10 mx1\n"
                           "one MX 30 mx3\n"
                           "mx1 A 192.0.2.1\n"
                           "mx1 AAAA 2001:db8::1\n"
                           "mx2 A 192.0.2.2\n"
                           "mx3 A 192.0.2.3\n"
                           "equal MX 10 mx1\n"
                           "equal MX 10 mx2\n"
                           "equal MX 10 mx3\n"
                           "null MX 0 .\n"
                           "nullplus MX 0 .\n"
                           "nullplus MX 5 mx2\n"
                           "bare A 192.0.2.9\n"
                           "only-txt TXT hello\n"
                           "alias CNAME one\n"
                           "mx-alias MX 10 alias-of-mx2\n"
                           "alias-of-mx2 CNAME mx2\n"
                           "dangling MX 10 nowhere\n"
                           "half MX 10 nowhere\n"
                           "half MX 20 mx2\n"
                           "bad MX 10 broken.fail.example.\n"
                           "bad-and-us MX 10 broken.fail.example.\n"
                           "bad-and-us MX 20 us\n"
                           "half-bad MX 10 broken.fail.example.\n"
                           "half-bad MX 20 mx2\n"
                           "xn--bcher-kva MX 10 mx2\n"
                           "us A 192.0.2.77\n"
                           "ours MX 10 us\n"
                           "ours MX 10 mx1\n"
                           "ours MX 20 mx2\n"
                           "backup MX 10 mx1\n"
                           "backup MX 20 us\n"
                           "backup MX 20 mx2\n"
                           "backup MX 30 mx3\n"
                           "hidden MX 10 mx1\n"
                           "hidden MX 20 us-too\n"
                           "hidden MX 30 mx3\n"
                           "us-too A 192.0.2.78\n"
                           "us-too AAAA 2001:db8::78\n"
                           "self A 192.0.2.77\n";

/* Domains whose second host is an interface of this machine, or is its loopback by any name. */
static void
write_near(FILE *f)
{
	uv_interface_address_t *all;
	char text[INET6_ADDRSTRLEN];
	int i, n, best = 0;

	assert_int_equal(uv_interface_addresses(&all, &n), 0);
	for (i = 0; i < n; i++)
		if (!all[i].is_internal && all[best].is_internal)
			best = i;
	uv_inet_ntop(all[best].address.address4.sin_family,
	             all[best].address.address4.sin_family == AF_INET
	                 ? (void *)&all[best].address.address4.sin_addr
	                 : (void *)&all[best].address.address6.sin6_addr,
	             text, sizeof text);
	fprintf(f, "this-machine %s %s\n",
	        all[best].address.address4.sin_family == AF_INET ? "A" : "AAAA", text);
	uv_free_interface_addresses(all, n);
	fputs("near MX 10 h1\nnear MX 20 this-machine\nnear MX 20 h2\nnear MX 30 h3\n"
	      "nearest MX 5 this-machine\nnearest MX 10 h1\n"
	      "loop MX 10 h1\nloop MX 20 loop-too\nloop-too A 127.3.2.1\n",
	      f);
}

static void
write_zone(void)
{
	char path[100];
	FILE *f;
	int i;

	snprintf(path, sizeof path, "%s/zone", dir);
	f = fopen(path, "w");
	fputs(zone, f);
	for (i = 0; i < 30; i++)
		fprintf(f, "crowd MX %d h%d\nh%d A 198.51.100.%d\n", 30 - i, i, i, i);
	write_near(f);
	fclose(f);
}

/* fail.example is forwarded to nobody: SERVFAIL. */
static void
write_config(const char *path)
{
	FILE *f = fopen(path, "w");

	fprintf(f,
	        "server:\n interface: 127.0.0.1@%u\n do-daemonize: no\n chroot: \"\"\n"
	        " username: \"\"\n pidfile: \"%s/pid\"\n directory: \"%s\"\n use-syslog: no\n"
	        " logfile: \"%s/log\"\n do-not-query-localhost: no\n module-config: \"iterator\"\n"
	        " local-zone: \"fail.example.\" always_refuse\n"
	        "remote-control:\n control-enable: no\n"
	        "auth-zone:\n name: \"example.\"\n zonefile: \"%s/zone\"\n for-upstream: yes\n"
	        " for-downstream: no\n",
	        dns_port, dir, dir, dir, dir);
	fclose(f);
}

struct asked {
	uv_loop_t loop;
	struct resolver *resolver;
	struct config_strings servers;
	unsigned times;
	enum outcome outcome;
	char status[12];
	struct buf text; /* "20 mx2.example 192.0.2.2:0" a line */
};

static void
on_done(void *owner, const struct resolve_answer *answer)
{
	struct asked *a = owner;
	size_t i;

	a->times++;
	a->outcome = answer->verdict.outcome;
	snprintf(a->status, sizeof a->status, "%s", answer->verdict.status);
	buf_clear(&a->text);
	for (i = 0; i < answer->n; i++) {
		buf_fmt(&a->text, "%u %s ", answer->v[i].preference, answer->v[i].host);
		stream_address_text(&answer->v[i].addr, &a->text);
		buf_ch(&a->text, '\n');
	}
	if (answer->n == 0)
		buf_str(&a->text, answer->verdict.words);
}

static const char *us[] = {"GW.example.com", "us.example"};
static const char *our_addresses[] = {"127.0.0.99", "192.0.2.78", "[2001:db8::78]"};
static const struct config_strings names = {us, 2}, addresses = {our_addresses, 3};
static const struct resolve_self self = {&names, &addresses, false};

static void
ask(struct asked *a, bool mx, const char *name)
{
	unsigned times = a->times;
	struct resolve_query *q;

	q = mx ? resolve_mx(a->resolver, name, &self, on_done, a)
	       : resolve_host(a->resolver, name, on_done, a);
	assert_non_null(q);
	assert_int_equal(a->times, times); /* never from inside */
	uv_run(&a->loop, UV_RUN_DEFAULT);
	assert_int_equal(a->times, times + 1);
}

static struct asked *
asked_new(uint16_t port)
{
	struct asked *a = calloc(1, sizeof *a);
	static char server[40];
	static const char *servers[] = {server};

	snprintf(server, sizeof server, "127.0.0.1@%u", port);
	uv_loop_init(&a->loop);
	a->servers = (struct config_strings){servers, 1};
	a->resolver = resolver_new(&a->loop, &a->servers);
	return a;
}

static void
asked_free(struct asked *a)
{
	resolver_free(a->resolver);
	uv_run(&a->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&a->loop), 0);
	buf_free(&a->text);
	free(a);
}

static int
start_server(void **state)
{
	char path[100];
	struct asked *a;
	int tries;

	(void)state;
	if (access("/usr/sbin/unbound", X_OK) != 0 &&
	    system("apt-get install -y -q --no-install-recommends unbound >/dev/null 2>&1") != 0)
		return -1;
	if (mkdtemp(dir) == NULL)
		return -1;
	dns_port = peer_free_port();
	snprintf(path, sizeof path, "%s/conf", dir);
	write_zone();
	write_config(path);
	if ((dns_pid = fork()) == 0) {
		execl("/usr/sbin/unbound", "unbound", "-d", "-c", path, (char *)NULL);
		_exit(127);
	}
	for (tries = 0; tries < 100; tries++) { /* until it answers */
		poll(NULL, 0, 50);
		a = asked_new(dns_port);
		ask(a, false, "ns.example");
		if (a->outcome == OUTCOME_SENT)
			tries = 1000;
		asked_free(a);
	}
	return tries > 1000 ? 0 : -1;
}

static int
stop_server(void **state)
{
	char command[100];

	(void)state;
	kill(dns_pid, SIGTERM);
	waitpid(dns_pid, NULL, 0);
	snprintf(command, sizeof command, "rm -r '%s'", dir);
	return system(command);
}

static const struct {
	bool mx;
	const char *name;
	enum outcome outcome;
	const char *status, *text; /* whole when SENT, part of the words otherwise */
} rows[] = {
    {true, "one.example", OUTCOME_SENT, "",
     "10 mx1.example [2001:db8::1]:0\n10 mx1.example 192.0.2.1:0\n20 mx2.example 192.0.2.2:0\n"
     "30 mx3.example 192.0.2.3:0\n"},
    {true, "ONE.EXAMPLE.", OUTCOME_SENT, "",
     "10 mx1.example [2001:db8::1]:0\n10 mx1.example 192.0.2.1:0\n20 mx2.example 192.0.2.2:0\n"
     "30 mx3.example 192.0.2.3:0\n"},
    {true, "alias.example", OUTCOME_SENT, "",
     "10 mx1.example [2001:db8::1]:0\n10 mx1.example 192.0.2.1:0\n20 mx2.example 192.0.2.2:0\n"
     "30 mx3.example 192.0.2.3:0\n"},
    {true,
     "b\xc3\xbc"
     "cher.example",
     OUTCOME_SENT, "", "10 mx2.example 192.0.2.2:0\n"},
    {true, "caf\xe9.example", OUTCOME_NEVER, "5.1.2", "does not exist"},
    {true, "mx-alias.example", OUTCOME_SENT, "", "10 alias-of-mx2.example 192.0.2.2:0\n"},
    {true, "null.example", OUTCOME_NEVER, "5.1.10", "null MX"},
    {true, "nullplus.example", OUTCOME_SENT, "", "5 mx2.example 192.0.2.2:0\n"},
    {true, "bare.example", OUTCOME_SENT, "", "0 bare.example 192.0.2.9:0\n"},
    {true, "only-txt.example", OUTCOME_NEVER, "5.1.2", "no mail host and no address"},
    {true, "nowhere.example", OUTCOME_NEVER, "5.1.2", "does not exist"},
    {true, "dangling.example", OUTCOME_NEVER, "5.4.4", "has an address"},
    {true, "half.example", OUTCOME_SENT, "", "20 mx2.example 192.0.2.2:0\n"},
    {true, "broken.fail.example", OUTCOME_LATER, "4.4.3", "looked up"},
    {true, "bad.example", OUTCOME_LATER, "4.4.3", "looked up"},
    {true, "bad-and-us.example", OUTCOME_LATER, "4.4.3", "looked up"},
    {true, "half-bad.example", OUTCOME_SENT, "", "20 mx2.example 192.0.2.2:0\n"},
    /* we are the best, one of the best, a backup by name, a backup by address */
    {true, "us.example", OUTCOME_NEVER, "5.4.6", "comes to us"},
    {true, "ours.example", OUTCOME_NEVER, "5.4.6", "comes to us"},
    {true, "backup.example", OUTCOME_SENT, "",
     "10 mx1.example [2001:db8::1]:0\n10 mx1.example 192.0.2.1:0\n"},
    {true, "hidden.example", OUTCOME_SENT, "",
     "10 mx1.example [2001:db8::1]:0\n10 mx1.example 192.0.2.1:0\n"},
    {true, "us-too.example", OUTCOME_NEVER, "5.4.6", "comes to us"},
    {true, "[127.0.0.99]", OUTCOME_NEVER, "5.4.6", "comes to us"},
    {true, "[192.0.2.5]", OUTCOME_SENT, "", "0 192.0.2.5 192.0.2.5:0\n"},
    {true, "[IPv6:2001:db8::5]", OUTCOME_SENT, "", "0 2001:db8::5 [2001:db8::5]:0\n"},
    {true, "", OUTCOME_LATER, "", ""},
    {true, "caf\xc3\xa9..example", OUTCOME_NEVER, "5.1.2", ""},
    {false, "mx1.example", OUTCOME_SENT, "",
     "0 mx1.example [2001:db8::1]:0\n0 mx1.example 192.0.2.1:0\n"},
    {false, "alias-of-mx2.example", OUTCOME_SENT, "", "0 alias-of-mx2.example 192.0.2.2:0\n"},
    {false, "nowhere.example", OUTCOME_NEVER, "5.4.4", "address"},
    {false, "only-txt.example", OUTCOME_NEVER, "5.4.4", "address"},
    {false, "broken.fail.example", OUTCOME_LATER, "4.4.3", "looked up"},
    {false, "localhost", OUTCOME_SENT, "", "0 localhost [::1]:0\n0 localhost 127.0.0.1:0\n"},
    {false, "127.0.0.99", OUTCOME_SENT, "", "0 127.0.0.99 127.0.0.99:0\n"},
    {false, "::1", OUTCOME_SENT, "", "0 ::1 [::1]:0\n"},
};

static void
answers(void **state)
{
	struct asked *a = asked_new(dns_port);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask(a, rows[i].mx, rows[i].name);
		if (rows[i].name[0] == '\0') {
			assert_int_not_equal(a->outcome, OUTCOME_SENT);
			continue;
		}
		if (a->outcome != rows[i].outcome)
			fail_msg("%s: %s %s", rows[i].name, outcome_name(a->outcome), a->text.p);
		if (a->outcome == OUTCOME_SENT)
			assert_string_equal(buf_text(&a->text), rows[i].text);
		else if (strstr(a->text.p, rows[i].text) == NULL)
			fail_msg("%s: %s", rows[i].name, a->text.p);
		assert_string_equal(a->status, rows[i].status);
	}
	asked_free(a);
}

/* What leads to an interface of this machine is us; that the machine has it was not told. */
static void
interfaces_are_us(void **state)
{
	static const struct resolve_self machine = {.interfaces = true};
	static const struct {
		const char *name;
		enum outcome outcome;
		const char *text;
	} near[] = {
	    {"near.example", OUTCOME_SENT, "10 h1.example 198.51.100.1:0\n"},
	    {"loop.example", OUTCOME_SENT, "10 h1.example 198.51.100.1:0\n"},
	    {"nearest.example", OUTCOME_NEVER, "comes to us"},
	    {"localhost", OUTCOME_NEVER, "comes to us"},
	    {"h1.example", OUTCOME_SENT, "0 h1.example 198.51.100.1:0\n"},
	};
	struct asked *a = asked_new(dns_port);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof near / sizeof near[0]; i++) {
		assert_non_null(resolve_mx(a->resolver, near[i].name, &machine, on_done, a));
		uv_run(&a->loop, UV_RUN_DEFAULT);
		assert_int_equal(a->outcome, near[i].outcome);
		if (strstr(a->text.p, near[i].text) == NULL)
			fail_msg("%s: %s", near[i].name, a->text.p);
		if (a->outcome == OUTCOME_NEVER)
			assert_string_equal(a->status, "5.4.6");
	}
	asked_free(a);
}

/* Each of three equals comes first now and then; the most preferred of many are kept. */
static void
equals_and_crowds(void **state)
{
	struct asked *a = asked_new(dns_port);
	unsigned first[4] = {0}, i, lines = 0;

	(void)state;
	for (i = 0; i < 60; i++) {
		ask(a, true, "equal.example");
		first[a->text.p[5] - '0']++;
	}
	assert_true(first[1] > 3 && first[2] > 3 && first[3] > 3);
	ask(a, true, "crowd.example");
	assert_true(strncmp(a->text.p, "1 h29.example 198.51.100.29:0\n", 30) == 0);
	for (i = 0; i < a->text.n; i++)
		lines += a->text.p[i] == '\n';
	assert_int_equal(lines, RESOLVE_HOSTS);
	asked_free(a);
}

/* Cancelled, renewed and freed with questions open: nothing comes, nothing leaks. */
static void
given_up(void **state)
{
	struct asked *a = asked_new(dns_port);
	struct resolve_query *q;
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++) {
		q = resolve_mx(a->resolver, "one.example", &self, on_done, a);
		uv_run(&a->loop, UV_RUN_NOWAIT);
		if (a->times == 0)
			resolve_cancel(q);
		a->times = 0;
	}
	resolve_mx(a->resolver, "one.example", &self, on_done, a);
	resolver_renew(a->resolver);
	resolve_mx(a->resolver, "one.example", &self, on_done, a);
	uv_run(&a->loop, UV_RUN_DEFAULT);
	assert_int_equal(a->times, 2);
	assert_int_equal(a->outcome, OUTCOME_SENT);
	resolve_mx(a->resolver, "equal.example", &self, on_done, a);
	asked_free(a);
}

/* What /etc/hosts says counts, for MX too, and before what a name server says. */
static void
hosts_file(void **state)
{
	struct asked *a = asked_new(dns_port);
	char path[100];
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/hosts", dir);
	f = fopen(path, "w");
	fputs("# ours\n192.0.2.41 pdp11 pdp11.lan\n2001:db8::41 pdp11\n192.0.2.42 bare.example\n",
	      f);
	fclose(f);
	a->resolver->hosts = path;
	ask(a, false, "pdp11");
	assert_string_equal(buf_text(&a->text), "0 pdp11 [2001:db8::41]:0\n0 pdp11 192.0.2.41:0\n");
	ask(a, true, "pdp11.lan");
	assert_string_equal(buf_text(&a->text), "0 pdp11.lan 192.0.2.41:0\n");
	ask(a, false, "bare.example");
	assert_string_equal(buf_text(&a->text), "0 bare.example 192.0.2.42:0\n");
	ask(a, false, "mx2.example");
	assert_string_equal(buf_text(&a->text), "0 mx2.example 192.0.2.2:0\n");
	asked_free(a);
}

/* No name server there: LATER, whatever was asked. */
static void
nobody_answers(void **state)
{
	struct asked *a = asked_new(peer_free_port());

	(void)state;
	a->resolver->timeout_ms = 1000;
	ask(a, true, "one.example");
	assert_int_equal(a->outcome, OUTCOME_LATER);
	assert_string_equal(a->status, "4.4.3");
	asked_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),           cmocka_unit_test(interfaces_are_us),
	    cmocka_unit_test(equals_and_crowds), cmocka_unit_test(given_up),
	    cmocka_unit_test(hosts_file),        cmocka_unit_test(nobody_answers),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
