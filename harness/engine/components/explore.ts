// SPDX-License-Identifier: GPL-2.0-only
/**
 * Exploration of a machine in components: as explorer.ts, and the audit after it. The options get
 * the machine inside, with the state in its image.
 */
import { type ExploreOptions, exploreAsync } from '../explorer.ts';
import type { LockArc, Machine } from '../machine.ts';
import { replayed } from '../reduction.ts';
import type { Result } from '../result.ts';
import { auditComponents } from './audit.ts';
import type { ComponentMachine } from './machine.ts';

/** Which options need the plain machine, in words; undefined: these do not. */
export function needsPlain(options: ExploreOptions): string | undefined {
	if (options.order === 'dfs') return 'depth-first search';
	if (options.livelock || options.goals) return 'the search for programs that do not end';
	if (options.checkpoint) return 'checkpoints';
	if (options.visited !== undefined) return 'states that are kept in another way';
	return undefined;
}

/** The order of locks is that of the search, not of the audit. */
export interface Explored extends Result {
	lockOrder: LockArc[];
}

/**
 * Explores it. `plain` is the same machine without tables, and its options: a path to a violation
 * is taken there again. If the tables are wrong, the result is incomplete.
 */
export async function exploreComponents(
	machine: ComponentMachine,
	plain: Machine,
	options: ExploreOptions,
	plainOptions = options,
): Promise<Explored> {
	const { inner } = machine;
	const { checkTerminal, onTerminal, predicates = true } = options;
	const result = await exploreAsync(machine, {
		...options,
		...(checkTerminal && {
			checkTerminal: () => {
				machine.unpack();
				return checkTerminal(inner);
			},
		}),
		...(onTerminal && {
			onTerminal: (_, terminal) => {
				machine.unpack();
				onTerminal(inner, terminal);
			},
		}),
	});
	const lockOrder = machine.lockOrder?.() ?? [];
	const wrong =
		machine.learner.fault ??
		wayIsWrong(plain, result, plainOptions) ??
		auditComponents(machine, predicates);
	if (wrong === undefined) return { ...result, lockOrder };
	const { violation, trace, ...figures } = result;
	return { ...figures, lockOrder, verdict: 'incomplete', reason: 'components', detail: wrong };
}

function wayIsWrong(plain: Machine, result: Result, options: ExploreOptions): string | undefined {
	const { violation, trace } = result;
	if (!violation || !trace) return undefined;
	const there = replayed(plain, trace, options);
	const same = there?.property === violation.property && there.message === violation.message;
	return same ? undefined : `the way to a violation of ${violation.property} is none`;
}
