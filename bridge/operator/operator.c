/*
 * From the words of the shell to one command and its ending.
 *
 * A mistake is answered with one line that says what to do next; nothing is
 * printed on standard output but what was asked for, so that a pipe never
 * reads an apology.
 */
#include "bridge/base/clock.h"
#include "bridge/operator/args.h"
#include "bridge/operator/help.h"
#include "bridge/operator/json.h"
#include "bridge/operator/near.h"
#include "bridge/operator/store.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

enum ending
operator_fail(struct console *con, enum ending e, const char *fmt, ...)
{
	struct buf text = {0}, shown = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	buf_escape(&shown, buf_view(&text));
	fprintf(con->err, "bangway: %s\n", buf_text(&shown));
	if (con->json)
		json_keep_error(con, buf_text(&shown), exit_status(e, false));
	buf_free(&shown);
	buf_free(&text);
	return e;
}

/* Whether argv begins with the row's name; answers how many words that took. */
static int
begins_with(const struct command *c, int argc, char **argv)
{
	struct span verb = span_of(c->name);
	struct span first = span_cut(&verb, ' ');

	if (argc < 1 || !span_is(first, argv[0]))
		return 0;
	if (verb.n == 0)
		return 1;
	return argc > 1 && span_is(verb, argv[1]) ? 2 : 0;
}

/* The row and how many words its name took; a group alone is its first row. NULL: none. */
static const struct command *
find(int argc, char **argv, int *took)
{
	const struct command *c;

	for (c = operator_commands; c->name != NULL; c++)
		if ((*took = begins_with(c, argc, argv)) > 0)
			return c;
	if (argc > 1 && argv[1][0] != '-')
		return NULL;
	*took = 1;
	return help_group(argv[0]);
}

static enum ending
unknown_verb(struct console *con, const char *group, const char *verb)
{
	struct near near = near_begin(span_of(verb));
	struct buf verbs = {0};
	const struct command *c;
	enum ending e;

	for (c = help_group(group); c != NULL && help_in_group(c, group); c++) {
		near_offer(&near, c->name + strlen(group) + 1);
		buf_fmt(&verbs, "%s%s", verbs.n > 0 ? ", " : "", c->name + strlen(group) + 1);
	}
	if (near_best(&near) != NULL)
		e = operator_fail(con, ENDING_USAGE,
		                  "`%s` has no command `%s`; did you mean `%s %s`?", group, verb,
		                  group, near_best(&near));
	else
		e = operator_fail(con, ENDING_USAGE, "`%s` has no command `%s`; it has %s", group,
		                  verb, buf_text(&verbs));
	buf_free(&verbs);
	return e;
}

/* Only first words are offered: `queu` is `queue`, not `queue list`. */
static enum ending
unknown_command(struct console *con, int argc, char **argv)
{
	char words[64][16];
	struct near near = near_begin(span_of(argv[0]));
	const struct command *c;
	size_t n = 0;

	if (help_group(argv[0]) != NULL && argc > 1)
		return unknown_verb(con, argv[0], argv[1]);
	for (c = operator_commands; c->name != NULL && n < 64; c++, n++) {
		snprintf(words[n], sizeof words[n], "%.*s", (int)strcspn(c->name, " "), c->name);
		near_offer(&near, words[n]);
	}
	if (near_best(&near) != NULL)
		return operator_fail(con, ENDING_USAGE, "no command `%s`; did you mean `%s`?",
		                     argv[0], near_best(&near));
	return operator_fail(con, ENDING_USAGE, "no command `%s`; `bangway help` lists them all",
	                     argv[0]);
}

