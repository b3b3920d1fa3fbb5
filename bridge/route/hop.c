/*
 * A rule made into a next hop, or into a refusal that says which line of the
 * configuration is missing.
 */
#include "bridge/route/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
route_refuse(struct route_answer *a, int code, const char *status, const char *fmt, ...)
{
	char words[VERDICT_WORDS];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	a->hop = HOP_REJECT;
	verdict_set(&a->verdict, OUTCOME_NEVER, SCOPE_DELIVERY, code, status, "%s", words);
	route_step(a->steps, a->rule != NULL ? a->rule->place : ROUTE_BUILT_IN, "refused: %s %s",
	           status, words);
}

static const char *
config_file(const struct route_table *t)
{
	return t->config->files.n > 0 ? t->config->files.v[0] : "the configuration";
}

/* A rule `reject:WORDS`; the words may start with the status that is meant. */
static void
answer_reject(struct route_answer *a, const char *words)
{
	char status[12] = "5.7.1";
	unsigned subject, detail;
	int n = 0;

	if (sscanf(words, "5.%3u.%3u %n", &subject, &detail, &n) == 2 && n > 0) {
		snprintf(status, sizeof status, "5.%u.%u", subject % 1000, detail % 1000);
		words += n;
	}
	route_refuse(a, 550, status, "%s", words[0] != '\0' ? words : "not accepted here");
}

/* How much of a host's name fits into words for a person. */
static int
shown(struct span host)
{
	return host.n > 200 ? 200 : (int)host.n;
}

static void
answer_no_rule(const struct route_table *t, enum resolved_kind kind, struct span host,
               struct route_answer *a)
{
	int n = shown(host);

	if (kind == RESOLVED_DOMAIN)
		route_refuse(
		    a, 550, "5.4.4",
		    "no route to %.*s: %s needs a rule such as { to = \"*\"; next-hop = \"mx\"; }",
		    n, host.p, config_file(t));
	else
		route_refuse(a, 550, "5.4.4",
		             "no route to the site %.*s: %s needs a rule such as"
		             " { to = \"site:%.*s\"; next-hop = \"smtp:HOST\"; }",
		             n, host.p, config_file(t), n, host.p);
}

/* A site without a domain has a name in SMTP only where a rule speaks of sites. */
static bool
smtp_has_name(const struct route_table *t, struct span host, struct route_answer *a)
{
	int n = shown(host);

	if (a->site != NULL && a->site->domain[0] != '\0')
		return true;
	if (a->hop == HOP_SMTP && strcmp(a->rule->to, "*") != 0)
		return true;
	if (a->site != NULL)
		route_refuse(
		    a, 550, "5.1.2",
		    "the site %s has no domain to be sent to by SMTP: give it one in %s, sites "
		    "= { %s"
		    " = { domain = \"...\"; }; }",
		    a->site->name, config_file(t), a->site->name);
	else
		route_refuse(
		    a, 550, "5.1.2",
		    "%.*s is no domain and no site known here: %s needs sites = { %.*s = { domain ="
		    " \"...\"; }; }",
		    n, host.p, config_file(t), n, host.p);
	return false;
}

static void
answer_uucp(struct route_answer *a, struct span host)
{
	int n = shown(host);

	if (a->site == NULL) {
		route_refuse(
		    a, 550, "5.1.2",
		    "%.*s is none of the neighbours of this host: a neighbour needs an entry in"
		    " sites = { ... }",
		    n, host.p);
		return;
	}
	verdict_set(&a->verdict, OUTCOME_LATER, SCOPE_HOST, 0, "4.4.4",
	            "this version sends nothing by UUCP yet; it stays queued");
	route_step(a->steps, a->rule->place, "next hop uucp, the neighbour %s: %s", a->site->name,
	           a->verdict.words);
}

static void
answer_smtp(const struct route_table *t, enum resolved_kind kind, struct span host,
            struct route_answer *a)
{
	const struct config_host *h = a->rule->hosts;

	if (kind == RESOLVED_SITE && !smtp_has_name(t, host, a))
		return;
	if (a->hop == HOP_MX) {
		buf_span(&a->domain, kind == RESOLVED_SITE ? span_of(a->site->domain) : host);
		route_step(a->steps, a->rule->place, "next hop mx: by the MX records of %s",
		           buf_text(&a->domain));
		return;
	}
	route_step(a->steps, a->rule->place, "next hop smtp, host %s port %u%s", h->host,
	           (unsigned)h->port, a->rule->nhosts > 1 ? ", with others to fall back on" : "");
}

static void
answer_maildir(const struct route_table *t, struct route_answer *a, struct span host)
{
	buf_span(&a->domain, host);
	route_step(a->steps, a->rule != NULL ? a->rule->place : own_find(t, host)->local.place,
	           "next hop maildir");
}

/* Our own domain, when no rule speaks of it: `local`. */
static void
answer_local(const struct route_table *t, struct span host, struct route_answer *a)
{
	if (span_starts_nocase(span_of(own_find(t, host)->local.text), "maildir:")) {
		a->hop = HOP_MAILDIR;
		answer_maildir(t, a, host);
		return;
	}
	route_refuse(
	    a, 550, "5.3.5",
	    "%.*s is ours, but no mail is kept here: %s needs local = \"maildir:/var/mail/%%u\";",
	    shown(host), host.p, config_file(t));
}

/* What all deliveries with this first hop share. */
void
route_hop(const struct route_table *t, enum resolved_kind kind, struct span host,
          const struct config_site *site, const struct config_route *rule, struct route_answer *a)
{
	a->rule = rule;
	a->site = site;
	verdict_set(&a->verdict, OUTCOME_SENT, SCOPE_DELIVERY, 0, "", "%s", "");
	if (rule == NULL && kind == RESOLVED_LOCAL) {
		answer_local(t, host, a);
		return;
	}
	if (rule == NULL) {
		answer_no_rule(t, kind, host, a);
		return;
	}
	route_step(a->steps, rule->place, "rule to = \"%s\"", rule->to);
	a->hop = rule->hop;
	switch (rule->hop) {
	case HOP_SMTP:
	case HOP_MX:
		answer_smtp(t, kind, host, a);
		break;
	case HOP_MAILDIR:
		answer_maildir(t, a, host);
		break;
	case HOP_UUCP:
		answer_uucp(a, host);
		break;
	case HOP_REJECT:
		answer_reject(a, rule->words);
		break;
	}
}

static void
hosts_name(const struct config_route *rule, struct buf *out)
{
	size_t i;

	for (i = 0; rule != NULL && i < rule->nhosts; i++)
		buf_fmt(out, "%s%s:%u", i > 0 ? "," : "", rule->hosts[i].host,
		        (unsigned)rule->hosts[i].port);
}

void
route_hop_name(const struct route_answer *a, struct span destination, struct buf *out)
{
	switch (a->hop) {
	case HOP_SMTP:
		buf_str(out, "smtp:");
		hosts_name(a->rule, out);
		break;
	case HOP_MX:
		buf_fmt(out, "mx:%s", buf_text(&a->domain));
		break;
	case HOP_MAILDIR:
		buf_str(out, "maildir");
		break;
	case HOP_UUCP:
		buf_str(out, "uucp:");
		buf_span(out, a->site != NULL ? span_of(a->site->name) : destination);
		break;
	case HOP_REJECT:
		buf_str(out, "reject");
		break;
	}
}
