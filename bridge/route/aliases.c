/*
 * A file is read line by line, and a line piece by piece: a name and its colon
 * begin an alias, what stands between commas are its members. The end of a
 * line ends a piece too, since nobody folds an address. Each piece keeps the
 * line it stands on, because that is what an operator asks for.
 *
 * A member that names a program or a file is kept as such: it is never run and
 * never written, and whoever expands the alias says so to the sender. Left out
 * without a word it would look as if the letter had arrived.
 */
#include "bridge/route/aliases.h"

#include "bridge/addr/addr.h"
#include "bridge/addr/fields.h"

#include <stdlib.h>

#define MEMBER_MAX 1000 /* octets: all quoted, it is still an address that the spool takes */

struct including {
	const struct including *outer; /* NULL: the file itself */
	const char *file;
	unsigned depth;
};

struct reading {
	struct aliases *a;
	const struct alias_source *from;
	const struct including *in;
	struct config_place place; /* the line under way */
	bool begun;                /* some line has begun an alias, or should have */
	bool open;                 /* an alias is under way: the last one */
	unsigned includes;
};

static int read_included(struct reading *g, struct span path);

/* ---- what is kept ---- */

/* Room for one more in an array. */
static void *
grown(void *v, size_t n, size_t *size, size_t each)
{
	size_t room = *size == 0 ? 64 : 2 * *size;
	void *more;

	if (n < *size)
		return v;
	if ((more = realloc(v, room * each)) != NULL)
		*size = room;
	return more;
}

static void
warn(struct reading *g, const char *words, struct span what)
{
	struct buf shown = {0};

	if (what.n > 80)
		what.n = 80;
	buf_escape(&shown, what);
	config_faults_warn(g->from->faults, g->place, "%s: \"%s\"", words, buf_text(&shown));
	buf_free(&shown);
}

static int
left_out(struct reading *g, const char *why, struct span piece)
{
	warn(g, why, piece);
	return 0;
}

static int
alias_begin(struct reading *g, struct span name)
{
	struct aliases *a = g->a;
	struct alias *v = grown(a->v, a->n, &a->size, sizeof *v);

	if (v == NULL) {
		a->bad = true;
		return -1;
	}
	a->v = v;
	v[a->n++] = (struct alias){
	    .name = arena_text(&a->arena, name), .place = g->place, .first = a->nmembers};
	g->open = true;
	return 0;
}

static int
member_add(struct reading *g, enum alias_kind kind, struct span text)
{
	struct aliases *a = g->a;
	struct alias *alias = &a->v[a->n - 1];
	struct alias_member *v;

	if (alias->n == ALIAS_MEMBERS_MAX) {
		return left_out(g, "the alias has too many members: this one is left out", text);
	}
	v = grown(a->members, a->nmembers, &a->members_size, sizeof *v);
	if (v == NULL) {
		a->bad = true;
		return -1;
	}
	a->members = v;
	v[a->nmembers++] = (struct alias_member){
	    .kind = kind, .text = arena_text(&a->arena, text), .place = g->place};
	alias->n++;
	return 0;
}

/* ---- a piece ---- */

/* What stands before the first `at` outside quotes and comments; -1: a quote has no end. */
static int
piece_cut(struct span *rest, char at, struct span *piece)
{
	bool quoted = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '\\' && (quoted || depth > 0))
			i++;
		else if (c == '"' && depth == 0)
			quoted = !quoted;
		else if (!quoted && (c == '(' || c == ')'))
			depth += c == '(' ? 1 : depth > 0 ? -1 : 0;
		else if (!quoted && depth == 0 && c == at)
			break;
	}
	if (i > rest->n) /* a backslash at the very end */
		i = rest->n;
	*piece = span_trim((struct span){rest->p, i});
	rest->p += i < rest->n ? i + 1 : i;
	rest->n -= i < rest->n ? i + 1 : i;
	return quoted || depth > 0 ? -1 : 0;
}

/* All of it in one pair of quotes: what they hold, in *store. False: it is not. */
static bool
unquote(struct span s, struct buf *store)
{
	size_t i;

	buf_clear(store);
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (i = 1; i < s.n - 1; i++) {
		if (s.p[i] == '"')
			return false;
		if (s.p[i] == '\\' && i + 1 < s.n - 1)
			i++;
		buf_ch(store, s.p[i]);
	}
	return true;
}

/* The one address of the piece, without the name and the comments around it. 1; 0 there is none,
 * -1 without memory. */
static int
find_address(struct span piece, struct span *address, struct buf *store)
{
	struct field_address f, second;
	struct buf other = {0};
	struct fields w;
	struct addr a;
	const char *why;
	bool good, bad;

	fields_begin(&w, piece, ADDR_DOMAIN_FIRST);
	good = fields_next(&w, store, &f) == 1 && fields_next(&w, &other, &second) == 0;
	bad = store->bad || other.bad;
	if (good) {
		*address = (struct span){piece.p + f.at, f.n};
		good = addr_parse(*address, ADDR_DOMAIN_FIRST, store, &a, &why) == 0 &&
		       addr_refused(&a, ADDR_MAY_BE_UTF8) == NULL;
		bad = bad || store->bad;
	}
	buf_free(&other);
	return bad ? -1 : good;
}

static int
address_add(struct reading *g, struct span piece)
{
	struct buf store = {0};
	struct span address;
	int rc = find_address(piece, &address, &store);

	if (rc > 0)
		rc = member_add(g, ALIAS_ADDRESS, address);
	else if (rc == 0)
		rc = left_out(g, "this is no address, and is left out", piece);
	else
		g->a->bad = true;
	buf_free(&store);
	return rc;
}

