#include "bridge/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls_context {
	struct tls_context *next;
	enum tls_mode mode;
	char *ca_file; /* owned */
	SSL_CTX *ctx;  /* owned */
};

struct tls_cache {
	struct tls_context *first;
};

struct tls_cache *
tls_cache_new(void)
{
	return calloc(1, sizeof(struct tls_cache));
}

static void
context_free(struct tls_context *t)
{
	SSL_CTX_free(t->ctx);
	free(t->ca_file);
	free(t);
}

void
tls_cache_free(struct tls_cache *c)
{
	struct tls_context *t;

	if (c == NULL)
		return;
	while ((t = c->first) != NULL) {
		c->first = t->next;
		context_free(t);
	}
	free(c);
}

/*
 * Without verification anybody may be in the middle, so an old version or a
 * short key takes nothing away; it keeps out those who only listen (RFC 7435).
 */
static void
context_opportunistic(SSL_CTX *ctx)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_security_level(ctx, 0);
}

static int
context_verify(SSL_CTX *ctx, const char *ca_file)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	if (ca_file[0] != '\0')
		return SSL_CTX_load_verify_locations(ctx, ca_file, NULL) == 1 ? 0 : -1;
	return SSL_CTX_set_default_verify_paths(ctx) == 1 ? 0 : -1;
}

static struct tls_context *
context_new(enum tls_mode mode, const char *ca_file)
{
	struct tls_context *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->mode = mode;
	t->ca_file = strdup(ca_file);
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ca_file == NULL || t->ctx == NULL)
		goto bad;
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                                SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS);
	if (mode == TLS_VERIFY && context_verify(t->ctx, ca_file) < 0)
		goto bad;
	if (mode != TLS_VERIFY)
		context_opportunistic(t->ctx);
	return t;
bad:
	context_free(t);
	return NULL;
}

/* OpenSSL's oldest error in words, and none left for the next who asks. */
static void
openssl_words(const char *what, char *why, size_t why_size)
{
	unsigned long e = ERR_get_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	snprintf(why, why_size, "%s%s%s", what, reason != NULL ? ": " : "",
	         reason != NULL ? reason : "");
	ERR_clear_error();
}

struct tls_context *
tls_context(struct tls_cache *c, enum tls_mode mode, const char *ca_file, char *why,
            size_t why_size)
{
	struct tls_context *t;
	char what[300];

	for (t = c->first; t != NULL; t = t->next)
		if (t->mode == mode && strcmp(t->ca_file, ca_file) == 0)
			return t;
	ERR_clear_error();
	if ((t = context_new(mode, ca_file)) == NULL) {
		snprintf(what, sizeof what, "cannot use the certificates of %.200s",
		         ca_file[0] != '\0' ? ca_file : "the system");
		openssl_words(what, why, why_size);
		return NULL;
	}
	t->next = c->first;
	c->first = t;
	return t;
}

static bool
is_literal(const char *host)
{
	unsigned char a[16];

	return inet_pton(AF_INET, host, a) == 1 || inet_pton(AF_INET6, host, a) == 1;
}

static int
client_expects(SSL *ssl, const struct tls_context *t, const char *host)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);

	if (!is_literal(host) && SSL_set_tlsext_host_name(ssl, host) != 1)
		return -1;
	if (t->mode != TLS_VERIFY)
		return 0;
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_literal(host))
		return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1 ? 0 : -1;
	return X509_VERIFY_PARAM_set1_host(p, host, 0) == 1 ? 0 : -1;
}

SSL *
tls_client(struct tls_context *t, const char *host)
{
	SSL *ssl = SSL_new(t->ctx);

	if (ssl == NULL)
		return NULL;
	if (client_expects(ssl, t, host) < 0) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}

void
tls_words(SSL *ssl, char *why, size_t why_size)
{
	long verify = SSL_get_verify_result(ssl);

	if (verify != X509_V_OK && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0) {
		snprintf(why, why_size, "the server's certificate: %s",
		         X509_verify_cert_error_string(verify));
		ERR_clear_error();
		return;
	}
	openssl_words("TLS", why, why_size);
}
