// SPDX-License-Identifier: GPL-2.0-only
/**
 * The twin: the protocol of the mail as a small machine of its own, made to be measured. twin.pml
 * is the same transition system for Spin; the numbers of states and of transitions are equal.
 *
 * A step here is a d_step there, or one of the guards that lead from one of its labels to another;
 * the place where a task is suspended is the label, which the comments name. Fields are reset
 * where Promela resets its variables, no earlier: a field that is of no use for a while is a part
 * of the state in both. Locals are part of it only where they are needed, so that a local stands
 * for a variable only if that is 0 in all other places. Where Promela has 0 for a node or a value
 * that is none, there is NONE here: 0 is a node and a value like any other. Each task sleeps in
 * one function only, as a process of Promela does: a stack of frames would make states longer.
 *
 * One file, with a lock that a node holds shared or exclusive. A node's programs load and store
 * through a mapping or read and write by system calls, whichever it pleases them; its glock
 * daemon carries out what the lock manager sends.
 */
import {
	ASSERT,
	BUG_ON,
	type bool,
	config,
	type int,
	ints,
	type node_nr,
	preempt,
	type proc_nr,
	type Sleeps,
	spawn,
	structs,
	type value_t,
	wait_choose,
	wait_choose_idle,
	wait_event,
	wait_idle,
} from '../../kts/prelude.ts';

// ---- sizes ----------------------------------------------------------------------------------

export const NR_NODES: int = config('NR_NODES', 2);
export const PROCS_PER_NODE: int = config('PROCS_PER_NODE', 1);
export const NR_PROCS: int = NR_NODES * PROCS_PER_NODE;
/** pages of the file */
export const NR_PAGES: int = config('NR_PAGES', 1);
/** a page holds the number of stores to it, modulo this */
export const NR_VALUES: int = config('NR_VALUES', 2);
/** operations that a program does; 0: it never ends */
export const OPERATIONS: int = config('OPERATIONS', 0);
/** messages that may be under way to the manager, in each queue; to a node */
export const TO_MANAGER: int = NR_NODES;
export const TO_NODE: int = 3;

/** No node, no value. */
const NONE: int = -1;
/** No message, no request. */
const NOTHING: int = 0;

// ---- states ---------------------------------------------------------------------------------

/** What a node may do with the file. */
const UNLOCKED: int = 0;
const SHARED: int = 1;
const EXCLUSIVE: int = 2;
/** In a request: exclusive, by a node that has it shared. */
const UPGRADE: int = 3;

/** Messages to a node. SHARED and EXCLUSIVE grant; these deny an upgrade, or call a lock back. */
const DENIED: int = 3;
const RELEASE: int = 4;
const DOWNGRADE: int = 5;

/** A page in a node's cache. */
const ABSENT: int = 0;
const CLEAN: int = 1;
const DIRTY: int = 2;
/** being read from the disk */
const LOCKED: int = 3;

/** A pte. */
const NOT_PRESENT: int = 0;
const READ_ONLY: int = 1;
const WRITABLE: int = 2;

/** What a program does. The first two go through its mapping; odd ones change the page. */
const LOAD: int = 0;
const STORE: int = 1;
const READ: int = 2;
const WRITE: int = 3;
const NR_OPERATIONS: int = 4;