static int
piece_add(struct reading *g, struct span piece)
{
	static const char include[] = ":include:";
	struct buf store = {0};
	struct span bare = piece;
	int rc;

	if (unquote(piece, &store))
		bare = buf_view(&store);
	if (bare.n == 0)
		rc = 0;
	else if (bare.n > MEMBER_MAX)
		rc = left_out(g, "longer than an address may be: left out", piece);
	else if (bare.p[0] == '|')
		rc = member_add(g, ALIAS_PROGRAM, bare);
	else if (bare.p[0] == '/' && memchr(bare.p, '@', bare.n) == NULL)
		rc = member_add(g, ALIAS_FILE, bare);
	else if (bare.p[0] == '\\' && (bare.n == 1 || bare.n > ADDR_LOCAL_MAX))
		rc = left_out(g, "after \\ a mailbox must stand: left out", piece);
	else if (bare.p[0] == '\\')
		rc = member_add(g, ALIAS_MAILBOX, (struct span){bare.p + 1, bare.n - 1});
	else if (span_starts_nocase(bare, include))
		rc = read_included(g, span_trim((struct span){bare.p + sizeof include - 1,
		                                              bare.n - (sizeof include - 1)}));
	else
		rc = address_add(g, piece);
	if (store.bad)
		g->a->bad = true;
	buf_free(&store);
	return rc;
}

static int
pieces_add(struct reading *g, struct span line)
{
	struct span piece;

	while (line.n > 0) {
		if (piece_cut(&line, ',', &piece) < 0)
			warn(g, "a quote or a parenthesis has no end: left out", piece);
		else if (piece_add(g, piece) < 0)
			return -1;
	}
	return 0;
}

/* ---- lines ---- */

static const char *
name_fault(struct span name)
{
	if (name.n == 0)
		return "an alias has no name";
	if (name.n > ADDR_LOCAL_MAX)
		return "the name of an alias is longer than a mailbox may be";
	if (memchr(name.p, '@', name.n) != NULL)
		return "an alias is a name without a domain (a domain has its own file in "
		       "`domains`)";
	return NULL;
}

/* "name: member, member" */
static int
alias_line(struct reading *g, struct span line)
{
	struct buf store = {0};
	struct span name, all = line;
	const char *why = NULL;
	int rc = 0;

	g->begun = true;
	g->open = false;
	if (piece_cut(&line, ':', &name) < 0 || name.n == all.n)
		why = "a line without a colon, or with a quote that has no end, is left out";
	else if (unquote(name, &store))
		name = buf_view(&store);
	else if (memchr(name.p, ' ', name.n) != NULL || memchr(name.p, '"', name.n) != NULL)
		why = "a name with a blank must stand in quotes";
	if (why == NULL)
		why = name_fault(name);
	if (why != NULL)
		warn(g, why, all);
	else
		rc = alias_begin(g, name);
	g->a->bad |= store.bad;
	buf_free(&store);
	return rc == 0 && g->open ? pieces_add(g, line) : rc;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line, of the file itself or of one that is included: then all of it are members. */
static int
line_take(struct reading *g, struct span line)
{
	struct span text = span_trim(line);

	if (text.n == 0 || text.p[0] == '#')
		return 0;
	if (g->in->outer != NULL)
		return pieces_add(g, text);
	if (!is_blank(line.p[0]))
		return alias_line(g, text);
	if (g->open)
		return pieces_add(g, text);
	if (!g->begun)
		warn(g, "this line goes on with an alias, but there is none before it", text);
	return 0;
}

static int
lines_take(struct reading *g, struct span text)
{
	int rc = 0;

	g->place = (struct config_place){g->in->file, 0};
	while (rc == 0 && text.n > 0) {
		g->place.line++;
		rc = line_take(g, span_cut(&text, '\n'));
	}
	return rc;
}

/* ---- included files ---- */

/* Why the file is not read, or NULL. */
static const char *
include_fault(const struct reading *g, struct span path)
{
	const struct including *in;

	if (path.n == 0 || path.p[0] != '/')
		return ":include: needs a path that begins with /";
	if (g->in->depth == ALIAS_NESTING_MAX)
		return "too many files include one another: left out";
	if (g->includes == ALIAS_INCLUDES_MAX)
		return "too many included files: left out";
	for (in = g->in; in != NULL; in = in->outer)
		if (span_is(path, in->file))
			return "the file includes itself: left out";
	return NULL;
}

static int
read_included(struct reading *g, struct span path)
{
	const char *why = include_fault(g, path);
	struct including inner = {.outer = g->in, .depth = g->in->depth + 1};
	struct config_place back = g->place;
	struct buf text = {0};
	int rc;

	if (why != NULL)
		return left_out(g, why, path);
	g->includes++;
	inner.file = arena_text(&g->a->arena, path);
	if ((rc = g->from->open(g->from->arg, inner.file, back, &text)) == 0) {
		g->in = &inner;
		rc = lines_take(g, buf_view(&text));
		g->in = inner.outer;
		g->place = back;
	}
	buf_free(&text);
	return rc;
}

int
aliases_read(struct aliases *a, const struct alias_source *from, struct span text)
{
	const struct including outermost = {.file = from->file};
	struct reading g = {.a = a, .from = from, .in = &outermost};
	size_t i = a->n;

	if (lines_take(&g, text) < 0)
		return -1;
	for (; i < a->n; i++)
		if (a->v[i].n == 0)
			config_faults_warn(from->faults, a->v[i].place,
			                   "the alias %s stands for nobody", a->v[i].name);
	return a->bad || a->arena.bad ? -1 : 0;
}