static enum ending
read_config(struct console *con)
{
	struct config_faults faults = {0};
	struct buf first = {0};
	enum ending e = ENDING_DONE;

	if (access(con->config_path, R_OK) != 0 && errno == EACCES)
		return operator_fail(
		    con, ENDING_NOPERM,
		    "%s is not for you to read; run this as root or as the spool's owner",
		    con->config_path);
	if (access(con->config_path, F_OK) != 0 && errno == ENOENT)
		return operator_fail(con, ENDING_CONFIG,
		                     "%s is not there; -C FILE or BANGWAY_CONFIG names another",
		                     con->config_path);
	if (config_load(con->config_path, &con->config, &faults) != 0) {
		if (faults.n > 0)
			config_fault_text(&faults.v[0], &first);
		if (faults.n > 1)
			buf_fmt(&first, " (and %zu more: `bangway check` lists them)",
			        faults.n - 1);
		e = operator_fail(con, ENDING_CONFIG, "%s", buf_text(&first));
	}
	config_faults_free(&faults);
	buf_free(&first);
	return e;
}

static enum ending
run(struct console *con, const struct command *c)
{
	enum ending e = ENDING_DONE;

	if (c->need >= NEEDS_CONFIG)
		e = read_config(con);
	if (e == ENDING_DONE && c->need >= NEEDS_SPOOL)
		e = store_open(con);
	if (e == ENDING_DONE && c->need >= NEEDS_DAEMON && !spool_claimed(con->spool))
		e = operator_fail(con, ENDING_UNAVAILABLE, "bangwayd is not running");
	if (e == ENDING_DONE)
		e = c->run(con);
	if (fflush(con->out) != 0 || ferror(con->out))
		e = operator_fail(con, ENDING_IO, "could not write the answer");
	spool_close(con->spool);
	config_free(con->config);
	return e;
}

static enum ending
dispatch(struct console *con, int argc, char **argv)
{
	const struct command *c;
	struct args args = {0};
	enum ending e = ENDING_DONE;
	int took;

	if ((c = find(argc, argv, &took)) == NULL)
		return unknown_command(con, argc, argv);
	con->args = &args;
	if (args_read(&args, c, argc - took, argv + took) != 0) {
		con->json |= args.json;
		e = operator_fail(con, ENDING_USAGE, "%s", args.why);
	} else if (args.help) {
		/* asked of a group, help is about all of it */
		help_print(con, argv[0], took == 2 ? argv[1] : NULL);
	} else {
		con->json |= args.json;
		e = run(con, c);
	}
	args_free(&args);
	return e;
}

/* What stands before the command. Answers where that begins; 0: it is all done, with ending *e. */
static int
leading_options(struct console *con, int argc, char **argv, enum ending *e)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			con->json = true;
		} else if (strcmp(argv[i], "-C") == 0 && i + 1 < argc) {
			con->config_path = config_path(argv[++i]);
		} else if (strncmp(argv[i], "-C", 2) == 0 && argv[i][2] != '\0') {
			con->config_path = config_path(argv[i] + 2);
		} else if (strcmp(argv[i], "--version") == 0) {
			fprintf(con->out, "bangway %s\n", BANGWAY_VERSION);
			return 0;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			help_print(con, NULL, NULL);
			return 0;
		} else {
			*e = operator_fail(con, ENDING_USAGE,
			                   strcmp(argv[i], "-C") == 0
			                       ? "-C wants a file after it"
			                       : "no option %s; `bangway help` shows what there is",
			                   argv[i]);
			return 0;
		}
	}
	if (i < argc)
		return i;
	help_print(&(struct console){.out = con->err}, NULL, NULL);
	*e = ENDING_USAGE;
	return 0;
}

/* Root by sudo is the person who typed; only root could have made that up. */
static void
name_person(struct console *con)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;

	if (sudo != NULL && sudo[0] != '\0')
		snprintf(con->who, sizeof con->who, "%s", sudo);
	else if (pw != NULL)
		snprintf(con->who, sizeof con->who, "%s", pw->pw_name);
	else
		snprintf(con->who, sizeof con->who, "%lu", (unsigned long)getuid());
}

int
operator_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct console con = {
	    .out = out, .err = err, .now_s = clock_wall_s(), .was_root = geteuid() == 0};
	enum ending e = ENDING_DONE;
	int first;

	con.config_path = config_path(NULL);
	name_person(&con);
	first = leading_options(&con, argc, argv, &e);
	if (first > 0)
		e = dispatch(&con, argc - first, argv + first);
	json_finish(&con);
	fflush(out);
	return exit_status(e, false);
}
