/*
 * OpenSSL never sees the socket: what comes is put into one memory BIO, what it
 * wants sent is taken out of the other. So the loop alone decides when to read
 * and write, and STARTTLS is nothing but those two BIOs coming between.
 *
 * A failure found inside a function of ours is told from the loop, by the
 * stream's timer set to now: the owner is never called from inside his own call.
 *
 * When writing fails the peer may have said why before it hung up (a 421, a
 * 554): the reading side is given a second to find that, and its end is the
 * stream's end.
 */
#include "bridge/net/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define STREAM_READ_BYTES 16384
#define STREAM_LINGER_MS  5000 /* for what is queued at stream_close() */
#define STREAM_LAST_MS    1000 /* for the peer's last words */
#define STREAM_UNSENT     (64 * 1024)

struct stream {
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	unsigned handles; /* open ones of tcp and timer */

	const struct stream_calls *calls;
	void *owner;
	bool connected, closing, gone; /* gone: the owner is to hear nothing more */
	bool was_high;
	bool failing; /* the timer tells this end */
	enum stream_end failed;
	char words[200];

	SSL *ssl;          /* owned, and its BIOs by it; NULL: in clear */
	BIO *from, *to;    /* borrowed from ssl */
	bool secured;
	uint64_t bytes_in, bytes_out;
	char buf[STREAM_READ_BYTES];
};

struct write { /* one uv_write and its octets */
	uv_write_t req;
	char data[];
};

static void
on_handle_closed(uv_handle_t *h)
{
	struct stream *s = h->data;

	if (--s->handles > 0)
		return;
	SSL_free(s->ssl);
	free(s);
}

static void
stream_destroy(struct stream *s)
{
	s->gone = true;
	if (s->closing)
		return;
	s->closing = true;
	uv_close((uv_handle_t *)&s->tcp, on_handle_closed);
	uv_close((uv_handle_t *)&s->timer, on_handle_closed);
}

static void
stream_end(struct stream *s, enum stream_end why, const char *words)
{
	if (s->gone)
		return;
	s->gone = true;
	s->calls->closed(s->owner, why, words);
	stream_destroy(s);
}

static void
on_timer(uv_timer_t *t)
{
	struct stream *s = t->data;

	if (s->gone)
		stream_destroy(s);
	else if (s->failing)
		stream_end(s, s->failed, s->words);
	else
		stream_end(s, STREAM_TIMEOUT, s->connected ? "timed out" : "connecting timed out");
}

static void
fail_in(struct stream *s, unsigned ms, enum stream_end why, const char *words)
{
	if (s->failing || s->closing)
		return;
	s->failing = true;
	s->failed = why;
	snprintf(s->words, sizeof s->words, "%s", words);
	uv_timer_start(&s->timer, on_timer, ms, 0);
}

static void
on_written(uv_write_t *req, int status)
{
	struct stream *s = req->handle->data;

	free(req->data);
	if (s->gone || s->failing)
		return;
	if (status < 0) {
		fail_in(s, STREAM_LAST_MS, STREAM_BROKEN, uv_strerror(status));
		return;
	}
	if (s->was_high && stream_queued(s) < STREAM_LOW) {
		s->was_high = false;
		s->calls->drained(s->owner);
	}
}

/* Octets as they go to the socket. */
static void
write_raw(struct stream *s, const void *p, size_t n)
{
	struct write *w;
	uv_buf_t b;
	int rc;

	if (n == 0 || s->failing)
		return;
	if ((w = malloc(sizeof *w + n)) == NULL) {
		fail_in(s, 0, STREAM_BROKEN, "out of memory");
		return;
	}
	memcpy(w->data, p, n);
	w->req.data = w;
	b = uv_buf_init(w->data, (unsigned)n);
	if ((rc = uv_write(&w->req, (uv_stream_t *)&s->tcp, &b, 1, on_written)) < 0) {
		free(w);
		fail_in(s, 0, STREAM_BROKEN, uv_strerror(rc));
		return;
	}
	s->bytes_out += n;
	if (stream_queued(s) >= STREAM_LOW)
		s->was_high = true;
}

