/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol of the mail as a transition system for Spin. twin.ts is the same one; the numbers of
 * states (without partial order reduction) and of transitions are equal. npm run bench -- --spin
 * runs both and compares.
 *
 * A d_step, or a guard outside of one, is one step there. A label that a process can be found at
 * is a suspension there, with the label in a comment. Labels that begin with "end" are idle waits:
 * staying there for ever is no deadlock. Hidden variables are scratch within a d_step and no part
 * of the state. Variables that are of no use for a while are 0 meanwhile only where they are
 * locals there; node and value numbers that name none are 0 here and -1 there.
 *
 *	Spin				twin.ts
 *	gl, demote, holders, ...	nodes[n].gl, ...
 *	cst, cval			nodes[n].pages[i].state, .value
 *	pte				procs[p].pte[i]
 *	disk, latest			file.disk[i], .latest[i]
 *	held				manager.held[n]
 *	requests, releases, messages	the queues of the same names
 *	Program: op, pg, ops		procs[p].op, .pg, .ops
 *	Glockd: i			a local of glockd()
 *	Manager: mode, who, i, pending	locals of lock_manager(): mode, n, i, pending
 */
#ifndef NR_NODES
#define NR_NODES 2
#endif
#ifndef PROCS_PER_NODE
#define PROCS_PER_NODE 1
#endif
#ifndef NR_PAGES
#define NR_PAGES 1
#endif
#ifndef NR_VALUES
#define NR_VALUES 2
#endif
#ifndef OPERATIONS		/* of each program; 0: it never ends */
#define OPERATIONS 0
#endif
#define NR_PROCS  (NR_NODES * PROCS_PER_NODE)
#define NODE_PTES (PROCS_PER_NODE * NR_PAGES)
#define NR_PTES   (NR_PROCS * NR_PAGES)

/* modes */
#define UNLOCKED  0
#define SHARED    1
#define EXCLUSIVE 2
#define UPGRADE   3		/* in requests only: shared to exclusive */
/* messages to a node; SHARED and EXCLUSIVE grant */
#define DENIED    3
#define RELEASE   4
#define DOWNGRADE 5
/* pages in a cache */
#define ABSENT    0
#define CLEAN     1
#define DIRTY     2
#define LOCKED    3
/* ptes */
#define NOT_PRESENT 0
#define READ_ONLY 1
#define WRITABLE  2
/* operations */
#define LOAD      0
#define STORE     1
#define READ      2
#define WRITE     3

byte gl[NR_NODES];		/* the mode that the node believes it has */
byte demote[NR_NODES];		/* 1 + the mode to go down to; 0: it may stay */
byte holders[NR_NODES];
byte want[NR_NODES];		/* the manager has been asked, and has not granted */
byte denied[NR_NODES];		/* an upgrade was denied, and nobody has noticed */
byte busy[NR_NODES];		/* the mode is being lowered */
byte cst[NR_NODES * NR_PAGES];
byte cval[NR_NODES * NR_PAGES];
byte pte[NR_PTES];
byte disk[NR_PAGES];
byte latest[NR_PAGES];
byte held[NR_NODES];		/* the manager's view of the modes */

chan requests = [NR_NODES] of { byte, byte };	/* mode, node */
chan releases = [NR_NODES] of { byte };		/* node */
chan messages[NR_NODES] = [3] of { byte };

hidden byte k, m;

#define IN_CACHE(st)	(st == CLEAN || st == DIRTY)

#define n	(_pid / PROCS_PER_NODE)
#define ST	cst[n * NR_PAGES + pg]
#define VAL	cval[n * NR_PAGES + pg]
#define PTE	pte[_pid * NR_PAGES + pg]
#define MODE	(SHARED + (op & 1))

#define STORE_PAGE \
	assert(gl[n] == EXCLUSIVE); \
	latest[pg] = (latest[pg] + 1) % NR_VALUES; \
	VAL = latest[pg]; \
	ST = DIRTY

#if OPERATIONS > 0
#define BEGIN(o, p)	d_step { ops < OPERATIONS -> ops++; op = o; pg = p }
#else
#define BEGIN(o, p)	d_step { op = o; pg = p }
#endif
#define END		op = LOAD; pg = 0

