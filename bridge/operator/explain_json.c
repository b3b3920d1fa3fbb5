/*
 * One address explained to a program: the same as the text, in fields.
 */
#include "bridge/operator/explain_words.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/json.h"
#include "bridge/operator/link.h"

/* The whole path of the file; nothing when it is built in. */
static void
set_place(json_t *j, struct config_place place)
{
	if (place.line <= 0)
		return;
	json_object_set_new(j, "file", json_outside(span_of(place.file)));
	json_object_set_new(j, "line", json_integer(place.line));
}

static json_t *
steps_json(const struct route_steps *s)
{
	json_t *j, *list = json_array();
	size_t i;

	for (i = 0; i < s->n; i++) {
		j = json_pack("{s:o}", "words", json_outside(span_of(s->v[i].words)));
		set_place(j, s->v[i].place);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *
candidates_json(const struct route_steps *s)
{
	const struct route_candidate *c;
	json_t *j, *list = json_array();

	for (c = s->candidates; c < s->candidates + s->ncandidates; c++) {
		j = json_pack("{s:o, s:i, s:b, s:s}", "words", json_outside(span_of(c->words)),
		              "choice", (int)c->choice, "chosen",
		              (int)(route_candidate_chosen(s, c)), "why",
		              route_candidate_why(s, c));
		json_object_set_new(j, "for",
		                    json_outside(span_of(route_choice_host(s, c->choice))));
		set_place(j, c->place);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *
links_json(const struct explain *e, const struct route_answer *a)
{
	const struct config_link *l = NULL;
	json_t *list = json_array();

	while ((l = explain_next_link(e, a, l)) != NULL)
		json_array_append_new(list, link_json(e->con, &e->why, l));
	return list;
}

static json_t *
back_json(const struct explained *x)
{
	bool by_us = x->answered.destination.n > 0;

	return json_pack(
	    "{s:o, s:I, s:o, s:o, s:o, s:o, s:s, s:o}", "steps", steps_json(&x->back), "steps-lost",
	    (json_int_t)x->back.lost, "considered", candidates_json(&x->back), "next-hop",
	    by_us ? hop_json(&x->answered) : json_null(), "sender",
	    json_outside(buf_view(&x->sender)), "reaches", json_outside(buf_view(&x->reaches)),
	    "verdict", comes_back_name(x->comes_back), "why", json_outside(span_of(x->why)));
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_outside(span_of(text)) : json_null();
}

static json_t *
there_json(const struct explain *e, const struct explained *x)
{
	bool alias = explained_is_alias(x);

	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "address",
	                 json_outside(x->address), "as", text_or_null(x->ask->site), "client",
	                 text_or_null(x->ask->client), "steps", steps_json(&x->forth), "steps-lost",
	                 (json_int_t)x->forth.lost, "considered", candidates_json(&x->forth),
	                 "next-hop", alias ? json_null() : hop_json(&x->answer), "links",
	                 alias ? json_array() : links_json(e, &x->answer));
}

json_t *
explain_json(const struct explain *e, const struct explained *x)
{
	json_t *j = there_json(e, x), *members = json_array();
	const struct explained *m;

	for (m = x->members; m < x->members + x->nmembers; m++)
		json_array_append_new(members, there_json(e, m));
	json_object_set_new(j, "members", members);
	json_object_set_new(j, "members-lost", json_boolean(x->alias.too_many));
	json_object_set_new(j, "answer", back_json(x));
	return j;
}
