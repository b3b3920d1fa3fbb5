/*
 * One letter as uuxqt hands it over, to one of four ends, each durable before
 * it is told:
 *
 *	accepted    the spool has it, with a delivery for each recipient
 *	returned    (in part) too large, or too many recipients: its sender is told
 *	set aside   not understood: in quarantine as it came, the postmaster told
 *	later       the spool could not take it now: uuxqt keeps the job
 *
 * The first three are all 0 to uuxqt: what cannot be understood today cannot
 * be understood at the next run either, and uuxqt would run it for ever.
 * A person who runs rmail by hand is told instead, and keeps the letter.
 */
#include "bridge/intake/letter.h"

#include "bridge/intake/arguments.h"
#include "bridge/intake/aside.h"
#include "bridge/intake/crash.h"
#include "bridge/intake/envelope.h"
#include "bridge/intake/job.h"
#include "bridge/intake/report.h"
#include "bridge/intake/source.h"
#include "bridge/intake/taking.h"

#include <string.h>

struct letter {
	struct intake *in;
	char *const *arguments;
	struct job job;
	struct source source;
	struct taking taking;
	struct envelope envelope;
	struct spool_change *change;
	struct taken taken;
};

static enum ending
set_aside_for(struct letter *l, struct aside_why why)
{
	if (l->in->ask.site == NULL)
		return keeper_reason(l->in->keeper, ENDING_DATA, "not accepted: %s", why.words);
	return aside_source(l->in, l->change, &l->source,
	                    l->envelope.sender.n ? buf_text(&l->envelope.sender) : NULL, why);
}

static enum ending
set_aside(struct letter *l, const char *words)
{
	return set_aside_for(l, aside_words(words));
}

/* ---- reading ---- */

static enum ending
read_recipients(struct letter *l)
{
	const struct recipient_attrs none = {0};
	char *const *words = l->arguments;
	struct buf store = {0};
	struct span address;
	enum ending e = ENDING_DONE;

	while (e == ENDING_DONE && arguments_next(&words, &store, &address))
		if (envelope_recipient(&l->envelope, l->in, &l->taking.drafts, address, &none) != 0)
			e = intake_spool_failed(l->in);
	if (store.bad)
		e = intake_no_memory(l->in);
	buf_free(&store);
	return e;
}

/* Until the end, or until the letter is known to be of no use. */
static enum ending
read_text(struct letter *l)
{
	struct span block;

	do {
		if (source_read(&l->source, &block) != 0)
			return intake_input_failed(l->in);
		job_add(&l->job, block);
	} while (block.n > 0 && taking_add(&l->taking, block) == 0);
	taking_end(&l->taking);
	return ENDING_DONE;
}

static enum ending
read_letter(struct letter *l)
{
	enum ending e;

	l->in->keeper->phase = KEEPER_PARSE;
	if (taking_begin(&l->taking, l->in, false) != 0)
		return intake_no_memory(l->in);
	if ((e = read_recipients(l)) == ENDING_DONE)
		e = read_text(l);
	return e;
}

/* ---- what becomes of it ---- */

static void
attributes_of(const struct letter *l, struct message_attrs *a)
{
	*a = (struct message_attrs){.origin = l->in->origin,
	                            .site = span_of(l->in->site),
	                            .client = span_of(l->in->client),
	                            .facts = l->taking.facts};
}

static enum ending
return_letter(struct letter *l, struct span recipients, const char *status, struct aside_why why)
{
	struct message_attrs attrs;
	struct returned r = {.sender = buf_text(&l->envelope.sender),
	                     .attrs = &attrs,
	                     .recipients = recipients,
	                     .start = buf_view(&l->taking.head),
	                     .status = status,
	                     .words = why.words};
	bool told;

	attributes_of(l, &attrs);
	if (report_returned(l->in, l->change, &r, &told) != 0)
		return intake_spool_failed(l->in);
	return told ? ENDING_DONE : set_aside_for(l, why);
}

/* What we never take: 75 would make uuxqt try it for ever, so its sender gets it back. */
static enum ending
return_all(struct letter *l)
{
	enum taking_fault fault = l->taking.fault;
	struct aside_why why = taking_aside(fault);
	struct buf words = {0};
	enum ending e;

	if (l->in->ask.site == NULL || l->envelope.unnamed || !taking_is_returned(fault)) {
		e = set_aside_for(l, why);
	} else {
		if (fault == TAKING_TOO_LARGE) {
			buf_fmt(&words, "the letter is larger than this host takes (%llu octets)",
			        (unsigned long long)l->in->config->spool.message_bytes);
			why.words = buf_text(&words);
		}
		e = return_letter(l, buf_view(&l->envelope.names), taking_status(fault), why);
	}
	buf_free(&words);
	return e;
}