class page_t {
	state: int = ABSENT;
	value: value_t = NONE;
}
class node_t {
	/** the mode that this node believes it has */
	gl: int = UNLOCKED;
	/** 1 + the mode that it has to go down to; 0: it may stay */
	demote: int = 0;
	/** faults and system calls that rely on the mode just now */
	holders: int = 0;
	/** the manager has been asked, and has not granted */
	want: bool = false;
	/** an upgrade was denied, and its holder has not noticed */
	denied: bool = false;
	/** the mode is being lowered */
	busy: bool = false;
	readonly pages = structs(page_t, NR_PAGES);
}
class proc_t {
	op: int = LOAD;
	pg: int = 0;
	/** operations begun, if they are limited */
	ops: int = 0;
	readonly pte = ints(NR_PAGES);
}
class file_t {
	readonly disk = ints<value_t>(NR_PAGES);
	/** what was stored last, by anybody: what a load has to give */
	readonly latest = ints<value_t>(NR_PAGES);
}
class message_queue_t {
	readonly message = ints(TO_NODE);
}
class request_queue_t {
	readonly mode = ints(TO_MANAGER);
	readonly node = ints<node_nr>(TO_MANAGER);
}
class release_queue_t {
	readonly node = ints<node_nr>(TO_MANAGER);
}
class manager_t {
	/** the mode that each node has, as far as the manager knows */
	readonly held = ints(NR_NODES);
}
class boot_t {
	/** tasks that are at their first place: a step before the first one of Promela gets them there */
	started: int = 0;
}

export const boot = new boot_t();
export const nodes = structs(node_t, NR_NODES);
export const procs = structs(proc_t, NR_PROCS);
export const file = new file_t();
export const manager = new manager_t();
/** Queues, oldest first: to each node; to the manager. NOTHING and NONE are behind the last. */
export const messages = structs(message_queue_t, NR_NODES);
export const requests = new request_queue_t();
export const releases = new release_queue_t();

// ---- queues ---------------------------------------------------------------------------------

/** @fifo send */
function send(n: node_nr, message: int): void {
	const q = messages[n];
	let i = 0;
	while (i < TO_NODE && q.message[i] !== NOTHING) i++;
	BUG_ON(i === TO_NODE, 'too many messages to a node');
	q.message[i] = message;
}
/** @fifo pending */
function has_message(n: node_nr): bool {
	return messages[n].message[0] !== NOTHING;
}
/** @fifo receive */
function receive(n: node_nr): int {
	const q = messages[n];
	const message = q.message[0];
	BUG_ON(message === NOTHING, 'a message that no task sent');
	let i = 0;
	for (; i + 1 < TO_NODE && q.message[i + 1] !== NOTHING; i++) q.message[i] = q.message[i + 1];
	q.message[i] = NOTHING;
	return message;
}

/** @fifo send */
function request(n: node_nr, mode: int): void {
	let i = 0;
	while (i < TO_MANAGER && requests.mode[i] !== NOTHING) i++;
	BUG_ON(i === TO_MANAGER, 'too many requests');
	requests.mode[i] = mode;
	requests.node[i] = n;
}
/** @fifo pending */
function has_request(): bool {
	return requests.mode[0] !== NOTHING;
}
/** @fifo pending */
function has_upgrade(): bool {
	return requests.mode[0] === UPGRADE;
}
/** @fifo receive */
function requested_mode(): int {
	return requests.mode[0];
}
/**
 * Takes the oldest request off the queue, and says whose it is.
 * @fifo receive
 */
function take_request(): node_nr {
	const n = requests.node[0];
	BUG_ON(n === NONE, 'a request without a node');
	let i = 0;
	for (; i + 1 < TO_MANAGER && requests.mode[i + 1] !== NOTHING; i++) {
		requests.mode[i] = requests.mode[i + 1];
		requests.node[i] = requests.node[i + 1];
	}
	requests.mode[i] = NOTHING;
	requests.node[i] = NONE;
	return n;
}

/** @fifo send */
function release(n: node_nr): void {
	let i = 0;
	while (i < TO_MANAGER && releases.node[i] !== NONE) i++;
	BUG_ON(i === TO_MANAGER, 'too many releases');
	releases.node[i] = n;
}
/** @fifo pending */
function has_release(): bool {
	return releases.node[0] !== NONE;
}
/** @fifo receive */
function take_release(): node_nr {
	const n = releases.node[0];
	BUG_ON(n === NONE, 'a release without a node');
	let i = 0;
	for (; i + 1 < TO_MANAGER && releases.node[i + 1] !== NONE; i++)
		releases.node[i] = releases.node[i + 1];
	releases.node[i] = NONE;
	return n;
}

// ---- pages and ptes -------------------------------------------------------------------------

