#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/clock.h"
#include "bridge/base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/bangway-config-XXXXXX";

static int
make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int
remove_directory(void **state)
{
	static const char *const files[] = {"a.conf", "part.conf", "secret", "ca.pem"};
	char path[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, files[i]);
		unlink(path);
	}
	return rmdir(directory);
}

/* Writes a file of the test's directory; its path is good until the next call. */
static const char *
file_write(const char *name, const char *text)
{
	static char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

#define NEEDED "hostname=\"gw.example.com\"; postmaster=\"o@example.org\";\n"

/* ---- files that are wrong: every fault, in order, as "LINE: words" ---- */

static const struct {
	const char *text;
	const char *faults[8];
} bad[] = {
    {"",
     {"0: `hostname` is missing: the full domain name by which mail servers know this machine",
      "0: `postmaster` is missing: the address of the person who is told of trouble"}},
    {"hostnme = \"gw.example.com\";\npostmaster = \"o@example.org\";\n",
     {"0: `hostname` is missing: the full domain name by which mail servers know this machine",
      "1: unknown setting `hostnme`; did you mean `hostname`?"}},
    /* settings of later days are no decoration */
    {NEEDED "listen = ();\nlinks = { vsat = { up-when = \"route\"; windows = [ \"daily\" ];\n"
            "budget = \"20MB/day\"; cost = 9; }; };\n",
     {"2: unknown setting `listen`; bangway.conf(5) lists all",
      "3: `up-when` must be \"always\", \"manual\" or \"tcp:HOST:PORT\", not \"route\"",
      "3: unknown setting `windows` in `vsat`; bangway.conf(5) lists all",
      "4: unknown setting `budget` in `vsat`; bangway.conf(5) lists all",
      "4: unknown setting `cost` in `vsat`; bangway.conf(5) lists all"}},
    /* types */
    {"hostname = 5;\npostmaster = [ \"a@b.c\" ];\ndomains = 7;\nsites = \"x\";\n"
     "spool = [ ];\nretry = { lifetime = true; backoff-min = 1.5; };\nlog = 1;\n",
     {"1: `hostname` must be a text in quotes", "2: `postmaster` must be a text in quotes",
      "3: `domains` must be a text in quotes, or some in brackets: [ \"a\", \"b\" ]",
      "4: `sites` must be a list ( { ... }, ... ), or a group { name = { ... }; ... }",
      "5: `spool` must be a group in braces: { ... }",
      "6: `backoff-min` must be a time in quotes: \"90s\", \"5m\", \"2h\" or \"3d\"",
      "6: `lifetime` must be a time in quotes: \"90s\", \"5m\", \"2h\" or \"3d\"",
      "7: `log` must be a text in quotes"}},
    {NEEDED "domains = [ 1, 2 ];\nroutes = ( 5 );\nlimits = { hops = \"many\"; header = 5; };\n",
     {"2: `domains` must hold texts in quotes, or groups in braces: { ... }",
      "2: `domains` must hold texts in quotes, or groups in braces: { ... }",
      "3: `routes` must hold groups in braces: { ... }",
      "4: `hops` must be a number, without quotes",
      "4: `header` must be a size in quotes, with its unit: \"512kB\", \"100MB\", \"2GiB\""}},
    /* domains */
    {NEEDED
     "domains = ( \"a.example\", { name = \"-b\"; },\n{ users = [ \"a b\" ]; },\n"
     "{ name = \"A.example\"; user = \"x\"; },\n{ name = \"c.example\"; aliases = \"c\"; },\n"
     "{ name = \"d.example\"; catch-all = \"x\"; local = \"mbox:/d\"; } );\n",
     {"2: `domains` must be a domain name such as \"gw.example.com\", not \"-b\"",
      "3: `users` must be a name of letters, digits, '-', '_', '.' and '+', not \"a b\"",
      "3: this group needs a name: name = \"...\"",
      "4: unknown setting `user`; did you mean `users`?",
      "4: the domain \"A.example\" is taken already, by line 2 of @",
      "5: `aliases` must be a path that begins with /, not \"c\"",
      "6: `catch-all` must be an address such as \"owner@example.org\", not \"x\"",
      "6: `local` must be \"maildir:PATH\", not \"mbox:/d\""}},
    /* values */
    {"hostname = \"gw\";\npostmaster = \"me\";\nuucp-name = \"a!b\";\ndomains = \"-x.example\";\n"
     "local = \"lmtp:/run/x\";\nresolvers = [ \"ns.example\" ];\nlog = \"paper\";\n"
     "control-socket = \"run/x\";\n",
     {"1: `hostname` must be a full domain name such as \"gw.example.com\", not \"gw\"",
      "2: `postmaster` must be an address such as \"owner@example.org\", not \"me\"",
      "3: `uucp-name` must be a UUCP name of letters, digits, '-', '_' and '.', not \"a!b\"",
      "4: `domains` must be a domain name such as \"gw.example.com\", not \"-x.example\"",
      "5: `local` must be \"maildir:PATH\", not \"lmtp:/run/x\"",
      "6: `resolvers` must be an address such as \"192.0.2.53\" or \"::1@5353\", not "
      "\"ns.example\"",
      "7: `log` must be \"stderr\" or \"syslog\"",
      "8: `control-socket` must be a path that begins with /, not \"run/x\""}},
    {NEEDED "relay-clients = [ \"192.0.2.0/24\", \"192.0.2.1/24\" ];\n",
     {"2: `relay-clients` must be a network without bits set behind its prefix, not "
      "\"192.0.2.1/24\""}},
    {NEEDED "users = [ \"a b\",\n\"fine\",\n\"c d\" ];\n", /* each, in its own line */
     {"2: `users` must be a name of letters, digits, '-', '_', '.' and '+', not \"a b\"",
      "4: `users` must be a name of letters, digits, '-', '_', '.' and '+', not \"c d\""}},
    {NEEDED "relay-clients = [ 3, \"192.0.2.1\" ];\n",
     {"2: what stands in brackets must be texts in quotes only"}},
    {NEEDED "relay-clients = \"0.0.0.0/0\";\n",
     {"2: `relay-clients` must be less than the whole Internet, not \"0.0.0.0/0\""}},
    {NEEDED "relay-clients = \"all\";\n",
     {"2: `relay-clients` must be an address or a network such as \"192.0.2.0/24\" or "
      "\"2001:db8::/32\", not \"all\""}},
    {NEEDED "local = \"maildir:/var/mail/all\";\n",
     {"2: `local` must have %u (the user) in its path, or all users share a box, not "
      "\"/var/mail/all\""}},
    {NEEDED "local = \"maildir:/var/mail/%u/%x\";\n",
     {"2: `local` may have %u (the user), %d (the domain) and %% alone, not \"/var/mail/%u/%x\""}},
    {NEEDED "spool = { reserve = \"1 parsec\"; message-size = \"3GiB\";\nlock-wait = \"never\"; "
            "journal-days = -1; job-days = 0; };\n",
     {"2: `reserve` must be a size such as \"512kB\", \"100MB\" or \"2GiB\"",
      "2: `message-size` must be from 64000 to 2147483648 octets, not 3221225472",
      "3: `lock-wait` must be a time such as \"90s\", \"5m\", \"2h\" or \"3d\"",
      "3: `journal-days` must not be negative", "3: `job-days` must be from 1 to 36500, not 0"}},
    {NEEDED "sites = { a = { class = \"third\"; mixed = \"\\x1b[2J\"; relay = 1; }; };\n",
     {"2: `class` must be \"old\", \"new\" or \"domain\", not \"third\"",
      "2: `mixed` must be \"domain-first\" or \"bang-first\", not \"\\x1b[2J\"",
      "2: `relay` must be true or false, without quotes"}},
    /* links */
    {NEEDED "links = {\n a = { up-when = \"tcp:\"; };\n b = { up-when = \"tcp:h.example\"; };\n"
            " c = { up-when = \"tcp:h.example:0\"; };\n d = { probe-every = \"1m\"; };\n};\n",
     {"3: `up-when` must name a host: \"NAME\", \"192.0.2.1\" or \"[2001:db8::1]\", not \"\"",
      "4: `up-when` must say the port too: \"tcp:HOST:PORT\"",
      "5: `up-when` must have a port from 1 to 65535 after the colon, not \"h.example:0\"",
      "6: `probe-every` has no effect without up-when = \"tcp:HOST:PORT\""}},
    /* routes */
    {NEEDED "routes = (\n{ },\n{ to = \"a b\"; next-hop = \"post\"; },\n"
            "{ to = \"*\"; next-hop = \"smtp:[::1\"; },\n{ to = \".x.example\"; next-hop = "
            "\"reject: \"; },\n{ to = \"y.example\"; next-hop = \"mx\"; links = [ ]; }\n);\n",
     {"3: `to` is missing: whose mail goes this way; \"*\" is everybody's",
      "3: `next-hop` is missing: where it goes: \"smtp:HOST\", \"mx\", \"maildir:PATH\", "
      "\"uucp\" or \"reject:WORDS\"",
      "4: `to` must be \"*\", \"host.example\", \".example\", \"user@host.example\", \"site:*\" or "
      "\"site:NAME\", not \"a b\"",
      "4: `next-hop` must be \"smtp:HOST[:PORT]\", \"mx\", \"maildir:PATH\", \"uucp\" or "
      "\"reject:WORDS\", not \"post\"",
      "5: `next-hop` must name a host: \"NAME\", \"192.0.2.1\" or \"[2001:db8::1]\", not "
      "\"[::1\"",
      "6: `next-hop` must say why: \"reject:WORDS FOR THE SENDER\"",
      "7: `links` must name at least one"}},
    {NEEDED
     "routes = (\n{ to = \"*\"; next-hop = \"mx\"; auth = \"/etc/s\"; fallback = "
     "\"smtp:b.example\"; },\n{ to = \"x.example\"; next-hop = \"reject:no\"; links = \"a\"; "
     "},\n{ to = \"y.example\"; next-hop = \"smtp:h.example:465\"; tls = \"off\"; ca-file = "
     "\"/x\"; auth-in-clear = true; } );\nlinks = { a = { }; };\n",
     {"3: `fallback` has no effect with this next-hop",
      "3: `auth` has no effect with this next-hop", "4: `links` has no effect with this next-hop",
      "5: `ca-file` has no effect with tls = \"off\"",
      "5: tls = \"off\" cannot be with TLS from the start (`tls-implicit`, or port 465)",
      "5: `auth-in-clear` has no effect without `auth`"}},
    {NEEDED "routes = ( { to = \"*\"; next-hop = \"smtp:a.example\";\nfallback = [ "
            "\"smtp:b.example\", \"smtp:c.example\", \"smtp:d.example\", \"smtp:e.example\" ]; },\n"
            "{ to = \"b.example\"; next-hop = \"smtp:b.example\"; fallback = \"c.example\"; } );\n",
     {"3: `fallback` names too many",
      "4: `fallback` must be \"smtp:HOST[:PORT]\", not \"c.example\""}},
    {NEEDED "routes = ( { to = \"*\"; next-hop = \"smtp:a.example\"; auth = \"/s\";\n"
            "auth-mechanisms = \"scram-sha-1  CRAM-MD\"; } );\n",
     {"3: `auth-mechanisms` may have SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5, PLAIN and LOGIN, with "
      "blanks between, not \"scram-sha-1  CRAM-MD\""}},
    /* what the settings say of one another */
    {NEEDED "routes = ( { to = \"*\"; next-hop = \"mx\"; links = [ \"vsat\", \"lan\" ]; },\n"
            "{ to = \"site:pdp\"; next-hop = \"uucp\"; } );\nlinks = { lan = { }; };\n",
     {"2: this route names the link \"vsat\", which `links` does not have",
      "3: this route names the site \"pdp\", which `sites` does not have"}},
    {NEEDED "uucp-name = \"gw\";\nsites = (\n{ name = \"a\"; aliases = \"gw\"; },\n"
            "{ name = \"b\"; domain = \"B.example\"; },\n{ name = \"a\"; domain = \"b.EXAMPLE\"; } "
            ");\nlinks = ( { name = \"l\"; },\n{ name = \"l\"; } );\nroutes = ( { to = \"*\"; "
            "next-hop = \"mx\"; },\n{ to = \"*\"; next-hop = \"uucp\"; } );\n",
     {"4: the UUCP name \"gw\" is taken already, by line 2 of @",
      "6: the UUCP name \"a\" is taken already, by line 4 of @",
      "6: the domain \"b.EXAMPLE\" is taken already, by line 5 of @",
      "8: the name \"l\" is taken already, by line 7 of @",
      "10: mail to \"*\" is taken already, by line 9 of @"}},
    {NEEDED "sites = ( { domain = \"x.example\"; } );\nlinks = { a = { name = \"b\"; }; };\n",
     {"2: this group needs a name: name = \"...\"",
      "3: `a` has its name already: remove the `name` in it"}},
    {"hostname=\"gw.example.com\";\npostmaster=\"o@GW.example.com\";\n"
     "domains=\"gw.example.com\";\n",
     {"2: mail for the postmaster is delivered here, but `local` does not say where: local = "
      "\"maildir:PATH\""}},
    {NEEDED "retry = { backoff-min = \"5h\";\nlifetime = \"61d\"; };\nspool = { limit = \"1MB\"; "
            "message-size = \"2MB\"; };\n",
     {"2: `backoff-min` is longer than `backoff-max`",
      "3: `lifetime` is longer than `lifetime-absolute`",
      "4: the spool's `limit` is less than `message-size`: such a message would be put off for "
      "ever"}},
    /* a value that is wrong is one fault, not two */
    {NEEDED "retry = { backoff-max = \"soon\"; };\n",
     {"2: `backoff-max` must be a time such as \"90s\", \"5m\", \"2h\" or \"3d\""}},
    /* what libconfig finds ends the reading */
    {NEEDED "links = {\n", {"3: syntax error: look here, and for a missing ; or \" before"}},
    {NEEDED "log = \"stderr\";\nlog = \"syslog\";\n",
     {"3: the setting that ends here is there twice; remove one"}},
    {NEEDED "sites = { vax = { };\nvax = { }; };\n",
     {"3: the setting that ends here is there twice; remove one"}},
    {NEEDED "@include \"none.conf\"\n",
     {"2: the included file cannot be opened; names are relative to @@"}},
};

/* The line as expected, with @ for the file's path and @@ for its directory. */
static void
expect(struct buf *out, const char *path, const char *fault)
{
	const char *words = strchr(fault, ' ') + 1, *at;
	int line = atoi(fault);

	buf_str(out, path);
	if (line > 0)
		buf_fmt(out, ":%d", line);
	buf_str(out, ": ");
	if ((at = strchr(words, '@')) != NULL && strchr(words, '"') != words && at[1] == '@') {
		buf_add(out, words, (size_t)(at - words));
		buf_str(out, directory);
	} else if (at != NULL && at[1] == '\0') {
		buf_add(out, words, (size_t)(at - words));
		buf_str(out, path);
	} else {
		buf_str(out, words);
	}
}

static void
bad_files_tell_all(void **state)
{
	struct buf said = {0}, wanted = {0};
	struct config_faults faults;
	struct config *c;
	const char *path;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		path = file_write("a.conf", bad[i].text);
		buf_clear(&said);
		buf_clear(&wanted);
		assert_int_equal(config_load(path, &c, &faults), -1);
		assert_null(c);
		for (j = 0; j < faults.n; j++) {
			config_fault_text(&faults.v[j], &said);
			buf_ch(&said, '\n');
		}
		for (j = 0; j < 8 && bad[i].faults[j] != NULL; j++) {
			expect(&wanted, path, bad[i].faults[j]);
			buf_ch(&wanted, '\n');
		}
		assert_string_equal(buf_text(&said), buf_text(&wanted));
		config_faults_free(&faults);
	}
	buf_free(&said);
	buf_free(&wanted);
}

