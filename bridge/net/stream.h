/*
 * A byte stream over TCP in the loop, with TLS from the start or from the
 * middle (STARTTLS).
 *
 * Every stream ends with exactly one call of `closed`, unless the owner closed
 * it himself; after either, no other call comes and the pointer is void. Calls
 * come from the loop, never from inside a function of this header.
 *
 * Time is one deadline for the whole of what is waited for, set by the owner:
 * a peer that drips one octet a second does not move it (only stream_deadline
 * does). Moving it costs no system call.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "bridge/base/buf.h"
#include "bridge/net/tls.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

struct stream;

enum stream_end {
	STREAM_REFUSED, /* no connection came about */
	STREAM_EOF,     /* the peer closed it */
	STREAM_BROKEN,  /* reset, unreachable, out of memory */
	STREAM_TIMEOUT, /* the deadline passed */
	STREAM_TLS,     /* the handshake failed or the peer broke TLS; words say why */
};

struct stream_calls {
	void (*opened)(void *owner);  /* connected */
	void (*secured)(void *owner); /* the handshake is done, and verified if asked for */
	/* Borrowed for the call; empty when TLS alone had something to say. */
	void (*heard)(void *owner, struct span bytes);
	void (*drained)(void *owner); /* stream_queued() fell below STREAM_LOW after it was above */
	void (*closed)(void *owner, enum stream_end why, const char *words);
};

struct stream_place {
	struct sockaddr_storage peer;
	struct sockaddr_storage source; /* ss_family 0: the system chooses */
};

#define STREAM_HIGH (128u * 1024) /* the owner writes no more when as much is queued */
#define STREAM_LOW  (32u * 1024)

/* Begins to connect. NULL: out of memory or no socket (why says which). */
struct stream *stream_open(uv_loop_t *loop, const struct stream_place *place,
                           const struct stream_calls *calls, void *owner, char *why,
                           size_t why_size);

/*
 * TLS from here on, as the client. What was heard in clear before and not yet
 * given to the owner is a broken session, never data (CVE-2011-0411).
 * 0, or -1: out of memory, or there was such input.
 */
int stream_secure(struct stream *s, struct tls_context *tls, const char *host);
const char *stream_tls_version(const struct stream *s); /* "TLSv1.3", "" in clear; borrowed */

void stream_write(struct stream *s, struct span bytes); /* copied; a failure comes as `closed` */
size_t stream_queued(const struct stream *s);           /* bytes not yet taken by the kernel */
bool stream_unread(struct stream *s); /* the peer has sent what `heard` has not been given */

void stream_deadline(struct stream *s, unsigned seconds); /* from now; 0: none */

/* Bytes of the connection as its socket saw them, TLS included; no IP or TCP headers. */
uint64_t stream_bytes_in(const struct stream *s);
uint64_t stream_bytes_out(const struct stream *s);

/* Sends what is queued (for at most 5 s), then closes. The owner hears nothing more. */
void stream_close(struct stream *s);
/* Closes at once. The owner hears nothing more. */
void stream_abandon(struct stream *s);

/* "192.0.2.1:25", "[2001:db8::1]:25" */
void stream_address_text(const struct sockaddr_storage *a, struct buf *out);

#endif
