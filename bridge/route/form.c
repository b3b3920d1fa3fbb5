/*
 * An address in the form that its next hop understands: mailbox@domain for
 * SMTP, hop!hop!mailbox for UUCP, a directory for a maildir.
 */
#include "bridge/route/outward.h"
#include "bridge/route/table.h"

#include <stdio.h>
#include <string.h>

void
route_add_lower(struct buf *out, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		buf_ch(out, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i]);
}

static void
answer_no_form(struct route_answer *a)
{
	route_refuse(a, 553, "5.1.3", "a quoted mailbox at the end of a path has no form in SMTP");
}

/* A host of the configuration as an address has it: a bare IP address becomes a literal. */
static void
add_gateway(struct buf *out, const char *host)
{
	if (strchr(host, ':') != NULL)
		buf_fmt(out, "[IPv6:%s]", host);
	else if (host[strspn(host, "0123456789.")] == '\0')
		buf_fmt(out, "[%s]", host);
	else
		buf_str(out, host);
}

/* mailbox@domain: the first hop by its domain, the hops after it in the mailbox. */
static void
form_smtp(const struct resolved *r, struct route_answer *a)
{
	struct addr send = r->addr;
	struct buf path = {0};
	struct span rest = r->addr.path, hop;

	addr_hop_next(&rest, &hop);
	if (r->kind == RESOLVED_LOCAL) {
		buf_span(&path, r->host);
		send.hops = 1;
	} else if (r->kind == RESOLVED_SITE && (r->site == NULL || r->site->domain[0] == '\0')) {
		/* RFC 976 2.1: a gateway is given site!user@gateway */
		add_gateway(&path, a->rule->hosts[0].host);
		buf_fmt(&path, "!%.*s", (int)r->host.n, r->host.p);
		send.hops++;
	} else {
		buf_span(&path, r->site != NULL ? span_of(r->site->domain) : r->host);
	}
	if (r->addr.hops > 1)
		buf_fmt(&path, "!%.*s", (int)rest.n, rest.p);
	send.path = buf_view(&path);
	if (path.bad)
		a->address.bad = true;
	else if (addr_print_domain(&send, &a->address) < 0)
		answer_no_form(a);
	buf_free(&path);
}

/*
 * Whether a mailbox may name a directory. No shell of ours will ever see it,
 * but the operator's will: in a backup, in `rm` and `for`. And a name that
 * cannot be shown as it is would be taken for another.
 * *shown, which was empty, is bad without memory, and then the answer is none.
 */
static bool
is_safe_directory(struct span user, struct buf *shown)
{
	bool safe = user.n > 0 && user.n <= ADDR_LOCAL_MAX && strchr(".-", user.p[0]) == NULL;
	size_t i;

	for (i = 0; i < user.n; i++)
		safe = safe && strchr(" /!@\"$&()*,:;<>?[]`{|}", user.p[i]) == NULL;
	buf_escape(shown, user);
	return safe && span_eq(buf_view(shown), user);
}

/* The path of a maildir, with %u and %d put in. */
static void
add_maildir(struct buf *out, const char *pattern, struct span user, struct span domain)
{
	const char *p;

	for (p = pattern; *p != '\0'; p++) {
		if (p[0] == '%' && p[1] == 'u')
			buf_span(out, user);
		else if (p[0] == '%' && p[1] == 'd')
			route_add_lower(out, domain);
		else if (p[0] == '%' && p[1] == '%')
			buf_ch(out, '%');
		else {
			buf_ch(out, *p);
			continue;
		}
		p++;
	}
}

/* The directory that all maildirs of a pattern stand in: before the first part with a %. */
static size_t
fixed_part(const char *pattern)
{
	size_t n = strcspn(pattern, "%");

	while (n > 0 && pattern[n - 1] != '/')
		n--;
	return n;
}

/* Whose maildir it is: by the spelling of `users`, and else in lower case. */
static void
add_mailbox(const struct resolved *r, struct buf *out)
{
	if (r->listed)
		buf_span(out, r->mailbox);
	else
		route_add_lower(out, r->mailbox.n > 0 ? r->mailbox : r->addr.user);
}

static void
form_maildir(const struct route_table *t, const struct resolved *r, struct route_answer *a)
{
	const char *pattern =
	    a->rule != NULL ? a->rule->path : own_find(t, r->host)->local.text + strlen("maildir:");
	struct buf user = {0}, shown = {0};

	add_mailbox(r, &user);
	if (r->kind != RESOLVED_LOCAL && r->addr.hops > 1)
		route_refuse(a, 550, "5.1.2", "%.*s is kept here: a path cannot lead on from it",
		             (int)r->host.n, r->host.p);
	else if (!is_safe_directory(buf_view(&user), &shown))
		route_refuse(a, 550, "5.1.1", "no user of %.*s can have that name", (int)r->host.n,
		             r->host.p);
	else
		add_maildir(&a->path, pattern, buf_view(&user), r->host);
	a->path.bad |= user.bad || shown.bad;
	a->path_fixed = fixed_part(pattern);
	buf_free(&user);
	buf_free(&shown);
	if (a->hop == HOP_MAILDIR)
		form_smtp(r, a);
}

/* What its class means for the letter, shown by a sender that we always have. */
static void
explain_class(const struct route_table *t, const struct config_site *to, struct route_steps *steps)
{
	static const char *const classes[] = {
	    [SITE_OLD] = "old: paths alone",
	    [SITE_NEW] = "new: user@domain, and paths for the rest",
	    [SITE_DOMAIN] = "domain: user@domain, and paths that start at a domain",
	};
	const struct route_ask ourselves = {.site = NULL};
	const struct rewrite w = {.table = t, .ask = &ourselves, .to = to};
	struct buf user = {0}, header = {0};
	const char *why;

	if (steps == NULL)
		return;
	route_step(steps, to->place, "%s is of class %s", to->name, classes[to->class]);
	if (rewrite_sender(&w, SPAN("postmaster"), &user, NULL, &why) == 0 &&
	    rewrite_address(&w, SPAN("postmaster"), &header, &why) == 0)
		route_step(steps, ROUTE_BUILT_IN,
		           "a letter from our postmaster has one From_ line, `From %s DATE remote "
		           "from %s`, and %s in its header",
		           buf_text(&user), outward_our_name(t), buf_text(&header));
	buf_free(&user);
	buf_free(&header);
}

/* What rmail at the neighbour is given. */
static void
form_uucp(const struct route_table *t, const struct resolved *r, struct route_answer *a)
{
	const char *status, *why;
	int code = outward_recipient(r->site, &r->addr, &a->address, &status, &why);

	if (code != 0) {
		route_refuse(a, code, status, "%s cannot be given it by UUCP: %s", r->site->name,
		             why);
		return;
	}
	a->utf8 = false;
	explain_class(t, r->site, a->steps);
}

void
route_form(const struct route_table *t, const struct resolved *r, struct route_answer *a)
{
	a->utf8 = (r->addr.flags & ADDR_UTF8) != 0;
	switch (a->hop) {
	case HOP_SMTP:
	case HOP_MX:
		form_smtp(r, a);
		break;
	case HOP_MAILDIR:
		form_maildir(t, r, a);
		break;
	case HOP_UUCP:
		form_uucp(t, r, a);
		break;
	case HOP_REJECT:
		return;
	}
	if (a->path.n > 0)
		route_step(a->steps, ROUTE_BUILT_IN, "kept in %s", buf_text(&a->path));
	else if (a->address.n > 0)
		route_step(a->steps, ROUTE_BUILT_IN, "the next hop is given %s",
		           buf_text(&a->address));
}
