// SPDX-License-Identifier: GPL-2.0-only
/** The worker of pool.test.ts. */
import { explore } from './explorer.ts';
import { type JobContext, serve } from './pool.ts';
import { counters, toyMachine } from './toy.ts';

export const jobs = {
	square: (n: number) => n * n,
	async slow({ ms, value }: { ms: number; value: string }, context: JobContext) {
		context.progress('begun');
		await new Promise((resolve) => setTimeout(resolve, ms));
		context.progress('done');
		return value;
	},
	count: ({ n, top }: { n: number; top: number }, { signal }: JobContext) => {
		const { states, verdict, reason } = explore(toyMachine(counters(n, top)), { signal });
		return { states, verdict, reason };
	},
	fail(message: string): void {
		throw new TypeError(message);
	},
	exit: (code: number) => process.exit(code),
	throwLater: () =>
		new Promise(() => {
			setTimeout(() => {
				throw new Error('out of the blue');
			}, 1);
		}),
	unreadable: () => () => 1,
};
export type FixtureJobs = typeof jobs;
serve(jobs);