/* What OpenSSL wants sent. */
static void
tls_flush(struct stream *s)
{
	char *p;
	long n = BIO_get_mem_data(s->to, &p);

	if (n <= 0)
		return;
	write_raw(s, p, (size_t)n);
	(void)BIO_reset(s->to);
}

/* 0: goes on, or waits for the peer. -1: the stream is at its end, and told so. */
static int
tls_result(struct stream *s, int rc)
{
	char words[200];
	int e = SSL_get_error(s->ssl, rc);

	if (rc > 0 || e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return 0;
	tls_flush(s); /* the alert says to the peer what the words say here */
	if (e == SSL_ERROR_ZERO_RETURN) {
		stream_end(s, STREAM_EOF, "the server closed the connection");
		return -1;
	}
	tls_words(s->ssl, words, sizeof words);
	stream_end(s, STREAM_TLS, words);
	return -1;
}

static int
tls_handshake(struct stream *s)
{
	int rc = SSL_do_handshake(s->ssl);

	tls_flush(s);
	if (tls_result(s, rc) < 0)
		return -1;
	if (rc == 1) {
		s->secured = true;
		s->calls->secured(s->owner);
	}
	return 0;
}

static void
tls_heard(struct stream *s, const char *p, size_t n)
{
	char plain[STREAM_READ_BYTES];
	bool any = false;
	int rc;

	if (BIO_write(s->from, p, (int)n) != (int)n) {
		stream_end(s, STREAM_BROKEN, "out of memory");
		return;
	}
	if (!s->secured && tls_handshake(s) < 0)
		return;
	while (s->secured && !s->gone) {
		rc = SSL_read(s->ssl, plain, sizeof plain);
		if (rc <= 0 && tls_result(s, rc) < 0)
			return;
		if (rc <= 0) {
			tls_flush(s); /* a key update may want an answer */
			break;
		}
		any = true;
		s->calls->heard(s->owner, (struct span){plain, (size_t)rc});
	}
	if (s->secured && !any && !s->gone)
		s->calls->heard(s->owner, SPAN("")); /* a session ticket: stream_unread() is stale */
}

static void
on_alloc(uv_handle_t *h, size_t size, uv_buf_t *b)
{
	struct stream *s = h->data;

	(void)size;
	*b = uv_buf_init(s->buf, sizeof s->buf);
}

static void
on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
	struct stream *s = h->data;

	if (n == 0 || s->gone)
		return;
	if (n == UV_EOF) {
		stream_end(s, STREAM_EOF, "the server closed the connection");
		return;
	}
	if (n < 0) {
		stream_end(s, STREAM_BROKEN, uv_strerror((int)n));
		return;
	}
	s->bytes_in += (uint64_t)n;
	if (s->ssl != NULL)
		tls_heard(s, b->base, (size_t)n);
	else
		s->calls->heard(s->owner, (struct span){b->base, (size_t)n});
}