/* ---- files that are right ---- */

static struct config *
good(const char *path)
{
	struct config_faults faults;
	struct buf words = {0};
	struct config *c;

	if (config_load(path, &c, &faults) < 0) {
		config_fault_text(&faults.v[0], &words);
		fail_msg("%s", buf_text(&words));
	}
	config_faults_free(&faults);
	return c;
}

static void
defaults_are_right(void **state)
{
	struct config *c = good(file_write("a.conf", NEEDED));

	(void)state;
	assert_int_equal(c->uucp_names.n, 1);
	assert_string_equal(c->uucp_names.v[0], "gw");
	assert_string_equal(c->local, "");
	assert_string_equal(c->uucp_user, "uucp");
	assert_string_equal(c->spool.directory, BANGWAY_STATE_DIR);
	assert_string_equal(c->control_socket, BANGWAY_STATE_DIR "/control");
	assert_int_equal(c->spool.message_bytes, 100000000);
	assert_int_equal(c->spool.limit_bytes, 0);
	assert_int_equal(c->retry.lifetime_s, 5 * 86400);
	assert_int_equal(c->retry.backoff_max_s, 4 * 3600);
	assert_int_equal(c->limit.hops, 100);
	assert_int_equal(c->limit.passages, 3);
	assert_int_equal(c->nrelay_clients, 0);
	assert_false(c->log_syslog);
	assert_int_equal(c->files.n, 1);
	config_free(c);
	c = good(file_write("a.conf", NEEDED "spool = { limit = \"2MB\"; };\n"));
	assert_int_equal(c->spool.message_bytes, 2000000); /* what can never fit is too large */
	config_free(c);
}

