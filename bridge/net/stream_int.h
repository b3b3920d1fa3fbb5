/* The inside of a stream: stream.c has the socket, stream_tls.c has OpenSSL. */
#ifndef NET_STREAM_INT_H
#define NET_STREAM_INT_H

#include "bridge/net/stream.h"

#define STREAM_READ_BYTES 16384
#define STREAM_DEAF       (512u * 1024) /* queued for a peer that goes on talking */

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

	SSL *ssl;       /* owned, and its BIOs by it; NULL: in clear */
	BIO *from, *to; /* borrowed from ssl */
	bool secured;
	uint64_t bytes_in, bytes_out;
	char buf[STREAM_READ_BYTES];
};

/* stream.c */
void stream_write_raw(struct stream *s, const void *p,
                      size_t n); /* octets as the socket gets them */
void stream_ended(struct stream *s, enum stream_end why, const char *words); /* tells the owner */
void stream_fail(struct stream *s, unsigned ms, enum stream_end why, const char *words); /* later */

/* stream_tls.c */
void stream_tls_heard(struct stream *s, const char *p, size_t n); /* octets from the socket */
void stream_tls_flush(struct stream *s);                          /* what OpenSSL wants sent */

#endif
