/*
 * Tokens: piet+k3v7x2mq4dwe@gw.example.com.
 *
 * The token is a digest of the address it stands for, so the same address has
 * the same token however often it is written to, and the memory holds one
 * record for it. It says nothing of the address: that is kept in the spool
 * from before a letter with the token leaves. What stands before the + is for
 * people, who want to see whom they write to; it must fit when it comes back,
 * so that nobody is shown a name of somebody's choice. Its last two letters are
 * a signature on the others: a token that is not remembered any more, or not by
 * this host, is seen to be one, and is no mailbox of the one it is named after.
 *
 * Letters of a mailbox are those that no mailer refuses to its own users: a
 * default Exim does so for @ % ! # & ? and the backquote (FACTS E2.3), and so
 * RFC 1137's # is not used.
 */
#include "bridge/route/reply_int.h"

/* Ten letters of the address's digest, and two of theirs. */
#define NAMED     10
#define HINT_MOST (ADDR_LOCAL_MAX - 1 - REPLY_TOKEN)

static void
add_check(const uint8_t *key, char token[REPLY_TOKEN + 1])
{
	digest_letters(key, DIGEST_CHECK, (struct span){token, NAMED}, REPLY_TOKEN - NAMED,
	               token + NAMED);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '+';
}

/* A mailbox's name as far as it can be shown; `_` for all that cannot. */
static void
add_hint(struct span user, struct buf *out)
{
	size_t i, at = out->n;
	bool dotted;

	for (i = 0; i < user.n && i < HINT_MOST; i++) {
		dotted = user.p[i] == '.' && i > 0 && out->p != NULL && out->p[out->n - 1] != '.';
		if (is_plain(user.p[i]) ? i > 0 || user.p[i] != '-' : dotted)
			buf_ch(out, user.p[i]);
		else
			buf_ch(out, '_');
	}
	if (!out->bad && out->n == at)
		buf_ch(out, '_');
}

/*
 * A letter of a million paths must not fill the memory: what is too much for it
 * keeps its bare path.
 */
static bool
is_too_much(const struct rewrite *w, struct span address)
{
	return address.n > REPLY_ADDRESS_MOST ||
	       (w->tokens != NULL && w->tokens->n >= REPLY_TOKENS_MOST);
}

int
reply_token_make(const struct rewrite *w, const struct addr *a, struct buf *mailbox)
{
	const struct route_memory *memory = &w->table->memory;
	char token[REPLY_TOKEN + 1];
	struct buf text = {0};
	bool bad;

	if (!memory->keyed)
		return 0;
	addr_print_bang(a, &text);
	if (!text.bad && is_too_much(w, buf_view(&text))) {
		buf_free(&text);
		return 0;
	}
	digest_letters(memory->key, DIGEST_TOKEN, buf_view(&text), NAMED, token);
	add_check(memory->key, token);
	add_hint(a->user, mailbox);
	buf_fmt(mailbox, "+%s", token);
	bad = text.bad || mailbox->bad;
	if (w->tokens != NULL) {
		buf_add(w->tokens, token, sizeof token);
		buf_add(w->tokens, buf_text(&text), text.n + 1);
		bad |= w->tokens->bad;
	}
	buf_free(&text);
	return bad ? -1 : 1;
}

/* Does s look like NAME+TOKEN? With *name and *token when it does. */
static bool
token_shape(struct span s, struct span *name, char token[REPLY_TOKEN + 1])
{
	size_t i, at;
	char c;

	if (s.n < REPLY_TOKEN + 2)
		return false;
	at = s.n - REPLY_TOKEN;
	for (i = 0; i < REPLY_TOKEN; i++) {
		c = s.p[at + i];
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7'))
			return false;
		token[i] = c;
	}
	token[REPLY_TOKEN] = '\0';
	*name = (struct span){s.p, at - 1};
	return s.p[at - 1] == '+';
}

/* Whether a token's address is shown by that name. 1, 0; -1 without memory. */
static int
hint_fits(struct span address, struct span name)
{
	struct buf store = {0}, hint = {0};
	struct addr a;
	const char *why;
	int got = 0;

	if (addr_parse(address, ADDR_DOMAIN_FIRST | ADDR_ANY_USER, &store, &a, &why) == 0) {
		add_hint(a.user, &hint);
		got = span_eq_nocase(buf_view(&hint), name);
	}
	got = store.bad || hint.bad ? -1 : got;
	buf_free(&store);
	buf_free(&hint);
	return got;
}

/* Made with our key, whether anybody remembers it or not. */
static bool
is_ours(const struct route_table *t, const char token[REPLY_TOKEN + 1])
{
	char ours[REPLY_TOKEN + 1];

	memcpy(ours, token, sizeof ours);
	add_check(t->memory.key, ours);
	return memcmp(ours, token, sizeof ours) == 0;
}

enum token_read
reply_token_read(const struct route_table *t, struct span mailbox, struct buf *address)
{
	char token[REPLY_TOKEN + 1];
	struct span name;
	size_t at = address->n;
	int got;

	if (!t->memory.keyed || t->memory.token == NULL || !token_shape(mailbox, &name, token) ||
	    !is_ours(t, token))
		return TOKEN_NONE;
	got = t->memory.token(t->memory.arg, (struct span){token, REPLY_TOKEN}, address);
	if (got > 0) {
		got = hint_fits((struct span){buf_text(address) + at, address->n - at}, name);
		address->bad |= got < 0;
	}
	if (got <= 0 && address->p != NULL)
		address->p[address->n = at] = '\0';
	if (got < 0 || address->bad)
		return TOKEN_NOT_NOW;
	return got > 0 ? TOKEN_FOUND : TOKEN_UNKNOWN;
}
