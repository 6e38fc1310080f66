// SPDX-License-Identifier: GPL-2.0-only
/** The shared set of visited states, in either of its two kinds, and the memory for it. */
import { Budget } from '../budget.ts';
import type { Machine } from '../machine.ts';
import type { Shape } from '../shape.ts';
import { StateStore } from '../store.ts';
import type { BatchedSet, VisitedSet } from '../visited.ts';
import { type FlatMemory, fieldBytes, SharedFlatStore } from './flat.ts';
import {
	SharedPairTable,
	type SharedTableOptions,
	SharedVectorTable,
	type TableMemory,
	tableMemory,
} from './tables.ts';
import {
	END,
	LEVEL,
	type Places,
	SharedWords,
	sharedWords,
	Team,
	type TeamMemory,
	teamMemory,
} from './team.ts';

/** Plain data. */
export interface StoreOptions {
	kind: 'flat' | 'tree';
	shape?: Shape;
	/** for tests: small tables, equal hashes */
	tables?: SharedTableOptions & { bits?: number; badHash?: boolean };
}

/** Everything that the workers share. */
export interface SearchMemory {
	team: TeamMemory;
	/** the parent of each state, by id */
	parents: SharedArrayBuffer;
	/** of a flat store */
	flat?: FlatMemory;
	/** of a tree store */
	tree?: { leaves: TableMemory; groups: TableMemory; pairs: TableMemory; states: TableMemory };
}

/** Most members of the team. */
const MEMBERS = 4;

/** Throws LimitReached if there is not so much memory. */
export function searchMemory(
	workers: number,
	maxBytes: number,
	machine: Machine,
	{ kind, tables }: StoreOptions,
): SearchMemory {
	const bits = tables?.bits ?? 12;
	const team = teamMemory(workers, MEMBERS, maxBytes);
	const all: SharedArrayBuffer[] = [];
	const table = (): TableMemory => {
		const memory = tableMemory(bits);
		all.push(memory.slots, memory.entries);
		return memory;
	};
	const plain = (bytes: number): SharedArrayBuffer => {
		const buffer = new SharedArrayBuffer(bytes);
		all.push(buffer);
		return buffer;
	};
	const parents = sharedWords(2 << bits);
	all.push(parents);
	const memory: SearchMemory = { team, parents };
	if (kind === 'flat') {
		const { fields, images } = fieldBytes(machine.words, workers);
		memory.flat = { ...table(), fields: plain(fields), images: plain(images) };
	} else memory.tree = { leaves: table(), groups: table(), pairs: table(), states: table() };
	const shared = new Team(team);
	shared.control[LEVEL] = -1;
	shared.control[END] = 1;
	shared.take(all.reduce((sum, b) => sum + b.byteLength, 0));
	return memory;
}

/** One worker's view of the set. */
export interface SharedStore {
	store: VisitedSet | BatchedSet;
	/** of states */
	places: Places;
	parents: SharedWords;
}

/** Interns mem; the machine's journal must be empty. Throws Stopped. */
export function sharedStore(
	machine: Machine,
	team: Team,
	memory: SearchMemory,
	worker: number,
	{ shape, tables }: StoreOptions,
): SharedStore {
	const parents = new SharedWords(team, memory.parents);
	const { flat, tree } = memory;
	if (flat) {
		const store = new SharedFlatStore(machine, team, flat, parents, worker, tables);
		return { store, places: store.places, parents };
	}
	if (!tree) throw new Error('there is no memory for a store');
	const { chunk: _, ...options } = tables ?? {};
	const states = new SharedPairTable(team, tree.states, { ...options, beside: parents });
	const budget = new Budget();
	const store = new StateStore(machine, {
		shape,
		budget,
		badHash: tables?.badHash,
		tables: ({ leaves, groups }) => ({
			leaves: new SharedVectorTable(team, tree.leaves, leaves, tables),
			groups: new SharedVectorTable(team, tree.groups, groups, tables),
			pairs: new SharedPairTable(team, tree.pairs, tables),
			states,
		}),
	});
	return { store, places: states.places, parents };
}
