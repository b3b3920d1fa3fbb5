/*
 * Maps in a few lines, and the routes from host "a" that follow from them: a
 * row for each thing that may stand in a map, and for each rule of the costs.
 * But for those under "where we are not pathalias", what pathalias 10 makes of
 * a row (with -c -i -l a) is the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/map/map.h"

#include <inttypes.h>
#include <stdlib.h>

/* Routes: "cost host route" in the order they come, the one to "a" itself left out. */
static const struct row {
	const char *what, *map, *routes, *faults;
} rows[] = {
    /* ---- links ---- */
    {"a link", "a b(DIRECT)\n", "200 b b!%s", ""},
    {"a link without a cost", "a b\n", "4000 b b!%s", ""},
    {"a list, with a comma too many", "a b(10),, c(20),\n", "10 b b!%s; 20 c c!%s", ""},
    {"the cheaper of two ways", "a b(10), c(100)\nb c(20)\n", "10 b b!%s; 30 c b!c!%s", ""},
    {"the cheaper of two links", "a b(100)\na b(10)\n", "10 b b!%s", ""},
    {"a line goes on behind blanks", "a b(10),\n\tc(20),\n   d(30)\n",
     "10 b b!%s; 20 c c!%s; 30 d d!%s", ""},
    {"and behind a comment and an empty line", "a b(10), # b\n \n c(20)\n", "10 b b!%s; 20 c c!%s",
     ""},
    {"a comment between ends a line", "a b(10)\n#N x\na c(20)\n", "10 b b!%s; 20 c c!%s", ""},
    {"no line end at the end", "a b(10)", "10 b b!%s", ""},
    {"names: dots, dashes, underscores, digits", "a 3b2-x.y_z(10)\n", "10 3b2-x.y_z 3b2-x.y_z!%s",
     ""},
    {"capitals", "a B(10)\nb C(DIRECT)\n", "10 b b!%s; 210 c b!c!%s", ""},
    {"words of the language as names",
     "a private(10), file(20)\nprivate dead(1)\ndead delete(1)\ndelete adjust(1)\nadjust "
     "x(1)\nfile y(1)\n",
     "13 adjust private!dead!delete!adjust!%s; 11 dead private!dead!%s; 12 delete "
     "private!dead!delete!%s; 20 file file!%s; 10 private private!%s; 14 x "
     "private!dead!delete!adjust!x!%s; 21 y file!y!%s",
     ""},
    {"quoted names", "\"a\" \"b\"(10), \"private\"(10)\n\"private\" c(10)\n",
     "10 b b!%s; 20 c private!c!%s; 10 private private!%s", ""},
    {"a number may begin a name", "a 3com(10)\n", "10 3com 3com!%s", ""},
    /* ---- costs ---- */
    {"symbols",
     "a b1(LOCAL), b2(DEDICATED), b3(DIRECT), b4(DEMAND), b5(HOURLY), b6(EVENING), b7(DAILY), "
     "b8(POLLED), b9(WEEKLY), bA(DEAD), bB(ARPA), bC(DIALED)\n",
     "25 b1 b1!%s; 100 b2 b2!%s; 200 b3 b3!%s; 300 b4 b4!%s; 500 b5 b5!%s; 2000 b6 b6!%s; 5000 b7 "
     "b7!%s; 5000 b8 b8!%s; 30000 b9 b9!%s; 1000000 ba ba!%s; 100 bb bb!%s; 300 bc bc!%s",
     ""},
    {"what is added", "a b1(DIRECT+LOW), b2(DIRECT+HIGH), b3(DIRECT+FAST)\n",
     "205 b1 b1!%s; 195 b2 b2!%s; 120 b3 b3!%s", ""},
    {"arithmetic",
     "a b1(HOURLY*4), b2(DAILY/2+LOW), b3((1+2)*3), b4(10-2-3), b5(100/7/2), b6(1+2*3)\n",
     "2000 b1 b1!%s; 2505 b2 b2!%s; 9 b3 b3!%s; 5 b4 b4!%s; 7 b5 b5!%s; 7 b6 b6!%s", ""},
    {"a sign in front", "a b1(-LOW+10), b2(10*-3+100), b3(-7/2+10), b4(8*-9/2+100)\n",
     "5 b1 b1!%s; 70 b2 b2!%s; 7 b3 b3!%s; 68 b4 b4!%s", ""},
    {"a dash is minus among costs", "a b(DAILY-10), c-d(DEAD-1)\n",
     "4990 b b!%s; 999999 c-d c-d!%s", ""},
    {"blanks and line ends inside", "a b( HOURLY\n\t* 4 )\n", "2000 b b!%s", ""},
    {"a cost below nothing is a dead link", "a b(10-20)\na c(10)\nc b(10)\n",
     "20 b c!b!%s; 10 c c!%s", "1: the link to b costs less than nothing; taken for dead"},
    /* ---- operators ---- */
    {"each operator on each side", "a b!, c:, @d, %e, f@, g%, !h, :i\n",
     "4000 b b!%s; 4000 c c:%s; 4000 d %s@d; 4000 e %s%%e; 4000 f f@%s; 4000 g g%%%s; 4000 h %s!h; "
     "4000 i %s:i",
     ""},
    {"@ turns to % behind another", "a @b(10)\nb @c(10)\nc @d(10)\n",
     "10 b %s@b; 20 c %s%%c@b; 30 d %s%%d%%c@b", ""},
    {"host!host@host is a last resort", "a b(10)\nb @c(10)\nc d(10)\n",
     "10 b b!%s; 100000020 c b!%s@c; 100000031 d b!d!%s@c", ""},
    {"and the other way round", "a @b(10)\nb c(10)\n", "10 b %s@b; 100000020 c c!%s@b", ""},
    {"a way without it is better at any price", "a @b(10), c(100000)\nb d(10)\nc d(100000)\n",
     "10 b %s@b; 100000 c c!%s; 200000 d c!d!%s", ""},
    /* ---- nets ---- */
    {"a net", "NET = {a, b, c}(25)\n", "25 b b!%s; 25 c c!%s", ""},
    {"a net between two hosts", "a x(10)\nNET = {x, y}(25)\ny z(10)\n",
     "10 x x!%s; 35 y x!y!%s; 45 z x!y!z!%s", ""},
    {"a net without a name", "= {a, b, c}(25)\n", "25 b b!%s; 25 c c!%s", ""},
    {"operators before and behind", "N1 = @{a, b}(10)\nN2 = {a, c}%(10)\nN3 = {a, d}!(10)\n",
     "10 b %s@b; 10 c c%%%s; 10 d d!%s", ""},
    {"members are written as the net was entered", "a x(10)\nNET = @{x, y, z}(10)\n",
     "10 x x!%s; 100000021 y x!%s@y; 100000021 z x!%s@z", ""},
    {"without a cost", "NET = {a, b}\n", "4000 b b!%s", ""},
    {"costs by declaring twice", "NET = {a, b}(10)\nNET = {b, c}(50)\n", "10 b b!%s; 10 c c!%s",
     ""},
    {"a net in a net", "IN = {b, c}(10)\nOUT = {a, IN}(100)\n", "100 b b!%s; 100 c c!%s", ""},
    {"a line that goes on", "NET={a, b,\n\tc, d,}(LOCAL)\n", "25 b b!%s; 25 c c!%s; 25 d d!%s", ""},
    {"into the net and out of it", "a NET(10)\nNET b(20)\nNET = {c}(1)\n", "30 b b!%s; 10 c c!%s",
     ""},
    /* ---- aliases ---- */
    {"an alias", "a b(10)\nb = bb, bbb\n", "10 b b!%s; 10 bb b!%s; 10 bbb b!%s", ""},
    {"an alias of home", "a = aa\naa b(10)\n", "0 aa %s; 10 b b!%s", ""},
    {"links of an alias", "a b(10)\nb = c\nc d(10)\n", "10 b b!%s; 10 c b!%s; 20 d b!d!%s", ""},
    {"an alias is no hop", "a b(10)\nb = c\nc = d\nd e(1)\n",
     "10 b b!%s; 10 c b!%s; 10 d b!%s; 11 e b!e!%s", ""},
    {"an alias of a domain", "a b(10)\nb = .dom\n", "10 .dom b!%s; 10 b b!%s", ""},
    /* ---- domains ---- */
    {"a gateway of a domain", "a b(10)\nb .edu\n", "4010 .edu b!%s; 10 b b!%s", ""},
    {"members of a domain",
     "a b(10)\nb .edu(0)\n.edu = {.mit, .rutgers, caip}(0)\n.rutgers = {topaz}(0)\n",
     "10 .edu b!%s; 10 b b!%s; 10 caip b!caip.edu!%s; 10 topaz b!topaz.rutgers.edu!%s", ""},
    {"our own gateway", "a .edu(10)\n.edu = {caip}\n", "10 .edu %s; 10 caip caip.edu!%s", ""},
    {"nothing leads out of a domain", "a b(10)\n.edu = {b, c}(10)\nc .edu(5)\n",
     "100000021 .edu b!%s; 10 b b!%s; 100000022 c b!c.edu!%s", ""},
    {"a domain without a gateway", "a x(10)\nNET = {x, .dom}(10)\n",
     "100000020 .dom x!%s; 10 x x!%s", ""},
    {"domains in private ones have lines",
     "private {.edu}\na .edu(10)\n.edu = {.mit, caip}\n.mit = {prep}\n",
     "10 .mit.edu %s; 10 caip caip.edu!%s; 10 prep prep.mit.edu!%s", ""},
    {"@ behind a distant gateway", "a b(10)\nb @.dom(10)\n.dom = @{x}\n",
     "100000020 .dom b!%s; 10 b b!%s; 100000021 x b!%s%%x.dom", ""},
    {"a host on the way through a domain", "a .dom(10)\n.dom = {x}\nx y(10)\n",
     "10 .dom %s; 10 x x.dom!%s; 20 y x.dom!y!%s", ""},
    /* ---- private ---- */
    {"private hosts have no lines", "private {b}\na b(10)\nb c(10)\n", "20 c b!c!%s", ""},
    {"are others than those before", "a b(10)\nprivate {b}\na b(20)\nb c(10)\n",
     "10 b b!%s; 30 c b!c!%s", ""},
    {"until the scope ends", "private {b}\na b(20)\nb c(10)\nprivate {}\na b(5)\nb d(10)\n",
     "5 b b!%s; 30 c b!c!%s; 15 d b!d!%s", ""},
    {"two of a kind", "private {b, c}\na b(20), c(30)\nb d(10)\nc e(10)\n",
     "30 d b!d!%s; 40 e c!e!%s", ""},
    /* ---- dead ---- */
    {"a dead host is a last resort", "a b(10), c(5000)\nb d(10)\nc d(10)\ndead {b}\n",
     "10 b b!%s; 5000 c c!%s; 5010 d c!d!%s", ""},
    {"and the only one", "a b(10)\nb d(10)\ndead {b}\n", "10 b b!%s; 100000020 d b!d!%s", ""},
    {"a dead link", "a b(10), c(5000)\nb d(10)\nc d(10)\ndead {b!d}\n",
     "10 b b!%s; 5000 c c!%s; 5010 d c!d!%s", ""},
    {"declared before the link", "dead {a!b}\na b(10)\n", "100000010 b b!%s", ""},
    {"that nobody declared", "dead {a!b}\n", "150000000 b b!%s", ""},
    {"with another operator, in a list", "a b(10), c(10), d(10)\ndead {a!b, a@c, d}\nd e(10)\n",
     "100000010 b b!%s; 100000010 c c!%s; 10 d d!%s; 100000020 e d!e!%s", ""},
    {"a dead net wants gateways", "NET = {x, y}(10)\ndead {NET}\na x(10), g(100)\ng NET(10)\n",
     "100 g g!%s; 10 x x!%s; 110 y g!y!%s", ""},
    {"who says so before is none", "NET = {x, y}(10)\na x(10), g(100)\ng NET(10)\ndead {NET}\n",
     "100 g g!%s; 10 x x!%s; 100000021 y x!y!%s", ""},
    {"a gateway at whatever cost", "NET = {y}(10)\ndead {NET}\na NET(5000), g(10000)\n",
     "10000 g g!%s; 5000 y y!%s", ""},
    /* ---- delete, adjust ---- */
    {"a link is gone", "a b(10), c(10)\nc b(10)\ndelete {a!b}\n", "20 b c!b!%s; 10 c c!%s", ""},
    {"all links of a host", "a b(10)\nb c(10), d(10)\ndelete {b}\na c(100)\n", "100 c c!%s", ""},
    {"a host begins anew", "a b(10)\nb c(10)\ndelete {b}\na b(20)\nb d(20)\n",
     "20 b b!%s; 40 d b!d!%s", ""},
    {"home begins anew", "a b(10)\ndelete {a}\na c(10)\n", "10 c c!%s", ""},
    {"adjusted before and after", "a b(10)\nb c(10)\nadjust {b(100)}\nb d(10)\n",
     "10 b b!%s; 120 c b!c!%s; 120 d b!d!%s", ""},
    {"adjusted twice, and down", "a b(100), c(200)\nadjust {a(LOW), a(-50)}\n",
     "55 b b!%s; 155 c c!%s", ""},
    {"adjusted without a cost", "a b(100)\nadjust {a}\n", "4100 b b!%s", ""},
    {"a dead link is adjusted again", "a b(100)\nadjust {a(10)}\ndead {a!b}\n", "100000120 b b!%s",
     ""},
    /* ---- terminal links ---- */
    {"nothing goes on from there", "a <b>(10), c(100)\nb d(10)\nc b(100)\n",
     "10 b b!%s; 100 c c!%s; 210 d c!b!d!%s", ""},
    {"the only way on is a last resort", "a <b>(10)\nb d(10)\n", "10 b b!%s; 100000020 d b!d!%s",
     ""},
    {"with an operator", "a @<b>(10), <c>%(10)\n", "10 b %s@b; 10 c c%%%s", ""},
    {"aliases of a terminal host", "a <b>(10)\nb = bb\nbb = bbb\nbb c(10)\n",
     "10 b b!%s; 10 bb b!%s; 10 bbb b!%s; 100000020 c b!c!%s", ""},
    {"a dearer way that is not terminal", "a <b>(10), b(100)\nb c(10)\n", "10 b b!%s; 110 c b!c!%s",
     ""},
    {"a terminal net", "a <NET>(10)\nNET = {b, c}(10)\nb d(10)\n",
     "10 b b!%s; 10 c c!%s; 100000020 d b!d!%s", ""},
    {"a terminal domain", "a <.dom>(10)\n.dom = {b, .sub}\n.sub = {c}\n",
     "10 .dom %s; 10 b b.dom!%s; 10 c c.sub.dom!%s", ""},
    {"terminal links on terminal links", "a <b>(10)\nb <c>(10)\nc d(10)\n", "10 b b!%s", ""},
    /* ---- backwards ---- */
    {"a host that calls somebody", "a b(10)\nc b(10)\n", "10 b b!%s; 100000021 c b!c!%s", ""},
    {"and what is behind it", "a b(10)\nc b(10), d(20)\n",
     "10 b b!%s; 100000021 c b!c!%s; 100000042 d b!c!d!%s", ""},
    {"in rounds", "a b(10)\nc b(10)\nd c(10)\n",
     "10 b b!%s; 100000021 c b!c!%s; 300000043 d b!c!d!%s", ""},
    {"by the cheapest neighbour", "a b(10), c(500)\nd c(1), b(1000)\n",
     "10 b b!%s; 500 c c!%s; 100000021 d b!d!%s", ""},
    {"not out of a domain", "a .dom(10)\nd .dom(1)\n", "10 .dom %s", ""},
    {"a member of a net", "a b(10)\nNET = {c, b}(10)\nd c(10)\n",
     "10 b b!%s; 20 c b!c!%s; 100000041 d b!c!d!%s", ""},
    /* ---- ties ---- */
    {"fewer hops", "a b(10), c(5)\nc d(5)\nd x(5)\nb x(5)\n",
     "10 b b!%s; 5 c c!%s; 10 d c!d!%s; 15 x b!x!%s", ""},
    {"a name that begins alike", "a decvax(10), ihnp4(10)\ndecvax decwrl(10)\nihnp4 decwrl(10)\n",
     "10 decvax decvax!%s; 20 decwrl decvax!decwrl!%s; 10 ihnp4 ihnp4!%s", ""},
    {"then the shorter", "a bbb(10), cc(10)\nbbb x(10)\ncc x(10)\n",
     "10 bbb bbb!%s; 10 cc cc!%s; 20 x cc!x!%s", ""},
    {"then the later", "a bb(10), cc(10)\nbb x(10)\ncc x(10)\n",
     "10 bb bb!%s; 10 cc cc!%s; 20 x cc!x!%s", ""},
    {"not through a domain", "a .dom(10), b(10)\n.dom = {x}\nb x(0)\n",
     "10 .dom %s; 10 b b!%s; 10 x b!x!%s", ""},
    {"a net before a domain", "a .dom(10), NET(10)\nNET = {x}(0)\n.dom = {x}\n",
     "10 .dom %s; 10 x x!%s", ""},
    /* ---- faults ---- */
    {"a comma is missing", "a b(10) c(20)\na d(30)\n", "10 b b!%s; 30 d d!%s",
     "1: `,` or the line's end expected, not `c`"},
    {"a parenthesis", "a b(10, c(20)\na d(30)\n", "30 d d!%s", "1: `)` expected, not `,`"},
    {"a brace", "NET = {a, b\na d(30)\n", "30 d d!%s", "1: `,` or `}` expected, but the line ends"},
    {"nothing behind a host", "a\na d(30)\n", "30 d d!%s", "1: a name expected, but the line ends"},
    {"a symbol that is none", "a b(SOMETIMES)\n", "4000 b b!%s",
     "1: `SOMETIMES` is no cost; taken for 4000"},
    {"divided by nothing", "a b(10/0)\n", "10 b b!%s", "1: a cost is divided by zero; not divided"},
    {"two operators", "a @b@(10)\na d(30)\n", "4000 b %s@b; 30 d d!%s",
     "1: `,` or the line's end expected, not `@`"},
    {"an empty net", "NET = {}(10)\na d(30)\n", "30 d d!%s", "1: a name expected, not `}`"},
    {"a line that begins with a sign", "(10)\n!\na d(30)\n", "30 d d!%s",
     "1: a name expected, not `(`; 2: a name expected, not `!`"},
    {"a cost where there is none", "a (10)\na d(30)\n", "30 d d!%s", "1: a name expected, not `(`"},
    {"what stands before it holds, also of dead", "a b(10), c(10)\ndead {a!b, a!c(}\n",
     "100000010 b b!%s; 100000010 c c!%s", "2: `,` or `}` expected, not `(`"},
    {"a host may not begin with a dash", "a -b(10)\na d(30)\n", "30 d d!%s",
     "1: a name expected, not `-`"},
    {"domains have no aliases", ".x = .y\na .x(10)\n", "10 .x %s",
     "1: domains have no aliases: .x = .y"},
    {"a quote that is open", "a \"b(10)\na d(30)\n", "30 d d!%s", "1: a quote is not closed"},
    /* ---- where we are not pathalias ---- */
    {"CR LF", "a b(10),\r\n\tc(20)\r\n", "10 b b!%s; 20 c c!%s", ""},
    {"a % in a name is twice in a route", "a \"b%x\"(10)\n", "10 b%x b%%x!%s", ""},
    {"an empty name", "a \"\"(10)\na d(30)\n", "30 d d!%s", "1: a name is empty"},
    {"a blank in a name", "a \"b c\"(10)\na d(30)\n", "30 d d!%s",
     "1: a name has something in it that is not visible ASCII"},
    {"every instance of a dead link", "a b(10), b(20), c(500)\nc b(500)\ndead {a!b}\n",
     "1000 b c!b!%s; 500 c c!%s", ""},
    {"a net with a fault has no members", "NET = {a, b\nNET = {a, c}(10)\n", "10 c c!%s",
     "1: `,` or `}` expected, but the line ends"},
    {"parentheses without end", "a b(((((((((((((((((((((((((((((((((((((1)\na d(30)\n",
     "30 d d!%s", "1: a cost is nested too deeply"},
    {"signs without end", "a b(----------------------------------------1)\na d(30)\n", "30 d d!%s",
     "1: a cost is nested too deeply"},
    {"a cost beyond reckoning", "a b(99999999999999999999999)\n", "1000000000000000000 b b!%s",
     "1: a cost is too large to reckon with"},
    {"and a product", "a b(DEAD*DEAD*DEAD*DEAD)\n", "1000000000000000000 b b!%s",
     "1: a cost is too large to reckon with"},
    {"other octets", "a b(10)\n\xff\x01\na d(30)\n", "10 b b!%s; 30 d d!%s",
     "2: a name expected, not `\xff`"},
    /* ---- places ---- */
    {"a fault names its line", "#\n\n\na b(10),\n  c d\n", "10 b b!%s; 4000 c c!%s",
     "5: `,` or the line's end expected, not `d`"},
    {"of a map's own counting", "#\nfile {x}\na b c\n", "4000 b b!%s",
     "x:1: `,` or the line's end expected, not `c`"},
};

