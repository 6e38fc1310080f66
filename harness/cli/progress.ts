// SPDX-License-Identifier: GPL-2.0-only
/**
 * Progress of a run of many checks, on standard error: a bar on a terminal, elsewhere a line every
 * ten seconds.
 */
import type { HowFar } from '../conform/runner.ts';
import { count, duration, ProgressLine } from './output.ts';

const LINE_MS = 10_000;
const BAR_MS = 500;
const BAR = 20;
/**
 * The time to go is shown once so many have ended, and so large a part of all. The first checks are
 * the longest, few of them are answered by another one, and the bound is at its highest: 30 minutes
 * were promised for a run of six.
 */
const FEW = 20;
const PART = 1 / 5;

export class RunProgress {
	readonly #line = new ProgressLine();
	readonly #begun = performance.now();
	readonly #timer: NodeJS.Timeout;
	#how: HowFar = { done: 0, most: 0, likely: 0 };
	#last = '';

	constructor(
		readonly what: string,
		readonly terminal = process.stderr.isTTY === true,
	) {
		const tell = terminal
			? () => this.#bar()
			: () => process.stderr.write(`vfshook: ${this.text()}\n`);
		this.#timer = setInterval(tell, terminal ? BAR_MS : LINE_MS);
		this.#timer.unref();
		if (terminal) this.#bar();
	}

	/** `last`: the one that ended last. */
	update(how: HowFar, last: string): void {
		this.#how = how;
		this.#last = last;
	}

	text(): string {
		const { done, most, likely } = this.#how;
		const passed = (performance.now() - this.#begun) / 1000;
		if (done === 0) return `${duration(passed)}, no ${this.what} has ended yet`;
		const left = (passed * likely) / done;
		const early = done < FEW || done < PART * (done + likely);
		const togo = early ? '' : `, about ${duration(left)} to go`;
		return `${count(done)} of at most ${count(most)} ${this.what}s, ${duration(passed)}${togo}`;
	}

	#bar(): void {
		const { done, likely } = this.#how;
		const full = Math.floor((done / Math.max(1, done + likely)) * BAR);
		this.#line.show(
			`[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${this.text()}  ${this.#last}`.trimEnd(),
		);
	}

	close(): void {
		clearInterval(this.#timer);
		this.#line.clear();
	}
}
