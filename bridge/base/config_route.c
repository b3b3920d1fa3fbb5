/*
 * What is known of a route: whose mail, by which next hop, over which links.
 *
 *	routes = ( { to = "*"; next-hop = "smtp:smtp.shore.example:465";
 *	             tls = "verify"; links = [ "vsat" ]; } );
 *
 * A setting that its next hop cannot use is a fault, not a decoration.
 */
#include "bridge/base/config_int.h"

#define AT(member)     offsetof(struct config_route, member)
#define HOSTS_MOST     (sizeof((struct config_route *)0)->hosts / sizeof(struct config_host))
#define SUBMISSION_TLS 465 /* RFC 8314 section 7.3: TLS from the first octet */

static const struct config_choice tls_modes[] = {
    {"off", TLS_OFF},
    {"opportunistic", TLS_OPPORTUNISTIC},
    {"verify", TLS_VERIFY},
    {0},
};

static bool
host_add(struct config_reader *r, struct config_route *route, const char *text, struct buf *why)
{
	struct config_host *h = &route->hosts[route->nhosts];

	if (route->nhosts == HOSTS_MOST) {
		buf_fmt(why, "names too many hosts: at most %u, the first included",
		        (unsigned)HOSTS_MOST);
		return false;
	}
	h->port = 25;
	if (!config_word_host(r, text, &h->host, &h->port, why))
		return false;
	route->nhosts++;
	return true;
}

static bool
parse_smtp(struct config_reader *r, struct config_route *route, const char *rest, struct buf *why)
{
	route->hop = HOP_SMTP;
	return host_add(r, route, rest, why);
}

static bool
parse_mx(struct config_reader *r, struct config_route *route, const char *rest, struct buf *why)
{
	(void)r;
	(void)rest;
	(void)why;
	route->hop = HOP_MX;
	return true;
}

static bool
parse_maildir(struct config_reader *r, struct config_route *route, const char *rest,
              struct buf *why)
{
	route->hop = HOP_MAILDIR;
	route->path = arena_text(r->arena, span_of(rest));
	return config_word_maildir(rest, why);
}

static bool
parse_uucp(struct config_reader *r, struct config_route *route, const char *rest, struct buf *why)
{
	(void)r;
	(void)rest;
	(void)why;
	route->hop = HOP_UUCP;
	return true;
}

static bool
parse_reject(struct config_reader *r, struct config_route *route, const char *rest, struct buf *why)
{
	route->hop = HOP_REJECT;
	route->words = arena_text(r->arena, span_trim(span_of(rest)));
	if (route->words[0] == '\0')
		buf_str(why, "must say why: \"reject:WORDS FOR THE SENDER\"");
	return why->n == 0;
}

static const struct {
	const char *prefix;
	bool (*parse)(struct config_reader *r, struct config_route *route, const char *rest,
	              struct buf *why);
	bool whole; /* nothing may follow */
} hops[] = {
    {"smtp:", parse_smtp, false},     {"maildir:", parse_maildir, false},
    {"reject:", parse_reject, false}, {"mx", parse_mx, true},
    {"uucp", parse_uucp, true},
};

static bool
parse_next_hop(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	size_t i, n;

	for (i = 0; i < sizeof hops / sizeof hops[0]; i++) {
		n = strlen(hops[i].prefix);
		if (strncmp(text, hops[i].prefix, n) == 0 && (!hops[i].whole || text[n] == '\0'))
			return hops[i].parse(r, into, text + n, why);
	}
	buf_str(why, "must be \"smtp:HOST[:PORT]\", \"mx\", \"maildir:PATH\", \"uucp\" or "
	             "\"reject:WORDS\", not \"");
	config_show(why, text);
	buf_str(why, "\"");
	return false;
}

/* Comes after next-hop, whatever the file's order, as the table below has it. */
static bool
parse_fallback(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	if (strncmp(text, "smtp:", 5) == 0)
		return host_add(r, into, text + 5, why);
	buf_str(why, "must be \"smtp:HOST[:PORT]\", not \"");
	config_show(why, text);
	buf_str(why, "\"");
	return false;
}

/* "*", "host.example", ".example", "user@host", "site:*", "site:NAME" */
static bool
parse_to(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	struct buf unsaid = {0};
	bool good;

	if (strcmp(text, "*") == 0 || strcmp(text, "site:*") == 0)
		return true;
	if (strncmp(text, "site:", 5) == 0)
		return config_word_site(r, into, text + 5, why);
	good = strchr(text, '@') != NULL
	           ? config_word_address(r, into, text, &unsaid)
	           : config_word_domain(r, into, text[0] == '.' ? text + 1 : text, &unsaid);
	buf_free(&unsaid);
	if (!good) {
		buf_str(why,
		        "must be \"*\", \"host.example\", \".example\", \"user@host.example\", "
		        "\"site:*\" or \"site:NAME\", not \"");
		config_show(why, text);
		buf_str(why, "\"");
	}
	return good;
}

