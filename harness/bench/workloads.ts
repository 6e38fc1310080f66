// SPDX-License-Identifier: GPL-2.0-only
/** What is measured: a workload makes a machine, and says how it is explored. */
import type { Machine } from '../engine/machine.ts';
import type { ExploreOptions } from '../engine/options.ts';
import { counters, philosophers, type Toy, toyMachine } from '../engine/toy.ts';

export interface Workload {
	name: string;
	/** what makes it this size */
	about: string;
	options?: ExploreOptions;
	/** `reductions`: of REDUCTIONS, those to put around it; only the twin has any */
	machine(reductions: readonly string[]): Machine;
}

/**
 * Four nodes whose steps are like a kernel's, in what they cost the store: each writes about eight
 * words of two or three small structs of its node, and sends a message around the ring now and
 * then.
 */
export function ring(nodes: number, laps: number): Toy {
	const WORDS = 8 + 16 + 16;
	const base = (n: number) => 1 + n * WORDS;
	const inbox = (n: number) => 1 + nodes * WORDS + (n % nodes);
	const regions: [string, number, number][] = [];
	for (let n = 0; n < nodes; n++) regions.push(['inode', n, 8], ['page', n, 16], ['stack', n, 16]);
	regions.push(['to_node', -1, nodes]);
	return {
		regions,
		tasks: Array.from({ length: nodes }, (_, n) => {
			const inode = base(n);
			const page = inode + 8;
			const stack = page + 16;
			return {
				name: `node${n}`,
				node: n,
				ready: (m) => (m[inode] === laps ? -2 : m[stack] < 3 || m[inbox(n)] > 0 ? 1 : 0),
				step(write, m) {
					const at = (m[stack] + 1) % 4;
					for (let i = 0; i < 4; i++) write(stack + 1 + i, at === 0 ? 0 : m[inode] + i + at);
					write(page + at, m[page + at] ^ 1);
					write(page + 8, at);
					write(stack, at);
					if (at !== 0) return;
					write(inbox(n), m[inbox(n)] - 1);
					write(inbox(n + 1), m[inbox(n + 1)] + 1);
					write(inode, m[inode] + 1);
				},
			};
		}),
		initial: [...Array(nodes * WORDS).fill(0), ...Array(nodes).fill(1)],
	};
}

export const toys: Workload[] = [
	{
		name: 'counters',
		about: '6 counters to 10: the store with next to no machine',
		machine: () => toyMachine(counters(6, 10)),
	},
	{
		name: 'philosophers',
		about: '9 polite philosophers, 1 meal',
		machine: () => toyMachine(philosophers(9, 1, true)),
	},
	{
		name: 'ring',
		about: '5 nodes, 3 laps, about 8 writes a step',
		machine: () => toyMachine(ring(5, 3)),
	},
];
