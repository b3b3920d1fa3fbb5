#include "bridge/smtp/auth.h"
#include "bridge/smtp/reply.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>

/* A hostile server must not make the loop derive keys for an hour: RFC 7677 asks for 4096 */
#define AUTH_ITERATIONS 100000

/* The strongest first. */
static const struct mechanism {
	const char *name;
	bool client_first; /* its first message goes with the command */
	bool in_clear;     /* whoever listens has the password */
} mechanisms[] = {
    {"SCRAM-SHA-256", true, false}, {"SCRAM-SHA-1", true, false}, {"CRAM-MD5", false, false},
    {"PLAIN", true, true},          {"LOGIN", false, true},
};
#define MECHANISMS (sizeof mechanisms / sizeof mechanisms[0])

struct auth {
	char *user, *password, *host, *allowed; /* owned */
	bool plain_in_clear;
	Gsasl *library; /* owned; NULL before the first use */
	Gsasl_session *session;
	size_t next;     /* row of the mechanism to try next */
	struct buf held; /* an initial response too long for the command's line */
	bool complete;
	char error[200];
};

struct auth *
auth_new(const char *user, const char *password, const char *host, const char *allowed,
         bool plain_in_clear)
{
	struct auth *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->user = strdup(user);
	a->password = strdup(password);
	a->host = strdup(host);
	a->allowed = strdup(allowed);
	a->plain_in_clear = plain_in_clear;
	if (a->user == NULL || a->password == NULL || a->host == NULL || a->allowed == NULL) {
		auth_free(a);
		return NULL;
	}
	return a;
}

static void
auth_leave(struct auth *a)
{
	if (a->session != NULL)
		gsasl_finish(a->session);
	a->session = NULL;
	a->complete = false;
	if (a->held.p != NULL)
		explicit_bzero(a->held.p, a->held.size);
	buf_free(&a->held);
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	auth_leave(a);
	if (a->library != NULL)
		gsasl_done(a->library);
	if (a->password != NULL)
		explicit_bzero(a->password, strlen(a->password));
	free(a->user);
	free(a->password);
	free(a->host);
	free(a->allowed);
	free(a);
}

static bool
list_has(const char *list, const char *word)
{
	struct span rest = span_of(list), one;

	while (rest.n > 0) {
		one = span_cut(&rest, ' ');
		if (span_is_nocase(one, word))
			return true;
	}
	return false;
}

/* *clear is set when nothing but a wire in clear speaks against it. */
static bool
mechanism_fits(const struct auth *a, const struct mechanism *m, const char *offered, bool secure,
               bool *clear)
{
	if (!list_has(offered, m->name))
		return false;
	if (a->allowed[0] != '\0' && !list_has(a->allowed, m->name))
		return false;
	if (m->in_clear && !secure && !a->plain_in_clear) {
		*clear = true;
		return false;
	}
	return true;
}

static int
auth_failed(struct auth *a, const char *what, int rc)
{
	snprintf(a->error, sizeof a->error, "%s: %s", what, gsasl_strerror(rc));
	return -1;
}

static int
auth_start(struct auth *a, const struct mechanism *m)
{
	int rc = a->library == NULL ? gsasl_init(&a->library) : GSASL_OK;

	if (rc != GSASL_OK) {
		a->library = NULL;
		return auth_failed(a, "SASL", rc);
	}
	if ((rc = gsasl_client_start(a->library, m->name, &a->session)) != GSASL_OK) {
		a->session = NULL;
		return auth_failed(a, m->name, rc);
	}
	gsasl_property_set(a->session, GSASL_AUTHID, a->user);
	gsasl_property_set(a->session, GSASL_PASSWORD, a->password);
	gsasl_property_set(a->session, GSASL_SERVICE, "smtp");
	gsasl_property_set(a->session, GSASL_HOSTNAME, a->host);
	return 0;
}

