/*
 * `bangway route`: which way would that address go, by which rules, what else
 * could have been chosen, and does an answer come back? Nothing is sent, and
 * nothing is looked up in DNS. Where the spool may be read it is asked what
 * our tokens stand for and how the links are; without it there is still the
 * configuration.
 */
#include "bridge/operator/explain.h"

#include "bridge/base/clock.h"
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

#include <arpa/inet.h>
#include <unistd.h>

#define LINE_MOST 65536 /* octets of an address on standard input */

const char *
comes_back_name(enum comes_back b)
{
	static const char *const names[] = {
	    [BACK_COMES] = "comes-back", [BACK_LOST] = "lost", [BACK_NULL] = "null"};

	return names[b];
}

const char *
comes_back_words(enum comes_back b)
{
	static const char *const words[] = {[BACK_COMES] = "an answer comes back",
	                                    [BACK_LOST] = "an answer does not come back",
	                                    [BACK_NULL] = "nothing can answer it"};

	return words[b];
}

/* An answer to that sender: *reaches is whom it is for, as a path from us. 1, 0 with *why, -1. */
static int
round_trip(const struct rewrite *w, struct span sender, struct buf *reaches, const char **why)
{
	const struct route_ask ourselves = {.now_s = w->now_s};
	struct route_answer a = {0};
	int rc = route_find(w->table, sender, &ourselves, &a);

	if (rc == 0 && a.hop == HOP_REJECT)
		*why = "it would be refused";
	else if (rc == 0)
		buf_span(reaches, buf_view(&a.address));
	rc = rc < 0 || reaches->bad ? -1 : a.hop != HOP_REJECT;
	route_answer_free(&a);
	return rc;
}

/* What that address is as a sender, and where an answer to it goes. */
static int
find_back(const struct rewrite *w, struct explained *x)
{
	const char *why;
	int rc;

	x->why = "";
	if (rewrite_sender(w, x->address, &x->sender, NULL, &why) < 0 ||
	    rewrite_explain_answer(w, x->address, &x->back) < 0)
		return -1;
	if (x->sender.n == 0) {
		x->comes_back = BACK_NULL;
		x->why = "it is the null sender";
		return 0;
	}
	rc = round_trip(w, buf_view(&x->sender), &x->reaches, &x->why);
	x->comes_back = rc == 1 ? BACK_COMES : BACK_LOST;
	return rc < 0 ? -1 : 0;
}

int
explain_find(struct explain *e, struct span address, struct explained *x)
{
	const struct rewrite w = {.table = e->why.table, .ask = &e->ask, .now_s = e->ask.now_s};

	*x = (struct explained){.address = address, .ask = &e->ask};
	x->answer.steps = &x->forth;
	if (route_find(e->why.table, address, &e->ask, &x->answer) != 0)
		return -1;
	return find_back(&w, x);
}

void
explained_free(struct explained *x)
{
	route_answer_free(&x->answer);
	route_steps_free(&x->forth);
	route_steps_free(&x->back);
	buf_free(&x->sender);
	buf_free(&x->reaches);
}

/* ---- the command ---- */

enum form { FORM_TEXT, FORM_JSON, FORM_DOT };

struct run {
	struct explain explain;
	enum form form;
	struct json_list json;
	unsigned n; /* addresses told */
	enum ending ending;
	struct buf out;
};

static void
keep_first(struct run *r, enum ending e)
{
	if (r->ending == ENDING_DONE)
		r->ending = e;
}

/* A refusal is an answer like any other, and has its code. */
static void
one(struct run *r, struct span address)
{
	struct console *con = r->explain.con;
	struct explained x;

	if (explain_find(&r->explain, address, &x) != 0) {
		keep_first(r, operator_fail(con, ENDING_SYSTEM, "out of memory"));
		explained_free(&x);
		return;
	}
	if (r->form == FORM_JSON)
		json_list_put(&r->json, explain_json(&r->explain, &x));
	else if (r->form == FORM_DOT)
		explain_dot(&r->explain, &x, r->n, &r->out);
	else
		explain_text(&r->explain, &x, &r->out);
	if (r->form == FORM_TEXT && r->n > 0)
		fputc('\n', con->out);
	show_flush(&r->out, con->out);
	r->n++;
	if (x.answer.verdict.outcome == OUTCOME_NEVER)
		keep_first(r, ENDING_DATA);
	explained_free(&x);
}