static void
domains_say_what_is_theirs(void **state)
{
	struct config *c = good(file_write(
	    "a.conf", NEEDED
	    "domains = ( \"a.example\",\n{ name = \"b.example\"; users = [ \"x\", \"*\" ];\n"
	    "aliases = [ \"/x\", \"/y\" ]; catch-all = \"none\"; local = \"maildir:/b/%u\";\n"
	    "postmaster = \"p@b.example\"; }, { name = \"c.example\"; users = []; } );\n"));

	(void)state;
	assert_int_equal(c->domains.n, 3);
	assert_string_equal(c->domains.v[0], "a.example");
	assert_string_equal(c->domains.v[1], "b.example");
	assert_null(c->own[0].users.v); /* not said */
	assert_string_equal(c->own[0].catch_all, "");
	assert_int_equal(c->own[0].place.line, 2);
	assert_int_equal(c->own[1].place.line, 3);
	assert_string_equal(c->own[1].users.v[1], "*");
	assert_string_equal(c->own[1].aliases.v[1], "/y");
	assert_string_equal(c->own[1].catch_all, "none");
	assert_string_equal(c->own[1].local, "maildir:/b/%u");
	assert_string_equal(c->own[1].postmaster, "p@b.example");
	assert_non_null(c->own[2].users.v); /* said: nobody */
	assert_int_equal(c->own[2].users.n, 0);
	config_free(c);
	c = good(file_write("a.conf", NEEDED "domains = \"a.example\";\n"));
	assert_int_equal(c->domains.n, 1);
	assert_string_equal(c->own[0].name, "a.example");
	config_free(c);
}

