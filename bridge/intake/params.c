#include "bridge/intake/params.h"

#include "bridge/intake/bsmtp.h"

#define ENVID_MAX 100 /* RFC 3461 section 4.4 */
#define ORCPT_MAX 500 /* section 4.2 */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3461 section 4: +XX is an octet. What is no xtext gives "". */
static struct span
decode_xtext(struct span s, size_t most, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '+') {
			buf_ch(out, s.p[i]);
			continue;
		}
		high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
		if (high < 0 || low < 0 || high * 16 + low < ' ')
			return SPAN("");
		buf_ch(out, (char)(high * 16 + low));
		i += 2;
	}
	return out->bad || out->n > most ? SPAN("") : buf_view(out);
}

void
params_mail(struct span params, struct buf *store, struct message_attrs *a)
{
	struct span key, value;

	while (bsmtp_param_next(&params, &key, &value)) {
		if (span_is_nocase(key, "SMTPUTF8"))
			a->smtputf8 = true;
		else if (span_is_nocase(key, "RET") && span_is_nocase(value, "FULL"))
			a->ret = DSN_RET_FULL;
		else if (span_is_nocase(key, "RET") && span_is_nocase(value, "HDRS"))
			a->ret = DSN_RET_HDRS;
		else if (span_is_nocase(key, "ENVID"))
			a->envid = decode_xtext(value, ENVID_MAX, store);
	}
}

/* NEVER stands alone, RFC 3461 section 4.1; a list with anything unknown says nothing. */
static unsigned
read_notify(struct span list)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {{"SUCCESS", DSN_SUCCESS}, {"FAILURE", DSN_FAILURE}, {"DELAY", DSN_DELAY}};
	unsigned notify = 0;

	if (span_is_nocase(list, "NEVER"))
		return DSN_NEVER;
	while (list.n > 0) {
		struct span word = span_cut(&list, ',');
		size_t i;

		for (i = 0; i < 3 && !span_is_nocase(word, words[i].word); i++)
			;
		if (i == 3)
			return 0;
		notify |= words[i].bit;
	}
	return notify;
}

void
params_rcpt(struct span params, struct buf *store, struct recipient_attrs *a)
{
	struct span key, value;

	while (bsmtp_param_next(&params, &key, &value)) {
		if (span_is_nocase(key, "NOTIFY"))
			a->notify = read_notify(value);
		else if (span_is_nocase(key, "ORCPT") && memchr(value.p, ';', value.n) != NULL)
			a->orcpt = decode_xtext(value, ORCPT_MAX, store);
	}
}