/* One line into *line, without its end; false at the end of the input. */
static bool
line_read(FILE *in, struct buf *line)
{
	int c;

	buf_clear(line);
	while ((c = getc_unlocked(in)) != EOF && c != '\n')
		buf_ch(line, (char)c);
	return c != EOF || line->n > 0;
}

/* One address a line; empty lines are none. */
static void
each_line(struct run *r, FILE *in)
{
	struct buf line = {.max = LINE_MOST};
	struct span address;
	unsigned number = 0;

	while (line_read(in, &line)) {
		number++;
		address = span_trim(buf_view(&line));
		if (line.bad)
			keep_first(r, operator_fail(r->explain.con, ENDING_DATA,
			                            "line %u has more than %u octets", number,
			                            LINE_MOST));
		else if (address.n > 0)
			one(r, address);
	}
	if (ferror(in))
		keep_first(
		    r, operator_fail(r->explain.con, ENDING_IO, "standard input cannot be read"));
	buf_free(&line);
}

static void
each_word(struct run *r, const struct args *a)
{
	int i;

	for (i = 0; i < a->n; i++)
		if (strcmp(a->words[i], "-") == 0)
			each_line(r, stdin);
		else
			one(r, span_of(a->words[i]));
}

static void
answer(struct run *r, const struct args *a)
{
	struct console *con = r->explain.con;

	if (r->form == FORM_JSON)
		json_list_begin(&r->json, con, "routes");
	if (r->form == FORM_DOT)
		explain_dot_begin(&r->out);
	each_word(r, a);
	if (r->form == FORM_DOT)
		explain_dot_end(&r->out);
	show_flush(&r->out, con->out);
	if (r->form == FORM_JSON)
		json_list_end(&r->json, json_pack("{s:b}", "spool", (int)(con->spool != NULL)));
	buf_free(&r->out);
}

static enum ending
usage(struct console *con, const struct args *a)
{
	const char *client = args_value(a, "client");
	unsigned char address[16];

	if (args_given(a, "dot") && con->json)
		return operator_fail(con, ENDING_USAGE, "--dot is no JSON: one of the two");
	if (client != NULL && args_given(a, "as"))
		return operator_fail(
		    con, ENDING_USAGE,
		    "a letter comes from a site or from a client: --as or --client");
	if (client != NULL && inet_pton(AF_INET, client, address) != 1 &&
	    inet_pton(AF_INET6, client, address) != 1)
		return operator_fail(con, ENDING_USAGE,
		                     "--client wants an IP address, such as 192.0.2.1 or"
		                     " 2001:db8::1, not %s",
		                     client);
	return ENDING_DONE;
}

/* What our tokens stand for is in the spool: without it some answers are not the daemon's. */
static void
open_spool(struct console *con)
{
	store_try(con);
	if (con->spool == NULL && access(con->config->spool.directory, F_OK) == 0)
		fprintf(con->err, "bangway: without the spool, which is not to be opened from here,"
		                  " our tokens are not known\n");
}

enum ending
operator_route(struct console *con)
{
	const struct args *a = con->args;
	struct run r = {.explain = {.con = con,
	                            .ask = {.site = args_value(a, "as"),
	                                    .client = args_value(a, "client"),
	                                    .now_s = clock_wall_s()}}};
	enum ending e = usage(con, a);

	if (e != ENDING_DONE)
		return e;
	r.form = con->json ? FORM_JSON : args_given(a, "dot") ? FORM_DOT : FORM_TEXT;
	open_spool(con);
	why_begin(&r.explain.why, con);
	if (r.explain.why.table == NULL)
		keep_first(&r, operator_fail(con, ENDING_SYSTEM, "out of memory"));
	else
		answer(&r, a);
	why_end(&r.explain.why);
	return r.ending;
}
