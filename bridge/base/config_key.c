#include "bridge/base/config_int.h"

#include "bridge/base/units.h"

/* One setting being read: its row, its group's name for the words, where it goes. */
struct reading {
	struct config_reader *r;
	const struct config_key *key;
	const config_setting_t *setting; /* NULL when the default is read */
	void *into;
};

void
config_show(struct buf *out, const char *text)
{
	struct span s = span_of(text);

	if (s.n > 80)
		s.n = 80;
	buf_escape(out, s);
	if (text[s.n] != '\0')
		buf_str(out, "...");
}

static void
complain(const struct reading *g, const char *words)
{
	config_fault(g->r, config_place_of(g->r, g->setting), "`%s` %s", g->key->name, words);
}

static void *
field(const struct reading *g)
{
	return (char *)g->into + g->key->offset;
}

/* ---- values from their text, whether the file's or the default's ---- */

static void
number_store(const struct reading *g, uint64_t n, const char *unit)
{
	struct buf words = {0};

	if (n < g->key->least || n > g->key->most) {
		buf_fmt(&words, "must be from %llu to %llu%s, not %llu",
		        (unsigned long long)g->key->least, (unsigned long long)g->key->most, unit,
		        (unsigned long long)n);
		complain(g, buf_text(&words));
		buf_free(&words);
	} else if (g->key->type == KEY_SIZE) {
		*(uint64_t *)field(g) = n;
	} else {
		*(unsigned *)field(g) = (unsigned)n;
	}
}

static void
duration_parse(const struct reading *g, const char *text)
{
	uint64_t n;

	if (units_parse_duration(span_of(text), &n) < 0)
		complain(g, "must be a time such as \"90s\", \"5m\", \"2h\" or \"3d\"");
	else
		number_store(g, n, " seconds");
}

static void
size_parse(const struct reading *g, const char *text)
{
	uint64_t n;

	if (units_parse_size(span_of(text), &n) < 0)
		complain(g, "must be a size such as \"512kB\", \"100MB\" or \"2GiB\"");
	else
		number_store(g, n, " octets");
}

static void
choice_parse(const struct reading *g, const char *text)
{
	const struct config_choice *c;
	struct buf words = {0};

	for (c = g->key->choices; c->word != NULL; c++)
		if (strcmp(text, c->word) == 0) {
			*(int *)field(g) = c->value;
			return;
		}
	buf_str(&words, "must be ");
	for (c = g->key->choices; c->word != NULL; c++)
		buf_fmt(&words, "%s\"%s\"",
		        c == g->key->choices ? ""
		        : c[1].word == NULL  ? " or "
		                             : ", ",
		        c->word);
	buf_str(&words, ", not \"");
	config_show(&words, text);
	buf_str(&words, "\"");
	complain(g, buf_text(&words));
	buf_free(&words);
}

static bool
text_parse(const struct reading *g, const char *text)
{
	struct buf why = {0};
	bool good = true;

	if (g->key->parse != NULL && !g->key->parse(g->r, g->into, text, &why)) {
		complain(g, buf_text(&why));
		good = false;
	}
	buf_free(&why);
	return good;
}

static void
value_parse(const struct reading *g, const char *text)
{
	switch (g->key->type) {
	case KEY_TEXT:
		if (text_parse(g, text) && g->key->offset != NOWHERE)
			*(const char **)field(g) = arena_text(g->r->arena, span_of(text));
		break;
	case KEY_COUNT: /* a default alone: in the file a count is no text */
	case KEY_DURATION:
		duration_parse(g, text);
		break;
	case KEY_SIZE:
		size_parse(g, text);
		break;
	case KEY_CHOICE:
		choice_parse(g, text);
		break;
	case KEY_BOOL:
		*(bool *)field(g) = strcmp(text, "true") == 0;
		break;
	case KEY_TEXTS:
	case KEY_GROUP:
	case KEY_LIST:
		break;
	}
}

