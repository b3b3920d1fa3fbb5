#include "bridge/base/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
outcome_name(enum outcome o)
{
	static const char *const names[] = {"sent", "later", "never"};

	return names[o];
}

const char *
scope_name(enum scope s)
{
	static const char *const names[] = {"delivery", "message", "session", "host", "link"};

	return names[s];
}

void
verdict_set(struct verdict *v, enum outcome o, enum scope s, int code, const char *status,
            const char *fmt, ...)
{
	va_list ap;
	size_t n;

	v->outcome = o;
	v->scope = s;
	v->in_doubt = false;
	v->code = code;
	snprintf(v->status, sizeof v->status, "%s", status != NULL ? status : "");
	va_start(ap, fmt);
	vsnprintf(v->words, sizeof v->words, fmt, ap);
	va_end(ap);
	/* a cut in the middle of a UTF-8 character takes the whole character */
	n = strlen(v->words);
	if (n + 1 < sizeof v->words)
		return;
	while (n > 0 && ((unsigned char)v->words[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)v->words[n - 1] >= 0xc0)
		n--;
	v->words[n] = '\0';
}
