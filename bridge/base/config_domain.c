/*
 * What is said of one of our own domains: by its name alone, or with users,
 * aliases and a catch-all of its own.
 *
 *	domains = [ "gw.example.com", "museum.example" ];
 *	domains = ( "gw.example.com",
 *	            { name = "museum.example";  users = [ "curator" ]; } );
 *
 * What a domain does not say is as the settings of the same names at the top
 * have it: bridge/route/own.c puts the two together.
 */
#include "bridge/base/config_int.h"

#define AT(member) offsetof(struct config_domain, member)

const struct config_key config_domain_keys[] = {
    ROW_PARSED("name", NULL, NULL), /* read by config_member_name() */
    ROW_TEXTS("users", users, 0, 1000000, config_word_user),
    ROW_TEXTS("aliases", aliases, 0, 100, config_word_path),
    ROW_TEXT("catch-all", catch_all, NULL, config_word_catch_all),
    ROW_TEXT("postmaster", postmaster, NULL, config_word_address),
    ROW_TEXT("local", local, NULL, config_word_local),
    {0},
};

static void
check_name(struct config_reader *r, struct config_domain *domain)
{
	struct buf why = {0};

	if (domain->name[0] != '\0' && !config_word_domain(r, NULL, domain->name, &why))
		config_fault(r, domain->place, "`domains` %s", buf_text(&why));
	buf_free(&why);
}

void
config_domain_read(struct config_reader *r, const config_setting_t *member, void *into)
{
	struct config_domain *domain = into;
	bool alone = config_setting_type(member) == CONFIG_TYPE_STRING;

	domain->place = config_place_of(r, member);
	config_read_group(r, alone ? NULL : member, config_domain_keys, domain);
	domain->name = alone ? arena_text(r->arena, span_of(config_setting_get_string(member)))
	                     : config_member_name(r, member);
	check_name(r, domain);
}
