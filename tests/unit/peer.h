/*
 * An SMTP server of a few lines for tests: one thread, one connection after
 * another, plain blocking reads. It can misbehave in the ways asked for, speak
 * TLS and check passwords by libgsasl's server side.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <arpa/inet.h>
#include <gsasl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer_how {
	bool pipelining;
	const char *greeting;          /* instead of 220; the connection is closed after it */
	unsigned die_at_dot;           /* hangs up at this message's final dot; 0 never */
	bool early_250;                /* says 250 together with its 354 */
	unsigned slow_ms;              /* before the content is read */
	const char *certificate, *key; /* STARTTLS is offered */
	bool implicit;                 /* TLS from the first octet */
	bool old_tls;                  /* nothing newer than TLS 1.1 */
	bool break_handshake;          /* offers STARTTLS and speaks no TLS */
	const char *auth;              /* mechanisms offered */
	const char *user, *password;   /* who is let in; without it no mail */
	bool no_final;                 /* 235 without the server's own proof (SCRAM) */
};

struct peer {
	struct peer_how how;
	int listener, fd;
	uint16_t port;
	pthread_t thread;
	SSL_CTX *ctx;
	SSL *ssl;
	char in[65536];
	size_t n, at;
	bool let_in, over;

	unsigned messages, connections, handshakes;
	size_t bytes;
	char text[4096]; /* the last message as it came, its first 4 KiB */
	char mechanism[32];
};

static inline long
peer_fill(struct peer *p)
{
	long n = p->ssl != NULL ? SSL_read(p->ssl, p->in, sizeof p->in)
	                        : read(p->fd, p->in, sizeof p->in);

	p->at = 0;
	p->n = n > 0 ? (size_t)n : 0;
	return n;
}

static inline bool
peer_line(struct peer *p, char *line, size_t size)
{
	size_t used = 0;

	for (;;) {
		if (p->at == p->n && peer_fill(p) <= 0)
			return false;
		if (used + 1 < size)
			line[used++] = p->in[p->at];
		if (p->in[p->at++] == '\n')
			break;
	}
	line[used] = '\0';
	p->bytes += used;
	return true;
}

static inline void
peer_say(struct peer *p, const char *text)
{
	size_t n = strlen(text);

	if (p->ssl != NULL)
		SSL_write(p->ssl, text, (int)n);
	else if (send(p->fd, text, n, MSG_NOSIGNAL) < 0)
		p->over = true;
}

static inline void
peer_secure(struct peer *p)
{
	p->ssl = SSL_new(p->ctx);
	SSL_set_fd(p->ssl, p->fd);
	if (SSL_accept(p->ssl) != 1)
		p->over = true;
	else
		p->handshakes++;
}

static inline void
peer_content(struct peer *p)
{
	char line[4096];
	size_t used = 0, n;

	if (p->how.slow_ms > 0)
		poll(NULL, 0, (int)p->how.slow_ms);
	p->text[0] = '\0';
	while (peer_line(p, line, sizeof line)) {
		if (strcmp(line, ".\r\n") == 0) {
			p->messages++;
			if (p->how.die_at_dot == p->messages)
				p->over = true;
			else if (!p->how.early_250)
				peer_say(p, "250 2.0.0 taken\r\n");
			return;
		}
		n = strlen(line);
		if (used + n < sizeof p->text) {
			memcpy(p->text + used, line, n + 1);
			used += n;
		}
	}
	p->over = true;
}

static inline int
peer_password(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct peer *p = gsasl_callback_hook_get(library);

	if (property == GSASL_PASSWORD &&
	    strcmp(gsasl_property_fast(session, GSASL_AUTHID), p->how.user) == 0) {
		gsasl_property_set(session, GSASL_PASSWORD, p->how.password);
		return GSASL_OK;
	}
	if (property == GSASL_VALIDATE_SIMPLE)
		return strcmp(gsasl_property_fast(session, GSASL_AUTHID), p->how.user) == 0 &&
		               strcmp(gsasl_property_fast(session, GSASL_PASSWORD),
		                      p->how.password) == 0
		           ? GSASL_OK
		           : GSASL_AUTHENTICATION_ERROR;
	return GSASL_NO_CALLBACK;
}

