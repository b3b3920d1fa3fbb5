/*
 * Which settings are there? What stands at the top of the file, and in its
 * groups `spool`, `limits` and `retry`; domains, sites, links and routes have
 * files of their own. bangway.conf(5) describes each; a test compares the two.
 */
#include "bridge/base/config_int.h"

#include <stdio.h>

#define AT(member) offsetof(struct config, member)

#define HOUR         3600
#define DAY          (24 * HOUR)
#define MEGABYTE     1000000ULL
#define ANY_SIZE     (UINT64_MAX / 2)
#define MESSAGE_MOST (2ULL << 30) /* what the spool can hold */
#define RELAY_MOST   1000

static bool
parse_log(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	struct config *c = into;

	(void)r;
	c->log_syslog = strcmp(text, "syslog") == 0;
	if (!c->log_syslog && strcmp(text, "stderr") != 0)
		buf_str(why, "must be \"stderr\" or \"syslog\"");
	return why->n == 0;
}

/* One more of them: who relays is asked for each recipient, so the text is read once, here. */
static bool
parse_relay_client(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	struct config *c = into;
	struct network one;
	const char *fault;

	if (network_parse(span_of(text), &one, &fault) < 0) {
		buf_fmt(why, "must be %s, not \"", fault);
		config_show(why, text);
		buf_str(why, "\"");
		return false;
	}
	if (c->relay_clients == NULL)
		c->relay_clients = arena_array(r->arena, RELAY_MOST, sizeof one);
	if (c->relay_clients != NULL)
		c->relay_clients[c->nrelay_clients++] = one;
	return true;
}

static const struct config_key spool_keys[] = {
    ROW_TEXT("directory", spool.directory, BANGWAY_STATE_DIR, config_word_path),
    ROW_SIZE("limit", spool.limit_bytes, "0", 0, ANY_SIZE),
    ROW_SIZE("reserve", spool.reserve_bytes, "64MB", MEGABYTE, ANY_SIZE),
    ROW_SIZE("message-size", spool.message_bytes, "100MB", 64000, MESSAGE_MOST),
    ROW_DURATION("lock-wait", spool.lock_wait_s, "30s", 1, HOUR),
    ROW_COUNT("journal-days", spool.journal_days, "90", 1, 36500),
    ROW_SIZE("journal-size", spool.journal_bytes, "200MB", MEGABYTE, ANY_SIZE),
    ROW_COUNT("quarantine-days", spool.quarantine_days, "90", 1, 36500),
    ROW_SIZE("quarantine-size", spool.quarantine_bytes, "200MB", MEGABYTE, ANY_SIZE),
    ROW_COUNT("job-days", spool.job_days, "30", 1, 36500),
    {0},
};

/* RFC 5321: never under 100 recipients (section 4.5.3.1.8), 100 hops as a rule (6.3). */
static const struct config_key limit_keys[] = {
    ROW_COUNT("recipients", limit.recipients, "10000", 100, 16000),
    ROW_COUNT("hops", limit.hops, "100", 10, 1000),
    ROW_COUNT("passages", limit.passages, "3", 1, 100),
    ROW_SIZE("header", limit.header_bytes, "1MB", 16000, 64 * MEGABYTE),
    ROW_COUNT("batch-ratio", limit.batch_ratio, "200", 2, 1000000),
    ROW_SIZE("batch-size", limit.batch_bytes, "4GB", MEGABYTE, ANY_SIZE),
    ROW_SIZE("decoder-memory", limit.decoder_bytes, "128MB", 16 * MEGABYTE, ANY_SIZE),
    {0},
};

static const struct config_key retry_keys[] = {
    ROW_DURATION("backoff-min", retry.backoff_min_s, "5m", 1, 7 * DAY),
    ROW_DURATION("backoff-max", retry.backoff_max_s, "4h", 1, 7 * DAY),
    ROW_DURATION("lifetime", retry.lifetime_s, "5d", 1, 3650 * DAY),
    ROW_DURATION("lifetime-absolute", retry.lifetime_absolute_s, "60d", 1, 3650 * DAY),
    ROW_DURATION("warn-after", retry.warn_after_s, "24h", 0, 3650 * DAY),
    {0},
};

#define ROW_GROUP(n, inside)                                                                       \
	{                                                                                          \
		.name = n, .type = KEY_GROUP, .keys = inside                                       \
	}
#define ROW_LIST(n, m, number, of)                                                                 \
	{                                                                                          \
		.name = n, .type = KEY_LIST, .offset = AT(m), .count = AT(number),                 \
		.size = sizeof(struct of), .keys = of##_keys, .each = of##_read                    \
	}

/* A list whose members may be names alone. */
#define ROW_NAMED(n, m, number, of)                                                                \
	{                                                                                          \
		.name = n, .type = KEY_LIST, .offset = AT(m), .count = AT(number),                 \
		.size = sizeof(struct of), .keys = of##_keys, .each = of##_read, .texts = true     \
	}

const struct config_key config_top_keys[] = {
    ROW_NEEDED("hostname", hostname, config_word_fqdn,
               "the full domain name by which mail servers know this machine"),
    ROW_TEXTS("uucp-name", uucp_names, 1, 100, config_word_site),
    ROW_NAMED("domains", own, domains.n, config_domain),
    ROW_TEXTS("users", users, 0, 1000000, config_word_user),
    ROW_TEXTS("aliases", aliases, 0, 100, config_word_path),
    ROW_TEXT("catch-all", catch_all, NULL, config_word_catch_all),
    ROW_TEXT("local", local, NULL, config_word_local),
    ROW_NEEDED("postmaster", postmaster, config_word_address,
               "the address of the person who is told of trouble"),
    ROW_CHOICE("reply-form", reply_form, "token", config_reply_forms),
    ROW_COUNT("reply-days", reply_days, "180", 1, 1000),
    ROW_TEXT("secret", secret, NULL, config_word_path),
    ROW_LIST("sites", sites, nsites, config_site),
    ROW_LIST("links", links, nlinks, config_link),
    ROW_LIST("routes", routes, nroutes, config_route),
    {.name = "relay-clients",
     .type = KEY_TEXTS,
     .offset = NOWHERE,
     .most = RELAY_MOST,
     .parse = parse_relay_client},
    ROW_TEXTS("paths", paths, 0, 16, config_word_path),
    ROW_CHOICE("reroute", reroute, "none", config_reroutes),
    ROW_TEXTS("resolvers", resolvers, 0, 16, config_word_resolver),
    ROW_GROUP("spool", spool_keys),
    ROW_GROUP("limits", limit_keys),
    ROW_GROUP("retry", retry_keys),
    ROW_TEXT("uucp-user", uucp_user, "uucp", config_word_label),
    ROW_TEXT("control-socket", control_socket, NULL, config_word_path),
    ROW_PARSED("log", "stderr", parse_log),
    {0},
};

static void
keys_walk(const struct config_key *keys, const char *group, config_key_fn *each, void *arg)
{
	char name[80];

	for (; keys->name != NULL; keys++) {
		snprintf(name, sizeof name, "%s%s%s", group, group[0] != '\0' ? "." : "",
		         keys->name);
		if (keys->keys != NULL)
			keys_walk(keys->keys, name, each, arg);
		else
			each(arg, name, keys->fallback != NULL ? keys->fallback : "");
	}
}

void
config_keys(config_key_fn *each, void *arg)
{
	keys_walk(config_top_keys, "", each, arg);
}