/* What a map had to say, in one line each. */
struct heard {
	struct buf routes, faults, unreached;
	size_t nroutes, nfaults;
};

static void
on_route(void *arg, const struct map_route *r)
{
	struct heard *h = arg;

	h->nroutes++;
	if (r->cost == 0 && strcmp(r->host, "a") == 0 && strcmp(r->route, "%s") == 0)
		return;
	buf_fmt(&h->routes, "%s%" PRId64 " %s %s", h->routes.n > 0 ? "; " : "", r->cost, r->host,
	        r->route);
}

static void
on_fault(void *arg, const struct map_fault *f)
{
	struct heard *h = arg;

	h->nfaults++;
	buf_fmt(&h->faults, "%s%s%s%d: %s", h->faults.n > 0 ? "; " : "", f->file,
	        f->file[0] != '\0' ? ":" : "", f->line, f->words);
}

static void
on_unreached(void *arg, const char *host)
{
	struct heard *h = arg;

	buf_fmt(&h->unreached, "%s%s", h->unreached.n > 0 ? " " : "", host);
}

static struct map *
map_hearing(struct heard *h, const char *from, bool keep_case)
{
	const struct map_hooks hooks = {on_fault, on_route, on_unreached, h};
	struct map *m = map_new(span_of(from), keep_case, &hooks);

	assert_non_null(m);
	return m;
}

