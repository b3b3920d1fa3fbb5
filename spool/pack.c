/*
 * How are octets put together and taken apart? Numbers little endian, texts
 * behind their length; a pack grows, an unpack never reads past its end.
 */
#include "spool/pack.h"

#include <stdlib.h>
#include <string.h>

void
pack_free(struct pack *k)
{
	free(k->p);
	*k = (struct pack){0};
}

void
pack_raw(struct pack *k, const void *p, size_t n)
{
	size_t size = k->size;
	uint8_t *grown;

	if (n == 0 || k->bad)
		return;
	if (n > size - k->n) {
		if (n > SIZE_MAX / 4 || size > SIZE_MAX / 4) {
			k->bad = true;
			return;
		}
		for (size = size ? size : 256; n > size - k->n;)
			size *= 2;
		if (!(grown = realloc(k->p, size))) {
			k->bad = true;
			return;
		}
		k->p = grown;
		k->size = size;
	}
	memcpy(k->p + k->n, p, n);
	k->n += n;
}

void
pack_u8(struct pack *k, uint8_t v)
{
	pack_raw(k, &v, 1);
}

static void
store_u64(uint8_t *out, uint64_t v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

void
pack_store_u64(uint8_t out[8], uint64_t v)
{
	store_u64(out, v, 8);
}

static uint64_t
load_u64(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

void
pack_u32(struct pack *k, uint32_t v)
{
	uint8_t b[4];

	store_u64(b, v, sizeof b);
	pack_raw(k, b, sizeof b);
}

void
pack_u64(struct pack *k, uint64_t v)
{
	uint8_t b[8];

	store_u64(b, v, sizeof b);
	pack_raw(k, b, sizeof b);
}

void
pack_bytes(struct pack *k, struct spool_bytes b)
{
	pack_u32(k, (uint32_t)b.n);
	pack_raw(k, b.p, b.n);
}

const uint8_t *
unpack_raw(struct unpack *u, size_t n)
{
	const uint8_t *p = u->p;

	if (u->bad || n > u->n) {
		u->bad = true;
		return NULL;
	}
	u->p += n;
	u->n -= n;
	return p;
}

uint8_t
unpack_u8(struct unpack *u)
{
	const uint8_t *p = unpack_raw(u, 1);

	return p ? *p : 0;
}

uint32_t
unpack_u32(struct unpack *u)
{
	const uint8_t *p = unpack_raw(u, 4);

	return p ? (uint32_t)load_u64(p, 4) : 0;
}

uint64_t
unpack_u64(struct unpack *u)
{
	const uint8_t *p = unpack_raw(u, 8);

	return p ? load_u64(p, 8) : 0;
}

struct spool_bytes
unpack_bytes(struct unpack *u)
{
	size_t n = unpack_u32(u);
	const uint8_t *p = unpack_raw(u, n);

	return p ? (struct spool_bytes){p, n} : (struct spool_bytes){"", 0};
}

void
unpack_copy(struct unpack *u, void *out, size_t n)
{
	const uint8_t *p = unpack_raw(u, n);

	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

int
unpack_end(const struct unpack *u)
{
	return u->bad || u->n ? -1 : 0;
}

char *
bytes_text(struct spool_bytes b)
{
	char *t = malloc(b.n + 1);

	if (!t)
		return NULL;
	if (b.n)
		memcpy(t, b.p, b.n);
	t[b.n] = '\0';
	return t;
}

int
bytes_copy(struct spool_bytes *out, struct spool_bytes b)
{
	char *p = bytes_text(b);

	*out = (struct spool_bytes){p, p ? b.n : 0};
	return p ? 0 : -1;
}
