#include "bridge/operator/json.h"
#include "bridge/base/clock.h"

#define STYLE (JSON_COMPACT | JSON_PRESERVE_ORDER)

json_t *
json_outside(struct span text)
{
	struct buf shown = {0};
	json_t *j;

	buf_escape(&shown, text, false);
	j = json_string(buf_text(&shown));
	buf_free(&shown);
	return j;
}

json_t *
json_time(int64_t wall_s)
{
	char text[CLOCK_TEXT];

	return wall_s == 0 ? json_null() : json_string(clock_text_iso(wall_s, text));
}

json_t *
json_id(uint64_t id)
{
	char text[SPOOL_ID_TEXT];

	return json_string(spool_id_text(id, text));
}

void
json_put(struct operator *op, json_t *owned)
{
	op->answered = true;
	json_dumpf(owned, op->out, STYLE);
	fputc('\n', op->out);
	json_decref(owned);
}

void
json_list_begin(struct json_list *l, struct operator *op, const char *name)
{
	*l = (struct json_list){.op = op};
	op->answered = true;
	fprintf(op->out, "{\"%s\":[", name);
}

void
json_list_put(struct json_list *l, json_t *owned)
{
	fputs(l->n++ > 0 ? ",\n" : "\n", l->op->out);
	json_dumpf(owned, l->op->out, STYLE);
	json_decref(owned);
}

static void
members(FILE *to, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		fprintf(to, ",\n\"%s\":", key);
		json_dumpf(value, to, STYLE | JSON_ENCODE_ANY);
	}
}

void
json_list_end(struct json_list *l, json_t *rest)
{
	fputs("]", l->op->out);
	members(l->op->out, rest);
	members(l->op->out, l->op->error);
	fputs("}\n", l->op->out);
	json_decref(rest);
}

void
json_keep_error(struct operator *op, const char *words, int status)
{
	if (op->error == NULL)
		op->error = json_pack("{s:s, s:i}", "error", words, "status", status);
}

void
json_finish(struct operator *op)
{
	if (op->error != NULL && !op->answered)
		json_put(op, json_incref(op->error));
	json_decref(op->error);
	op->error = NULL;
}