active [NR_PROCS] proctype Program()
{
	byte op, pg;
#if OPERATIONS > 0
	byte ops;
#endif
end_idle:
	if
	:: BEGIN(LOAD, 0) -> goto acc
	:: BEGIN(STORE, 0) -> goto acc
	:: BEGIN(READ, 0) -> goto lock
	:: BEGIN(WRITE, 0) -> goto lock
#if NR_PAGES > 1
	:: BEGIN(LOAD, 1) -> goto acc
	:: BEGIN(STORE, 1) -> goto acc
	:: BEGIN(READ, 1) -> goto lock
	:: BEGIN(WRITE, 1) -> goto lock
#endif
	fi;
acc:	/* the processor does the access, or faults */
	if
	:: d_step { op == LOAD && PTE != NOT_PRESENT ->
		assert(IN_CACHE(ST));
		assert(VAL == latest[pg]);
		END } goto end_idle
	:: d_step { op == STORE && PTE == WRITABLE ->
		assert(IN_CACHE(ST));
		STORE_PAGE;
		END } goto end_idle
	:: (op == LOAD && PTE == NOT_PRESENT) || (op == STORE && PTE != WRITABLE) -> goto lock
	fi;
lock:
	if
	:: d_step { gl[n] >= MODE && demote[n] == 0 && busy[n] == 0 ->
		holders[n]++ } goto nopage
	:: d_step { gl[n] < MODE && want[n] == 0 && demote[n] == 0 && busy[n] == 0 ->
		want[n] = 1;
		m = (gl[n] == SHARED -> UPGRADE : MODE);
		requests!m,n } goto wait
	fi;
wait:	/* for the manager's answer */
	if
	:: want[n] == 0 -> goto lock
	:: d_step { denied[n] == 1 -> denied[n] = 0 } goto upf1
	fi;
upf1:	/* the upgrade failed: gives the shared lock up, asks for the exclusive one */
	if
	:: d_step { gl[n] == UNLOCKED && busy[n] == 0 -> requests!EXCLUSIVE,n } goto wait
	:: d_step { gl[n] == SHARED && busy[n] == 0 && holders[n] == 0 ->
		busy[n] = 1;
		k = 0;
		do
		:: k < NODE_PTES -> pte[n * NODE_PTES + k] = NOT_PRESENT; k++
		:: else -> break
		od } goto upf2
	fi;
upf2:
	if
	:: d_step {
		k = 0;
		do
		:: k < NR_PAGES ->
			assert(cst[n * NR_PAGES + k] == ABSENT || cst[n * NR_PAGES + k] == CLEAN);
			cst[n * NR_PAGES + k] = ABSENT;
			cval[n * NR_PAGES + k] = 0;
			k++
		:: else -> break
		od;
		gl[n] = UNLOCKED;
		busy[n] = 0;
		requests!EXCLUSIVE,n } goto wait
	fi;
nopage:
	if
	:: IN_CACHE(ST) -> goto mapit
	:: d_step { ST == ABSENT -> ST = LOCKED } goto io
	fi;
io:
	if
	:: d_step { ST == LOCKED -> ST = CLEAN; VAL = disk[pg] } goto mapit
	fi;
mapit:	/* or copies from or to the user */
	if
	:: d_step { op <= STORE ->
		PTE = (gl[n] == EXCLUSIVE -> WRITABLE : READ_ONLY);
		/* one writer or many readers in the cluster */
		k = 0;
		do
		:: k < NR_PTES ->
			if
			:: k / NODE_PTES != n ->
				assert(pte[k] == NOT_PRESENT || (PTE == READ_ONLY && pte[k] == READ_ONLY))
			:: else
			fi;
			k++
		:: else -> break
		od } goto drop
	:: d_step { op == READ -> assert(VAL == latest[pg]) } goto drop
	:: d_step { op == WRITE -> STORE_PAGE } goto drop
	fi;
drop:
	if
	:: d_step { op <= STORE -> holders[n]-- } goto acc
	:: d_step { op >= READ -> holders[n]--; END } goto end_idle
	fi
}