static void
heard_free(struct heard *h)
{
	buf_free(&h->routes);
	buf_free(&h->faults);
	buf_free(&h->unreached);
}

static void
each_row(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct heard h = {0};
		struct map *m = map_hearing(&h, "a", false);

		print_message("# %s\n", rows[i].what);
		assert_int_equal(map_read(m, "", span_of(rows[i].map)), 0);
		assert_true(map_routes(m) > 0);
		assert_string_equal(buf_text(&h.routes), rows[i].routes);
		assert_string_equal(buf_text(&h.faults), rows[i].faults);
		map_free(m);
		heard_free(&h);
	}
}

/* Cut anywhere, a map is read to its end and nothing is left behind. */
static void
each_row_cut_anywhere(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (n = 0; n < strlen(rows[i].map); n++) {
			struct heard h = {0};
			struct map *m = map_hearing(&h, "a", false);
			char *copy = malloc(n + 1); /* so that reading beyond it is noticed */

			assert_non_null(copy);
			memcpy(copy, rows[i].map, n);
			assert_int_equal(map_read(m, "", (struct span){copy, n}), 0);
			assert_true(map_routes(m) > 0);
			free(copy);
			map_free(m);
			heard_free(&h);
		}
	}
}

static void
several_files(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "A", false);

	(void)state;
	map_read(m, "one", SPAN("private {b}\na b(10)\nb c(10)\nx y z\n"));
	map_read(m, "two", SPAN("\na b(100)\nb d(10)\nx y z\n"));
	assert_int_equal(map_routes(m), 4);
	assert_string_equal(buf_text(&h.routes), "100 b b!%s; 20 c b!c!%s; 110 d b!d!%s");
	assert_string_equal(buf_text(&h.faults), "one:4: `,` or the line's end expected, not `z`; "
	                                         "two:4: `,` or the line's end expected, not `z`");
	assert_string_equal(buf_text(&h.unreached), "x y");
	map_free(m);
	heard_free(&h);
}

