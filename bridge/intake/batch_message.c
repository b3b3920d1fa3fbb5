/* One transaction of a batch: to a message, to its sender, or to the pieces kept. */
#include "bridge/intake/batch_int.h"

#include "bridge/intake/params.h"
#include "bridge/intake/report.h"

void
batch_drop(struct batch *b)
{
	taking_free(&b->taking);
	b->open = false;
}

static void
spool_failed(struct batch *b)
{
	if (b->ending == ENDING_DONE)
		b->ending = intake_spool_failed(b->in);
}

static void
on_mail(struct batch *b, const struct bsmtp_event *e)
{
	const char *why = NULL;

	batch_drop(b);
	envelope_clear(&b->envelope);
	b->attrs = (struct message_attrs){.origin = b->in->origin,
	                                  .site = span_of(b->in->site),
	                                  .client = span_of(b->in->client)};
	params_mail(e->params, &b->envid, &b->attrs);
	b->spoilt = NULL;
	b->open = true;
	if (taking_begin(&b->taking, b->in, true) != 0)
		spool_failed(b);
	else if (envelope_sender(&b->envelope, b->in, e->text, &why) != 0 &&
	         (b->spoilt = why) == NULL)
		b->ending = intake_no_memory(b->in);
}

static void
on_rcpt(struct batch *b, const struct bsmtp_event *e)
{
	struct recipient_attrs attrs = {0};
	int rc;

	if (!b->open || b->ending != ENDING_DONE)
		return;
	params_rcpt(e->params, &b->orcpt, &attrs);
	if (e->what == BSMTP_RCPT)
		rc = envelope_recipient(&b->envelope, b->in, &b->taking.drafts, e->text, &attrs);
	else
		rc = envelope_unreadable(&b->envelope, b->in, &b->taking.drafts, e->text, &attrs);
	if (rc != 0)
		spool_failed(b);
}

static int
return_message(struct batch *b, struct span recipients, const char *status, const char *words,
               bool *told)
{
	struct returned r = {.sender = buf_text(&b->envelope.sender),
	                     .attrs = &b->attrs,
	                     .recipients = recipients,
	                     .start = buf_view(&b->taking.head),
	                     .status = status,
	                     .words = words};

	return report_returned(b->in, b->change, &r, told);
}

/* Why the transaction cannot become a message; without words: it can, or is returned. */
static struct aside_why
verdict_of(const struct batch *b)
{
	if (b->spoilt != NULL)
		return aside_words(b->spoilt);
	if (b->taking.fault != TAKING_SOUND &&
	    (!taking_is_returned(b->taking.fault) || b->envelope.unnamed))
		return taking_aside(b->taking.fault);
	if (b->envelope.overrun)
		return aside_words(envelope_overrun_words);
	if (b->taking.fault == TAKING_SOUND && b->envelope.good == 0 && b->envelope.sender.n == 0)
		return aside_words(
		    "no recipient can be reached from here, and there is no sender to tell");
	return aside_words(NULL);
}

/* Returned to its sender; where there is none, set aside. */
static int
return_all(struct batch *b, const struct bsmtp_event *e)
{
	enum taking_fault fault = b->taking.fault;
	bool told;
	int rc = return_message(b, buf_view(&b->envelope.names), taking_status(fault),
	                        taking_words(fault), &told);

	b->refused += b->envelope.good;
	if (rc == 0 && !told)
		pieces_add(&b->pieces, e->from, e->to, taking_aside(fault));
	return rc;
}

/* A message; what of its recipients was too much is returned, or set aside. */
static int
accept_message(struct batch *b, const struct bsmtp_event *e)
{
	bool told = true;

	if (taking_accept(&b->taking, b->change, buf_text(&b->envelope.sender), &b->attrs, NULL) !=
	        0 ||
	    report_expanded(b->in, b->change, &b->envelope, &b->attrs, buf_view(&b->taking.head)) !=
	        0)
		return -1;
	b->messages++;
	b->recipients += b->envelope.good;
	b->refused += b->envelope.refused + b->envelope.nexcess;
	if (b->envelope.nexcess > 0 &&
	    return_message(b, buf_view(&b->envelope.excess), "5.5.3",
	                   "too many recipients for one message", &told) != 0)
		return -1;
	if (!told)
		pieces_add(&b->pieces, e->from, e->to,
		           aside_words("too many recipients, and there is no sender to tell"));
	return 0;
}

static void
on_whole(struct batch *b, const struct bsmtp_event *e)
{
	struct aside_why why;
	int rc = 0;

	if (b->ending != ENDING_DONE)
		return;
	if (taking_end(&b->taking) == 0)
		taking_passed(&b->taking, b->envelope.passages);
	why = verdict_of(b);
	if (b->taking.fault == TAKING_SPOOL)
		rc = -1;
	else if (why.words != NULL)
		pieces_add(&b->pieces, e->from, e->to, why);
	else if (b->taking.fault != TAKING_SOUND)
		rc = return_all(b, e);
	else
		rc = accept_message(b, e);
	if (rc != 0)
		spool_failed(b);
	batch_drop(b);
}

void
batch_event(void *arg, const struct bsmtp_event *e)
{
	struct batch *b = arg;

	switch (e->what) {
	case BSMTP_HELLO:
		break;
	case BSMTP_MAIL:
		on_mail(b, e);
		break;
	case BSMTP_RCPT:
	case BSMTP_REFUSED:
		on_rcpt(b, e);
		break;
	case BSMTP_TEXT:
		if (b->open && b->ending == ENDING_DONE)
			taking_add(&b->taking, e->text);
		break;
	case BSMTP_WHOLE:
		on_whole(b, e);
		break;
	case BSMTP_DROP:
		batch_drop(b);
		break;
	case BSMTP_KEEP:
		pieces_add(&b->pieces, e->from, e->to, aside_words(e->why));
		break;
	}
}
