// SPDX-License-Identifier: GPL-2.0-only
/**
 * When a test is explored with component tables (harness/engine/components): where they fit, and
 * where they pay, which is not so for few states. A small test is done before they are made.
 *
 * Interface: exploreWithTables unfit Tables TableResult
 */
import { exploreComponents, needsPlain } from '../engine/components/explore.ts';
import { type ComponentMachine, inComponents } from '../engine/components/machine.ts';
import { type ExploreOptions, exploreAsync } from '../engine/explorer.ts';
import type { LockArc, Machine } from '../engine/machine.ts';
import type { Result } from '../engine/result.ts';
import { division } from '../world/division.ts';

/** So many states are first looked for without tables. */
const FIRST_STATES = 30_000;

/** The tables of a test, which its searches share. */
export interface Tables {
	/** makes the machine that records accesses, and what is done in its final states */
	make(): Tracked;
	tracked?: Tracked;
	machine?: ComponentMachine;
	/** why they do not fit */
	unfit?: string;
}

export interface Tracked {
	machine: Machine;
	checkTerminal?: ExploreOptions['checkTerminal'];
	onTerminal?: ExploreOptions['onTerminal'];
}

export interface TableResult extends Result {
	/** with tables: how many rows; or why without, if there are states enough for them */
	tables?: { rows: number } | { not: string };
	/** where it was not the plain machine that took the steps: the order of locks */
	lockOrder?: LockArc[];
}

/**
 * Explores a test on its plain machine, or with tables. The options are for the plain machine.
 * onTerminal() sees some final states twice, if tables are made.
 */
export async function exploreWithTables(
	plain: Machine,
	tables: Tables,
	options: ExploreOptions,
): Promise<TableResult> {
	const { maxStates = Number.POSITIVE_INFINITY } = options;
	const not = needsPlain(options) ?? tables.unfit ?? unfit(plain);
	if (not !== undefined) {
		const result = await exploreAsync(plain, options);
		return { ...result, ...(result.states > FIRST_STATES && { tables: { not } }) };
	}
	if (maxStates <= FIRST_STATES) return exploreAsync(plain, options);
	const since = performance.now();
	if (!tables.machine) {
		const first = { ...options, maxStates: FIRST_STATES, onProgress: undefined };
		const result = await exploreAsync(plain, first);
		if (result.reason !== 'states') return result;
	}
	const tracked = (tables.tracked ??= tables.make());
	const machine = (tables.machine ??= inComponents(tracked.machine, division, true));
	const rest = {
		...options,
		checkTerminal: tracked.checkTerminal,
		onTerminal: tracked.onTerminal,
		...secondsLeft(options, (performance.now() - since) / 1000),
	};
	const result = await exploreComponents(machine, plain, rest, options);
	const seconds = (performance.now() - since) / 1000;
	if (machine.learner.fault !== undefined) {
		tables.unfit = machine.learner.fault;
		const spent = (performance.now() - since) / 1000;
		const again = { ...options, ...secondsLeft(options, spent) };
		const whole = await exploreWithTables(plain, tables, again);
		return { ...whole, seconds: whole.seconds + spent };
	}
	const rows = machine.rows.reduce((n, { count }) => n + count, 0);
	return { ...result, seconds, tables: { rows } };
}

/** Why tables do not fit a machine; undefined: no reason is known yet. */
export function unfit({ constants }: Machine): string | undefined {
	if (constants.NR_NODES < 2) return 'one node is one component';
	if (constants.DEATHS > 0) return 'the death of a node touches what no other step does';
	return undefined;
}

function secondsLeft({ maxSeconds }: ExploreOptions, spent: number): ExploreOptions {
	return maxSeconds === undefined ? {} : { maxSeconds: Math.max(0, maxSeconds - spent) };
}
