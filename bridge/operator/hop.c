#include "bridge/operator/hop.h"

#include "bridge/operator/json.h"

static const char *
kind_name(enum hop_kind kind)
{
	static const char *const names[] = {
	    [HOP_SMTP] = "smtp", [HOP_MX] = "mx",         [HOP_MAILDIR] = "maildir",
	    [HOP_UUCP] = "uucp", [HOP_REJECT] = "reject",
	};

	return names[kind];
}

static void
hosts_text(const struct config_route *rule, struct buf *out)
{
	const struct config_host *h;
	size_t i;

	for (i = 0; i < rule->nhosts; i++) {
		h = &rule->hosts[i];
		buf_fmt(out, strchr(h->host, ':') != NULL ? "%ssmtp:[%s]:%u" : "%ssmtp:%s:%u",
		        i > 0 ? ", then " : "", h->host, (unsigned)h->port);
	}
}

void
hop_text(const struct route_answer *a, struct buf *out)
{
	switch (a->hop) {
	case HOP_SMTP:
		hosts_text(a->rule, out);
		break;
	case HOP_MX:
		buf_fmt(out, "mx of %s", buf_text(&a->domain));
		break;
	case HOP_MAILDIR:
		buf_fmt(out, "maildir:%s", buf_text(&a->path));
		break;
	case HOP_UUCP:
		buf_fmt(out, "uucp site %s", a->site != NULL ? a->site->name : "");
		break;
	case HOP_REJECT:
		buf_str(out, a->verdict.outcome == OUTCOME_LATER ? "none yet"
		                                                 : "none: returned to the sender");
		break;
	}
}

void
hop_links_text(const struct config_route *rule, struct buf *out)
{
	size_t i;

	if (rule == NULL || rule->links.n == 0)
		buf_str(out, "any");
	for (i = 0; rule != NULL && i < rule->links.n; i++)
		buf_fmt(out, "%s%s", i > 0 ? ", " : "", rule->links.v[i]);
}

bool
hop_wants_link(const struct route_answer *a)
{
	return a->rule != NULL && (a->hop == HOP_SMTP || a->hop == HOP_MX);
}

bool
hop_has_link(const struct route_answer *a, const char *link)
{
	const struct config_strings *links = &a->rule->links;
	size_t i;

	for (i = 0; i < links->n; i++)
		if (strcmp(links->v[i], link) == 0)
			return true;
	return links->n == 0;
}

void
hop_place_text(struct config_place place, struct buf *out)
{
	const char *slash = place.file != NULL ? strrchr(place.file, '/') : NULL;

	if (place.line > 0)
		buf_fmt(out, "%s:%d", slash != NULL ? slash + 1 : place.file, place.line);
}

void
hop_place_add(struct config_place place, struct buf *out)
{
	struct buf text = {0};

	hop_place_text(place, &text);
	if (text.n > 0)
		buf_fmt(out, " [%s]", buf_text(&text));
	buf_free(&text);
}

static json_t *
verdict_json(const struct verdict *v)
{
	return json_pack("{s:s, s:i, s:s, s:o}", "outcome",
	                 v->outcome == OUTCOME_SENT ? "go" : outcome_name(v->outcome), "code",
	                 v->code, "status", v->status, "words", json_outside(span_of(v->words)));
}

json_t *
hop_json(const struct route_answer *a)
{
	json_t *j, *links = json_array();
	struct buf text = {0};
	size_t i;

	hop_text(a, &text);
	for (i = 0; a->rule != NULL && i < a->rule->links.n; i++)
		json_array_append_new(links, json_outside(span_of(a->rule->links.v[i])));
	j = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", kind_name(a->hop), "text",
	              json_outside(buf_view(&text)), "address", json_outside(buf_view(&a->address)),
	              "destination", json_outside(buf_view(&a->destination)), "links", links,
	              "verdict", verdict_json(&a->verdict));
	json_object_set_new(j, "stands-for", json_outside(buf_view(&a->stands_for)));
	json_object_set_new(j, "cost", a->cost >= 0 ? json_integer(a->cost) : json_null());
	if (a->rule != NULL && a->rule->place.line > 0) {
		json_object_set_new(j, "file", json_outside(span_of(a->rule->place.file)));
		json_object_set_new(j, "line", json_integer(a->rule->place.line));
	}
	buf_free(&text);
	return j;
}
