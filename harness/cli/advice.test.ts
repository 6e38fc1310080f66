// SPDX-License-Identifier: GPL-2.0-only
/** What is advised after an incomplete check is a command line that check takes. */
import test from 'ava';
import type { CheckRequest } from '../conform/check.ts';
import { type CheckReport, refuseProgress, refuseWorkers } from '../conform/request.ts';
import type { Reason } from '../engine/result.ts';
import { adviceFor, commandOf } from './advice.ts';
import { type CheckOptions, limitsOf } from './check.ts';

const REASONS: Reason[] = ['states', 'memory', 'ids', 'seconds', 'walks', 'signal', 'reduction'];
const OPTIONS: CheckOptions[] = [
	{},
	{ reduce: 'all' },
	{ compact: true },
	{ depthFirst: true },
	{ walks: '10', seed: '3' },
	{ workers: '2', maxStates: '100' },
	{ progress: true },
	{ canFinish: true, reduce: 'symmetry' },
	{ checkpoint: 'x.ck' },
	{ resume: 'x.ck', compact: true },
	{ maxSeconds: '3', reduce: 'local' },
];
const report = (limit: Reason | undefined, deaths = 0) =>
	({ id: 'S01-x', limit, bounds: { NR_NODES: 2, DEATHS: deaths } }) as unknown as CheckReport;

/** As check does before it begins. */
function refuse(options: CheckOptions): void {
	const { progress, canFinish } = options;
	const checkpoint = options.checkpoint || options.resume ? { everySeconds: 1 } : undefined;
	const limits = limitsOf(options);
	const request = { limits, progress, canFinish, checkpoint } as unknown as CheckRequest;
	if (progress || canFinish) refuseProgress(request);
	if (options.workers) refuseWorkers(request);
	if (limits.walks && (limits.reductions?.length || checkpoint)) throw new Error('not with walks');
}

test('every hint goes together, and changes something', (t) => {
	for (const reason of REASONS)
		for (const options of OPTIONS)
			for (const hint of adviceFor(report(reason), options)) {
				t.notThrows(
					() => refuse(hint.options),
					`${reason}: ${commandOf('f', 'S01', hint.options)}`,
				);
				t.notDeepEqual(hint.options, options);
			}
});

test('options that exclude each other would be noticed, and which to take is said', (t) => {
	t.throws(() => refuse({ workers: '2', reduce: 'all' }), {
		message: /take --workers where only time is short, --reduce where/,
	});
	for (const options of OPTIONS.slice(1, 5).concat(OPTIONS.slice(6, 10)))
		t.throws(() => refuse({ ...options, workers: '2' }));
});

test('hints are for the test and the limit', (t) => {
	const commands = (...args: Parameters<typeof adviceFor>) =>
		adviceFor(...args).map((h) => commandOf('f', 'S01', h.options));
	t.deepEqual(commands(report(undefined), {}), []);
	t.true(commands(report('states'), {}).some((c) => c.includes('--reduce all')));
	t.false(
		commands(report('states', 1), {}).some((c) => c.includes('--reduce')),
		'a node may die',
	);
	t.true(commands(report('memory'), {}).some((c) => c.includes('--compact')));
	t.false(commands(report('states'), {}).some((c) => c.includes('--compact')));
	t.deepEqual(commands(report('walks'), { walks: '10' }), ['vfshook check S01 --profile proposed']);
});