/** A store or a write, by a node that may. */
function store(nd: node_t, pg: int): void {
	const next = file.latest[pg] + 1;
	ASSERT('I1', nd.gl === EXCLUSIVE, 'a page is changed without the exclusive lock');
	file.latest[pg] = next === NR_VALUES ? 0 : next;
	nd.pages[pg].value = file.latest[pg];
	nd.pages[pg].state = DIRTY;
}

/** The processor does the access, if the pte allows it. */
function access(proc: proc_t, nd: node_t): bool {
	const pg = proc.pg;
	const page = nd.pages[pg];
	if (proc.op === LOAD ? proc.pte[pg] === NOT_PRESENT : proc.pte[pg] !== WRITABLE) return false;
	ASSERT('I4', page.state === CLEAN || page.state === DIRTY, 'a mapped page is not in the cache');
	if (proc.op === STORE) store(nd, pg);
	else ASSERT('DATA', page.value === file.latest[pg], 'a load does not give the latest store');
	return true;
}

/** One writer or many readers in the cluster, whatever the page: there is one lock for all. */
function check_ptes(n: node_nr, pte: int): void {
	for (let p = 0; p < NR_PROCS; p++) {
		if (p >= n * PROCS_PER_NODE && p < (n + 1) * PROCS_PER_NODE) continue;
		for (let i = 0; i < NR_PAGES; i++) {
			const other = procs[p].pte[i];
			const both = other === READ_ONLY && pte === READ_ONLY;
			ASSERT('I1', other === NOT_PRESENT || both, 'two nodes map the file, one to write');
		}
	}
}

function map_page(proc: proc_t, n: node_nr): void {
	const pte = nodes[n].gl === EXCLUSIVE ? WRITABLE : READ_ONLY;
	proc.pte[proc.pg] = pte;
	check_ptes(n, pte);
}

/** The disk's answer to a page that is being read. */
function read_page(nd: node_t, pg: int): void {
	const page = nd.pages[pg];
	page.state = CLEAN;
	page.value = file.disk[pg];
}

/** What a system call does with the page. */
function copy_page(proc: proc_t, nd: node_t): void {
	const pg = proc.pg;
	if (proc.op === WRITE) store(nd, pg);
	else
		ASSERT('DATA', nd.pages[pg].value === file.latest[pg], 'a read does not give the latest store');
}

/** Takes a program's ptes away, or the right to write, as the mode asks that the node goes to. */
function unmap(proc: proc_t, mode: int): void {
	for (let i = 0; i < NR_PAGES; i++) {
		if (mode === UNLOCKED) proc.pte[i] = NOT_PRESENT;
		else if (proc.pte[i] === WRITABLE) proc.pte[i] = READ_ONLY;
	}
}

function write_back(nd: node_t, pg: int): void {
	const page = nd.pages[pg];
	BUG_ON(page.state === LOCKED, 'a page is being read while the lock is given up');
	if (page.state !== DIRTY) return;
	ASSERT('I3', nd.gl === EXCLUSIVE, 'a dirty page without the exclusive lock');
	file.disk[pg] = page.value;
	page.state = CLEAN;
}

/**
 * The last thing before a node goes down to a mode. Nothing may be dirty; and nothing may stay in
 * the cache of a node without the lock.
 */
function lower(nd: node_t, mode: int): void {
	for (let i = 0; i < NR_PAGES; i++) {
		const page = nd.pages[i];
		ASSERT('I3', page.state === ABSENT || page.state === CLEAN, 'a lock is given up too early');
		if (mode !== UNLOCKED) continue;
		page.state = ABSENT;
		page.value = NONE;
	}
	nd.gl = mode;
	nd.busy = false;
}

// ---- programs -------------------------------------------------------------------------------

/** The mode that an operation needs. */
function mode_for(proc: proc_t): int {
	return proc.op === STORE || proc.op === WRITE ? EXCLUSIVE : SHARED;
}

/** Nothing is being done to the lock, so that it can be relied on, or asked for. */
function can_lock(nd: node_t, mode: int): bool {
	return nd.demote === 0 && !nd.busy && (nd.gl >= mode || !nd.want);
}