static void
on_connected(uv_connect_t *req, int status)
{
	struct stream *s = req->handle->data;
	int unsent = STREAM_UNSENT, fd;

	if (s->gone)
		return;
	if (status < 0) {
		stream_end(s, STREAM_REFUSED, uv_strerror(status));
		return;
	}
	s->connected = true;
	uv_tcp_nodelay(&s->tcp, 1);
	/* so that "queued" is true: on a slow link the kernel would hide an hour of it */
	if (uv_fileno((uv_handle_t *)&s->tcp, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
	uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
	s->calls->opened(s->owner);
}

static void
stream_connect(struct stream *s, const struct stream_place *place)
{
	int rc = 0;

	if (place->source.ss_family != 0)
		rc = uv_tcp_bind(&s->tcp, (const struct sockaddr *)&place->source, 0);
	if (rc == 0)
		rc = uv_tcp_connect(&s->connect, &s->tcp, (const struct sockaddr *)&place->peer,
				    on_connected);
	if (rc < 0)
		fail_in(s, 0, STREAM_REFUSED, uv_strerror(rc));
}

struct stream *
stream_open(uv_loop_t *loop, const struct stream_place *place, const struct stream_calls *calls,
	    void *owner, char *why, size_t why_size)
{
	struct stream *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	s->calls = calls;
	s->owner = owner;
	if ((rc = uv_tcp_init_ex(loop, &s->tcp, place->peer.ss_family)) < 0) {
		snprintf(why, why_size, "%s", uv_strerror(rc));
		free(s);
		return NULL;
	}
	uv_timer_init(loop, &s->timer);
	s->tcp.data = s->timer.data = s;
	s->handles = 2;
	stream_connect(s, place);
	return s;
}

int
stream_secure(struct stream *s, struct tls_context *tls, const char *host)
{
	int rc;

	if (s->ssl != NULL || s->failing || stream_unread(s))
		return -1;
	s->from = BIO_new(BIO_s_mem());
	s->to = BIO_new(BIO_s_mem());
	s->ssl = tls_client(tls, host);
	if (s->from == NULL || s->to == NULL || s->ssl == NULL) {
		BIO_free(s->from);
		BIO_free(s->to);
		SSL_free(s->ssl);
		s->ssl = NULL;
		return -1;
	}
	SSL_set_bio(s->ssl, s->from, s->to);
	rc = SSL_do_handshake(s->ssl); /* says the first word */
	tls_flush(s);
	return SSL_get_error(s->ssl, rc) == SSL_ERROR_WANT_READ ? 0 : -1;
}

bool
stream_is_secure(const struct stream *s)
{
	return s->secured;
}

const char *
stream_tls_version(const struct stream *s)
{
	return s->secured ? SSL_get_version(s->ssl) : "";
}

void
stream_write(struct stream *s, struct span bytes)
{
	if (bytes.n == 0 || s->gone || s->failing)
		return;
	if (s->ssl == NULL) {
		write_raw(s, bytes.p, bytes.n);
		return;
	}
	if (SSL_write(s->ssl, bytes.p, (int)bytes.n) != (int)bytes.n)
		fail_in(s, 0, STREAM_TLS, "TLS: writing failed");
	tls_flush(s);
}

size_t
stream_queued(const struct stream *s)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&s->tcp);
}

bool
stream_unread(struct stream *s)
{
	int fd, n = 0;

	if (!s->connected || s->closing || uv_fileno((uv_handle_t *)&s->tcp, &fd) < 0)
		return false;
	return ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

void
stream_deadline(struct stream *s, unsigned seconds)
{
	if (s->failing || s->closing)
		return;
	if (seconds == 0)
		uv_timer_stop(&s->timer);
	else
		uv_timer_start(&s->timer, on_timer, (uint64_t)seconds * 1000, 0);
}

uint64_t
stream_bytes_in(const struct stream *s)
{
	return s->bytes_in;
}

uint64_t
stream_bytes_out(const struct stream *s)
{
	return s->bytes_out - stream_queued(s);
}

static void
on_shutdown(uv_shutdown_t *req, int status)
{
	(void)status;
	stream_destroy(req->handle->data);
}

void
stream_close(struct stream *s)
{
	bool broken = s->failing || !s->connected;

	if (s->gone)
		return;
	if (!broken && s->secured) {
		SSL_shutdown(s->ssl);
		tls_flush(s);
	}
	s->gone = true;
	if (broken || s->failing ||
	    uv_shutdown(&s->shutdown, (uv_stream_t *)&s->tcp, on_shutdown) < 0) {
		stream_destroy(s);
		return;
	}
	uv_timer_start(&s->timer, on_timer, STREAM_LINGER_MS, 0);
}

void
stream_abandon(struct stream *s)
{
	s->gone = true;
	stream_destroy(s);
}

void
stream_address_text(const struct sockaddr_storage *a, struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (a->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;

		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		buf_fmt(out, "[%s]:%u", text, ntohs(in6->sin6_port));
		return;
	}
	inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, text, sizeof text);
	buf_fmt(out, "%s:%u", text, ntohs(((const struct sockaddr_in *)a)->sin_port));
}
