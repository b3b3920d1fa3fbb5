/*
 * Which parts of a file are maps?
 *
 * The maps were posted to comp.mail.maps, each posting a shell archive of one
 * or more of them:
 *
 *	cat << \SHAR_EOF > u.usa.nj.1
 *	...
 *	SHAR_EOF
 *
 * A file with such a line in it is a posting, and what stands outside is the
 * archive's and the news article's. The shell is never asked. Archives of
 * news have damaged the backslash to other octets, and later ones have quotes
 * in its place: the word that ends a map is what is left without these.
 */
#include "bridge/map/map_int.h"

#define OPENING "cat <<"

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static struct span
without_end(struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Whether the line opens a map; *word is then what will end it. */
static bool
opens(struct span line, struct span *word)
{
	struct span rest = line;

	if (line.n < sizeof OPENING || memcmp(line.p, OPENING, sizeof OPENING - 1) != 0)
		return false;
	rest.p += sizeof OPENING - 1;
	rest.n -= sizeof OPENING - 1;
	if (memchr(rest.p, '>', rest.n) == NULL)
		return false;
	*word = span_trim(span_cut(&rest, '>'));
	while (word->n > 0 && !is_word(word->p[0]))
		*word = (struct span){word->p + 1, word->n - 1};
	while (word->n > 0 && !is_word(word->p[word->n - 1]))
		word->n--;
	return word->n > 0 && span_trim(rest).n > 0;
}

/* Moves behind the next line that opens a map. False: there is none. */
static bool
find_opening(struct span *rest, int *line, struct span *word)
{
	while (rest->n > 0) {
		++*line;
		if (opens(without_end(span_cut(rest, '\n')), word))
			return true;
	}
	return false;
}

void
map_posting_begin(struct map_posting *p, struct span text)
{
	struct span rest = text, word;
	int line = 1;

	*p = (struct map_posting){.rest = text, .line = 1};
	p->archive = find_opening(&rest, &line, &word);
}

bool
map_posting_next(struct map_posting *p, struct map_part *part)
{
	struct span word, line;
	const char *from;

	if (!p->archive) {
		*part = (struct map_part){.text = p->rest, .line = 1};
		p->archive = true;
		p->rest = SPAN("");
		return true;
	}
	if (!find_opening(&p->rest, &p->line, &word))
		return false;
	from = p->rest.p;
	*part = (struct map_part){.text = {from, 0}, .line = p->line, .cut = true};
	while (p->rest.n > 0 && part->cut) {
		line = span_cut(&p->rest, '\n');
		p->line++;
		part->cut = !span_eq(without_end(line), word);
		part->text =
		    (struct span){from, (size_t)(line.p - from) + (part->cut ? line.n : 0)};
	}
	return true;
}