static void
samples_are_enough(void **state)
{
	struct config *c = good("contrib/bangway.conf");

	(void)state;
	assert_string_equal(c->hostname, "argo.fleet.example");
	assert_int_equal(c->nlinks, 2);
	assert_string_equal(c->links[0].name, "port-wifi");
	assert_int_equal(c->links[0].evidence, LINK_TCP);
	assert_string_equal(c->links[0].probe_host, "smtp.shore.example");
	assert_int_equal(c->links[0].probe_port, 465);
	assert_int_equal(c->links[1].evidence, LINK_MANUAL);
	assert_int_equal(c->nroutes, 1);
	assert_int_equal(c->routes[0].hop, HOP_SMTP);
	assert_int_equal(c->routes[0].tls, TLS_VERIFY);
	assert_true(c->routes[0].tls_implicit);
	assert_int_equal(c->routes[0].links.n, 2);
	assert_true(c->routes[0].place.line > 10);
	config_free(c);
	c = good("contrib/retro.conf");
	assert_int_equal(c->nsites, 1);
	assert_string_equal(c->sites[0].name, "vax43");
	assert_string_equal(c->sites[0].domain, "vax43.example.com");
	assert_true(c->sites[0].relay);
	assert_int_equal(c->links[0].probe_every_s, 120);
	assert_int_equal(c->routes[0].hop, HOP_UUCP);
	assert_int_equal(c->routes[1].hop, HOP_MX);
	config_free(c);
}

