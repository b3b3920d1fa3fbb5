/*
 * `bangway check`: is the configuration right, and would it work here?
 */
#include "bridge/operator/check.h"

#include "bridge/operator/json.h"
#include "bridge/operator/show.h"

#include <stdlib.h>
#include <unistd.h>

void
finding_add(struct findings *f, bool warning, struct config_place place, const char *fmt, ...)
{
	struct finding *v = realloc(f->v, (f->n + 1) * sizeof *v);
	va_list ap;

	if (v == NULL)
		return;
	f->v = v;
	v = &f->v[f->n++];
	f->errors += !warning;
	*v = (struct finding){.warning = warning};
	if (place.line > 0)
		snprintf(v->place, sizeof v->place, "%s:%d", place.file, place.line);
	else if (place.file != NULL)
		snprintf(v->place, sizeof v->place, "%s", place.file);
	va_start(ap, fmt);
	vsnprintf(v->words, sizeof v->words, fmt, ap);
	va_end(ap);
}

void
findings_free(struct findings *f)
{
	free(f->v);
	*f = (struct findings){0};
}

void
findings_take(struct findings *f, struct config_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->n; i++)
		finding_add(f, faults->v[i].warning, faults->v[i].place, "%s", faults->v[i].words);
	config_faults_free(faults);
}

/* ---- what was found ---- */

/* Folded for a person; an editor or a script has one line each. */
static void
found_text(struct console *con, const struct findings *f)
{
	bool person = isatty(fileno(con->out)) == 1;
	struct buf out = {0}, line = {0};
	size_t i, column;

	for (i = 0; i < f->n; i++, buf_clear(&line)) {
		buf_escape(&line, span_of(f->v[i].place));
		buf_str(&line, f->v[i].place[0] != '\0' ? ": " : "");
		buf_str(&line, f->v[i].warning ? "warning: " : "");
		buf_escape(&line, span_of(f->v[i].words));
		column = 0;
		show_fold(&out, buf_view(&line), 2, &column,
		          person ? show_width(con->out) : SIZE_MAX);
		buf_ch(&out, '\n');
	}
	show_flush(&out, con->out);
	buf_free(&line);
	buf_free(&out);
}

static void
summary_text(struct console *con, const struct findings *f)
{
	const struct config *c = con->config;
	char a[2 * SHOW_TEXT], b[2 * SHOW_TEXT], d[2 * SHOW_TEXT], w[2 * SHOW_TEXT];
	struct buf out = {0};

	if (f->errors > 0) {
		fprintf(con->out, "not ok: %s\n", show_count(f->errors, "error", "errors", a));
		return;
	}
	buf_str(&out, "ok: ");
	buf_escape(&out, span_of(con->config_path));
	buf_fmt(&out, ", %s, %s, %s; %s\n", show_count(c->nroutes, "route", "routes", a),
	        show_count(c->nlinks, "link", "links", b),
	        show_count(c->nsites, "site", "sites", d),
	        f->n == 0 ? "nothing to remark" : show_count(f->n, "warning", "warnings", w));
	show_flush(&out, con->out);
	buf_free(&out);
}

static void
found_json(struct console *con, const struct findings *f)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->n; i++)
		json_array_append_new(list,
		                      json_pack("{s:s, s:o, s:o}", "level",
		                                f->v[i].warning ? "warning" : "error", "place",
		                                json_outside(span_of(f->v[i].place)), "words",
		                                json_outside(span_of(f->v[i].words))));
	json_put(con,
	         json_pack("{s:b, s:o, s:I, s:I, s:o}", "ok", (int)(f->errors == 0), "config",
	                   json_outside(span_of(con->config_path)), "errors", (json_int_t)f->errors,
	                   "warnings", (json_int_t)(f->n - f->errors), "findings", list));
}

enum ending
operator_check(struct console *con)
{
	struct config_faults faults = {0};
	struct findings f = {0};
	enum ending e;

	if (config_load(con->config_path, &con->config, &faults) != 0) {
		findings_take(&f, &faults);
	} else {
		config_check_files(con->config, &faults);
		findings_take(&f, &faults);
		check_spool(con, &f);
		check_routes(con->config, &f); /* the files it reads, as their reader */
		check_readable(con, &f);
		check_maildirs(con->config, &f);
	}
	if (con->json) {
		found_json(con, &f);
	} else {
		found_text(con, &f);
		summary_text(con, &f);
	}
	e = f.errors > 0 ? ENDING_CONFIG : ENDING_DONE;
	findings_free(&f);
	return e;
}
