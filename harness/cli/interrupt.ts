// SPDX-License-Identifier: GPL-2.0-only
/** Ctrl-C: the first asks a search to end with what it has, the second ends the process. */
import type { StopSignal } from '../engine/result.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interrupt implements StopSignal {
	aborted = false;
	readonly #hear = () => {
		this.aborted = true;
		this.#onAbort?.();
		// With no listener left the next one does what signals do, even while nothing else runs.
		this.close();
		if (process.stderr.isTTY) process.stderr.write('\nstopping; once more to end at once\n');
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
