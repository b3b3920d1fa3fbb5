/*
 * `bangway route`: which way would that address go, by which rules, and where
 * would an answer to it go? Nothing is sent, nothing is looked up in DNS.
 */
#include "bridge/base/clock.h"
#include "bridge/operator/args.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/json.h"
#include "bridge/operator/routes.h"
#include "bridge/operator/show.h"
#include "bridge/route/rewrite.h"
#include "bridge/route/route.h"

#define STEP_COLUMN 6
#define STEP_END    80

struct explained {
	struct route_answer answer;
	struct route_steps forth, back;
};

static void
step_text(const struct route_step *s, struct buf *out)
{
	struct buf shown = {0}, place = {0};
	size_t column = STEP_COLUMN;

	buf_escape(&shown, span_of(s->words));
	hop_place_text(s->place, &place);
	if (place.n > 0) {
		buf_str(&shown, " [");
		buf_escape(&shown, buf_view(&place));
		buf_ch(&shown, ']');
	}
	show_fold(out, buf_view(&shown), STEP_COLUMN + 2, &column, STEP_END);
	buf_ch(out, '\n');
	buf_free(&shown);
	buf_free(&place);
}

static void
steps_text(const struct route_steps *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		buf_fmt(out, "  %2zu. ", i + 1);
		step_text(&s->v[i], out);
	}
}

static json_t *
steps_json(const struct route_steps *s)
{
	json_t *j, *list = json_array();
	size_t i;

	for (i = 0; i < s->n; i++) {
		j = json_pack("{s:o}", "words", json_outside(span_of(s->v[i].words)));
		if (s->v[i].place.line > 0) {
			json_object_set_new(j, "file", json_outside(span_of(s->v[i].place.file)));
			json_object_set_new(j, "line", json_integer(s->v[i].place.line));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static void
show_text(struct console *con, const char *address, const struct explained *x)
{
	const struct route_answer *a = &x->answer;
	struct buf out = {0}, text = {0};

	buf_escape(&out, span_of(address));
	buf_str(&out, "\n");
	steps_text(&x->forth, &out);
	hop_text(a, &text);
	show_line(&out, "  next hop", buf_view(&text));
	if (a->hop == HOP_SMTP || a->hop == HOP_MX) {
		buf_clear(&text);
		hop_links_text(a->rule, &text);
		show_line(&out, "  links", buf_view(&text));
	}
	if (a->hop != HOP_REJECT && a->address.n > 0)
		show_line(&out, "  to", buf_view(&a->address));
	if (a->verdict.outcome != OUTCOME_SENT)
		show_linef(&out, a->verdict.outcome == OUTCOME_NEVER ? "  refused" : "  waits",
		           "%s%s%s", a->verdict.status, a->verdict.status[0] != '\0' ? " " : "",
		           a->verdict.words);
	if (x->back.n > 0) {
		buf_str(&out, "a letter from there, and an answer to it\n");
		steps_text(&x->back, &out);
	}
	show_flush(&out, con->out);
	buf_free(&text);
	buf_free(&out);
}

static json_t *
show_json(const char *address, const struct explained *x)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "address", json_outside(span_of(address)), "steps",
	                 steps_json(&x->forth), "next-hop", hop_json(&x->answer), "answer",
	                 steps_json(&x->back));
}

/* A refusal is an answer like any other; what cannot be answered is a failure. */
static enum ending
explain(struct console *con, const struct rewrite *w, const char *address, struct json_list *json)
{
	struct explained x = {0};
	enum ending e = ENDING_DONE;

	x.answer.steps = &x.forth;
	if (route_find(w->table, span_of(address), w->ask, &x.answer) != 0) {
		e = operator_fail(con, ENDING_SYSTEM, "out of memory");
	} else {
		if (x.answer.hop != HOP_REJECT)
			rewrite_explain_answer(w, span_of(address), &x.back);
		if (con->json)
			json_list_put(json, show_json(address, &x));
		else
			show_text(con, address, &x);
		if (x.answer.verdict.outcome == OUTCOME_NEVER)
			e = ENDING_DATA;
	}
	route_answer_free(&x.answer);
	route_steps_free(&x.forth);
	route_steps_free(&x.back);
	return e;
}

enum ending
operator_route(struct console *con)
{
	const struct args *a = con->args;
	const struct route_ask ask = {.site = args_value(a, "as"), .now_s = clock_wall_s()};
	enum ending e = ENDING_DONE, one;
	struct route_table *table = routes_open(con, &e);
	const struct rewrite w = {.table = table, .ask = &ask, .now_s = ask.now_s};
	struct json_list json = {0};
	int i;

	if (table == NULL)
		return e;
	if (con->json)
		json_list_begin(&json, con, "routes");
	for (i = 0; i < a->n; i++) {
		if (i > 0 && !con->json)
			fputc('\n', con->out);
		one = explain(con, &w, a->words[i], &json);
		if (e == ENDING_DONE)
			e = one;
	}
	if (con->json)
		json_list_end(&json, NULL);
	route_table_free(table);
	return e;
}