static void
case_is_kept(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", true);

	(void)state;
	map_read(m, "", SPAN("a b(10), B(20)\nA c(1)\nb c(direct)\n"));
	assert_int_equal(map_routes(m), 5);
	assert_string_equal(buf_text(&h.routes),
	                    "100008021 A b!c!A!%s; 20 B B!%s; 10 b b!%s; 4010 c b!c!%s");
	assert_string_equal(buf_text(&h.faults), "3: `direct` is no cost; taken for 4000");
	map_free(m);
	heard_free(&h);
}

/* ---- postings ---- */

static const struct posting {
	const char *what, *text, *routes, *faults;
} postings[] = {
    {"as of 1987",
     "From: rutgers\nSubject: UUCP map for u.x.1\n\n#\tThis is a shell archive.\n#!/bin/sh\n"
     "echo shar: extracting u.x.1\ncat << \\SHAR_EOF > u.x.1\n#N\ta\na b(10)\nSHAR_EOF\n"
     "echo shar: extracting u.x.2\ncat << \\SHAR_EOF > u.x.2\nb c(10)\na b c\nSHAR_EOF\n"
     "#\tEnd of shell archive\nexit 0\n",
     "10 b b!%s; 20 c b!c!%s", "14: `,` or the line's end expected, not `c`"},
    {"as of 1992", ":\tThis is a shell archive.\ncat << 'SHAR_EOF' > d.Top\na .edu\nSHAR_EOF\n:\n",
     "4000 .edu %s", ""},
    {"with the backslash damaged", "cat << \xc2\xa5SHAR_EOF > u.x\na b(10)\nSHAR_EOF\nexit 0\n",
     "10 b b!%s", ""},
    {"otherwise", "cat << \xc2\xac\xe2\x80\xa2SHAR_EOF > u.x\na b(10)\nSHAR_EOF\nexit 0\n",
     "10 b b!%s", ""},
    {"with CR LF", "cat << \\EOF > u.x\r\na b(10)\r\nEOF\r\nexit 0\r\n", "10 b b!%s", ""},
    {"what is private ends with its map",
     "cat << \\EOF > x\nprivate {b}\na b(1)\nEOF\ncat << \\EOF > y\na b(10)\nEOF\n", "10 b b!%s",
     ""},
    {"cut off", "cat << \\EOF > x\na b(10)\na c", "10 b b!%s; 4000 c c!%s",
     "3: the shell archive ends in the middle of a map"},
    {"cut off at once", "cat << \\EOF > x", "", "2: the shell archive ends in the middle of a map"},
    {"no archive, for no name follows", "cat << \\EOF >\na b(10)\n", "10 b b!%s",
     "1: a name expected, not `<`"},
};

