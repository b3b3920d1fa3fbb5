/*
 * What may a name, a path, an address in the configuration look like? The
 * reason for a no is said after the setting's name: "`hostname` must be ...".
 */
#include "bridge/base/config_int.h"

#include <arpa/inet.h>

#define DOMAIN_MOST 253 /* RFC 1035 section 2.3.4, as text */
#define LABEL_MOST  63

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
refuse(struct buf *why, const char *words, const char *text)
{
	buf_fmt(why, "%s, not \"", words);
	config_show(why, text);
	buf_str(why, "\"");
	return false;
}

static bool
is_label(struct span s)
{
	size_t i;

	if (s.n == 0 || s.n > LABEL_MOST || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool
is_domain(struct span s)
{
	if (s.n == 0 || s.n > DOMAIN_MOST || s.p[s.n - 1] == '.')
		return false;
	while (s.n > 0)
		if (!is_label(span_cut(&s, '.')))
			return false;
	return true;
}

static bool
is_numeric_address(const char *text)
{
	struct in6_addr a;

	return inet_pton(AF_INET, text, &a) == 1 || inet_pton(AF_INET6, text, &a) == 1;
}

bool
config_word_domain(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	(void)r;
	(void)into;
	return is_domain(span_of(text)) ||
	       refuse(why, "must be a domain name such as \"gw.example.com\"", text);
}

bool
config_word_fqdn(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	(void)r;
	(void)into;
	return (is_domain(span_of(text)) && strchr(text, '.') != NULL &&
	        !is_numeric_address(text)) ||
	       refuse(why, "must be a full domain name such as \"gw.example.com\"", text);
}

/* RFC 976 section 5 is stricter than the names of the 1980s were. */
bool
config_word_site(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	const char *p;

	(void)r;
	(void)into;
	for (p = text; *p != '\0'; p++)
		if (!is_letter_or_digit(*p) && (p == text || strchr("-_.", *p) == NULL))
			break;
	return (p > text && *p == '\0' && p - text <= LABEL_MOST) ||
	       refuse(why, "must be a UUCP name of letters, digits, '-', '_' and '.'", text);
}

bool
config_word_label(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	const char *p;

	(void)r;
	(void)into;
	for (p = text; *p != '\0'; p++)
		if (!is_letter_or_digit(*p) && strchr("-_.+", *p) == NULL)
			break;
	return (p > text && *p == '\0' && p - text <= LABEL_MOST) ||
	       refuse(why, "must be a name of letters, digits, '-', '_', '.' and '+'", text);
}

bool
config_word_address(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	const char *at = strrchr(text, '@'), *p;

	(void)r;
	(void)into;
	for (p = text; (unsigned char)*p > ' ' && *p != 0x7f && strchr("<>,\"", *p) == NULL; p++)
		continue;
	return (*p == '\0' && at != NULL && at > text && is_domain(span_of(at + 1))) ||
	       refuse(why, "must be an address such as \"owner@example.org\"", text);
}

bool
config_word_user(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	return strcmp(text, "*") == 0 || config_word_label(r, into, text, why);
}

bool
config_word_catch_all(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	return strcmp(text, "none") == 0 || config_word_address(r, into, text, why);
}

bool
config_word_local(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	static const char prefix[] = "maildir:";

	(void)r;
	(void)into;
	if (strncmp(text, prefix, sizeof prefix - 1) == 0)
		return config_word_maildir(text + sizeof prefix - 1, why);
	return refuse(why, "must be \"maildir:PATH\"", text);
}

bool
config_word_path(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	(void)r;
	(void)into;
	return text[0] == '/' || refuse(why, "must be a path that begins with /", text);
}

/* Digits for a port; false when they are none, or none that can be. */
static bool
port_parse(struct span s, uint16_t *port)
{
	unsigned n = 0;
	size_t i;

	if (s.n == 0 || s.n > 5)
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	*port = (uint16_t)n;
	return n >= 1 && n <= 65535;
}

bool
config_word_resolver(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	struct span rest = span_of(text), address = span_cut(&rest, '@');
	char host[INET6_ADDRSTRLEN] = "";
	uint16_t port;

	(void)r;
	(void)into;
	if (address.n < sizeof host)
		memcpy(host, address.p, address.n);
	return (is_numeric_address(host) &&
	        (strchr(text, '@') == NULL || port_parse(rest, &port))) ||
	       refuse(why, "must be an address such as \"192.0.2.53\" or \"::1@5353\"", text);
}

/* Cuts "HOST", "HOST:PORT", "[V6]" or "[V6]:PORT"; port.p is NULL without a port. */
static bool
host_cut(const char *text, struct span *name, struct span *port)
{
	const char *start = text[0] == '[' ? text + 1 : text;
	const char *end = text[0] == '[' ? strchr(text, ']') : strchrnul(text, ':');

	*port = (struct span){NULL, 0};
	if (end == NULL)
		return false;
	*name = (struct span){start, (size_t)(end - start)};
	if (*end == ']')
		end++;
	if (*end == ':')
		*port = span_of(end + 1);
	return *end == ':' || *end == '\0';
}

bool
config_word_host(struct config_reader *r, const char *text, const char **host, uint16_t *port,
                 struct buf *why)
{
	struct span name, digits;
	bool good = host_cut(text, &name, &digits);

	if (good) {
		*host = arena_text(r->arena, name);
		good = text[0] == '[' ? strchr(*host, ':') != NULL && is_numeric_address(*host)
		                      : is_domain(name);
	}
	if (!good)
		return refuse(why, "must name a host: \"NAME\", \"192.0.2.1\" or \"[2001:db8::1]\"",
		              text);
	if (digits.p != NULL && !port_parse(digits, port))
		return refuse(why, "must have a port from 1 to 65535 after the colon", text);
	return true;
}

/* Without %u every user's mail would fall into one box; an unknown % would become part of a name.
 */
bool
config_word_maildir(const char *path, struct buf *why)
{
	const char *p;
	bool user = false;

	if (path[0] != '/')
		return refuse(why, "must be \"maildir:\" and a path that begins with /", path);
	for (p = path; *p != '\0'; p++) {
		if (*p != '%')
			continue;
		p++;
		if (*p == 'u')
			user = true;
		else if (*p != 'd' && *p != '%')
			return refuse(why, "may have %u (the user), %d (the domain) and %% alone",
			              path);
	}
	return user ||
	       refuse(why, "must have %u (the user) in its path, or all users share a box", path);
}