/* One turn: the server's base64 in, ours out. */
static int
auth_turn(struct auth *a, const char *challenge, struct buf *out)
{
	char *text = NULL;
	int rc = gsasl_step64(a->session, challenge, &text);

	a->complete = rc == GSASL_OK;
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return auth_failed(a, "the server's challenge", rc);
	buf_str(out, text);
	explicit_bzero(text, strlen(text));
	gsasl_free(text);
	return 0;
}

/* RFC 4954 section 4: the command's line has 512 octets; "=" is an empty response. */
static int
auth_initial(struct auth *a, const struct mechanism *m, struct buf *out)
{
	if (m->client_first && auth_turn(a, NULL, &a->held) < 0)
		return -1;
	buf_fmt(out, "AUTH %s", m->name);
	if (m->client_first && a->held.n + strlen(m->name) < 500) {
		buf_fmt(out, " %s", a->held.n > 0 ? a->held.p : "=");
		buf_clear(&a->held);
	}
	buf_str(out, "\r\n");
	return 0;
}

int
auth_begin(struct auth *a, const char *offered, bool secure, struct buf *out)
{
	const struct mechanism *m;
	bool clear = false, tried = false;

	auth_leave(a);
	while (a->next < MECHANISMS) {
		m = &mechanisms[a->next++];
		if (!mechanism_fits(a, m, offered, secure, &clear))
			continue;
		if (auth_start(a, m) == 0 && auth_initial(a, m, out) == 0) {
			a->error[0] = '\0';
			return 0;
		}
		auth_leave(a);
		tried = true;
	}
	if (clear)
		snprintf(a->error, sizeof a->error, "the server takes our password only in clear");
	else if (!tried)
		snprintf(a->error, sizeof a->error,
		         "the server offers no mechanism for our password (it has: %s)",
		         offered[0] != '\0' ? offered : "none");
	return -1;
}

/* SCRAM's server-first-message names the work: "r=...,s=...,i=4096" (RFC 5802 section 5.1). */
static bool
work_is_bearable(const char *challenge)
{
	char *text = NULL;
	size_t n = 0, i;
	unsigned long count = 0;

	if (gsasl_base64_from(challenge, strlen(challenge), &text, &n) != GSASL_OK)
		return true; /* the mechanism will say so itself */
	for (i = 0; i + 3 < n; i++)
		if (memcmp(text + i, ",i=", 3) == 0)
			break;
	for (i += 3; i < n && text[i] >= '0' && text[i] <= '9' && count <= AUTH_ITERATIONS; i++)
		count = count * 10 + (unsigned long)(text[i] - '0');
	gsasl_free(text);
	return count <= AUTH_ITERATIONS;
}

static int
auth_reply(struct auth *a, const char *challenge, struct buf *out)
{
	if (a->held.n > 0) { /* the initial response, now that it is asked for */
		buf_span(out, buf_view(&a->held));
		buf_clear(&a->held);
		return 0;
	}
	if (a->complete) {
		snprintf(a->error, sizeof a->error, "the server asks on when all is said");
		return -1;
	}
	if (strncmp(gsasl_mechanism_name(a->session), "SCRAM", 5) == 0 &&
	    !work_is_bearable(challenge)) {
		snprintf(a->error, sizeof a->error, "the server asks for too much work in SCRAM");
		return -1;
	}
	return auth_turn(a, challenge, out);
}

int
auth_answer(struct auth *a, struct span challenge, struct buf *out)
{
	char text[REPLY_LINE_BYTES + 1];
	struct span trimmed = span_trim(challenge);
	int rc = -1;

	if (trimmed.n < sizeof text && a->error[0] == '\0') {
		memcpy(text, trimmed.p, trimmed.n);
		text[trimmed.n] = '\0';
		rc = auth_reply(a, text, out);
	} else if (a->error[0] == '\0') {
		snprintf(a->error, sizeof a->error, "the server's challenge is too long");
	}
	if (rc < 0)
		buf_ch(out, '*');
	buf_str(out, "\r\n");
	return rc;
}

bool
auth_is_complete(const struct auth *a)
{
	return a->complete;
}

const char *
auth_error(const struct auth *a)
{
	return a->error;
}