/* ---- values from the file ---- */

/* NULL when it is none that may stand there: said, in the line where it stands. */
static const char *
element_read(const struct reading *list, const config_setting_t *element)
{
	struct reading g = *list;
	const char *text = config_setting_get_string(element);

	g.setting = element;
	if (text == NULL)
		complain(&g, "must hold texts in quotes only");
	return text != NULL && text_parse(&g, text) ? arena_text(g.r->arena, span_of(text)) : NULL;
}

static void
texts_read(const struct reading *g)
{
	struct config_strings *list = g->key->offset != NOWHERE ? field(g) : NULL;
	bool single = config_setting_type(g->setting) == CONFIG_TYPE_STRING;
	unsigned i, n = single ? 1 : (unsigned)config_setting_length(g->setting);
	const char *text, **v;
	size_t good = 0;

	if (n < g->key->least || n > g->key->most) {
		complain(g, n == 0 ? "must name at least one" : "names too many");
		return;
	}
	v = arena_array(g->r->arena, n, sizeof *v);
	for (i = 0; v != NULL && i < n; i++) {
		text =
		    element_read(g, single ? g->setting : config_setting_get_elem(g->setting, i));
		if (text != NULL)
			v[good++] = text;
	}
	if (list != NULL && v != NULL)
		*list = (struct config_strings){v, good};
}

static bool
member_fits(const struct config_key *key, const config_setting_t *member)
{
	int type = config_setting_type(member);

	return type == CONFIG_TYPE_GROUP || (key->texts && type == CONFIG_TYPE_STRING);
}

/* A text that stands alone is a list of one. */
static void
members_read(const struct reading *g)
{
	bool single = config_setting_type(g->setting) == CONFIG_TYPE_STRING;
	size_t n = single ? 1 : (size_t)config_setting_length(g->setting), i, used = 0;
	char *v = arena_array(g->r->arena, n, g->key->size);
	const config_setting_t *member;

	for (i = 0; v != NULL && i < n; i++) {
		member = single ? g->setting : config_setting_get_elem(g->setting, (unsigned)i);
		if (member_fits(g->key, member))
			g->key->each(g->r, member, v + used++ * g->key->size);
		else
			config_fault(g->r, config_place_of(g->r, member),
			             g->key->texts ? "`%s` must hold texts in quotes, or groups in "
			                             "braces: { ... }"
			                           : "`%s` must hold groups in braces: { ... }",
			             g->key->name);
	}
	*(void **)field(g) = v;
	*(size_t *)((char *)g->into + g->key->count) = used;
}

static bool
is_list(const config_setting_t *s)
{
	int type = config_setting_type(s);

	return type == CONFIG_TYPE_LIST || type == CONFIG_TYPE_ARRAY;
}

