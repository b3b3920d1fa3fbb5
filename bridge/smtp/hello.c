/* What a server says of itself in the reply to EHLO (RFC 5321 section 4.1.1.1). */
#include "bridge/smtp/client_int.h"

#include <ctype.h>
#include <stddef.h>

static void
hello_size(struct client_abilities *can, struct span limit)
{
	uint64_t n = 0;
	size_t i;

	can->size_said = true;
	for (i = 0; i < limit.n && limit.p[i] >= '0' && limit.p[i] <= '9'; i++) {
		if (n > UINT64_MAX / 10 - 1)
			return; /* more than any message has */
		n = n * 10 + (uint64_t)(limit.p[i] - '0');
	}
	can->size_bytes = n; /* RFC 1870: 0 is no limit */
}

/* Mechanisms are gathered from "AUTH A B" and from the "AUTH=A B" of before RFC 2554. */
static void
hello_auth(struct client_abilities *can, struct span list)
{
	size_t n = strlen(can->auth);
	struct span word;

	while (list.n > 0) {
		word = span_cut(&list, ' ');
		if (word.n == 0 || n + word.n + 2 > sizeof can->auth)
			continue;
		if (n > 0)
			can->auth[n++] = ' ';
		for (; word.n > 0; word.p++, word.n--)
			can->auth[n++] = (char)toupper((unsigned char)*word.p);
		can->auth[n] = '\0';
	}
}

static void
hello_word(struct client_abilities *can, struct span line)
{
	static const struct {
		const char *word;
		size_t at; /* of its bool */
	} words[] = {
	    {"PIPELINING", offsetof(struct client_abilities, pipelining)},
	    {"8BITMIME", offsetof(struct client_abilities, eightbitmime)},
	    {"SMTPUTF8", offsetof(struct client_abilities, smtputf8)},
	    {"DSN", offsetof(struct client_abilities, dsn)},
	    {"ENHANCEDSTATUSCODES", offsetof(struct client_abilities, enhanced)},
	    {"STARTTLS", offsetof(struct client_abilities, starttls)},
	    {"CHUNKING", offsetof(struct client_abilities, chunking)},
	};
	struct span rest = line, word = span_cut(&rest, ' ');
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is_nocase(word, words[i].word))
			*(bool *)((char *)can + words[i].at) = true;
	if (span_is_nocase(word, "SIZE"))
		hello_size(can, span_trim(rest));
	if (span_is_nocase(word, "AUTH"))
		hello_auth(can, rest);
	if (span_starts_nocase(line, "AUTH="))
		hello_auth(can, (struct span){line.p + 5, line.n - 5});
}

void
hello_parse(const struct reply *r, struct client_abilities *can)
{
	struct client_abilities fresh = {.esmtp = true};
	struct span line;
	size_t at = 0;
	bool first = true;

	memcpy(fresh.greeting, can->greeting, sizeof fresh.greeting);
	while (reply_line(r, &at, &line)) {
		if (!first)
			hello_word(&fresh, span_trim(line));
		first = false;
	}
	*can = fresh;
}