/* The lines of a document between two others. */
static void
excerpt(const char *path, const char *from, const char *to, struct buf *out)
{
	FILE *f = fopen(path, "r");
	bool inside = false;
	char line[300];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (inside && strncmp(line, to, strlen(to)) == 0)
			break;
		if (inside)
			buf_str(out, line);
		else if (strncmp(line, from, strlen(from)) == 0)
			inside = true;
	}
	fclose(f);
	assert_true(out->n > 200);
}

static void
documents_show_what_works(void **state)
{
	static const struct {
		const char *path, *from, *to;
		size_t routes;
	} rows[] = {
	    {"README", "Write /etc/bangway/bangway.conf", "A host that is not", 1},
	    {"bridge/base/bangway.conf.5", "The whole of a small ship", ".Ed", 1},
	    {"bridge/base/bangway.conf.5", "A VAX in a simulator", ".Ed", 2},
	};
	struct buf text = {0};
	struct config *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&text);
		excerpt(rows[i].path, rows[i].from, rows[i].to, &text);
		if (strncmp(text.p, ".Bd", 3) == 0)
			buf_drop(&text, strcspn(text.p, "\n"));
		c = good(file_write("a.conf", buf_text(&text)));
		assert_int_equal(c->nroutes, rows[i].routes);
		assert_int_equal(c->nsites, 1); /* without it no neighbour may send through us */
		config_free(c);
	}
	buf_free(&text);
}