/* Those that bridge/smtp/auth.c knows: a misspelt one would be found at sea, as a refused login. */
static bool
parse_mechanisms(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	static const char *const known[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN",
	                                    "LOGIN"};
	struct span rest = span_of(text), word;
	size_t i, n = sizeof known / sizeof known[0];

	(void)r;
	(void)into;
	while (rest.n > 0) {
		word = span_cut(&rest, ' ');
		for (i = 0; i < n && !span_is_nocase(word, known[i]); i++)
			continue;
		if (word.n == 0 || i < n)
			continue;
		buf_str(why, "may have SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5, PLAIN and LOGIN, "
		             "with blanks between, not \"");
		config_show(why, text);
		buf_str(why, "\"");
		return false;
	}
	return true;
}

const struct config_key config_route_keys[] = {
    ROW_NEEDED("to", to, parse_to, "whose mail goes this way; \"*\" is everybody's"),
    {.name = "next-hop",
     .type = KEY_TEXT,
     .offset = NOWHERE,
     .parse = parse_next_hop,
     .missing = "where it goes: \"smtp:HOST\", \"mx\", \"maildir:PATH\", \"uucp\" or "
                "\"reject:WORDS\""},
    {.name = "fallback",
     .type = KEY_TEXTS,
     .offset = NOWHERE,
     .most = HOSTS_MOST - 1,
     .parse = parse_fallback},
    ROW_TEXTS("links", links, 1, 100, config_word_label),
    ROW_CHOICE("tls", tls, "opportunistic", tls_modes),
    ROW_BOOL("tls-implicit", tls_implicit, NULL),
    ROW_TEXT("ca-file", ca_file, NULL, config_word_path),
    ROW_TEXT("auth", auth_file, NULL, config_word_path),
    ROW_TEXT("auth-mechanisms", auth_mechanisms, NULL, parse_mechanisms),
    ROW_BOOL("auth-in-clear", auth_plain_in_clear, NULL),
    ROW_COUNT("connections", connections, "2", 1, 100),
    ROW_BOOL("srs", srs, NULL),
    {0},
};

#define TO(hop) (1u << HOP_##hop)

/* Which settings speak of which next hops? */
static const struct {
	const char *setting;
	unsigned hops;
} uses[] = {
    {"fallback", TO(SMTP)},
    {"links", TO(SMTP) | TO(MX) | TO(UUCP)},
    {"tls", TO(SMTP) | TO(MX)},
    {"tls-implicit", TO(SMTP)},
    {"ca-file", TO(SMTP) | TO(MX)},
    {"auth", TO(SMTP)},
    {"auth-mechanisms", TO(SMTP)},
    {"auth-in-clear", TO(SMTP)},
    {"connections", TO(SMTP) | TO(MX)},
    {"srs", TO(SMTP) | TO(MX)},
};

static const config_setting_t *
given(const config_setting_t *member, const char *name)
{
	return config_setting_get_member(member, name);
}

static void
check_uses(struct config_reader *r, const struct config_route *route,
           const config_setting_t *member)
{
	const config_setting_t *s;
	size_t i;

	for (i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		s = given(member, uses[i].setting);
		if (s != NULL && (uses[i].hops & (1u << route->hop)) == 0)
			config_fault(r, config_place_of(r, s),
			             "`%s` has no effect with this next-hop", uses[i].setting);
	}
}

static void
check_tls(struct config_reader *r, const struct config_route *route, const config_setting_t *member)
{
	const config_setting_t *auth = given(member, "auth"), *s;

	if (route->tls == TLS_OFF && (s = given(member, "ca-file")) != NULL)
		config_fault(r, config_place_of(r, s),
		             "`ca-file` has no effect with tls = \"off\"");
	if (route->tls == TLS_OFF && route->tls_implicit)
		config_fault(r, route->place,
		             "tls = \"off\" cannot be with TLS from the start "
		             "(`tls-implicit`, or port 465)");
	if (auth == NULL && (s = given(member, "auth-mechanisms")) != NULL)
		config_fault(r, config_place_of(r, s),
		             "`auth-mechanisms` has no effect without `auth`");
	if (auth == NULL && (s = given(member, "auth-in-clear")) != NULL)
		config_fault(r, config_place_of(r, s),
		             "`auth-in-clear` has no effect without `auth`");
}

void
config_route_read(struct config_reader *r, const config_setting_t *member, void *into)
{
	struct config_route *route = into;

	route->place = config_place_of(r, member);
	route->path = route->words = "";
	config_read_group(r, member, config_route_keys, route);
	if (given(member, "next-hop") == NULL)
		return;
	if (given(member, "tls-implicit") == NULL)
		route->tls_implicit = route->nhosts > 0 && route->hosts[0].port == SUBMISSION_TLS;
	if (given(member, "srs") == NULL)
		route->srs = route->hop == HOP_MX;
	check_uses(r, route, member);
	check_tls(r, route, member);
}
