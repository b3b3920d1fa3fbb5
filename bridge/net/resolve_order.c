/*
 * What the answers say: MX records into hosts by preference, hosts into
 * addresses. Who of them is left when we are among them is resolve_self.c's.
 */
#include "bridge/net/punycode.h"
#include "bridge/net/resolve_int.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void
resolve_name(const char *name, char out[RESOLVE_NAME])
{
	size_t n = strlen(name);

	if (n >= 2 && name[0] == '[' && name[n - 1] == ']') {
		name++;
		n -= 2;
		if (n > 5 && strncasecmp(name, "IPv6:", 5) == 0) {
			name += 5;
			n -= 5;
		}
	}
	if (n > 1 && name[n - 1] == '.')
		n--;
	/* one that DNS cannot have becomes one that is nowhere: an empty label is an error there */
	if (punycode_domain((struct span){name, n}, out, RESOLVE_NAME) < 0)
		strcpy(out, "..");
}

static void
add_found(struct resolve_query *q, unsigned host, const struct sockaddr_storage *addr)
{
	struct resolve_found *f = &q->found[q->nfound];

	if (q->nfound == RESOLVE_ADDRESSES)
		return;
	q->nfound++;
	f->host = host;
	f->addr = *addr;
}

bool
resolve_literal(const char *text, struct sockaddr_storage *a)
{
	memset(a, 0, sizeof *a);
	return uv_ip4_addr(text, 0, (struct sockaddr_in *)a) == 0 ||
	       uv_ip6_addr(text, 0, (struct sockaddr_in6 *)a) == 0;
}

/* The one host that the question itself names. */
static void
only_host(struct resolve_query *q)
{
	memcpy(q->hosts[0].name, q->name, RESOLVE_NAME);
	q->hosts[0].preference = 0;
	q->nhosts = 1;
}

/* RFC 6761 section 6.3: localhost is not a question for a name server. */
static bool
is_localhost(const char *name)
{
	size_t n = strlen(name);

	return strcasecmp(name, "localhost") == 0 ||
	       (n > 10 && strcasecmp(name + n - 10, ".localhost") == 0);
}

bool
query_is_known(struct resolve_query *q)
{
	struct sockaddr_storage a;

	if (resolve_literal(q->name, &a)) {
		only_host(q);
		add_found(q, 0, &a);
	} else if (is_localhost(q->name)) {
		only_host(q);
		resolve_literal("::1", &a);
		add_found(q, 0, &a);
		resolve_literal("127.0.0.1", &a);
		add_found(q, 0, &a);
	} else {
		return false;
	}
	q->mx = false;
	return true;
}

/* A wire-format name as text, in small letters. -1: not one that can be a host's. */
static int
wire_name(const unsigned char *p, size_t n, char out[RESOLVE_NAME])
{
	size_t at = 0, used = 0, label;

	out[0] = '\0';
	while (at < n && (label = p[at++]) != 0) {
		if (label > 63 || at + label > n || used + label + 2 > RESOLVE_NAME)
			return -1;
		if (used > 0)
			out[used++] = '.';
		for (; label > 0; label--, at++) {
			if (p[at] <= 0x20 || p[at] >= 0x7f || p[at] == '.')
				return -1;
			out[used++] = (char)tolower(p[at]);
		}
		out[used] = '\0';
	}
	return 0;
}

static bool
goes_before(const struct resolve_host *a, const struct resolve_host *b)
{
	return a->preference != b->preference ? a->preference < b->preference : a->lot < b->lot;
}

/* Keeps the most preferred, in order. */
static void
add_host(struct resolve_query *q, const struct resolve_host *h)
{
	unsigned i = q->nhosts;

	if (i == RESOLVE_HOSTS) {
		if (!goes_before(h, &q->hosts[i - 1]))
			return;
		i--;
	} else {
		q->nhosts++;
	}
	for (; i > 0 && goes_before(h, &q->hosts[i - 1]); i--)
		q->hosts[i] = q->hosts[i - 1];
	q->hosts[i] = *h;
}

static void
take_mx(struct resolve_query *q, const unsigned char *rdata, int n)
{
	struct resolve_host h = {.preference = 0};

	if (n < 3)
		return;
	h.preference = (uint16_t)(rdata[0] << 8 | rdata[1]);
	uv_random(NULL, NULL, &h.lot, sizeof h.lot, 0, NULL);
	if (wire_name(rdata + 2, (size_t)n - 2, h.name) < 0)
		return;
	if (h.name[0] == '\0')
		q->nobody = true;
	else
		add_host(q, &h);
}

static void
take_address(struct resolve_query *q, unsigned host, int type, const void *rdata, int n)
{
	struct sockaddr_storage a;

	memset(&a, 0, sizeof a);
	if (type == TYPE_A && n == 4) {
		a.ss_family = AF_INET;
		memcpy(&((struct sockaddr_in *)&a)->sin_addr, rdata, 4);
	} else if (type == TYPE_AAAA && n == 16) {
		a.ss_family = AF_INET6;
		memcpy(&((struct sockaddr_in6 *)&a)->sin6_addr, rdata, 16);
	} else {
		return;
	}
	add_found(q, host, &a);
}

