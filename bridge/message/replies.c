#include "bridge/message/replies.h"

#include "bridge/base/private_file.h"

#include <sodium.h>
#include <sys/random.h>
#include <unistd.h>

#define KEY_FACT   REPLIES_PREFIX "key"
#define KEY_BYTES  sizeof((struct route_memory){0}.key)
#define DAY_S      86400
#define DAY_BYTES  4
#define NAME_BYTES (sizeof REPLIES_PREFIX + REPLY_TOKEN)
#define KEPT_MOST  65535 /* what the spool takes as a fact */

/* ---- records ---- */

static uint32_t
day_of(int64_t now_s)
{
	return now_s > 0 ? (uint32_t)(now_s / DAY_S) : 0;
}

static void
put_day(struct buf *out, uint32_t day)
{
	int i;

	for (i = 0; i < DAY_BYTES; i++)
		buf_ch(out, (char)(day >> (8 * i)));
}

static uint32_t
get_day(const void *p)
{
	const uint8_t *b = p;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* The fact's name; false when no token looks like that. Case does not count. */
static bool
name_of(struct span token, char name[NAME_BYTES])
{
	char *to = name + sizeof REPLIES_PREFIX - 1;
	size_t i;

	if (token.n != REPLY_TOKEN)
		return false;
	memcpy(name, REPLIES_PREFIX, sizeof REPLIES_PREFIX - 1);
	for (i = 0; i < token.n; i++) {
		to[i] = token.p[i];
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (char)(to[i] - 'A' + 'a');
		if (!(to[i] >= 'a' && to[i] <= 'z') && !(to[i] >= '2' && to[i] <= '7'))
			return false;
	}
	to[i] = '\0';
	return true;
}

/* A fact whole into *out, which is empty: 1, 0 there is none, -1. */
static int
get_fact(struct spool *s, const char *name, struct buf *out)
{
	size_t n = 250, room;

	do { /* again when it is longer, or was made longer meanwhile */
		room = n;
		if (buf_room(out, room) != 0)
			return -1;
		if (spool_fact_get(s, name, out->p, room, &n) != 0)
			return spool_status(s) == SPOOL_NONE ? 0 : -1;
	} while (n > room);
	out->n = n;
	out->p[n] = '\0';
	return 1;
}

static int
get_token(struct spool *s, const char *name, struct buf *kept)
{
	int found = get_fact(s, name, kept);

	return found > 0 && kept->n <= DAY_BYTES ? 0 : found;
}

static struct span
address_of(const struct buf *kept)
{
	return (struct span){kept->p + DAY_BYTES, kept->n - DAY_BYTES};
}

/* ---- looking up ---- */

/* route_memory.token */
static int
look_up(void *arg, struct span token, struct buf *address)
{
	char name[NAME_BYTES];
	struct buf kept = {0};
	int found;

	if (!name_of(token, name))
		return 0;
	found = get_token(arg, name, &kept);
	if (found > 0)
		buf_span(address, address_of(&kept));
	buf_free(&kept);
	return address->bad ? -1 : found;
}

/* 1, or -1. */
static int
key_of_file(const char *file, uint8_t key[KEY_BYTES], struct buf *why)
{
	struct private_file f;
	struct buf words = {0};
	int rc = -1;

	if (private_file_read_key(&f, file, geteuid(), &words) != 0)
		buf_fmt(why, "secret: %s %s", file, buf_text(&words));
	else if (crypto_hash_sha256(key, (const unsigned char *)f.held.p, f.held.n) == 0)
		rc = 1;
	private_file_wipe(&f);
	buf_free(&words);
	return rc;
}

/* 1; 0 there is none yet; -1. */
static int
key_of_spool(struct spool *s, uint8_t key[KEY_BYTES], struct buf *why)
{
	size_t n;

	if (spool_fact_get(s, KEY_FACT, key, KEY_BYTES, &n) == 0)
		return n == KEY_BYTES;
	if (spool_status(s) == SPOOL_NONE)
		return 0;
	buf_fmt(why, "cannot read the key of our answers: %s", spool_error(s));
	return -1;
}

int
replies_attach(struct spool *s, const struct config *c, struct route_table *t, struct buf *why)
{
	struct route_memory m = {.keyed = true, .token = look_up, .arg = s};
	int got =
	    c->secret[0] != '\0' ? key_of_file(c->secret, m.key, why) : key_of_spool(s, m.key, why);

	if (got > 0)
		route_table_remember(t, &m);
	explicit_bzero(m.key, sizeof m.key);
	return got < 0 ? -1 : 0;
}

/* ---- keeping ---- */

int
replies_make_key(struct spool *s, struct buf *why)
{
	uint8_t key[KEY_BYTES];
	struct spool_change *c;
	int rc = -1;
	size_t n;

	if (spool_fact_get(s, KEY_FACT, key, sizeof key, &n) == 0)
		return 0;
	if (spool_status(s) == SPOOL_NONE && getrandom(key, sizeof key, 0) == sizeof key &&
	    (c = spool_change_new(s)) != NULL) {
		spool_fact(c, KEY_FACT, (struct spool_bytes){key, sizeof key});
		rc = spool_commit(c);
		spool_change_free(c);
	}
	explicit_bzero(key, sizeof key);
	if (rc != 0)
		buf_fmt(why, "cannot make the key of our answers: %s", spool_error(s));
	return rc;
}

/* A clock that was ahead has left days to come: they are as good as old. */
static bool
is_fresh(uint32_t day, uint32_t today, unsigned days)
{
	return day <= today && today - day <= days / REPLIES_RENEWED;
}

enum weighed { KNOWN, TO_BE_KEPT, CANNOT_BE_KEPT, UNREADABLE };

/* Whether that token is to be written; *why for CANNOT_BE_KEPT. */
static enum weighed
weigh(struct spool *s, struct span token, struct span address, unsigned days, uint32_t today,
      struct buf *why)
{
	char name[NAME_BYTES];
	struct buf kept = {0};
	enum weighed w = TO_BE_KEPT;
	int found;

	if (!name_of(token, name) || address.n == 0 || address.n > KEPT_MOST - DAY_BYTES) {
		buf_fmt(why, "an address of %zu octets cannot be remembered", address.n);
		return CANNOT_BE_KEPT;
	}
	found = get_token(s, name, &kept);
	if (found < 0) {
		w = UNREADABLE;
	} else if (found > 0 && !span_eq(address_of(&kept), address)) {
		/* by chance once in 2^50, and then an answer must not reach somebody else */
		buf_fmt(why, "the token %.*s stands for another address", (int)token.n, token.p);
		w = CANNOT_BE_KEPT;
	} else if (found > 0 && is_fresh(get_day(kept.p), today, days)) {
		w = KNOWN;
	}
	buf_free(&kept);
	return w;
}

int
replies_missing(struct spool *s, struct span tokens, unsigned days, int64_t now_s,
                struct buf *missing, struct buf *why)
{
	struct span token, address;

	while (reply_tokens_next(&tokens, &token, &address))
		switch (weigh(s, token, address, days, day_of(now_s), why)) {
		case KNOWN:
			break;
		case TO_BE_KEPT:
			buf_add(missing, token.p, token.n);
			buf_ch(missing, '\0');
			buf_add(missing, address.p, address.n);
			buf_ch(missing, '\0');
			break;
		case CANNOT_BE_KEPT:
			return 1;
		case UNREADABLE:
			return -1;
		}
	return missing->bad ? -1 : 0;
}

size_t
replies_keep(struct spool_change *c, struct span *missing, size_t most, int64_t now_s)
{
	struct span token, address;
	char name[NAME_BYTES];
	struct buf value = {0};
	size_t n;

	for (n = 0; n < most && reply_tokens_next(missing, &token, &address); n++) {
		buf_clear(&value);
		put_day(&value, day_of(now_s));
		buf_span(&value, address);
		/* Without memory: a value too long for any fact makes the change fail. */
		if (name_of(token, name))
			spool_fact(c, name,
			           (struct spool_bytes){value.p, value.bad ? SIZE_MAX : value.n});
	}
	buf_free(&value);
	return n;
}

/* ---- all of them ---- */

struct walk {
	replies_fn *each;
	void *arg;
};

static int
tell(void *arg, const char *name, struct spool_bytes value)
{
	const char *token = name + sizeof REPLIES_PREFIX - 1;
	const struct walk *w = arg;
	struct reply_kept k = {.token = token};

	if (strlen(token) != REPLY_TOKEN || value.n <= DAY_BYTES)
		return 0;
	k.address = (struct span){(const char *)value.p + DAY_BYTES, value.n - DAY_BYTES};
	k.day_s = (int64_t)get_day(value.p) * DAY_S;
	return w->each(w->arg, &k);
}

int
replies_each(struct spool *s, const char *after, replies_fn *each, void *arg)
{
	struct walk w = {each, arg};
	char name[NAME_BYTES] = "";

	if (after[0] != '\0' && !name_of(span_of(after), name))
		return spool_facts(s, REPLIES_PREFIX, "", tell, &w);
	return spool_facts(s, REPLIES_PREFIX, name, tell, &w);
}

void
replies_forget(struct spool_change *c, const char *token)
{
	char name[NAME_BYTES];

	if (name_of(span_of(token), name))
		spool_fact(c, name, (struct spool_bytes){"", 0});
}
