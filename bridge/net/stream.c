/*
 * A failure found inside a function of ours is told from the loop, by the
 * stream's timer set to now: the owner is never called from inside his own call.
 *
 * When writing fails the peer may have said why before it hung up (a 421, a
 * 554): the reading side is given a second to find that, and its end is the
 * stream's end.
 */
#include "bridge/net/stream_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define STREAM_LINGER_MS 5000 /* for what is queued at stream_close() */
#define STREAM_LAST_MS   1000 /* for the peer's last words */
#define STREAM_UNSENT    (64 * 1024)

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

void
stream_ended(struct stream *s, enum stream_end why, const char *words)
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
		stream_ended(s, s->failed, s->words);
	else
		stream_ended(s, STREAM_TIMEOUT,
		             s->connected ? "timed out" : "connecting timed out");
}

void
stream_fail(struct stream *s, unsigned ms, enum stream_end why, const char *words)
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
		stream_fail(s, STREAM_LAST_MS, STREAM_BROKEN, uv_strerror(status));
		return;
	}
	if (s->was_high && stream_queued(s) < STREAM_LOW) {
		s->was_high = false;
		s->calls->drained(s->owner);
	}
}

/* Octets as they go to the socket. */
void
stream_write_raw(struct stream *s, const void *p, size_t n)
{
	struct write *w;
	uv_buf_t b;
	int rc;

	if (n == 0 || s->failing)
		return;
	if ((w = malloc(sizeof *w + n)) == NULL) {
		stream_fail(s, 0, STREAM_BROKEN, "out of memory");
		return;
	}
	memcpy(w->data, p, n);
	w->req.data = w;
	b = uv_buf_init(w->data, (unsigned)n);
	if ((rc = uv_write(&w->req, (uv_stream_t *)&s->tcp, &b, 1, on_written)) < 0) {
		free(w);
		stream_fail(s, 0, STREAM_BROKEN, uv_strerror(rc));
		return;
	}
	s->bytes_out += n;
	if (stream_queued(s) >= STREAM_LOW)
		s->was_high = true;
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
		stream_ended(s, STREAM_EOF, "the server closed the connection");
		return;
	}
	if (n < 0) {
		stream_ended(s, STREAM_BROKEN, uv_strerror((int)n));
		return;
	}
	s->bytes_in += (uint64_t)n;
	if (s->ssl != NULL)
		stream_tls_heard(s, b->base, (size_t)n);
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
		stream_ended(s, STREAM_REFUSED, uv_strerror(status));
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
		stream_fail(s, 0, STREAM_REFUSED, uv_strerror(rc));
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

void
stream_write(struct stream *s, struct span bytes)
{
	if (bytes.n == 0 || s->gone || s->failing)
		return;
	if (s->ssl == NULL) {
		stream_write_raw(s, bytes.p, bytes.n);
		return;
	}
	if (SSL_write(s->ssl, bytes.p, (int)bytes.n) != (int)bytes.n)
		stream_fail(s, 0, STREAM_TLS, "TLS: writing failed");
	stream_tls_flush(s);
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
		stream_tls_flush(s);
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