static void
each_posting(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof postings / sizeof postings[0]; i++) {
		struct heard h = {0};
		struct map *m = map_hearing(&h, "a", false);

		print_message("# %s\n", postings[i].what);
		assert_int_equal(map_read(m, "", span_of(postings[i].text)), 0);
		assert_true(map_routes(m) > 0);
		assert_string_equal(buf_text(&h.routes), postings[i].routes);
		assert_string_equal(buf_text(&h.faults), postings[i].faults);
		map_free(m);
		heard_free(&h);
	}
}

/* ---- bounds ---- */

static void
names_have_a_bound(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", false);
	struct buf text = {0};
	size_t i;

	(void)state;
	buf_str(&text, "a ");
	for (i = 0; i <= MAP_NAME_MAX; i++)
		buf_ch(&text, 'x');
	buf_str(&text, "(10)\na d(30)\n");
	map_read(m, "", buf_view(&text));
	map_routes(m);
	assert_string_equal(buf_text(&h.routes), "30 d d!%s");
	assert_string_equal(buf_text(&h.faults), "1: a name is longer than 255 octets");
	map_free(m);
	assert_null(map_new(SPAN(""), false, &(struct map_hooks){0}));
	assert_null(map_new(SPAN("a b"), false, &(struct map_hooks){0}));
	assert_null(
	    map_new((struct span){text.p, MAP_NAME_MAX + 1}, false, &(struct map_hooks){0}));
	buf_free(&text);
	heard_free(&h);
}

