/*
 * The way to a server: hosts in their order, of each its addresses in their
 * order, until one answers, greets, secures and authenticates. A server that
 * does not get that far has seen no mail, so the next one is tried at once;
 * when none is left, the last trouble is what the session ends with.
 *
 * A smart host's name comes from our own configuration: when it does not
 * resolve, that is a mistake of ours or of the name server's, and mail waits.
 * A recipient's domain that does not exist returns mail.
 */
#include "bridge/smtp/session_int.h"

#include <netinet/in.h>
#include <stdlib.h>

static void reach_resolve(struct session *s);

static uint16_t
port_of(const struct session *s)
{
	if (s->route->hop == HOP_SMTP)
		return s->route->hosts[s->host].port;
	return s->port;
}

static void
set_port(struct sockaddr_storage *a, uint16_t port)
{
	if (a->ss_family == AF_INET6)
		((struct sockaddr_in6 *)a)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)a)->sin_port = htons(port);
}

/* 0: literal and of the peer's family, or none asked for. */
static int
place_source(const struct session *s, struct stream_place *place)
{
	struct sockaddr_storage *a = &place->source;

	if (s->bind[0] == '\0')
		return 0;
	if (uv_ip4_addr(s->bind, 0, (struct sockaddr_in *)a) < 0 &&
	    uv_ip6_addr(s->bind, 0, (struct sockaddr_in6 *)a) < 0)
		return -1;
	return a->ss_family == place->peer.ss_family ? 0 : -1;
}

static void
trouble_words(struct session *s, const char *status, const char *words)
{
	struct verdict v;

	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, status, "%s", words);
	reach_trouble(s, &v);
}

void
reach_trouble(struct session *s, const struct verdict *v)
{
	verdict_set(&s->trouble, v->outcome, v->scope, v->code, v->status, "%s%s%.*s",
	            buf_text(&s->peer), s->peer.n > 0 ? ": " : "", VERDICT_WORDS - 300, v->words);
}

/* Opens the stream to the address at hand: 0, or -1 with the trouble said. */
static int
reach_connect(struct session *s)
{
	const struct resolve_address *a = &s->v[s->at];
	struct stream_place place = {.peer = a->addr};
	char why[100];

	set_port(&place.peer, port_of(s));
	buf_clear(&s->peer);
	stream_address_text(&place.peer, &s->peer);
	if (strstr(buf_text(&s->peer), a->host) == NULL) { /* not a literal address itself */
		buf_clear(&s->peer);
		buf_fmt(&s->peer, "%s ", a->host);
		stream_address_text(&place.peer, &s->peer);
	}
	if (place_source(s, &place) < 0) {
		trouble_words(s, "4.4.1", "the link has no address of this kind");
		return -1;
	}
	s->stream = stream_open(s->common->loop, &place, &session_calls, s, why, sizeof why);
	if (s->stream == NULL) {
		trouble_words(s, "4.3.0", why);
		return -1;
	}
	stream_deadline(s->stream, SESSION_CONNECT_S);
	return session_talk(s, a->host);
}

/* From the address at hand on; then from the next host on. */
static void
reach_on(struct session *s)
{
	for (; s->at < s->n; s->at++)
		if (reach_connect(s) == 0)
			return;
	if (s->route->hop == HOP_SMTP && s->host + 1 < s->route->nhosts) {
		s->host++;
		reach_resolve(s);
		return;
	}
	session_over(s, &s->trouble);
}

void
reach_next(struct session *s)
{
	s->plain = false;
	s->at++;
	reach_on(s);
}

void
reach_again(struct session *s)
{
	reach_on(s);
}

static void
on_resolved(void *owner, const struct resolve_answer *answer)
{
	struct session *s = owner;
	struct verdict v = answer->verdict;

	s->query = NULL;
	free(s->v);
	s->v = NULL;
	s->n = s->at = 0;
	buf_clear(&s->peer);
	if (answer->n > 0 && (s->v = calloc(answer->n, sizeof *s->v)) == NULL) {
		trouble_words(s, "4.3.0", "out of memory");
	} else if (answer->n > 0) {
		memcpy(s->v, answer->v, answer->n * sizeof *s->v);
		s->n = answer->n;
	} else {
		if (s->route->hop == HOP_SMTP && v.outcome == OUTCOME_NEVER) {
			v.outcome = OUTCOME_LATER;
			v.status[0] = '4';
		}
		v.scope = SCOPE_HOST;
		reach_trouble(s, &v);
	}
	reach_on(s);
}

static void
reach_resolve(struct session *s)
{
	struct verdict v;

	if (s->route->hop == HOP_SMTP)
		s->query = resolve_host(s->common->resolver, s->route->hosts[s->host].host,
		                        on_resolved, s);
	else
		s->query =
		    resolve_mx(s->common->resolver, s->domain, &s->common->self, on_resolved, s);
	if (s->query != NULL)
		return;
	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, "4.3.0", "out of memory");
	session_over(s, &v);
}

void
reach_begin(struct session *s)
{
	reach_resolve(s);
}

void
reach_stop(struct session *s)
{
	if (s->query != NULL)
		resolve_cancel(s->query);
	s->query = NULL;
}
