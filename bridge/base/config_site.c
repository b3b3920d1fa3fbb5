/*
 * What is known of a site: a host that is called by a UUCP name.
 *
 *	sites = { vax43 = { domain = "vax43.example.com"; class = "old"; }; };
 *	sites = ( { name = "3b2"; domain = "3b2.example.com"; } );
 *
 * The second form is for names that libconfig does not take for a setting's.
 */
#include "bridge/base/config_int.h"

#define AT(member) offsetof(struct config_site, member)

static const struct config_choice classes[] = {
    {"old", SITE_OLD},
    {"new", SITE_NEW},
    {"domain", SITE_DOMAIN},
    {0},
};

static const struct config_choice readings[] = {
    {"domain-first", MIXED_DOMAIN_FIRST},
    {"bang-first", MIXED_BANG_FIRST},
    {0},
};

const struct config_choice config_reply_forms[] = {
    {"token", REPLY_FORM_TOKEN},
    {"site", REPLY_FORM_SITE},
    {"path", REPLY_FORM_PATH},
    {0},
};

const struct config_choice config_reroutes[] = {
    {"none", REROUTE_NONE},
    {"last-domain", REROUTE_LAST_DOMAIN},
    {"paths", REROUTE_PATHS},
    {0},
};

const struct config_key config_site_keys[] = {
    ROW_PARSED("name", NULL, NULL), /* read by config_member_name() */
    ROW_TEXT("domain", domain, NULL, config_word_domain),
    ROW_TEXTS("aliases", aliases, 0, 1000, config_word_site),
    ROW_CHOICE("class", class, "old", classes),
    ROW_CHOICE("mixed", mixed, "domain-first", readings),
    ROW_CHOICE("reroute", reroute, NULL, config_reroutes),
    ROW_BOOL("relay", relay, "true"),
    ROW_CHOICE("reply-form", reply_form, NULL, config_reply_forms),
    {0},
};

void
config_site_read(struct config_reader *r, const config_setting_t *member, void *into)
{
	struct config_site *site = into;
	struct buf why = {0};

	site->place = config_place_of(r, member);
	config_read_group(r, member, config_site_keys, site);
	site->name = config_member_name(r, member);
	if (site->name[0] != '\0' && !config_word_site(r, NULL, site->name, &why))
		config_fault(r, site->place, "a site's name %s", buf_text(&why));
	buf_free(&why);
}