/* A chain of 400 hosts: routes up to 1024 octets are written, longer ones told. */
static void
routes_have_a_bound(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", false);
	struct buf text = {0};
	unsigned i;

	(void)state;
	buf_str(&text, "a h000(1)\n");
	for (i = 0; i < 400; i++)
		buf_fmt(&text, "h%03u h%03u(1)\n", i, i + 1);
	map_read(m, "", buf_view(&text));
	assert_int_equal(map_routes(m), 1 + MAP_ROUTE_MAX / 5);
	assert_int_equal(h.nroutes, 1 + MAP_ROUTE_MAX / 5);
	assert_int_equal(h.nfaults, 401 - MAP_ROUTE_MAX / 5);
	map_free(m);
	buf_free(&text);
	heard_free(&h);
}

/* Hosts in one long row, links back alone: each round of going backwards finds one. */
static void
rounds_do_not_overflow(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", false);
	struct buf text = {0};
	unsigned i;

	(void)state;
	buf_str(&text, "h0 a(DEAD)\n");
	for (i = 0; i < 150; i++)
		buf_fmt(&text, "h%u h%u(DEAD)\n", i + 1, i);
	map_read(m, "", buf_view(&text));
	assert_int_equal(map_routes(m), 152);
	map_free(m);
	buf_free(&text);
	heard_free(&h);
}

