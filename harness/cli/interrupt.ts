// SPDX-License-Identifier: GPL-2.0-only
/** Ctrl-C: the first ends the search and keeps its results, the second ends the process. */
import type { StopSignal } from '../engine/result.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interrupt implements StopSignal {
	aborted = false;
	readonly #hear = () => {
		this.aborted = true;
		this.#onAbort?.();
		// With no listener left, the next signal ends the process.
		this.close();
		if (process.stderr.isTTY)
			process.stderr.write('\nstopping; press Ctrl-C again to quit at once\n');
	};
	readonly #onAbort?: () => void;

	/** @param onAbort - called once, at the first */
	constructor(onAbort?: () => void) {
		this.#onAbort = onAbort;
		for (const signal of SIGNALS) process.on(signal, this.#hear);
	}
	close(): void {
		for (const signal of SIGNALS) process.off(signal, this.#hear);
	}
}
