/*
 * What a TLS connection believes: the protocol versions, the roots, how much
 * it verifies. One tls_context serves all connections of one kind; building
 * one reads the system's store (tens of milliseconds), so they are kept in a
 * cache and asked for when the first connection wants one.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "bridge/base/config.h"

#include <openssl/ssl.h>

struct tls_cache;
struct tls_context;

struct tls_cache *tls_cache_new(void);    /* NULL: out of memory; OpenSSL is not touched yet */
void tls_cache_free(struct tls_cache *c); /* after the last connection has closed */

/*
 * The context for TLS_OPPORTUNISTIC or TLS_VERIFY with these roots ("": the
 * system's). Borrowed from the cache. NULL with the reason in why when the
 * roots cannot be read.
 */
struct tls_context *tls_context(struct tls_cache *c, enum tls_mode mode, const char *ca_file,
                                char *why, size_t why_size);

/*
 * One connection's SSL as a client. Under TLS_VERIFY `host`, a name or a
 * literal address, is what the certificate has to name (RFC 6125); it is also
 * said in SNI when it is a name. NULL: out of memory.
 */
SSL *tls_client(struct tls_context *t, const char *host);

/* Why the last operation on ssl failed: the certificate's fault first, else OpenSSL's words. */
void tls_words(SSL *ssl, char *why, size_t why_size);

#endif
