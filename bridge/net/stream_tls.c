/*
 * OpenSSL never sees the socket: what comes is put into one memory BIO, what it
 * wants sent is taken out of the other. So the loop alone decides when to read
 * and write, and STARTTLS is nothing but those two BIOs coming between.
 */
#include "bridge/net/stream_int.h"

/* What OpenSSL wants sent. */
void
stream_tls_flush(struct stream *s)
{
	char *p;
	long n = BIO_get_mem_data(s->to, &p);

	if (n <= 0)
		return;
	stream_write_raw(s, p, (size_t)n);
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
	stream_tls_flush(s); /* the alert says to the peer what the words say here */
	if (e == SSL_ERROR_ZERO_RETURN) {
		stream_ended(s, STREAM_EOF, "the server closed the connection");
		return -1;
	}
	tls_words(s->ssl, words, sizeof words);
	stream_ended(s, STREAM_TLS, words);
	return -1;
}

static int
tls_handshake(struct stream *s)
{
	int rc = SSL_do_handshake(s->ssl);

	stream_tls_flush(s);
	if (tls_result(s, rc) < 0)
		return -1;
	if (rc == 1) {
		s->secured = true;
		s->calls->secured(s->owner);
	}
	return 0;
}

void
stream_tls_heard(struct stream *s, const char *p, size_t n)
{
	char plain[STREAM_READ_BYTES];
	bool any = false;
	int rc;

	if (BIO_write(s->from, p, (int)n) != (int)n) {
		stream_ended(s, STREAM_BROKEN, "out of memory");
		return;
	}
	if (!s->secured && tls_handshake(s) < 0)
		return;
	while (s->secured && !s->gone) {
		rc = SSL_read(s->ssl, plain, sizeof plain);
		if (rc <= 0 && tls_result(s, rc) < 0)
			return;
		if (rc <= 0) {
			stream_tls_flush(s); /* a key update may want an answer */
			if (stream_queued(s) > STREAM_DEAF)
				stream_fail(s, 0, STREAM_BROKEN, "the server does not read");
			break;
		}
		any = true;
		s->calls->heard(s->owner, (struct span){plain, (size_t)rc});
	}
	if (s->secured && !any && !s->gone)
		s->calls->heard(s->owner,
		                SPAN("")); /* a session ticket: stream_unread() is stale */
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
	stream_tls_flush(s);
	return SSL_get_error(s->ssl, rc) == SSL_ERROR_WANT_READ ? 0 : -1;
}

const char *
stream_tls_version(const struct stream *s)
{
	return s->secured ? SSL_get_version(s->ssl) : "";
}
