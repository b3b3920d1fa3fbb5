/*
 * MAIL and RCPT with their parameters, and what keeps a message from being
 * said at all. An address that could break out of its line, or that the server
 * cannot be told, ends here and not at the server.
 */
#include "bridge/smtp/client_int.h"

static bool
is_eightbit(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

/* Why a path cannot be said to this server: its detail in X.1.N and words, or NULL. */
static const char *
path_fault(const struct client *c, const char *path, const char **status)
{
	struct span s = span_of(path);
	bool quoted = false;
	size_t i;

	*status = NULL;
	if (s.n > CLIENT_PATH_BYTES)
		return "the address is longer than SMTP allows";
	for (i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch < 0x20 || ch == 0x7f)
			return "the address has a control character";
		if (quoted && ch == '\\' && i + 1 < s.n)
			i++;
		else if (ch == '"')
			quoted = !quoted;
		else if (!quoted && (ch == '<' || ch == '>' || ch == ' '))
			return "the address has a character that SMTP does not allow unquoted";
	}
	if (quoted)
		return "the address has an open quotation";
	if (is_eightbit(s) && !c->can.smtputf8) {
		*status = "5.6.7";
		return "the address is not ASCII and the server lacks SMTPUTF8";
	}
	return NULL;
}

/* Why the whole message cannot be said to this server, or NULL. */
static const char *
message_fault(const struct client *c, const struct client_message *m, const char **status)
{
	const char *words = path_fault(c, m->reverse_path, status);

	if (words != NULL) {
		*status = *status != NULL ? *status : "5.1.7";
		return words;
	}
	*status = "5.6.7";
	if (m->smtputf8 && !c->can.smtputf8)
		return "the message needs SMTPUTF8, which the server lacks";
	*status = "5.6.3";
	if (m->eightbit && !c->can.eightbitmime)
		return "the message has 8-bit content and the server lacks 8BITMIME";
	*status = "5.3.4";
	if (c->can.size_bytes != 0 && m->size_bytes > c->can.size_bytes)
		return "the message is larger than the server says it takes";
	return NULL;
}

bool
command_allows(struct client *c, struct letter *l)
{
	const char *status, *words = message_fault(c, l->m, &status);
	struct verdict v;
	unsigned i;

	if (words != NULL) {
		verdict_set(&v, OUTCOME_NEVER, SCOPE_MESSAGE, 0, status, "%s", words);
		letter_settle_all(c, l, &v);
		return false;
	}
	for (i = 0; i < l->m->nrecipients; i++) {
		if ((words = path_fault(c, l->m->recipients[i].path, &status)) == NULL)
			continue;
		verdict_set(&v, OUTCOME_NEVER, SCOPE_DELIVERY, 0, status != NULL ? status : "5.1.3",
		            "%s", words);
		letter_settle(c, l, i, &v);
	}
	return l->unsettled > 0;
}

/* RFC 3461 section 4: printable ASCII but '+' and '=' stands for itself. */
static void
add_xtext(struct buf *out, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch > 0x20 && ch < 0x7f && ch != '+' && ch != '=')
			buf_ch(out, (char)ch);
		else
			buf_fmt(out, "+%02X", ch);
	}
}

/* "type;address": the type is an atom, the address xtext (RFC 3461 section 4.2). */
static void
add_orcpt(struct buf *out, struct span orcpt)
{
	struct span address = orcpt, type;

	if (orcpt.n == 0 || orcpt.n > CLIENT_PATH_BYTES)
		return;
	type = span_cut(&address, ';');
	if (type.n == 0 || address.n == 0)
		return;
	buf_str(out, " ORCPT=");
	add_xtext(out, type);
	buf_ch(out, ';');
	add_xtext(out, address);
}

static void
add_notify(struct buf *out, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {{DSN_SUCCESS, "SUCCESS"}, {DSN_FAILURE, "FAILURE"}, {DSN_DELAY, "DELAY"}};
	const char *before = " NOTIFY=";
	size_t i;

	if ((notify & DSN_NEVER) != 0) {
		buf_str(out, " NOTIFY=NEVER");
		return;
	}
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if ((notify & words[i].bit) == 0)
			continue;
		buf_fmt(out, "%s%s", before, words[i].word);
		before = ",";
	}
}

void
command_mail(struct client *c, const struct client_message *m)
{
	buf_fmt(&c->out, "MAIL FROM:<%s>", m->reverse_path);
	if (c->can.size_said && m->size_bytes > 0)
		buf_fmt(&c->out, " SIZE=%llu", (unsigned long long)m->size_bytes);
	if (m->eightbit && c->can.eightbitmime)
		buf_str(&c->out, " BODY=8BITMIME");
	if (m->smtputf8 && c->can.smtputf8)
		buf_str(&c->out, " SMTPUTF8");
	if (c->can.dsn && m->ret != DSN_RET_UNSAID)
		buf_str(&c->out, m->ret == DSN_RET_FULL ? " RET=FULL" : " RET=HDRS");
	if (c->can.dsn && m->envid.n > 0 && m->envid.n <= 100) {
		buf_str(&c->out, " ENVID=");
		add_xtext(&c->out, m->envid);
	}
	buf_str(&c->out, "\r\n");
}

void
command_rcpt(struct client *c, const struct client_recipient *r)
{
	buf_fmt(&c->out, "RCPT TO:<%s>", r->path);
	if (c->can.dsn) {
		add_notify(&c->out, r->notify);
		add_orcpt(&c->out, r->orcpt);
	}
	buf_str(&c->out, "\r\n");
}
