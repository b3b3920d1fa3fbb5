/*
 * The day of a tag is two letters, days modulo 1024; what is signed is the
 * whole count of days since 1970, so that a tag that has expired is not good
 * again three years later. Who checks knows which day was meant: the last one
 * with those two letters.
 */
#include "bridge/route/digest.h"

#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/utils.h>

#define DAY_S      86400
#define DAYS_ROUND 1024 /* what two letters tell apart */
#define DAYS_AHEAD 1    /* of a clock that goes before ours */

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

static int
letter_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static void
to_letters(const uint8_t *octets, size_t n, char *out)
{
	unsigned bits = 0, held = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (held < 5) {
			bits = (bits << 8 | *octets++) & 0xffff;
			held += 8;
		}
		held -= 5;
		out[i] = letters[bits >> held & 31];
	}
	out[n] = '\0';
}

static void
begin(crypto_auth_hmacsha256_state *h, const uint8_t *key, enum digest_use use, int64_t day)
{
	uint8_t head[9];
	size_t i;

	head[0] = (uint8_t)use;
	for (i = 0; i < 8; i++)
		head[1 + i] = (uint8_t)((uint64_t)day >> (56 - 8 * i));
	crypto_auth_hmacsha256_init(h, key, DIGEST_KEY);
	crypto_auth_hmacsha256_update(h, head, sizeof head);
}

static void
end(crypto_auth_hmacsha256_state *h, size_t n, char *out)
{
	uint8_t digest[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_final(h, digest);
	to_letters(digest, n, out);
}

void
digest_letters(const uint8_t key[DIGEST_KEY], enum digest_use use, struct span text, size_t n,
               char *out)
{
	crypto_auth_hmacsha256_state h;

	begin(&h, key, use, 0);
	crypto_auth_hmacsha256_update(&h, (const uint8_t *)text.p, text.n);
	end(&h, n, out);
}

static void
tag_of_day(const uint8_t *key, enum digest_use use, struct span text, int64_t day, char *out)
{
	crypto_auth_hmacsha256_state h;
	uint8_t some[64];
	size_t i, k;

	begin(&h, key, use, day);
	for (i = 0; i < text.n; i += k) {
		for (k = 0; k < sizeof some && i + k < text.n; k++)
			some[k] = (uint8_t)lower(text.p[i + k]);
		crypto_auth_hmacsha256_update(&h, some, k);
	}
	end(&h, DIGEST_TAG_LETTERS, out);
	out[DIGEST_TAG_LETTERS] = letters[day >> 5 & 31];
	out[DIGEST_TAG_LETTERS + 1] = letters[day & 31];
	out[DIGEST_TAG] = '\0';
}

void
digest_tag(const uint8_t key[DIGEST_KEY], enum digest_use use, struct span text, int64_t now_s,
           char out[DIGEST_TAG + 1])
{
	tag_of_day(key, use, text, now_s / DAY_S, out);
}

enum digest_verdict
digest_tag_check(const uint8_t key[DIGEST_KEY], enum digest_use use, struct span text,
                 struct span tag, int64_t now_s, unsigned days)
{
	char given[DIGEST_TAG], want[DIGEST_TAG + 1];
	const char *day = given + DIGEST_TAG_LETTERS;
	int64_t latest = now_s / DAY_S + DAYS_AHEAD, age;
	size_t i;

	if (tag.n != DIGEST_TAG)
		return DIGEST_FORGED;
	for (i = 0; i < DIGEST_TAG; i++) {
		if (letter_value(tag.p[i]) < 0)
			return DIGEST_FORGED;
		given[i] = lower(tag.p[i]);
	}
	age = latest - (letter_value(day[0]) << 5 | letter_value(day[1]));
	age &= DAYS_ROUND - 1;
	tag_of_day(key, use, text, latest - age, want);
	if (sodium_memcmp(given, want, DIGEST_TAG) != 0)
		return DIGEST_FORGED;
	return age > (int64_t)days + DAYS_AHEAD ? DIGEST_EXPIRED : DIGEST_GOOD;
}