static bool
is_number(const config_setting_t *s)
{
	int type = config_setting_type(s);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* Numbers stand for seconds and counts; 0 alone for a size. */
static void
number_read(const struct reading *g)
{
	long long n = config_setting_get_int64(g->setting);

	if (n < 0)
		complain(g, "must not be negative");
	else
		number_store(g, (uint64_t)n, g->key->type == KEY_DURATION ? " seconds" : "");
}

/*
 * What the file gives must be of the row's type; the words say what would be.
 * A bare size is refused: libconfig 1.5 keeps 32 bits of a number without a
 * word, and 5000000000 would mean 705 MB.
 */
static void
value_read(const struct reading *g)
{
	static const char *const wanted[] = {
	    [KEY_TEXT] = "must be a text in quotes",
	    [KEY_TEXTS] = "must be a text in quotes, or some in brackets: [ \"a\", \"b\" ]",
	    [KEY_BOOL] = "must be true or false, without quotes",
	    [KEY_COUNT] = "must be a number, without quotes",
	    [KEY_DURATION] = "must be a time in quotes: \"90s\", \"5m\", \"2h\" or \"3d\"",
	    [KEY_SIZE] = "must be a size in quotes, with its unit: \"512kB\", \"100MB\", \"2GiB\"",
	    [KEY_CHOICE] = "must be a word in quotes",
	    [KEY_GROUP] = "must be a group in braces: { ... }",
	    [KEY_LIST] = "must be a list ( { ... }, ... ), or a group { name = { ... }; ... }",
	};
	const config_setting_t *s = g->setting;
	int type = config_setting_type(s);
	enum config_type want = g->key->type;
	bool textual =
	    want == KEY_TEXT || want == KEY_CHOICE || want == KEY_DURATION || want == KEY_SIZE;

	if (want == KEY_TEXTS && (type == CONFIG_TYPE_STRING || is_list(s)))
		texts_read(g);
	else if (textual && type == CONFIG_TYPE_STRING)
		value_parse(g, config_setting_get_string(s));
	else if ((want == KEY_COUNT || want == KEY_DURATION) && is_number(s))
		number_read(g);
	else if (want == KEY_SIZE && is_number(s) && config_setting_get_int64(s) == 0)
		number_read(g);
	else if (want == KEY_BOOL && type == CONFIG_TYPE_BOOL)
		*(bool *)field(g) = config_setting_get_bool(s) != 0;
	else if (want == KEY_GROUP && type == CONFIG_TYPE_GROUP)
		config_read_group(g->r, s, g->key->keys, g->into);
	else if (want == KEY_LIST && (type == CONFIG_TYPE_GROUP || is_list(s) ||
	                              (g->key->texts && type == CONFIG_TYPE_STRING)))
		members_read(g);
	else
		complain(g, wanted[g->key->texts ? KEY_TEXTS : want]);
}

/* ---- groups ---- */

const char *
config_member_name(struct config_reader *r, const config_setting_t *member)
{
	const char *own = config_setting_name(member), *said = "";
	bool has_said = config_setting_lookup_string(member, "name", &said);

	if (own != NULL && has_said)
		config_fault(r, config_place_of(r, member),
		             "`%s` has its name already: remove the `name` in it", own);
	else if (own == NULL && !has_said)
		config_fault(r, config_place_of(r, member),
		             "this group needs a name: name = \"...\"");
	return arena_text(r->arena, span_of(own != NULL ? own : said));
}

static bool
key_known(const struct config_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return true;
	return false;
}

static void
default_read(struct config_reader *r, const config_setting_t *group, const struct config_key *key,
             void *into)
{
	const struct reading g = {r, key, NULL, into};

	if (key->type == KEY_GROUP) /* an absent group: all its members' defaults */
		config_read_group(r, NULL, key->keys, into);
	else if (key->missing != NULL)
		config_fault(r, config_place_of(r, group), "`%s` is missing: %s", key->name,
		             key->missing);
	else if (key->fallback != NULL)
		value_parse(&g, key->fallback);
}

/*
 * In the table's order, which may rest on it: a route's next-hop comes before
 * its fallback. A value that is wrong leaves the default, so that what is said
 * of settings together is not said of a zero.
 */
void
config_read_group(struct config_reader *r, const config_setting_t *group,
                  const struct config_key *keys, void *into)
{
	const struct config_key *k;
	const config_setting_t *s;
	int i, n = group != NULL ? config_setting_length(group) : 0;

	for (k = keys; k->name != NULL; k++) {
		if (k->type == KEY_TEXT && k->offset != NOWHERE)
			*(const char **)((char *)into + k->offset) = "";
		s = n > 0 ? config_setting_get_member(group, k->name) : NULL;
		if (s == NULL || k->fallback != NULL)
			default_read(r, group, k, into);
		if (s != NULL)
			value_read(&(struct reading){r, k, s, into});
	}
	for (i = 0; i < n; i++) {
		s = config_setting_get_elem(group, (unsigned)i);
		if (!key_known(keys, config_setting_name(s)))
			config_unknown(r, s, keys);
	}
}
