/*
 * SASL for the client, by libgsasl (RFC 4954). The strongest mechanism that
 * both sides have is tried first; one that puts the password on the wire only
 * under TLS, unless the operator said otherwise. Pure: lines in, lines out.
 */
#ifndef SMTP_AUTH_H
#define SMTP_AUTH_H

#include "bridge/base/buf.h"

struct auth;

/* Strings are copied; mechanisms: the only ones allowed, "" all. NULL: out of memory. */
struct auth *auth_new(const char *user, const char *password, const char *host,
                      const char *mechanisms, bool plain_in_clear);
void auth_free(struct auth *a); /* NULL is allowed; the password is wiped */

/*
 * The next mechanism of those the server offers ("PLAIN LOGIN"): appends
 * "AUTH NAME" and the initial response, with CR LF. -1: none is left (auth_error()).
 */
int auth_begin(struct auth *a, const char *offered, bool secure, struct buf *out);
/* Answers a 334. -1: the exchange failed; "*" was appended, the server will say 501. */
int auth_answer(struct auth *a, struct span challenge, struct buf *out);
/* After 235: the server has proved itself too, where the mechanism asks it to. */
bool auth_is_complete(const struct auth *a);
const char *auth_error(const struct auth *a);

#endif
