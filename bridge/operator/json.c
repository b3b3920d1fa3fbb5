#include "bridge/operator/json.h"

#include "bridge/base/clock.h"

#define STYLE (JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY)

json_t *
json_outside(struct span text)
{
	struct buf shown = {0};
	json_t *j;

	buf_escape(&shown, text);
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
json_put(struct console *con, json_t *owned)
{
	con->answered = true;
	if (con->error != NULL)
		json_object_update_missing(owned, con->error);
	json_dumpf(owned, con->out, STYLE);
	fputc('\n', con->out);
	json_decref(owned);
}

void
json_list_begin(struct json_list *l, struct console *con, const char *name)
{
	*l = (struct json_list){.con = con};
	con->answered = true;
	fprintf(con->out, "{\"%s\":[", name);
}

void
json_list_put(struct json_list *l, json_t *owned)
{
	fputs(l->n++ > 0 ? ",\n" : "\n", l->con->out);
	json_dumpf(owned, l->con->out, STYLE);
	json_decref(owned);
}

static void
members(FILE *to, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		fprintf(to, ",\n\"%s\":", key);
		json_dumpf(value, to, STYLE);
	}
}

void
json_list_end(struct json_list *l, json_t *rest)
{
	fputs("]", l->con->out);
	members(l->con->out, rest);
	members(l->con->out, l->con->error);
	fputs("}\n", l->con->out);
	json_decref(rest);
}

void
json_keep_error(struct console *con, const char *words, int status)
{
	if (con->error == NULL)
		con->error = json_pack("{s:s, s:i}", "error", words, "status", status);
}

void
json_finish(struct console *con)
{
	if (con->error != NULL && !con->answered)
		json_put(con, json_incref(con->error));
	json_decref(con->error);
	con->error = NULL;
}
