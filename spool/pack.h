/*
 * Octets put together and taken apart: numbers little endian, texts behind
 * their length.
 */
#ifndef SPOOL_PACK_H
#define SPOOL_PACK_H

#include "spool/spool_int.h"

/* Bytes being put together; a failed append sticks in bad. */
struct pack {
	uint8_t *p; /* owned */
	size_t n, size;
	bool bad; /* out of memory */
};
void pack_free(struct pack *k);
void pack_raw(struct pack *k, const void *p, size_t n);
void pack_u8(struct pack *k, uint8_t v);
void pack_u32(struct pack *k, uint32_t v);
void pack_u64(struct pack *k, uint64_t v);
void pack_bytes(struct pack *k, struct spool_bytes b); /* with its length */
void pack_store_u64(uint8_t out[8], uint64_t v);
static inline struct spool_bytes
pack_view(const struct pack *k)
{
	return (struct spool_bytes){k->p, k->n};
}

/* Bytes being taken apart; reading past the end gives zeroes and sets bad. */
struct unpack {
	const uint8_t *p; /* borrowed */
	size_t n;
	bool bad;
};
const uint8_t *unpack_raw(struct unpack *u, size_t n); /* NULL when there is less */
uint8_t unpack_u8(struct unpack *u);
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);
struct spool_bytes unpack_bytes(struct unpack *u);
void unpack_copy(struct unpack *u, void *out, size_t n); /* zeroes when there is less */
int unpack_end(const struct unpack *u); /* 0, or -1: something was missing, or is left */
static inline struct unpack
unpack_of(struct spool_bytes b)
{
	return (struct unpack){.p = b.p, .n = b.n};
}

static inline struct spool_bytes
bytes_of(const char *text)
{
	return (struct spool_bytes){text, __builtin_strlen(text)};
}
char *bytes_text(struct spool_bytes b);                        /* owned, NUL-terminated; NULL */
int bytes_copy(struct spool_bytes *out, struct spool_bytes b); /* owned; -1 no memory */

#endif
