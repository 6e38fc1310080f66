// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reduction by local steps: if no other task can tell whether a step happened a little earlier, it
 * is taken at once, as part of the step before it. The states in between are not states of this
 * machine.
 *
 * "Local" is a claim about a place in the sources: a task that goes on from there touches no word
 * that matters to another task. Claims are learned from a small exploration, and checked against
 * all accesses of the exploration that uses them: audit() says which claim does not hold.
 * docs/engine.md argues why that suffices.
 */
import { type CheckpointReader, isList, isWhole } from './checkpoint.ts';
import { explore } from './explorer.ts';
import { ACCESS, type Access, type Machine, SEVERAL, Violation } from './machine.ts';
import { delegate, type Reduced, ReductionError } from './reduction.ts';
import type { Step } from './result.ts';
import { violationIn } from './result.ts';
import { walk } from './walk.ts';

/** Claims are learned from the first states, and from walks far away from them. */
const LEARN_STATES = 20_000;
const LEARN_WALKS = { walks: 100, maxSteps: 1000, stopAtFirst: false };
/** Most local steps in a row: a task that takes more computes for ever. */
const MOST_IN_A_ROW = 10_000;

/** By site: the kinds of access to each word that steps from there made. */
type Notes = Map<number, Uint8Array>;

interface Tracked extends Machine {
	readonly access: Access;
}

function isTracked(machine: Machine): machine is Tracked {
	return machine.access !== undefined;
}

function tracked(machine: Machine): Tracked {
	if (isTracked(machine)) return machine;
	throw new Error('local steps need a machine that records accesses');
}

function noteOf(notes: Notes, site: number, { words }: Machine): Uint8Array {
	let note = notes.get(site);
	if (!note) notes.set(site, (note = new Uint8Array(words)));
	return note;
}

export interface LocalOptions {
	/**
	 * Trusts the marks of queues in the sources (`@fifo`): a task takes a message only if one waits,
	 * the oldest first, and no task acts on an empty queue. Then a send is local if no other task
	 * sends to the queue. Nothing checks the marks; without them a queue is memory like any other.
	 */
	trustQueues?: boolean;
	/** adds the accesses that a reduction around this one will add */
	spread?: (machine: Machine) => void;
}

/** Can another task notice that local steps touched a word in these ways? */
function matters(access: Access, a: number, kinds: number, trustQueues: boolean): boolean {
	const [reader, writer, sender, receiver] = [
		...[access.reader[a], access.writer[a]],
		...[access.sender[a], access.receiver[a]],
	];
	const alone = (...who: number[]): boolean => {
		const others = new Set(who.filter((w) => w !== 0));
		return others.size <= 1 && !others.has(SEVERAL);
	};
	if (kinds === ACCESS.SEND && trustQueues) return !alone(sender, reader, writer);
	if (kinds !== ACCESS.READ) return !alone(reader, writer, sender, receiver);
	const written = writer | sender | receiver;
	return written !== 0 && !alone(reader, writer, sender, receiver);
}

/** The first word that keeps steps from being local, -1 if none does. */
function obstacle(access: Access, note: Uint8Array, { trustQueues = false }: LocalOptions): number {
	return note.findIndex((kinds, a) => kinds !== 0 && matters(access, a, kinds, trustQueues));
}

/** Runs `run`, and notes its accesses for a site. */
function noting(machine: Tracked, notes: Notes, site: number, run: () => void): void {
	machine.access.note = noteOf(notes, site, machine);
	try {
		run();
	} finally {
		machine.access.note = null;
	}
}

/**
 * The sites that seem local after a few states and random walks. Only sites at which a task waits
 * for nothing and chooses nothing are considered.
 */
export function localSites(machine: Machine, options: LocalOptions = {}): number[] {
	const inner = tracked(machine);
	const notes: Notes = new Map();
	const watching: Machine = {
		...delegate(inner),
		step(task, choice) {
			const site = inner.siteOf(task);
			noting(inner, notes, site, () => inner.step(task, choice));
		},
	};
	inner.access.clear();
	explore(watching, { maxStates: LEARN_STATES, stopAtFirst: false });
	watching.reset();
	walk(watching, LEARN_WALKS);
	options.spread?.(inner);
	const local = [...notes].filter(
		([site, note]) =>
			inner.sites[site].kind === 'preempt' && obstacle(inner.access, note, options) < 0,
	);
	inner.access.clear();
	return local.map(([site]) => site).sort((a, b) => a - b);
}

