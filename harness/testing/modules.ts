// SPDX-License-Identifier: GPL-2.0-only
/**
 * Which lock modules a test is run with: those that its header names; or else the central lock
 * manager, nolock if all is on one node, and the others if the test is small, since they have
 * several times as many states.
 *
 * Interface: modulesOf modulesOwn
 */
import type { Test } from '../litmus/ast.ts';
import { compile } from '../litmus/compile.ts';
import { MODULES } from '../litmus/header.ts';

/** States, under the central lock manager, up to which a test is run with the others as well. */
const SMALL = 2500;

/**
 * The same for tests in which nodes die, which there are few of: the dlm has twice as many states,
 * memexp up to fifteen times. VFSHOOK_LONG=1 has the higher limits.
 */
const SMALL_DEATHS: Record<string, { day: number; long: number }> = {
	dlm: { day: 100_000, long: 150_000 },
	memexp: { day: 15_000, long: 25_000 },
};

/** `states`: how many the test has under the central lock manager, if that is known. */
export function modulesOf(
	test: Test,
	states: number | undefined,
	run: 'day' | 'long' = 'day',
): string[] {
	const { modules, bounds } = test.header;
	if (modules.length > 0) return modules;
	if (bounds.LOCAL_FS === 1) return ['central'];
	if (test.header.dies)
		return MODULES.filter((name) => {
			if (name === 'central') return true;
			return states !== undefined && states <= (SMALL_DEATHS[name]?.[run] ?? -1);
		});
	const oneNode = compile(test).config.NR_NODES === 1;
	const small = states !== undefined && states <= SMALL;
	return MODULES.filter((name) => {
		if (name === 'central') return true;
		return name === 'nolock' ? oneNode : small;
	});
}

/**
 * A mark that not every module reaches: its own, or of how it refuses. A test that is vacuous
 * with another module for want of nothing else is as it should be. The dlm has ptes taken out
 * before an upgrade, so that none is made writable; and it has forgotten the locks of a dead node
 * when others ask for them.
 */
export function modulesOwn(mark: string): boolean {
	if (mark === 'do_wp_page: shared page made writable') return true;
	if (mark === 'recovery: the lock of a dead node is passed over') return true;
	return /^(lock manager|memexp|dlm|conversion|upgrade):/.test(mark);
}
