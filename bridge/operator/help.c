#include "bridge/operator/help.h"

#include "bridge/operator/args.h"
#include "bridge/operator/json.h"

#define SUMMARY_COLUMN 19
#define COLUMNS        80
#define USAGE_INDENT   8

static const char *const need_names[] = {
    [NEEDS_NOTHING] = "nothing",
    [NEEDS_CONFIG] = "config",
    [NEEDS_SPOOL] = "spool",
    [NEEDS_DAEMON] = "daemon",
};

bool
help_in_group(const struct command *c, const char *group)
{
	size_t n = strlen(group);

	return c->name != NULL && strncmp(c->name, group, n) == 0 && c->name[n] == ' ';
}

const struct command *
help_group(const char *group)
{
	const struct command *c;

	for (c = operator_commands; c->name != NULL; c++)
		if (help_in_group(c, group))
			return c;
	return NULL;
}

static void
print_all(FILE *to)
{
	const struct command *c;

	fprintf(to, "usage: bangway [-C FILE] COMMAND ...\n\n");
	for (c = operator_commands; c->name != NULL; c++)
		fprintf(to, "  %-*s%s\n", SUMMARY_COLUMN - 2, c->name, c->summary);
	fprintf(to,
	        "\n`bangway COMMAND --help` says more. Every command takes --json.\n"
	        "The configuration is -C FILE, or BANGWAY_CONFIG, or %s.\n",
	        BANGWAY_CONFIG_PATH);
}

/* Octets up to the next blank that a bracket follows: there a line may be broken. */
static size_t
piece_length(const char *p)
{
	const char *next = strstr(p + 1, " [");

	return next != NULL ? (size_t)(next - p) : strlen(p);
}

static void
print_usage(FILE *to, const char *lead, const struct command *c)
{
	struct buf usage = {0};
	const char *p;
	size_t n, column = strlen(lead);

	args_usage(c, &usage);
	fputs(lead, to);
	for (p = buf_text(&usage); *p != '\0'; p += n) {
		n = piece_length(p);
		if (column + n > COLUMNS) {
			fprintf(to, "\n%*s", USAGE_INDENT - 1, "");
			column = USAGE_INDENT - 1;
		}
		fwrite(p, 1, n, to);
		column += n;
	}
	fputc('\n', to);
	buf_free(&usage);
}

static void
print_option(FILE *to, const char *name, const char *value, const char *meaning)
{
	char left[64];

	snprintf(left, sizeof left, "--%s%s%s", name, value != NULL ? " " : "",
	         value != NULL ? value : "");
	fprintf(to, "  %-*s%s\n", SUMMARY_COLUMN - 2, left, meaning);
}

static void
print_command(FILE *to, const struct command *c)
{
	const struct command_option *o;

	print_usage(to, "usage: ", c);
	fprintf(to, "\n%s.\n%s\n", c->summary, c->more);
	for (o = c->options; o != NULL && o->name != NULL; o++)
		print_option(to, o->name, o->value, o->meaning);
	print_option(to, "json", NULL, "answer as one JSON document");
}

static void
print_group(FILE *to, const struct command *first, const char *group)
{
	const struct command *c;

	for (c = first; help_in_group(c, group); c++) {
		print_usage(to, "", c);
		fprintf(to, "    %s\n", c->summary);
	}
	fprintf(to, "\n`bangway %s` alone is `bangway %s`.\n", group, first->name);
}

bool
help_print(struct console *con, const char *group, const char *verb)
{
	const struct command *c;
	char name[64];

	if (group == NULL) {
		print_all(con->out);
		return true;
	}
	snprintf(name, sizeof name, "%s%s%s", group, verb != NULL ? " " : "",
	         verb != NULL ? verb : "");
	for (c = operator_commands; c->name != NULL; c++) {
		if (strcmp(c->name, name) == 0) {
			print_command(con->out, c);
			return true;
		}
	}
	if (verb != NULL || (c = help_group(group)) == NULL)
		return false;
	print_group(con->out, c, group);
	return true;
}

static json_t *
command_json(const struct command *c)
{
	const struct command_option *o;
	json_t *options = json_array();
	struct buf usage = {0};
	json_t *j;

	for (o = c->options; o != NULL && o->name != NULL; o++)
		json_array_append_new(options, json_pack("{s:s, s:s?, s:s}", "name", o->name,
		                                         "value", o->value, "meaning", o->meaning));
	args_usage(c, &usage);
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "name", c->name, "words", c->words, "usage",
	              buf_text(&usage), "needs", need_names[c->need], "summary", c->summary,
	              "options", options);
	buf_free(&usage);
	return j;
}

enum ending
operator_help(struct console *con)
{
	const struct args *a = con->args;
	const struct command *c;
	struct json_list list;

	if (con->json) {
		json_list_begin(&list, con, "commands");
		for (c = operator_commands; c->name != NULL; c++)
			json_list_put(&list, command_json(c));
		json_list_end(&list, json_pack("{s:s}", "version", BANGWAY_VERSION));
		return ENDING_DONE;
	}
	if (help_print(con, a->n > 0 ? a->words[0] : NULL, a->n > 1 ? a->words[1] : NULL))
		return ENDING_DONE;
	return operator_fail(con, ENDING_USAGE,
	                     "no command `%s%s%s`; `bangway help` lists them all", a->words[0],
	                     a->n > 1 ? " " : "", a->n > 1 ? a->words[1] : "");
}