static enum ending
accept_letter(struct letter *l)
{
	struct message_attrs attrs;

	attributes_of(l, &attrs);
	if (taking_accept(&l->taking, l->change, buf_text(&l->envelope.sender), &attrs,
	                  &l->taken) != 0 ||
	    report_expanded(l->in, l->change, &l->envelope, &attrs, buf_view(&l->taking.head)) != 0)
		return intake_spool_failed(l->in);
	if (l->envelope.nexcess > 0)
		return return_letter(l, buf_view(&l->envelope.excess), "5.5.3",
		                     aside_words("too many recipients for one letter"));
	return ENDING_DONE;
}

/* Into the change: the letter, or what is kept and told of it. */
static enum ending
decide(struct letter *l)
{
	struct span chain = {buf_text(&l->taking.head), l->taking.chain_bytes};
	const char *why = "";

	if (l->taking.fault == TAKING_SPOOL)
		return intake_spool_failed(l->in);
	if (envelope_sender_of_chain(&l->envelope, l->in, chain, &why) != 0)
		return why ? set_aside(l, why) : intake_no_memory(l->in);
	if (l->arguments[0] == NULL)
		return set_aside(l, "no recipient: the command had no argument");
	if (l->taking.fault != TAKING_SOUND || taking_passed(&l->taking, l->envelope.passages) != 0)
		return return_all(l);
	if (l->envelope.overrun)
		return set_aside(l, envelope_overrun_words);
	if (l->taking.size == 0 && l->in->ask.site != NULL)
		return set_aside(l, "the letter is empty");
	if (l->envelope.good == 0 && (l->envelope.sender.n == 0 || l->in->ask.site == NULL))
		return set_aside(l, "no recipient can be reached from here");
	return accept_letter(l);
}

static enum ending
commit(struct letter *l)
{
	struct keeper *k = l->in->keeper;
	enum ending e;

	k->phase = KEEPER_STORE;
	job_finish(&l->job);
	if (l->job.known && spool_job(l->change, &l->job.id, l->in->now_s) != 0)
		return intake_spool_failed(l->in);
	if ((e = aside_tell(l->in, l->change)) == ENDING_DONE)
		e = intake_commit(l->in, l->change);
	if (e == ENDING_DONE && l->taken.n > 0 && l->taken.v[0].id != 0)
		taken_log(&l->taken);
	return e;
}

/* The bytes of a job that killed its parser before, unlooked at. */
static enum ending
take_unparsed(struct letter *l)
{
	if (job_add_source(&l->job, &l->source) != 0)
		return intake_input_failed(l->in);
	return set_aside(l, "reading this letter has ended our program twice");
}

static enum ending
take(struct letter *l)
{
	const struct config *c = l->in->config;
	enum ending e;
	unsigned crashes = 0;

	if (source_open(&l->source, c->spool.directory, 2 * c->spool.message_bytes) != 0)
		return intake_input_failed(l->in);
	if (job_identify(&l->job, l->in->site, l->arguments) != 0 ||
	    (l->change = spool_change_new(l->in->spool)) == NULL)
		return intake_no_memory(l->in);
	if (l->job.known)
		crashes = crash_count(c->spool.directory, l->job.key);
	e = crashes >= CRASH_MOST ? take_unparsed(l) : read_letter(l);
	if (e == ENDING_DONE && crashes < CRASH_MOST)
		e = decide(l);
	if (e == ENDING_DONE)
		e = commit(l);
	/* A poison letter's count stays: its job may be run again. */
	if (e == ENDING_DONE && crashes > 0 && crashes < CRASH_MOST)
		crash_forget(c->spool.directory, l->job.key);
	return e;
}

enum ending
letter_accept(struct intake *in, char *const *arguments)
{
	struct letter l = {.in = in, .arguments = arguments};
	enum ending e = take(&l);

	spool_change_free(l.change);
	taking_free(&l.taking);
	envelope_free(&l.envelope);
	source_close(&l.source);
	job_free(&l.job);
	taken_free(&l.taken);
	return e;
}