static void
values_arrive(void **state)
{
	struct config *c = good(file_write(
	    "a.conf", NEEDED
	    "uucp-name = [ \"gw\", \"gateway\" ];\nresolvers = [ \"192.0.2.53\", \"::1@5353\" ];\n"
	    "relay-clients = [ \"127.0.0.1\", \"2001:db8::/32\" ];\n"
	    "sites = ( { name = \"3b2\"; aliases = [ \"att3b2\" ]; class = \"domain\"; mixed = "
	    "\"bang-first\"; relay = false; } );\n"
	    "routes = ( { fallback = [ \"smtp:[2001:db8::2]:587\", \"smtp:192.0.2.3\" ];\n"
	    "  to = \"u@x.example\"; next-hop = \"smtp:a.example\"; tls = \"off\"; auth = \"/s\"; "
	    "auth-in-clear = true; auth-mechanisms = \"PLAIN login\"; connections = 5; },\n"
	    "{ to = \"y.example\"; next-hop = \"maildir:/m/%d/%u\"; },\n"
	    "{ to = \".y.example\"; next-hop = \"reject: gone away \"; } );\n"
	    "spool = { limit = \"2GiB\"; lock-wait = 5; };\nretry = { warn-after = 0; "
	    "backoff-min = \"1m30s\"; };\nlog = \"syslog\";\ncontrol-socket = \"/run/b\";\n"));
	const struct config_route *r = c->routes;

	(void)state;
	assert_string_equal(c->uucp_names.v[1], "gateway");
	assert_string_equal(c->resolvers.v[1], "::1@5353");
	assert_int_equal(c->nrelay_clients, 2);
	assert_int_equal(c->relay_clients[0].bits, 128);
	assert_int_equal(c->relay_clients[1].octets[3], 0xb8);
	assert_string_equal(c->sites[0].name, "3b2");
	assert_string_equal(c->sites[0].aliases.v[0], "att3b2");
	assert_int_equal(c->sites[0].class, SITE_DOMAIN);
	assert_int_equal(c->sites[0].mixed, MIXED_BANG_FIRST);
	assert_false(c->sites[0].relay);
	assert_int_equal(r->nhosts, 3); /* the next hop first, whatever the file's order */
	assert_string_equal(r->hosts[0].host, "a.example");
	assert_int_equal(r->hosts[0].port, 25);
	assert_string_equal(r->hosts[1].host, "2001:db8::2");
	assert_int_equal(r->hosts[1].port, 587);
	assert_string_equal(r->hosts[2].host, "192.0.2.3");
	assert_int_equal(r->tls, TLS_OFF);
	assert_true(r->auth_plain_in_clear);
	assert_string_equal(r->auth_mechanisms, "PLAIN login");
	assert_string_equal(r->auth_file, "/s");
	assert_int_equal(r->connections, 5);
	assert_int_equal(r[1].hop, HOP_MAILDIR);
	assert_string_equal(r[1].path, "/m/%d/%u");
	assert_string_equal(r[2].words, "gone away");
	assert_int_equal(c->spool.limit_bytes, 2147483648);
	assert_int_equal(c->spool.lock_wait_s, 5);
	assert_int_equal(c->retry.warn_after_s, 0);
	assert_int_equal(c->retry.backoff_min_s, 90);
	assert_true(c->log_syslog);
	assert_string_equal(c->control_socket, "/run/b");
	config_free(c);
}

