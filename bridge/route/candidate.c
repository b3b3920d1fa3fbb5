/*
 * What could have been chosen, what was, and why.
 *
 * Everything that fits is kept in the order it was found, with what it is
 * worth; which one is chosen follows from that alone, by the comparison that
 * the choice itself is made with. So the explanation cannot say another thing
 * than the router does.
 */
#include "bridge/route/route.h"

#include <stdlib.h>
#include <string.h>

bool
route_worth_more(struct route_worth a, struct route_worth b)
{
	return a.fit > b.fit || (a.fit == b.fit && a.length > b.length);
}

static struct route_candidate *
candidate_next(struct route_steps *s)
{
	size_t size = s->candidates_size == 0 ? 8 : 2 * s->candidates_size;
	struct route_candidate *v;

	if (s->ncandidates < s->candidates_size)
		return &s->candidates[s->ncandidates];
	if ((v = realloc(s->candidates, size * sizeof *v)) == NULL)
		return NULL;
	s->candidates = v;
	s->candidates_size = size;
	return &s->candidates[s->ncandidates];
}

void
route_choice(struct route_steps *s, struct span host)
{
	if (s == NULL)
		return;
	s->choices++;
	buf_span(&s->hosts, host);
	buf_ch(&s->hosts, '\0');
}

const char *
route_choice_host(const struct route_steps *s, unsigned n)
{
	const char *host = s->hosts.p;

	if (s->hosts.bad || n == 0 || n > s->choices)
		return "";
	while (--n > 0)
		host += strlen(host) + 1;
	return host;
}

void
route_candidate(struct route_steps *s, struct config_place place, struct route_worth worth,
                const char *fmt, ...)
{
	struct route_candidate *c;
	struct buf words = {0};
	va_list ap;

	if (s == NULL)
		return;
	va_start(ap, fmt);
	buf_vfmt(&words, fmt, ap);
	va_end(ap);
	if (words.bad || words.p == NULL || (c = candidate_next(s)) == NULL) {
		buf_free(&words);
		s->lost++;
		return;
	}
	*c = (struct route_candidate){
	    .words = words.p, .place = place, .worth = worth, .choice = s->choices, .after = s->n};
	s->ncandidates++;
}

/* The one that the choice fell on which c belongs to. */
static const struct route_candidate *
chosen_of(const struct route_steps *s, const struct route_candidate *c)
{
	const struct route_candidate *best = NULL, *other;

	for (other = s->candidates; other < s->candidates + s->ncandidates; other++)
		if (other->choice == c->choice &&
		    (best == NULL || route_worth_more(other->worth, best->worth)))
			best = other;
	return best;
}

bool
route_candidate_chosen(const struct route_steps *s, const struct route_candidate *c)
{
	return chosen_of(s, c) == c;
}

const char *
route_candidate_why(const struct route_steps *s, const struct route_candidate *c)
{
	const struct route_candidate *chosen = chosen_of(s, c);
	static const struct {
		const char *chosen, *before;
	} words[] = {
	    [FIT_NONE] = {"", ""},
	    [FIT_PATHS_SITE] = {"no route takes the site, and the paths know it", ""},
	    [FIT_OTHERS] = {"takes what nothing else takes",
	                    "a site goes by the paths only when no route takes it"},
	    [FIT_SITES] = {"takes every site", "a rule for sites goes before it"},
	    [FIT_OURS] = {"keeps what is ours", "what is ours is kept"},
	    [FIT_PATHS_END] = {"the paths know the end of the name", "the paths go before it"},
	    [FIT_PATHS_HOST] = {"the paths know the host", "the paths know the host itself"},
	    [FIT_END] = {"names the end of the name", "a rule for the end of the name goes before"},
	    [FIT_HOST] = {"names the host itself", "a rule for the host itself goes before"},
	    [FIT_USER] = {"names this very address", "a rule for this very address goes before"},
	};

	if (c == chosen)
		return words[c->worth.fit].chosen;
	if (c->worth.fit != chosen->worth.fit)
		return words[chosen->worth.fit].before;
	if (c->worth.length != chosen->worth.length)
		return "a longer end of the name goes before";
	return "the first of equals goes before";
}