/* Aliases of aliases of a terminal host, each in every order: given up in words. */
static void
copies_have_a_bound(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", false);
	struct buf text = {0};
	unsigned i, j;

	(void)state;
	buf_str(&text, "a <h0>(1)\n");
	for (i = 0; i < 14; i++)
		for (j = 0; j < i; j++)
			buf_fmt(&text, "h%u = h%u\n", i, j);
	assert_int_equal(map_read(m, "", buf_view(&text)), 0);
	assert_int_equal(map_routes(m), -1);
	assert_string_equal(map_error(m), "the maps need more than 128 MiB of memory");
	assert_int_equal(h.nroutes, 0);
	map_free(m);
	buf_free(&text);
	heard_free(&h);
}

/* A host with very many links, of which one after the other is declared dead. */
static void
steps_have_a_bound(void **state)
{
	struct heard h = {0};
	struct map *m = map_hearing(&h, "a", false);
	struct buf text = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 40000; i++)
		buf_fmt(&text, "a h%u\ndead {a!h%u}\n", i, i);
	assert_int_equal(map_read(m, "", buf_view(&text)), -1);
	assert_string_equal(map_error(m),
	                    "the maps take too long to work out: more than 200 million steps");
	assert_int_equal(map_routes(m), -1);
	map_free(m);
	buf_free(&text);
	heard_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_row),
	    cmocka_unit_test(each_row_cut_anywhere),
	    cmocka_unit_test(several_files),
	    cmocka_unit_test(case_is_kept),
	    cmocka_unit_test(each_posting),
	    cmocka_unit_test(names_have_a_bound),
	    cmocka_unit_test(routes_have_a_bound),
	    cmocka_unit_test(rounds_do_not_overflow),
	    cmocka_unit_test(copies_have_a_bound),
	    cmocka_unit_test(steps_have_a_bound),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
