/*
 * Printing what was parsed, in either form, parses to an equal address: for
 * addresses made from their parts, and for text put together at random. The
 * seed is printed; BANGWAY_SEED repeats a run, BANGWAY_ROUNDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/addr.h"
#include "bridge/addr/fields.h"
#include "bridge/addr/from_line.h"
#include "tests/unit/dice.h"

static struct dice dice;
static unsigned long rounds;

static void
add_any_of(struct buf *b, const char *letters, unsigned at_most)
{
	unsigned n = 1 + roll(&dice, at_most);

	while (n-- > 0)
		buf_ch(b, letters[roll(&dice, (unsigned)strlen(letters))]);
}

static void
add_host(struct buf *b)
{
	static const char letters[] = "abcXYZ019_";
	unsigned labels = roll(&dice, 3);

	if (roll(&dice, 20) == 0) {
		buf_fmt(b, "[192.0.2.%u]", roll(&dice, 256));
		return;
	}
	if (roll(&dice, 20) == 0)
		buf_str(b, "\xc3\xa9");
	add_any_of(b, letters, 8);
	if (roll(&dice, 4) == 0)
		buf_str(b, "-x");
	while (labels-- > 0) {
		buf_ch(b, '.');
		add_any_of(b, letters, 5);
	}
	if (roll(&dice, 12) == 0)
		buf_str(b, ".UUCP");
	if (roll(&dice, 12) == 0)
		buf_ch(b, '.');
}

static void
add_user(struct buf *b, bool *quoted)
{
	static const char atoms[] = "abcXYZ019+=_-/|#$&'*?^`{}~%";
	static const char any[] = "ab09 !@%\"\\<>()[],;:.-/'";

	*quoted = roll(&dice, 3) == 0;
	if (*quoted && roll(&dice, 10) == 0)
		return;
	add_any_of(b, *quoted ? any : atoms, 12);
	if (roll(&dice, 4) == 0) {
		buf_ch(b, '.');
		add_any_of(b, atoms, 4);
	}
	if (roll(&dice, 30) == 0)
		buf_str(b, "\xe2\x82\xac");
}

static void
parses_back(const struct addr *a, struct span text, const char *form)
{
	struct buf store = {0};
	struct addr again;
	const char *why;

	if (addr_parse(text, ADDR_DOMAIN_FIRST, &store, &again, &why) < 0)
		fail_msg("seed %llu: %s form %.*s: %s", (unsigned long long)dice.seed, form,
		         (int)text.n, text.p, why);
	if (!addr_equal(a, &again))
		fail_msg("seed %llu: %s form %.*s is another address",
		         (unsigned long long)dice.seed, form, (int)text.n, text.p);
	buf_free(&store);
}

/* Both forms, and the loops cut out of it. */
static void
goes_round(const struct addr *a)
{
	struct buf out = {0}, cut = {0};
	struct addr shorter;

	addr_print_bang(a, &out);
	parses_back(a, buf_view(&out), "bang");
	buf_clear(&out);
	if (addr_print_domain(a, &out) == 0)
		parses_back(a, buf_view(&out), "domain");
	else
		assert_int_equal(out.n, 0);
	assert_int_equal(addr_cut_loops(a, &cut, &shorter), 0);
	assert_true(shorter.hops <= a->hops);
	buf_clear(&out);
	addr_print_bang(&shorter, &out);
	parses_back(&shorter, buf_view(&out), "cut");
	buf_free(&out);
	buf_free(&cut);
}

static void
made_from_parts(void **state)
{
	struct buf path = {0}, user = {0};
	struct addr a;
	unsigned long i;
	unsigned n;
	bool quoted;

	(void)state;
	for (i = 0; i < rounds; i++) {
		buf_clear(&path);
		buf_clear(&user);
		a = (struct addr){.route = SPAN("")};
		for (n = roll(&dice, 6); a.hops < n; a.hops++) {
			if (a.hops > 0)
				buf_ch(&path, '!');
			add_host(&path);
		}
		add_user(&user, &quoted);
		a.path = buf_view(&path);
		a.user = buf_view(&user);
		/* quotes count only where the name reads otherwise without them */
		if (quoted &&
		    (user.n == 0 || strpbrk(buf_text(&user), " !@%\"\\<>()[],;:") != NULL ||
		     user.p[0] == '.' || user.p[user.n - 1] == '.' || strstr(user.p, "..") != NULL))
			a.flags |= ADDR_QUOTED;
		goes_round(&a);
	}
	buf_free(&path);
	buf_free(&user);
}

static void
text_at_random(void **state)
{
	static const char *const words[] = {
	    "!",
	    "!",
	    "@",
	    "%",
	    ".",
	    "\"",
	    "\\",
	    "<",
	    ">",
	    ":",
	    ",",
	    ";",
	    "(",
	    ")",
	    "[",
	    "]",
	    " ",
	    "-",
	    "/",
	    "a",
	    "b",
	    "joe",
	    "a",
	    "b",
	    "c",
	    ".d",
	    "\"x y\"",
	    "[192.0.2.1]",
	    "[IPv6:::1]",
	    "MAILER-DAEMON",
	    "<>",
	    ".UUCP",
	    "UUCP",
	    "@a:",
	    "\xc3\xa9",
	    "\xe9",
	    "\n",
	    "a.example",
	    "b!c",
	    "From ",
	    "remote from ",
	    "Mon Jan  5 10:00:00 1987 ",
	    ">From ",
	};
	struct buf text = {0}, store = {0};
	struct field_address f;
	struct from_chain chain;
	struct fields w;
	struct addr a;
	const char *why;
	unsigned long i, read = 0;
	unsigned n;

	(void)state;
	for (i = 0; i < rounds; i++) {
		buf_clear(&text);
		for (n = 1 + roll(&dice, 9); n > 0; n--)
			buf_str(&text, words[roll(&dice, sizeof words / sizeof words[0])]);
		if (addr_parse(buf_view(&text), roll(&dice, 4), &store, &a, &why) == 0) {
			goes_round(&a);
			read++;
		}
		fields_begin(&w, buf_view(&text), roll(&dice, 2));
		while (fields_next(&w, &store, &f) > 0) {
			assert_true(f.at + f.n <= text.n);
			goes_round(&f.addr);
		}
		from_chain_read(buf_view(&text), roll(&dice, 2), roll(&dice, 2), &store, &chain);
		assert_true(chain.bytes <= text.n);
	}
	print_message("%lu of %lu were addresses\n", read, rounds);
	assert_true(read > rounds / 20);
	buf_free(&text);
	buf_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made_from_parts),
	    cmocka_unit_test(text_at_random),
	};

	dice_by_clock(&dice);
	rounds = dice_rounds(100000);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
