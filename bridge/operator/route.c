/*
 * `bangway route`: addresses explained, from the command line or a list, to a
 * person, a program or Graphviz. Where the spool may be read it is asked what
 * our tokens stand for and how the links are; without it there is still the
 * configuration.
 */
#include "bridge/base/clock.h"
#include "bridge/operator/args.h"
#include "bridge/operator/explain.h"
#include "bridge/operator/json.h"
#include "bridge/operator/tables.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

#include <arpa/inet.h>
#include <sys/random.h>

#define LINE_MOST 65536 /* octets of an address on standard input */

enum form { FORM_TEXT, FORM_JSON, FORM_DOT };

struct run {
	struct explain explain;
	enum form form;
	struct json_list json;
	unsigned n; /* addresses told */
	bool keyed; /* our tokens and tags are true ones */
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
	if (explained_is_refused(&x))
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
		json_list_end(&r->json, json_pack("{s:b, s:b}", "spool", (int)(con->spool != NULL),
		                                  "key", (int)r->keyed));
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

/* What leaves for the Internet goes by the rule for a domain that nobody knows. */
static bool
makes_srs(const struct route_table *t)
{
	struct route_answer a = {0};
	bool srs = route_of_destination(t, SPAN("domain:elsewhere.invalid"), &a) == 0 &&
	           a.rule != NULL && a.rule->srs;

	route_answer_free(&a);
	return srs;
}

/* Without a key no token is made: one of the moment shows what they will look like. */
static void
make_example(struct route_table *t)
{
	struct route_memory m = {.keyed = true};

	if (getrandom(m.key, sizeof m.key, GRND_NONBLOCK) == sizeof m.key)
		route_table_remember(t, &m);
}

/* What is not known here, why, and what would mend it. */
static void
say_unknown(const struct run *r, const struct buf *no_spool)
{
	static const char example[] = "our tokens are not known, and those shown are examples";
	const struct buf *why = no_spool->n > 0 ? no_spool : &r->explain.why.unremembered;
	struct buf shown = {0};

	if (r->keyed)
		return;
	buf_escape(&shown, buf_view(why));
	if (shown.n > 0)
		fprintf(r->explain.con->err, "bangway: %s; %s\n", buf_text(&shown), example);
	else
		fprintf(r->explain.con->err,
		        "bangway: bangwayd makes the key of our tokens and tags when it "
		        "starts; those shown are examples\n");
	buf_free(&shown);
}

static enum ending
begin(struct run *r)
{
	struct explain *e = &r->explain;
	struct console *con = e->con;
	enum ending ending = ENDING_DONE;
	struct buf no_spool = {0};

	store_try(con, &no_spool);
	why_begin(&e->why, con);
	if (e->why.table == NULL)
		e->why.table = tables_open(con, &ending); /* this time in words */
	if (e->why.table == NULL) {
		buf_free(&no_spool);
		return ending;
	}
	r->keyed = route_table_keyed(e->why.table);
	if (!r->keyed)
		make_example(e->why.table);
	e->srs = makes_srs(e->why.table);
	say_unknown(r, &no_spool);
	buf_free(&no_spool);
	return ENDING_DONE;
}

enum ending
operator_route(struct console *con)
{
	const struct args *a = con->args;
	int64_t now_s = clock_wall_s();
	struct run r = {.explain = {.con = con,
	                            .ask = {.site = args_value(a, "as"),
	                                    .client = args_value(a, "client"),
	                                    .now_s = now_s},
	                            .ourselves = {.now_s = now_s}}};
	enum ending e = usage(con, a);

	if (e != ENDING_DONE)
		return e;
	r.form = con->json ? FORM_JSON : args_given(a, "dot") ? FORM_DOT : FORM_TEXT;
	r.ending = begin(&r);
	if (r.ending == ENDING_DONE)
		answer(&r, a);
	why_end(&r.explain.why);
	return r.ending;
}
