/*
 * Signatures of ours: HMAC-SHA-256 under the one key of this bridge (or of
 * several that stand behind equal MX records), cut and written in the letters
 * that any mailer lets pass: a-z and 2-7 (RFC 4648 base32, in lower case).
 *
 * Each use has a word of its own in front of what is signed, so that what was
 * made for one is never good for another.
 */
#ifndef ROUTE_DIGEST_H
#define ROUTE_DIGEST_H

#include "bridge/base/buf.h"

#include <stdint.h>

#define DIGEST_KEY         32 /* octets */
#define DIGEST_TAG_LETTERS 5  /* of a tag: of the digest */
#define DIGEST_TAG_DAY     2  /* and of the day */
#define DIGEST_TAG         (DIGEST_TAG_LETTERS + DIGEST_TAG_DAY)

enum digest_use {
	DIGEST_TOKEN = 'T', /* the name under which an address is kept */
	DIGEST_CHECK = 'C', /* on a token: that it is one */
	DIGEST_PATH = 'P',  /* a tag on a path */
	DIGEST_SRS0 = '0',  /* a tag in a sender's address */
	DIGEST_SRS1 = '1',  /* and in one that was SRS already */
};

/* The first n letters, of 51 that there are, and a NUL. The same text gives the same letters; case
 * counts. */
void digest_letters(const uint8_t key[DIGEST_KEY], enum digest_use use, struct span text, size_t n,
                    char *out);

/*
 * A tag: a digest with the day on which it was made. Case does not count,
 * neither in the text nor in the tag: there are mailers that change it.
 */
void digest_tag(const uint8_t key[DIGEST_KEY], enum digest_use use, struct span text, int64_t now_s,
                char out[DIGEST_TAG + 1]);

enum digest_verdict {
	DIGEST_FORGED,  /* not ours, or the text was changed */
	DIGEST_EXPIRED, /* ours, more than `days` ago */
	DIGEST_GOOD,
};

/*
 * days: at most 1000, as `reply-days` is, for two letters tell 1024 days apart.
 * A clock a day ahead of ours is allowed for.
 */
enum digest_verdict digest_tag_check(const uint8_t key[DIGEST_KEY], enum digest_use use,
                                     struct span text, struct span tag, int64_t now_s,
                                     unsigned days);

#endif