#undef n
#define n	(_pid - NR_PROCS)

active [NR_NODES] proctype Glockd()
{
	byte i;
end_idle:
	if
	:: d_step { messages[n]?m ->
		if
		:: m <= EXCLUSIVE ->
			assert(demote[n] == 0 && want[n] == 1);
			gl[n] = m;
			want[n] = 0
		:: m == DENIED -> denied[n] = 1
		:: m >= RELEASE ->
			assert(demote[n] == 0);
			demote[n] = 1 + m - RELEASE
		fi } goto end_idle
	:: d_step { demote[n] != 0 && busy[n] == 0 && gl[n] >= demote[n] && holders[n] == 0 ->
		busy[n] = 1 } goto inv
	:: d_step { demote[n] != 0 && busy[n] == 0 && gl[n] < demote[n] ->
		demote[n] = 0;
		releases!n } goto end_idle
	fi;
inv:	/* the mappings, a program a step */
	if
	:: d_step { i < PROCS_PER_NODE ->
		k = 0;
		do
		:: k < NR_PAGES ->
			if
			:: demote[n] == 1 ->
				pte[(n * PROCS_PER_NODE + i) * NR_PAGES + k] = NOT_PRESENT
			:: demote[n] == 2 && pte[(n * PROCS_PER_NODE + i) * NR_PAGES + k] == WRITABLE ->
				pte[(n * PROCS_PER_NODE + i) * NR_PAGES + k] = READ_ONLY
			:: else
			fi;
			k++
		:: else -> break
		od;
		i++ } goto inv
	:: d_step { i == PROCS_PER_NODE -> i = 0 } goto wb
	fi;
wb:	/* the dirty pages, a page a step */
	if
	:: d_step { i < NR_PAGES ->
		assert(cst[n * NR_PAGES + i] != LOCKED);
		if
		:: cst[n * NR_PAGES + i] == DIRTY ->
			assert(gl[n] == EXCLUSIVE);
			disk[i] = cval[n * NR_PAGES + i];
			cst[n * NR_PAGES + i] = CLEAN
		:: else
		fi;
		i++ } goto wb
	:: d_step { i == NR_PAGES -> i = 0 } goto relse
	fi;
relse:
	if
	:: d_step {
		k = 0;
		do
		:: k < NR_PAGES ->
			assert(cst[n * NR_PAGES + k] == ABSENT || cst[n * NR_PAGES + k] == CLEAN);
			if
			:: demote[n] == 1 ->
				cst[n * NR_PAGES + k] = ABSENT;
				cval[n * NR_PAGES + k] = 0
			:: else
			fi;
			k++
		:: else -> break
		od;
		gl[n] = demote[n] - 1;
		demote[n] = 0;
		busy[n] = 0;
		releases!n } goto end_idle
	fi
}

#undef n

active proctype Manager()
{
	byte who, mode, i, pending;
end_idle:
	requests?mode,who;
chk:
	if
	:: d_step { mode == UPGRADE && held[who] != SHARED ->
		messages[who]!DENIED;
		who = 0;
		mode = 0 } goto end_idle
	:: d_step { mode != UPGRADE || held[who] == SHARED ->
		if
		:: mode == UPGRADE -> mode = EXCLUSIVE
		:: else
		fi } goto send
	fi;
send:	/* a node a step */
	if
	:: d_step { i < NR_NODES ->
		if
		:: i != who && mode == EXCLUSIVE && held[i] > UNLOCKED ->
			messages[i]!RELEASE;
			pending++
		:: i != who && mode == SHARED && held[i] > SHARED ->
			messages[i]!DOWNGRADE;
			pending++
		:: else
		fi;
		i++ } goto send
	:: d_step { i == NR_NODES -> i = 0 } goto waitack
	fi;
waitack:
	if
	:: d_step { releases?m ->
		held[m] = (mode == SHARED -> SHARED : UNLOCKED);
		pending-- } goto waitack
	:: d_step { requests?UPGRADE,m -> messages[m]!DENIED } goto waitack
	:: d_step { pending == 0 ->
		held[who] = mode;
		messages[who]!mode;
		who = 0;
		mode = 0 } goto end_idle
	fi
}
