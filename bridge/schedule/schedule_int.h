/*
 * The schedule's own: what its files share. All of it belongs to the loop.
 *
 *   schedule.c      the whole: start, configuration, stop, the timer
 *   destination.c   which destinations have mail
 *   hop_table.c     next hops: which are there
 *   hop.c           may one go, and what to start
 *   ready.c         which of its destinations are asked next
 *   look.c          the job that finds new mail
 *   carry.c         one session and its parcels
 *   patrol.c        whose lifetime is over
 *   sweep.c         what a crash left of a batch
 *   token_forget.c  tokens that are old, or too many
 *   change.c        an operator's changes
 */
#ifndef SCHEDULE_SCHEDULE_INT_H
#define SCHEDULE_SCHEDULE_INT_H

#include "bridge/schedule/batch.h"
#include "bridge/schedule/lease.h"
#include "bridge/schedule/schedule.h"
#include "bridge/schedule/settle.h"
#include "bridge/smtp/session.h"

#include <sys/queue.h>

#define SESSIONS_MOST  32  /* at once, to all next hops, of those that move */
#define SESSIONS_LIMIT 128 /* and in all: bounds memory and descriptors */
#define UNSETTLED_MOST 256 /* parcels that wait for the writer: a wire may outrun the disk */
#define HOP_BUCKETS    1024
#define SUSPECTS       8    /* messages of a next hop that are remembered as such */
#define PAUSE_MS       1000 /* after a session that broke, or a spool that could not be read */

struct hop;
struct carrier;

struct destination {
	spool_dest dest;
	char *name;      /* owned */
	struct hop *hop; /* never NULL */
	bool ready;      /* something may be due: it is in the hop's heap (ready.c) */
	struct destination *up, *left, *right;
	uint64_t turn;     /* of the heap: who came first, or was asked longest ago */
	unsigned news;     /* counts what makes it ready: a look begun before says nothing of it */
	int64_t due_s;     /* when something is due again; INT64_MAX: nothing known */
	uint8_t head_rank; /* of the most urgent thing that may be due; 0 when unknown */
	unsigned leased;   /* deliveries under way */
	unsigned asked;    /* batches that have its name */
	unsigned round;    /* of the last whole look that found it */
};

/* A message that was on the wire when sessions broke without any progress. */
struct suspect {
	spool_id id;
	unsigned strikes;
};

struct hop {
	struct schedule *s;
	TAILQ_ENTRY(hop) of_schedule;
	struct hop *of_hash;
	const char *key;     /* what makes it this next hop and no other */
	const char *name;    /* for people */
	struct setup *setup; /* held: `rule` is in it */
	enum hop_kind kind;
	const struct config_route *rule;    /* NULL: built in */
	const char *domain;                 /* HOP_MX: whose */
	const struct config_strings *links; /* NULL: needs none; else in `rule` */
	struct chance_clock *clock;         /* borrowed from the links */
	/* What everything gets: of HOP_REJECT, or of a next hop that said NEVER as a whole. */
	struct verdict *refusal;             /* owned; NULL: none */
	size_t n;                            /* destinations */
	struct destination *first;           /* the root of the ready ones' heap; NULL: none is */
	unsigned ready;                      /* how many they are */
	unsigned leased;                     /* deliveries under way */
	unsigned sessions, leaving, batches; /* leaving: of the sessions, those that take no more */
	unsigned idle;    /* of the sessions, those that wait whether more comes */
	unsigned holds;   /* by who is in the middle of a call that may end all else */
	const char *link; /* that it may go by, at the last check; NULL: none */
	bool plenty;      /* the last batch left something behind: another session is worth it */
	unsigned failures;
	int64_t again_ms;         /* not before; 0: now */
	char *words;              /* owned; of the last failure; NULL: none */
	struct suspect *suspects; /* owned: SUSPECTS; NULL: none yet */
	unsigned nsuspects;       /* so many there have been */
	char text[];              /* key, name, domain */
};

TAILQ_HEAD(hops, hop);
LIST_HEAD(carriers, carrier);
struct change;
TAILQ_HEAD(changes, change);

