/*
 * What was meant by a setting that does not exist? A slip of the finger is told
 * from a name that was never one by how many letters differ.
 */
#include "bridge/base/config_int.h"

#define NAME_MOST 40 /* longer names are nobody's slip of the finger */

/* How many letters differ (Levenshtein), for names of at most NAME_MOST letters. */
static unsigned
distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), i, j;
	unsigned row[NAME_MOST + 1], corner, above, best;

	if (na > NAME_MOST || nb > NAME_MOST)
		return NAME_MOST;
	for (j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (i = 1; i <= na; i++) {
		corner = row[0];
		row[0] = (unsigned)i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			best = corner + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = above;
			row[j] = best;
		}
	}
	return row[nb];
}

static const struct config_key *
nearest(const struct config_key *keys, const char *name)
{
	const struct config_key *k, *best = NULL;
	unsigned most = strlen(name) < 5 ? 1 : 2, d;

	for (k = keys; k->name != NULL; k++) {
		d = distance(name, k->name);
		if (d <= most) {
			best = k;
			most = d;
		}
	}
	return best;
}

void
config_unknown(struct config_reader *r, const config_setting_t *s, const struct config_key *keys)
{
	const char *name = config_setting_name(s);
	const config_setting_t *parent = config_setting_parent(s);
	const char *group = parent != NULL ? config_setting_name(parent) : NULL;
	const struct config_key *meant = nearest(keys, name);
	struct buf words = {0};

	buf_str(&words, "unknown setting `");
	config_show(&words, name);
	buf_str(&words, "`");
	if (group != NULL) {
		buf_str(&words, " in `");
		config_show(&words, group);
		buf_str(&words, "`");
	}
	if (meant != NULL)
		buf_fmt(&words, "; did you mean `%s`?", meant->name);
	else
		buf_str(&words, "; bangway.conf(5) lists all");
	config_fault(r, config_place_of(r, s), "%s", buf_text(&words));
	buf_free(&words);
}