/**
 * Asks the manager for what the operation needs. A node that has the lock shared tries to upgrade
 * it, which keeps what it has cached.
 */
function ask_for_lock(proc: proc_t, nd: node_t, n: node_nr): void {
	nd.want = true;
	request(n, nd.gl === SHARED ? UPGRADE : mode_for(proc));
}
/** Takes notice of a denied upgrade. */
function notice(nd: node_t): bool {
	const was = nd.denied;
	nd.denied = false;
	return was;
}
/** The shared lock of a denied upgrade can be given up; or another program has done it. */
function can_give_up(nd: node_t): bool {
	return !nd.busy && (nd.gl === UNLOCKED || (nd.gl === SHARED && nd.holders === 0));
}
function unmap_all(nd: node_t, n: node_nr): void {
	nd.busy = true;
	for (let i = 0; i < PROCS_PER_NODE; i++) unmap(procs[n * PROCS_PER_NODE + i], UNLOCKED);
}

/** A load or a store; else a system call. */
function is_access(proc: proc_t): bool {
	return proc.op < READ;
}
/** How many operations the program can choose from. */
function operations_of(proc: proc_t): int {
	return OPERATIONS === 0 || proc.ops < OPERATIONS ? NR_OPERATIONS * NR_PAGES : 0;
}
function begin(proc: proc_t, choice: int): void {
	proc.op = choice % NR_OPERATIONS;
	proc.pg = choice / NR_OPERATIONS;
	if (OPERATIONS > 0) proc.ops++;
}
function end(proc: proc_t): void {
	proc.op = LOAD;
	proc.pg = 0;
}

/**
 * Any operation on any page, and again. A load or a store is tried, and tried again after each
 * fault until it goes through; a system call gets the page once.
 */
function* program(p: proc_nr, n: node_nr): Sleeps {
	const proc = procs[p];
	const nd = nodes[n];
	boot.started++;
	for (;;) {
		const choice = yield* wait_choose_idle(() => operations_of(proc)); // end_idle
		begin(proc, choice);
		for (;;) {
			if (is_access(proc)) {
				yield* preempt(); // acc
				if (access(proc, nd)) break;
			}

			for (;;) {
				yield* wait_event(() => can_lock(nd, mode_for(proc))); // lock
				if (nd.gl >= mode_for(proc)) break;
				ask_for_lock(proc, nd, n);
				for (;;) {
					const answer = yield* wait_choose(() => (nd.denied ? 1 : 0) + (nd.want ? 0 : 1)); // wait
					if (answer > 0 || !notice(nd)) break;
					// like anybody else, then: gives the shared lock up, asks for the exclusive one
					yield* wait_event(() => can_give_up(nd)); // upf1
					if (nd.gl === SHARED) {
						unmap_all(nd, n);
						yield* preempt(); // upf2
						lower(nd, UNLOCKED);
					}
					request(n, EXCLUSIVE);
				}
			}
			nd.holders++;

			yield* wait_event(() => nd.pages[proc.pg].state !== LOCKED); // nopage
			if (nd.pages[proc.pg].state === ABSENT) {
				nd.pages[proc.pg].state = LOCKED;
				yield* wait_event(() => nd.pages[proc.pg].state === LOCKED); // io
				read_page(nd, proc.pg);
			}
			yield* preempt(); // mapit
			if (is_access(proc)) map_page(proc, n);
			else copy_page(proc, nd);

			yield* preempt(); // drop
			nd.holders--;
			if (!is_access(proc)) break;
		}
		end(proc);
	}
}

// ---- glock daemons --------------------------------------------------------------------------

function handle_message(nd: node_t, message: int): void {
	if (message === DENIED) {
		nd.denied = true;
	} else if (message < DENIED) {
		BUG_ON(nd.demote !== 0 || !nd.want, 'a lock is granted without a request');
		nd.gl = message;
		nd.want = false;
	} else {
		BUG_ON(nd.demote !== 0, 'a lock is called back twice');
		nd.demote = 1 + message - RELEASE;
	}
}