static void
included_files_keep_their_lines(void **state)
{
	struct config_faults faults;
	struct config *c;
	char part[200];

	(void)state;
	strcpy(part, file_write("part.conf", "sites = {\n vax = { }; };\nlog = \"syslog\";\n"));
	c = good(file_write("a.conf", "\n@include \"part.conf\"\n" NEEDED));
	assert_int_equal(c->files.n, 2);
	assert_string_equal(c->files.v[1], part);
	assert_string_equal(c->sites[0].place.file, part);
	assert_int_equal(c->sites[0].place.line, 2);
	assert_string_equal(config_place(c, "sites").file, part);
	assert_int_equal(config_place(c, "sites").line, 1);
	assert_int_equal(config_place(c, "postmaster").line, 3);
	assert_int_equal(config_place(c, "domains").line, 0);
	assert_true(c->log_syslog);
	config_free(c);

	file_write("part.conf", "\n\nlgo = 1;\n");
	assert_int_equal(
	    config_load(file_write("a.conf", "@include \"part.conf\"\n" NEEDED), &c, &faults), -1);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.v[0].place.file, part);
	assert_int_equal(faults.v[0].place.line, 3);
	config_faults_free(&faults);
}

static void
unreadable_files_are_refused(void **state)
{
	struct config_faults faults;
	struct config *c;
	const char *path;

	(void)state;
	assert_int_equal(config_load("/nonexistent/bangway.conf", &c, &faults), -1);
	assert_string_equal(faults.v[0].words, "cannot be read: No such file or directory");
	config_faults_free(&faults);
	assert_int_equal(config_load("/tmp", &c, &faults), -1);
	assert_string_equal(faults.v[0].words, "is not a file");
	config_faults_free(&faults);
	path = file_write("a.conf", NEEDED);
	chmod(path, 0666);
	assert_int_equal(config_load(path, &c, &faults), -1);
	assert_string_equal(faults.v[0].words, "may be written by everybody: chmod o-w it");
	config_faults_free(&faults);
}

/* A file of a thousand mistakes is answered with the first hundred. */
static void
faults_are_bounded(void **state)
{
	struct config_faults faults;
	struct buf text = {0};
	struct config *c;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_fmt(&text, "x%d = 1;\n", i);
	assert_int_equal(config_load(file_write("a.conf", buf_text(&text)), &c, &faults), -1);
	assert_int_equal(faults.n, 100);
	config_faults_free(&faults);
	buf_free(&text);
}

