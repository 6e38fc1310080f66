// SPDX-License-Identifier: GPL-2.0-only
/**
 * Runs the same random schedules on a compiled machine and on the direct executor, and compares
 * them after every step: what can run, how many choices there are, what was logged, what was
 * violated, and every word of every struct.
 */
import type { Machine } from '../engine/machine.ts';
import { isEvent } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { violationIn } from '../engine/result.ts';
import type { DirectEntry, DirectMachine } from '../kts/direct.ts';

export interface Agreement {
	schedules: number;
	steps: number;
	/** words and events compared */
	words: number;
	events: number;
	/** schedules that ended with every task finished or idle, with a deadlock, with a violation */
	finished: number;
	deadlocks: number;
	violations: number;
	/** schedules that were cut off */
	unfinished: number;
}

export interface AgreeOptions {
	/** longest schedule */
	steps?: number;
}

/** Throws at the first difference. */
export function agree(
	compiled: Machine,
	direct: DirectMachine,
	schedules: number,
	seed = 1,
	{ steps = 2000 }: AgreeOptions = {},
): Agreement {
	const run = new Comparison(compiled, direct, seed);
	const counts = { schedules, steps: 0, words: 0, events: 0 };
	const ends = { finished: 0, deadlocks: 0, violations: 0, unfinished: 0 };
	for (let i = 0; i < schedules; i++) {
		run.schedule = i;
		ends[run.once(steps)]++;
	}
	return { ...counts, ...ends, steps: run.steps, words: run.words, events: run.events };
}

type End = 'finished' | 'deadlocks' | 'violations' | 'unfinished';

class Comparison {
	schedule = 0;
	steps = 0;
	words = 0;
	events = 0;
	readonly #end: number;
	readonly #pick: (below: number) => number;
	#step = 0;
	#last = 'reset';
	readonly #compiled: Machine;
	readonly #direct: DirectMachine;

	constructor(compiled: Machine, direct: DirectMachine, seed: number) {
		this.#compiled = compiled;
		this.#direct = direct;
		this.#pick = random(seed);
		this.#end = Math.min(...compiled.tasks.map((t) => t.base), compiled.words);
	}

	once(limit: number): End {
		const compiled = this.#compiled;
		const direct = this.#direct;
		compiled.reset();
		direct.reset();
		compiled.setLogging(true);
		this.#last = 'reset';
		for (this.#step = 0; this.#step < limit; this.#step++) {
			this.#compareWords();
			const enabled = this.#enabled();
			if (enabled.length === 0) return this.#ended();
			const { task, choices } = enabled[this.#pick(enabled.length)];
			const choice = this.#pick(choices);
			this.#last = `${compiled.tasks[task].name} choice ${choice}`;
			const violated = this.#same(
				'step',
				() => compiled.step(task, choice),
				() => direct.step(task, choice),
			);
			this.steps++;
			this.#compareLogs();
			if (violated || this.#same('check', compiled.check, () => direct.check()))
				return 'violations';
			compiled.forget();
		}
		return 'unfinished';
	}

	#enabled(): { task: number; choices: number }[] {
		const out: { task: number; choices: number }[] = [];
		for (let task = 0; task < this.#compiled.tasks.length; task++) {
			const [a, b] = [this.#compiled.ready(task), this.#direct.ready(task)];
			if (a !== b) this.#fail(`ready(${this.#compiled.tasks[task].name})`, a, b);
			if (a > 0) out.push({ task, choices: a });
		}
		return out;
	}

	#ended(): End {
		const [a, b] = [this.#compiled.finished(), this.#direct.finished()];
		if (a !== b) this.#fail('finished()', a, b);
		return a ? 'finished' : 'deadlocks';
	}

	/** Runs both; true when both were violated, in the same way. */
	#same(what: string, a: () => void, b: () => void): boolean {
		const [x, y] = [violationOf(a), violationOf(b)];
		if (x !== y) this.#fail(what, x || 'no violation', y || 'no violation');
		return x !== '';
	}

	#compareWords(): void {
		const words = this.#direct.flatten(this.#compiled);
		const { mem } = this.#compiled;
		for (let i = 0; i < this.#end; i++)
			if (words[i] !== mem[i]) this.#fail(`word ${i} (${this.#nameOfWord(i)})`, mem[i], words[i]);
		this.words += this.#end;
	}

	#compareLogs(): void {
		const text = (entry: DirectEntry): string =>
			'event' in entry ? `${entry.event} ${JSON.stringify(entry.args)}` : entry.text;
		const logged = this.#compiled.takeLog();
		this.events += logged.filter(isEvent).length;
		const a = logged.map(text);
		const b = this.#direct.takeLog(this.#compiled).map(text);
		const at = a.findIndex((line, i) => line !== b[i]);
		if (at >= 0 || a.length !== b.length)
			this.#fail('the log', a[at] ?? `${a.length} lines`, b[at] ?? `${b.length} lines`);
	}

	#nameOfWord(address: number): string {
		for (let at = address; at > 0; at--) {
			const name = this.#compiled.nameOf(at);
			if (!name.startsWith('0x')) return at === address ? name : `${name} + ${address - at}`;
		}
		return 'nothing';
	}

	#fail(what: string, a: unknown, b: unknown): never {
		const where = `schedule ${this.schedule}, step ${this.#step} (after ${this.#last})`;
		throw new Error(`the executors differ in ${where}: ${what}: compiled ${a}, direct ${b}`);
	}
}

function violationOf(run: () => void): string {
	const violation = violationIn(run);
	return violation ? `${violation.property}: ${violation.message}` : '';
}