/**
 * The node has to go down, and nobody relies on its mode; or it has gone down on its own, as one
 * whose upgrade failed, and has only to say so.
 */
function can_demote(nd: node_t): bool {
	return nd.demote !== 0 && !nd.busy && (nd.gl < nd.demote || nd.holders === 0);
}

/**
 * Takes messages, and brings the lock down as drop_th() of the mail does: first the mappings, then
 * the dirty pages, then the cache and the lock.
 */
function* glockd(n: node_nr): Sleeps {
	const nd = nodes[n];
	boot.started++;
	for (;;) {
		const choice = yield* wait_choose_idle(
			() => (can_demote(nd) ? 1 : 0) + (has_message(n) ? 1 : 0), // end_idle
		);
		if (choice > 0 || !can_demote(nd)) {
			handle_message(nd, receive(n));
			continue;
		}
		if (nd.gl >= nd.demote) {
			nd.busy = true;
			for (let i = 0; i < PROCS_PER_NODE; i++) {
				yield* preempt(); // inv
				unmap(procs[n * PROCS_PER_NODE + i], nd.demote - 1);
			}
			yield* preempt(); // inv, at the end of the list
			for (let i = 0; i < NR_PAGES; i++) {
				yield* preempt(); // wb
				write_back(nd, i);
			}
			yield* preempt(); // wb, at the end of the file
			yield* preempt(); // relse
			lower(nd, nd.demote - 1);
		}
		nd.demote = 0;
		release(n);
	}
}

// ---- the lock manager -----------------------------------------------------------------------

/** What other nodes may keep while one has a mode. */
function compatible(mode: int): int {
	return mode === EXCLUSIVE ? UNLOCKED : SHARED;
}
/** Calls the lock back from a node that is in the way; says whether it is. */
function call_back(i: node_nr, mode: int): bool {
	if (manager.held[i] <= compatible(mode)) return false;
	send(i, mode === EXCLUSIVE ? RELEASE : DOWNGRADE);
	return true;
}

/**
 * Serves requests in order, one at a time: calls the lock back from whoever is in the way, waits
 * until they have let go, and grants it. An upgrade is denied if the node has lost the lock, or if
 * another request is being served.
 */
function* lock_manager(): Sleeps {
	boot.started++;
	for (;;) {
		yield* wait_idle(() => has_request()); // end_idle
		let mode = requested_mode();
		const n = take_request();
		yield* preempt(); // chk
		if (mode === UPGRADE && manager.held[n] !== SHARED) {
			send(n, DENIED);
			continue;
		}
		if (mode === UPGRADE) mode = EXCLUSIVE;
		let pending = 0;
		for (let i: node_nr = 0; i < NR_NODES; i++) {
			yield* preempt(); // send
			if (i !== n && call_back(i, mode)) pending++;
		}
		yield* preempt(); // send, after the last node
		for (;;) {
			// a release that is under way is one that is pending
			const choice = yield* wait_choose(
				() => (has_upgrade() ? 1 : 0) + (pending === 0 || has_release() ? 1 : 0), // waitack
			);
			if (choice === 0 && has_upgrade()) {
				send(take_request(), DENIED);
				continue;
			}
			if (pending === 0) break;
			manager.held[take_release()] = compatible(mode);
			pending--;
		}
		manager.held[n] = mode;
		send(n, mode);
	}
}

export function init(): void {
	for (let i = 0; i < TO_MANAGER; i++) {
		requests.node[i] = NONE;
		releases.node[i] = NONE;
	}
	for (let p = 0; p < NR_PROCS; p++) {
		const n = p / PROCS_PER_NODE;
		spawn('program', n, program, p, n);
	}
	for (let n = 0; n < NR_NODES; n++) spawn('glockd', n, glockd, n);
	spawn('manager', -1, lock_manager);
}
export function booted(): bool {
	return boot.started === NR_PROCS + NR_NODES + 1;
}
