/*
 * The rows are tried from the top and the first that fits decides. The codes
 * are RFC 5321 section 4.2.3; where we read one in another way than its first
 * digit says, the row says why. The rule behind them: mail is returned only
 * for what a server says of the letter or the recipient. What it says of us
 * (our address is on a list, our password is wrong, our dialogue is out of
 * step) is put right by an operator or by another link, and mail waits.
 */
#include "bridge/smtp/trouble.h"

#include <stddef.h>

#define AT(stage)  (1u << (stage))
#define AT_OPENING (AT(STAGE_GREETING) | AT(STAGE_HELLO) | AT(STAGE_TLS) | AT(STAGE_AUTH))
#define AT_LETTER  (AT(STAGE_MAIL) | AT(STAGE_DATA) | AT(STAGE_TEXT))
#define AT_ANY     (~0u)

static const struct rule {
	unsigned at;
	int from, to;
	const char *status; /* only with this enhanced status; NULL: any */
	enum outcome outcome;
	enum scope scope;
	const char *given;  /* the status to use when the server said none */
	const char *prefix; /* in front of the server's words */
} rules[] = {
    /* 535 is for our operator, not for the sender: a mistyped password must not return a queue */
    {AT(STAGE_AUTH), 500, 599, NULL, OUTCOME_LATER, SCOPE_HOST, "4.7.8",
     "the server refused our user or password: "},
    /* 5yz at the greeting mostly means a block list or an overload; another link may pass */
    {AT(STAGE_GREETING), 400, 599, NULL, OUTCOME_LATER, SCOPE_HOST, "4.3.2",
     "the server does not want us: "},
    {AT_OPENING, 400, 599, NULL, OUTCOME_LATER, SCOPE_HOST, "4.5.0", ""},
    {AT_ANY, 421, 421, NULL, OUTCOME_LATER, SCOPE_SESSION, "4.3.2", ""},
    /* out of step: says nothing of the letter (all of it that had failed has its verdict) */
    {AT_ANY, 503, 503, NULL, OUTCOME_LATER, SCOPE_SESSION, "4.5.1", ""},
    /* authentication or TLS is asked for: our configuration lacks it */
    {AT_ANY, 530, 530, NULL, OUTCOME_LATER, SCOPE_HOST, "4.7.0",
     "the server asks for authentication or TLS: "},
    /* too large for this mailbox or system: waiting would not make it smaller */
    {AT(STAGE_RCPT), 552, 552, "5.3.4", OUTCOME_NEVER, SCOPE_DELIVERY, "", ""},
    {AT(STAGE_RCPT), 552, 552, "5.2.3", OUTCOME_NEVER, SCOPE_DELIVERY, "", ""},
    /* RFC 5321 section 4.5.3.1.10: 552 to RCPT is treated as 452 */
    {AT(STAGE_RCPT), 552, 552, NULL, OUTCOME_LATER, SCOPE_DELIVERY, "4.5.3", ""},
    {AT(STAGE_RCPT), 400, 499, NULL, OUTCOME_LATER, SCOPE_DELIVERY, "", ""},
    {AT(STAGE_RCPT), 500, 599, NULL, OUTCOME_NEVER, SCOPE_DELIVERY, "", ""},
    {AT(STAGE_RCPT), 200, 299, NULL, OUTCOME_SENT, SCOPE_DELIVERY, "", ""},
    {AT(STAGE_TEXT), 200, 299, NULL, OUTCOME_SENT, SCOPE_MESSAGE, "", ""},
    {AT_LETTER, 400, 499, NULL, OUTCOME_LATER, SCOPE_MESSAGE, "", ""},
    {AT_LETTER, 500, 599, NULL, OUTCOME_NEVER, SCOPE_MESSAGE, "", ""},
    {AT_OPENING, 0, 999, NULL, OUTCOME_LATER, SCOPE_HOST, "4.5.0", "an unexpected reply: "},
    {AT_ANY, 0, 999, NULL, OUTCOME_LATER, SCOPE_SESSION, "4.5.0", "an unexpected reply: "},
};

static bool
rule_fits(const struct rule *rule, enum stage at, const struct reply *r)
{
	return (rule->at & AT(at)) != 0 && r->code >= rule->from && r->code <= rule->to &&
	       (rule->status == NULL || strcmp(rule->status, r->status) == 0);
}

/* A verdict's status is of its own class, whatever class the server's was (5.2.2 put off). */
static void
status_of_class(char status[12], enum outcome o)
{
	if (status[0] != '\0')
		status[0] = o == OUTCOME_SENT ? '2' : o == OUTCOME_LATER ? '4' : '5';
}

void
trouble_verdict(enum stage at, const struct reply *r, struct verdict *v)
{
	const struct rule *rule = rules;
	char words[VERDICT_WORDS];

	while (!rule_fits(rule, at, r))
		rule++; /* the last one fits all */
	reply_words(r, words, sizeof words);
	verdict_set(v, rule->outcome, rule->scope, r->code,
	            r->status[0] != '\0' ? r->status : rule->given, "%s%s", rule->prefix, words);
	status_of_class(v->status, v->outcome);
}

bool
trouble_too_many(const struct reply *r)
{
	if (r->code == 552)
		return r->status[0] == '\0' || strcmp(r->status, "5.5.3") == 0;
	return r->code == 452 && (r->status[0] == '\0' || strcmp(r->status, "4.5.3") == 0);
}