struct schedule {
	struct schedule_parts parts;
	struct schedule_calls calls;
	void *owner;
	struct setup *setup; /* held */
	struct leases *leases;
	struct settler settler;
	struct session_common common;
	struct config_strings self_names; /* borrowed strings, owned list */
	struct destination **dest;        /* owned; rising by dest */
	size_t ndest, dest_room;
	struct hops hops;
	struct hop *hop_bucket[HOP_BUCKETS]; /* by key */
	struct carriers carriers;
	size_t sessions;
	int64_t full_until_ms; /* no room for another session till then: carry_has_room() */
	struct changes changes;
	uv_timer_t *timer, *change_timer, *patrol_timer, *stop_timer; /* owned */
	int64_t timer_ms; /* what the timer is set to; INT64_MAX: nothing */
	spool_id seen;    /* messages up to this one are known */
	bool looking, look_again, look_whole;
	unsigned look_round;
	bool patrolling, sweeping, forgetting;
	uint64_t kept_bytes; /* of tokens, since they were last looked through */
	unsigned jobs;       /* of the pool, under way */
	bool ready, stopping, stopped;
	bool crowded; /* someone was told so */
	uint64_t turn;
};

/* destination.c */
struct destination *destination_find(struct schedule *s, spool_dest dest);
struct destination *destination_learn(struct schedule *s, spool_dest dest, const char *name);
void destination_news(struct destination *d);                /* something of it may be due now */
void destination_rest(struct destination *d, int64_t due_s); /* nothing is, until then */
int destinations_route(struct schedule *s, struct setup *setup);
void destinations_forget(struct schedule *s, unsigned round); /* those not found since */
void destinations_free(struct schedule *s);

void destination_lease(struct destination *d, int n); /* so many more, or fewer, are under way */

/* ready.c: the most urgent first, among equals who waited longest */
void ready_add(struct destination *d); /* with its head_rank; `ready` is set */
void ready_remove(struct destination *d);

/* hop_table.c */
struct hop *hop_of(struct schedule *s, struct setup *setup, const char *destination);
void hop_tidy(struct hop *h); /* frees it when nobody needs it */
void hop_hold(struct hop *h);
void hop_release(struct hop *h); /* and tidies */
void hops_free(struct schedule *s);

/* hop.c */
bool hop_is_usable(struct hop *h); /* one of its links is up */
void hop_go(struct hop *h);        /* starts what may be started */
void hops_go(struct schedule *s);
struct batch *hop_batch(struct hop *h, enum batch_kind kind); /* NULL: nothing ready, no memory */
void hop_batch_ended(struct hop *h, struct batch *b);         /* all but its parcels is taken up */
void hop_set_words(struct hop *h, const char *words);
void hop_refuse(struct hop *h, const struct verdict *v); /* everything gets it, until all is gone */
void hop_failed(struct hop *h, const char *words);       /* spares it for a while */
void hop_pause(struct hop *h, const char *words);        /* for a moment */
void hop_settle(struct hop *h, struct parcel *p);        /* with its name and clock */
bool hop_is_stuck(const struct parcel *p); /* put off for our own sake: a pause is due */

/* look.c */
void look_start(struct schedule *s, bool whole);

/* carry.c */
void carry_start(struct hop *h);
void carry_wake(struct schedule *s); /* no longer crowded: sessions that waited go on */
bool carry_rouse(struct hop *h);     /* an idle session of it takes more; false: none is */
void carry_rest(struct schedule *s); /* ends those that were idle long enough */
/* Whether one more may begin now; if not, the schedule comes back when one might. */
bool carry_has_room(struct schedule *s);
void carry_make_room(struct schedule *s); /* ends an idle one: others wait for its place */
void carry_check(struct schedule *s);     /* ends those whose link is down or next hop is gone */
void carry_finish(struct schedule *s);
void carry_abandon(struct schedule *s, const char *words);

/* sweep.c */
void sweep_start(struct schedule *s); /* finishes what a crash left of a batch, then looks */

/* token_forget.c */
void token_forget_start(struct schedule *s); /* counts all: doors keep some, and do not say so */
void token_forget_kept(struct schedule *s, size_t bytes); /* we did: counts when it is much */

/* patrol.c */
void patrol_start(struct schedule *s);

/* change.c */
void changes_refuse(struct schedule *s); /* all that wait: busy */

/* schedule.c */
void schedule_plan(struct schedule *s, int64_t mono_ms); /* the timer fires no later than that */
void schedule_trouble(struct schedule *s, enum spool_status st, const char *words);
void schedule_check_stopped(struct schedule *s);
/* So much waits for the writer that nothing new is prepared. */
bool schedule_is_crowded(struct schedule *s);

#endif