static void
secrets_are_looked_at(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *words; /* "" : none */
	} rows[] = {
	    {"user:pass word\n", 0600, ""},
	    {"user:pass:word", 0400, ""},
	    {"user:pass\n", 0640, "must be a file that its owner alone may read: chmod 600 it"},
	    {"user\n", 0600, "must hold one line: user:password"},
	    {":pass\n", 0600, "must hold one line: user:password"},
	    {"a:b\nc:d\n", 0600, "must hold one line: user:password"},
	};
	struct config_faults faults;
	struct buf text = {0};
	char secret[200], ca[200];
	struct config *c;
	size_t i;

	(void)state;
	strcpy(ca, file_write("ca.pem", "x"));
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		strcpy(secret, file_write("secret", rows[i].text));
		chmod(secret, rows[i].mode);
		buf_clear(&text);
		buf_fmt(&text,
		        NEEDED
		        "spool = { directory = \"%s\"; };\nroutes = ( { to = \"*\"; next-hop = "
		        "\"smtp:h.example\"; auth = \"%s\"; ca-file = \"%s\"; } );\n",
		        directory, secret, ca);
		c = good(file_write("a.conf", buf_text(&text)));
		assert_int_equal(config_check_files(c, &faults), rows[i].words[0] != '\0' ? -1 : 0);
		if (rows[i].words[0] != '\0') {
			assert_int_equal(faults.n, 1);
			assert_int_equal(faults.v[0].place.line, 3);
			assert_non_null(strstr(faults.v[0].words, rows[i].words));
		}
		config_faults_free(&faults);
		config_free(c);
	}
	buf_free(&text);
}

static void
the_key_is_looked_at(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *words; /* "" : none */
	} rows[] = {
	    {"0123456789abcdef0123456789abcdef", 0600, ""},
	    {"0123456789abcdef0123456789abcdef\n", 0600, ""},
	    {"0123456789abcdef0123456789abcde", 0600, "must hold 32 to 4095 octets"},
	    /* of octets at random the last may look like a line's end */
	    {"0123456789abcdef0123456789abcde\r\n", 0600, ""},
	    {"0123456789abcdef0123456789abcde\n", 0600, ""},
	    {"0123456789abcdef0123456789abc\r\n", 0600, "must hold 32 to 4095 octets"},
	    {"0123456789abcdef0123456789abcdef", 0644, "chmod 600 it"},
	};
	struct config_faults faults;
	struct buf text = {0};
	char secret[200];
	struct config *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		strcpy(secret, file_write("secret", rows[i].text));
		chmod(secret, rows[i].mode);
		buf_clear(&text);
		buf_fmt(&text, NEEDED "secret = \"%s\"; spool = { directory = \"%s\"; };\n", secret,
		        directory);
		c = good(file_write("a.conf", buf_text(&text)));
		assert_int_equal(config_check_files(c, &faults), rows[i].words[0] != '\0' ? -1 : 0);
		assert_int_equal(faults.n, rows[i].words[0] != '\0');
		if (faults.n > 0)
			assert_non_null(strstr(faults.v[0].words, rows[i].words));
		config_faults_free(&faults);
		config_free(c);
	}
	buf_free(&text);
}

static void
the_place_is_found(void **state)
{
	(void)state;
	unsetenv("BANGWAY_CONFIG");
	assert_string_equal(config_path(NULL), BANGWAY_CONFIG_PATH);
	setenv("BANGWAY_CONFIG", "/x/y", 1);
	assert_string_equal(config_path(NULL), "/x/y");
	assert_string_equal(config_path("/a"), "/a");
	setenv("BANGWAY_CONFIG", "", 1);
	assert_string_equal(config_path(NULL), BANGWAY_CONFIG_PATH);
}

/* rmail reads it for every letter. */
static void
reading_is_quick(void **state)
{
	int64_t start = clock_mono_ms();
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		config_free(good("contrib/retro.conf"));
	print_message("# %lld us a reading\n", (long long)(clock_mono_ms() - start));
	assert_true(clock_mono_ms() - start < 1000); /* 1 ms each, even under a sanitizer */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_files_tell_all),
	    cmocka_unit_test(defaults_are_right),
	    cmocka_unit_test(samples_are_enough),
	    cmocka_unit_test(documents_show_what_works),
	    cmocka_unit_test(domains_say_what_is_theirs),
	    cmocka_unit_test(values_arrive),
	    cmocka_unit_test(included_files_keep_their_lines),
	    cmocka_unit_test(unreadable_files_are_refused),
	    cmocka_unit_test(faults_are_bounded),
	    cmocka_unit_test(secrets_are_looked_at),
	    cmocka_unit_test(the_key_is_looked_at),
	    cmocka_unit_test(the_place_is_found),
	    cmocka_unit_test(reading_is_quick),
	};

	return cmocka_run_group_tests_name("config", tests, make_directory, remove_directory);
}
