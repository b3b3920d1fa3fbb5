/*
 * The manual says what the code does: bangway.conf(5) has every setting with
 * its default, bangway-log(5) every event with its part and its keys,
 * bangway(8) every command with its options, and none has another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/config.h"
#include "bridge/base/event.h"
#include "bridge/operator/operator.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS_MOST 400
#define LINE_MOST  300

struct words {
	char v[WORDS_MOST][LINE_MOST];
	size_t n;
};

static void
words_add(struct words *w, const char *text)
{
	assert_true(w->n < WORDS_MOST && strlen(text) < LINE_MOST);
	strcpy(w->v[w->n++], text);
}

static int
words_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Both sorted; tells of each that is in one alone. */
static void
words_agree(struct words *code, struct words *page)
{
	size_t i = 0, j = 0, missing = 0;
	int order;

	qsort(code->v, code->n, sizeof code->v[0], words_order);
	qsort(page->v, page->n, sizeof page->v[0], words_order);
	while (i < code->n || j < page->n) {
		order = i == code->n ? 1 : j == page->n ? -1 : strcmp(code->v[i], page->v[j]);
		if (order < 0)
			print_message("# not in the manual: %s\n", code->v[i]);
		else if (order > 0)
			print_message("# only in the manual: %s\n", page->v[j]);
		missing += order != 0;
		i += order <= 0;
		j += order >= 0;
	}
	assert_int_equal(missing, 0);
}

/* Calls each with the lines of a page, without their ends. */
static void
page_read(const char *path, void (*each)(struct words *, const char *), struct words *w)
{
	FILE *f = fopen(path, "r");
	char line[LINE_MOST];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		each(w, line);
	}
	fclose(f);
}

/* ---- settings: "spool.limit = 0" ---- */

static void
setting_of_code(void *arg, const char *name, const char *fallback)
{
	char text[LINE_MOST];

	snprintf(text, sizeof text, "%s%s%s", name, fallback[0] != '\0' ? " = " : "", fallback);
	words_add(arg, text);
}

static void
setting_of_page(struct words *w, const char *line)
{
	static const char *const groups[] = {"domains", "sites",  "links", "routes",
	                                     "spool",   "limits", "retry"};
	const size_t ngroups = sizeof groups / sizeof groups[0];
	static char group[20];
	char text[LINE_MOST], name[100], value[100] = "";
	size_t i;

	if (strncmp(line, ".Sh ", 4) == 0) {
		group[0] = '\0';
		for (i = 0; i < ngroups; i++)
			if (strcasecmp(line + 4, groups[i]) == 0)
				snprintf(group, sizeof group, "%s.", groups[i]);
		return;
	}
	if (sscanf(line, ".It Ic %99[a-z-] = %*[LQ]%*[iq] %99s", name, value) < 1)
		return;
	for (i = 0; i < ngroups; i++) /* a group's own entry among the settings */
		if (group[0] == '\0' && strcmp(name, groups[i]) == 0)
			return;
	snprintf(text, sizeof text, "%s%s%s%s", group, name, value[0] != '\0' ? " = " : "", value);
	/* not given is false, where the code needs no default */
	if (strcmp(value, "false") == 0)
		snprintf(text, sizeof text, "%s%s", group, name);
	words_add(w, text);
}

static void
every_setting_is_described(void **state)
{
	static struct words code, page;

	(void)state;
	config_keys(setting_of_code, &code);
	page_read("bridge/base/bangway.conf.5", setting_of_page, &page);
	assert_true(code.n > 40);
	words_agree(&code, &page);
}

/* ---- events: "link: link-up link evidence by words" ---- */

static void
event_of_page(struct words *w, const char *line)
{
	static char part[20];
	const char *name, *keys;
	char text[LINE_MOST];

	if (sscanf(line, ".Ss %19s", part) == 1 || strncmp(line, ".It Ic ", 7) != 0)
		return;
	name = line + 7;
	keys = strstr(name, " Ar ");
	assert_non_null(keys);
	snprintf(text, sizeof text, "%s: %.*s %s", part, (int)(keys - name), name, keys + 4);
	words_add(w, text);
}

static void
every_event_is_described(void **state)
{
	static struct words code, page;
	char text[LINE_MOST];
	size_t e;

	(void)state;
	for (e = 0; e < EVENT_COUNT; e++) {
		snprintf(text, sizeof text, "%s: %s %s", event_part((enum event)e),
		         event_name((enum event)e), event_keys((enum event)e));
		words_add(&code, text);
	}
	page_read("bridge/base/bangway-log.5", event_of_page, &page);
	words_agree(&code, &page);
}

/* ---- keys ---- */

static void
key_of_page(struct words *w, const char *line)
{
	if (strncmp(line, ".It Cm ", 7) == 0)
		words_add(w, line + 7);
}

static void
every_key_is_described(void **state)
{
	static struct words code, page;
	struct span rest, key;
	char text[100];
	size_t e, i;

	(void)state;
	for (e = 0; e < EVENT_COUNT; e++) {
		rest = span_of(event_keys((enum event)e));
		while (rest.n > 0) {
			key = span_cut(&rest, ' ');
			snprintf(text, sizeof text, "%.*s", (int)key.n, key.p);
			for (i = 0; i < code.n && strcmp(code.v[i], text) != 0;)
				i++;
			if (i == code.n)
				words_add(&code, text);
		}
	}
	page_read("bridge/base/bangway-log.5", key_of_page, &page);
	words_agree(&code, &page);
}

/* ---- commands: "queue show --content" ---- */

static void
command_of_code(struct words *w, const struct command *c)
{
	const struct command_option *o;
	struct buf text = {0};

	buf_str(&text, c->name);
	for (o = c->options; o != NULL && o->name != NULL; o++)
		buf_fmt(&text, " --%s", o->name);
	words_add(w, buf_text(&text));
	buf_free(&text);
}

/* The name after Ic, to the next macro, and every option. */
static void
command_words(struct buf *text, const char *line)
{
	struct span rest = span_of(line), word;
	bool naming = false;

	while (rest.n > 0) {
		word = span_cut(&rest, ' ');
		if (span_is(word, "Ic")) {
			naming = true;
			continue;
		}
		naming = naming && word.p[0] >= 'a' && word.p[0] <= 'z';
		if (naming || word.p[0] == '-') {
			buf_str(text, text->n == 0 ? "" : naming ? " " : " -");
			buf_span(text, word);
		}
	}
}

/* ".It Ic queue show Ar id Op Fl -content"; or ".It Xo Ic ...", and lines to come until ".Xc" */
static void
command_of_page(struct words *w, const char *line)
{
	static struct buf text;
	static bool open;

	if (!open && strncmp(line, ".It Ic ", 7) != 0 && strncmp(line, ".It Xo Ic ", 10) != 0)
		return;
	open = (open || strncmp(line, ".It Xo", 6) == 0) && strcmp(line, ".Xc") != 0;
	command_words(&text, line);
	if (open)
		return;
	words_add(w, buf_text(&text));
	buf_free(&text);
}

static void
every_command_is_described(void **state)
{
	static struct words code, page;
	const struct command *c;

	(void)state;
	for (c = operator_commands; c->name != NULL; c++)
		command_of_code(&code, c);
	page_read("bridge/bangway.8", command_of_page, &page);
	words_agree(&code, &page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_setting_is_described),
	    cmocka_unit_test(every_event_is_described),
	    cmocka_unit_test(every_key_is_described),
	    cmocka_unit_test(every_command_is_described),
	};

	return cmocka_run_group_tests_name("manuals", tests, NULL, NULL);
}