void
lookup_take(struct resolve_lookup *l, const struct ub_result *result)
{
	int i;

	if (result->nxdomain && !result->bogus) {
		l->ending = LOOKUP_NO_NAME;
		return;
	}
	if (result->bogus || result->rcode != 0) {
		l->ending = LOOKUP_LATER;
		return;
	}
	l->ending = result->havedata ? LOOKUP_DATA : LOOKUP_NO_DATA;
	for (i = 0; result->havedata && result->data[i] != NULL; i++) {
		if (l->type == TYPE_MX)
			take_mx(l->query, (const unsigned char *)result->data[i], result->len[i]);
		else
			take_address(l->query, l->host, l->type, result->data[i], result->len[i]);
	}
}

void
query_ask_host(struct resolve_query *q)
{
	only_host(q);
	lookup_ask(q, 0, q->name, TYPE_AAAA);
	lookup_ask(q, 0, q->name, TYPE_A);
}

void
query_ask_mx(struct resolve_query *q)
{
	lookup_ask(q, 0, q->name, TYPE_MX);
}

/* The MX are heard: whom to look up. false: the query has its answer. */
static bool
mx_heard(struct resolve_query *q)
{
	enum lookup_ending e = q->lookups[0].ending;
	unsigned i;

	if (e == LOOKUP_NO_DATA) {
		q->implicit = true;
		only_host(q);
	}
	if (e == LOOKUP_NO_NAME)
		query_fail(q, OUTCOME_NEVER, "5.1.2", "the domain does not exist");
	else if (e == LOOKUP_LATER)
		query_fail(q, OUTCOME_LATER, "4.4.3", "its mail hosts could not be looked up");
	else if (q->nobody && q->nhosts == 0)
		query_fail(q, OUTCOME_NEVER, "5.1.10", "the domain takes no mail (null MX)");
	else if (q->nhosts == 0)
		query_fail(q, OUTCOME_NEVER, "5.4.4", "its MX records name no host");
	else
		query_cut_at_our_name(q);
	if (q->left)
		return false;
	for (i = 0; i < q->nhosts; i++) {
		lookup_ask(q, i, q->hosts[i].name, TYPE_AAAA);
		lookup_ask(q, i, q->hosts[i].name, TYPE_A);
	}
	return true;
}

/* By host, IPv6 first; what came first stays first. */
static bool
found_before(const struct resolve_found *a, const struct resolve_found *b)
{
	if (a->host != b->host)
		return a->host < b->host;
	return a->addr.ss_family == AF_INET6 && b->addr.ss_family == AF_INET;
}

static void
found_sort(struct resolve_query *q)
{
	struct resolve_found f;
	unsigned i, j;

	for (i = 1; i < q->nfound; i++) {
		f = q->found[i];
		for (j = i; j > 0 && found_before(&f, &q->found[j - 1]); j--)
			q->found[j] = q->found[j - 1];
		q->found[j] = f;
	}
}

static bool
any_later(const struct resolve_query *q)
{
	unsigned i;

	for (i = 0; i < q->nlookups; i++)
		if (q->lookups[i].ending == LOOKUP_LATER)
			return true;
	return false;
}

static void
query_empty(struct resolve_query *q)
{
	if (any_later(q)) /* even where we are one of its hosts: a better one may be there */
		query_fail(q, OUTCOME_LATER, "4.4.3", "its addresses could not be looked up");
	else if (q->looped)
		query_fail(q, OUTCOME_NEVER, "5.4.6", "its mail comes to us, and nobody is nearer");
	else if (q->implicit)
		query_fail(q, OUTCOME_NEVER, "5.1.2", "the domain has no mail host and no address");
	else
		query_fail(q, OUTCOME_NEVER, "5.4.4", "no mail host of it has an address");
}

static void
query_finish(struct resolve_query *q)
{
	struct resolve_address list[RESOLVE_ADDRESSES];
	struct resolve_answer a = {.v = list};
	const struct resolve_host *h;
	unsigned i;

	query_cut_at_our_address(q);
	found_sort(q);
	for (i = 0; i < q->nfound; i++) {
		h = &q->hosts[q->found[i].host];
		memcpy(list[i].host, h->name, RESOLVE_NAME);
		list[i].preference = h->preference;
		list[i].addr = q->found[i].addr;
	}
	a.n = q->nfound;
	verdict_set(&a.verdict, OUTCOME_SENT, SCOPE_HOST, 0, "", "%s", q->name);
	if (a.n > 0)
		query_answer(q, &a);
	else
		query_empty(q);
}

void
query_go_on(struct resolve_query *q)
{
	if (q->mx) {
		q->mx = false;
		if (!mx_heard(q) || q->pending > 0)
			return;
	}
	query_finish(q);
}
