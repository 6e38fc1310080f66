// SPDX-License-Identifier: GPL-2.0-only
/**
 * How far a run of many checks is: a bar on a terminal, elsewhere a line every ten seconds, on
 * standard error.
 */
import { count, duration, ProgressLine } from './output.ts';

const LINE_MS = 10_000;
const BAR_MS = 500;
const BAR = 20;

export class RunProgress {
	readonly #line = new ProgressLine();
	readonly #begun = performance.now();
	readonly #timer: NodeJS.Timeout;
	#done = 0;
	#most = 0;
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

	/** So many are done, of at most so many; `last`: which one it was. */
	update(done: number, most: number, last: string): void {
		this.#done = done;
		this.#most = most;
		this.#last = last;
	}

	text(): string {
		const passed = (performance.now() - this.#begun) / 1000;
		if (this.#done === 0) return `${duration(passed)}, no ${this.what} has ended yet`;
		const left = (passed * (this.#most - this.#done)) / this.#done;
		return `${count(this.#done)} of at most ${count(this.#most)} ${this.what}s, ${duration(passed)}, at most ${duration(left)} to go`;
	}

	#bar(): void {
		const part = this.#most > 0 ? this.#done / this.#most : 0;
		const full = Math.floor(part * BAR);
		this.#line.show(
			`[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${this.text()}  ${this.#last}`.trimEnd(),
		);
	}

	close(): void {
		clearInterval(this.#timer);
		this.#line.clear();
	}
}
