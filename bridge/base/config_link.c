/*
 * What is known of a link: a way out that is up or down.
 *
 *	links = { vsat = { up-when = "tcp:smtp.shore.example:465"; }; };
 */
#include "bridge/base/config_int.h"

#define AT(member) offsetof(struct config_link, member)

static bool
parse_up_when(struct config_reader *r, void *into, const char *text, struct buf *why)
{
	struct config_link *l = into;

	if (strcmp(text, "always") == 0) {
		l->evidence = LINK_ALWAYS;
	} else if (strcmp(text, "manual") == 0) {
		l->evidence = LINK_MANUAL;
	} else if (strncmp(text, "tcp:", 4) == 0) {
		l->evidence = LINK_TCP;
		if (!config_word_host(r, text + 4, &l->probe_host, &l->probe_port, why))
			return false;
		if (l->probe_port == 0)
			buf_str(why, "must say the port too: \"tcp:HOST:PORT\"");
	} else {
		buf_str(why, "must be \"always\", \"manual\" or \"tcp:HOST:PORT\", not \"");
		config_show(why, text);
		buf_str(why, "\"");
	}
	return why->n == 0;
}

const struct config_key config_link_keys[] = {
    ROW_PARSED("name", NULL, NULL), /* read by config_member_name() */
    ROW_PARSED("up-when", "always", parse_up_when),
    ROW_DURATION("probe-every", probe_every_s, "60s", 1, 7 * 86400),
    ROW_DURATION("probe-timeout", probe_timeout_s, "10s", 1, 600),
    {0},
};

static void
check_probe(struct config_reader *r, const struct config_link *l, const config_setting_t *member)
{
	static const char *const needs_tcp[] = {"probe-every", "probe-timeout"};
	const config_setting_t *s;
	size_t i;

	for (i = 0; l->evidence != LINK_TCP && i < 2; i++) {
		s = config_setting_get_member(member, needs_tcp[i]);
		if (s != NULL)
			config_fault(r, config_place_of(r, s),
			             "`%s` has no effect without up-when = \"tcp:HOST:PORT\"",
			             needs_tcp[i]);
	}
}

void
config_link_read(struct config_reader *r, const config_setting_t *member, void *into)
{
	struct config_link *link = into;
	struct buf why = {0};

	link->place = config_place_of(r, member);
	link->probe_host = "";
	config_read_group(r, member, config_link_keys, link);
	link->name = config_member_name(r, member);
	if (link->name[0] != '\0' && !config_word_label(r, NULL, link->name, &why))
		config_fault(r, link->place, "a link's name %s", buf_text(&why));
	buf_free(&why);
	check_probe(r, link, member);
}