/* One exchange; `word` is what stood after AUTH. */
static inline void
peer_auth(struct peer *p, char *word)
{
	char line[8192], *initial = strchr(word, ' '), *out;
	Gsasl *library;
	Gsasl_session *session;
	int rc = GSASL_NEEDS_MORE;

	word[strcspn(word, "\r\n")] = '\0';
	if (initial != NULL)
		*initial++ = '\0';
	snprintf(p->mechanism, sizeof p->mechanism, "%.31s", word);
	gsasl_init(&library);
	gsasl_callback_set(library, peer_password);
	gsasl_callback_hook_set(library, p);
	gsasl_server_start(library, word, &session);
	snprintf(line, sizeof line, "%s", initial != NULL ? initial : "");
	for (;;) {
		out = NULL;
		rc = gsasl_step64(session, strcmp(line, "=") == 0 ? "" : line, &out);
		if (rc != GSASL_NEEDS_MORE && (rc != GSASL_OK || out == NULL || out[0] == '\0'))
			break;
		if (rc == GSASL_OK && p->how.no_final)
			break;
		peer_say(p, "334 ");
		peer_say(p, out);
		peer_say(p, "\r\n");
		gsasl_free(out);
		out = NULL;
		if (!peer_line(p, line, sizeof line) || strcmp(line, "*\r\n") == 0) {
			rc = GSASL_AUTHENTICATION_ERROR;
			break;
		}
		line[strcspn(line, "\r\n")] = '\0';
		if (rc == GSASL_OK)
			break;
	}
	gsasl_free(out);
	gsasl_finish(session);
	gsasl_done(library);
	p->let_in = rc == GSASL_OK;
	peer_say(p, p->let_in ? "235 2.7.0 welcome\r\n" : "535 5.7.8 no\r\n");
}

static inline void
peer_hello(struct peer *p)
{
	bool offer = (p->ctx != NULL || p->how.break_handshake) && p->ssl == NULL;
	char line[256];

	snprintf(line, sizeof line, "250-peer\r\n%s%s%s%s%s250 SIZE\r\n",
	         p->how.pipelining ? "250-PIPELINING\r\n" : "", offer ? "250-STARTTLS\r\n" : "",
	         p->how.auth != NULL ? "250-AUTH " : "", p->how.auth != NULL ? p->how.auth : "",
	         p->how.auth != NULL ? "\r\n" : "");
	peer_say(p, line);
}

static inline void
peer_command(struct peer *p, char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0)
		peer_hello(p);
	else if (strncasecmp(line, "STARTTLS", 8) == 0) {
		peer_say(p, "220 go on\r\n");
		if (p->how.break_handshake && peer_fill(p) > 0)
			peer_say(p, "this is no TLS\r\n");
		else if (!p->how.break_handshake)
			peer_secure(p);
		p->over |= p->how.break_handshake;
	} else if (strncasecmp(line, "AUTH ", 5) == 0)
		peer_auth(p, line + 5);
	else if (strncasecmp(line, "MAIL", 4) == 0 && !p->let_in)
		peer_say(p, "530 5.7.0 authenticate first\r\n");
	else if (strncasecmp(line, "DATA", 4) == 0) {
		peer_say(p,
		         p->how.early_250 ? "354 go on\r\n250 2.0.0 early\r\n" : "354 go on\r\n");
		peer_content(p);
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		peer_say(p, "221 bye\r\n");
		p->over = true;
	} else
		peer_say(p, "250 2.1.0 ok\r\n");
}

static inline void
peer_serve(struct peer *p)
{
	char line[8192];
	int on = 1;

	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* it replies line by line */
	p->n = p->at = 0;
	p->ssl = NULL;
	p->over = false;
	p->let_in = p->how.user == NULL;
	p->connections++;
	if (p->how.implicit)
		peer_secure(p);
	peer_say(p, p->how.greeting != NULL ? p->how.greeting : "220 peer ESMTP");
	peer_say(p, "\r\n");
	p->over |= p->how.greeting != NULL;
	while (!p->over && peer_line(p, line, sizeof line))
		peer_command(p, line);
	SSL_free(p->ssl);
	close(p->fd);
}

static inline void *
peer_run(void *arg)
{
	struct peer *p = arg;

	while ((p->fd = accept(p->listener, NULL, NULL)) >= 0)
		peer_serve(p);
	return NULL;
}

static inline int
peer_bind(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	*port = ntohs(a.sin_port);
	return fd;
}

/* A port where nobody listens. */
static inline uint16_t
peer_free_port(void)
{
	uint16_t port;

	close(peer_bind(&port));
	return port;
}

static inline struct peer *
peer_start(const struct peer_how *how)
{
	struct peer *p = calloc(1, sizeof *p);

	signal(SIGPIPE, SIG_IGN);
	p->how = *how;
	if (how->certificate != NULL) {
		p->ctx = SSL_CTX_new(TLS_server_method());
		if (SSL_CTX_use_certificate_chain_file(p->ctx, how->certificate) != 1 ||
		    SSL_CTX_use_PrivateKey_file(p->ctx, how->key, SSL_FILETYPE_PEM) != 1)
			abort();
		if (how->old_tls) {
			SSL_CTX_set_min_proto_version(p->ctx, TLS1_VERSION);
			SSL_CTX_set_max_proto_version(p->ctx, TLS1_1_VERSION);
			SSL_CTX_set_security_level(p->ctx, 0);
		}
	}
	p->listener = peer_bind(&p->port);
	listen(p->listener, 16);
	pthread_create(&p->thread, NULL, peer_run, p);
	return p;
}

static inline uint16_t
peer_port(const struct peer *p)
{
	return p->port;
}

/* No more connections; the counts may be read. */
static inline struct peer *
peer_stop(struct peer *p)
{
	shutdown(p->listener, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->listener);
	return p;
}

static inline void
peer_free(struct peer *p)
{
	SSL_CTX_free(p->ctx);
	free(p);
}

#endif