/** The machine with the steps from these sites taken at once. */
export function withLocalSteps(
	machine: Machine,
	sites: readonly number[],
	options: LocalOptions = {},
): Reduced {
	const inner = tracked(machine);
	const { access } = inner;
	const isLocal = new Uint8Array(inner.sites.length);
	for (const site of sites) isLocal[site] = 1;
	const notes: Notes = new Map();
	// all of them are undone together: the next one must fit in the journal as well
	const room = inner.journalAddress.length / 4;

	/** Takes the local steps of a task that follow; how many there were. */
	const goOn = (task: number): number => {
		for (let n = 0; ; n++) {
			const site = inner.siteOf(task);
			if (site <= 0 || isLocal[site] === 0) return n;
			if (n === MOST_IN_A_ROW) throw tooMany(inner, site, n, 'it may never end');
			const written = inner.journalLength();
			if (written > room) throw tooMany(inner, site, n, `they write ${written} words`);
			noting(inner, notes, site, () => inner.step(task, 0));
		}
	};

	return {
		...delegate(inner),
		inner,
		description: sites.length === 0 ? 'no local steps' : `local steps at ${sites.length} places`,
		places: sites,
		step(task, choice) {
			inner.step(task, choice);
			goOn(task);
		},
		save(to) {
			inner.save(to);
			to.json([...notes].map(([site, note]) => [site, [...note]]));
		},
		restore(from: CheckpointReader) {
			inner.restore(from);
			const saved = from.json();
			from.must(Array.isArray(saved), 'what its local steps touch');
			for (const entry of saved as unknown[]) {
				const [site, kinds] = Array.isArray(entry) ? entry : [];
				const known = isWhole(site, 0, inner.sites.length - 1) && isLocal[site] === 1;
				from.must(known && isList(kinds, inner.words, 0, 255), 'what a local step touches');
				const note = noteOf(notes, site, inner);
				for (const [a, kind] of kinds.entries()) note[a] |= kind;
			}
		},
		audit() {
			for (const [site, note] of notes) {
				const a = obstacle(access, note, options);
				if (a >= 0) return refuted(inner, site, a);
			}
			return undefined;
		},
		expand(way, accept) {
			const before = inner.mem.slice();
			const steps: Step[] = [];
			inner.reset();
			inner.forget();
			for (const [task, choice] of way) {
				steps.push([task, choice]);
				let violation = violationIn(() => inner.step(task, choice));
				for (let n = 0; !violation && n < MOST_IN_A_ROW; n++) {
					if (isLocal[Math.max(0, inner.siteOf(task))] === 0) break;
					steps.push([task, 0]);
					violation = violationIn(() => inner.step(task, 0));
				}
				inner.forget();
			}
			const accepted = !accept || accept();
			inner.mem.set(before);
			if (!accepted) throw new ReductionError('the path with local steps leads to another state');
			return steps;
		},
		orbit: (visit) => visit(),
	};
}

/** Ends the search as incomplete: no state can come after this. */
function tooMany({ sites }: Machine, site: number, steps: number, why: string): Violation {
	const { function: name, file, line } = sites[site];
	const message = `${name} takes ${steps} local steps in a row: ${why}`;
	return new Violation({ property: 'LIMIT', message, function: name, file, line });
}

/** The claim that does not hold, and the word. */
function refuted(machine: Machine, site: number, address: number): string {
	const region = machine.regions.find((r) => address >= r.start && address < r.start + r.length);
	const word = region ? `word ${address - region.start} of ${region.name}` : `word ${address}`;
	const { function: name, file, line } = machine.sites[site];
	return `the step from ${name} (${file}:${line}) is not local: others have to do with ${word}`;
}
