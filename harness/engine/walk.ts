// SPDX-License-Identifier: GPL-2.0-only
/**
 * Random walks, for machines that are too big to explore: they can find a violation, but cannot
 * show that there is none. The seed determines all choices.
 *
 * Each walk chooses with equal chances among the tasks that can step, but sticks to the task of
 * the last step for a while: not at all, mostly or nearly always, in turn from walk to walk. Some
 * violations need many switches between tasks, others a task that runs long while the others wait.
 */
import type { Machine } from './machine.ts';
import type { Terminal } from './options.ts';
import { random } from './random.ts';
import {
	attempt,
	checkLimits,
	deadlockIn,
	inSlices,
	type Progress,
	REPORT_MS,
	type Reason,
	type Result,
	type Step,
	type StopSignal,
	type ViolationFound,
} from './result.ts';

export interface WalkOptions {
	/** 1 by default */
	seed?: number;
	/** 1000 by default */
	walks?: number;
	/** of one walk, 10000 by default */
	maxSteps?: number;
	maxSeconds?: number;
	stopAtFirst?: boolean;
	predicates?: boolean;
	checkTerminal?: (machine: Machine) => { property: string; message: string } | undefined;
	onTerminal?: (machine: Machine, terminal: Terminal) => void;
	onProgress?: (progress: Progress) => void;
	signal?: StopSignal;
}

/** In 1 of so many steps a walk may go on with another task. */
const STICKINESS = [1, 4, 16];

export function walk(machine: Machine, options: WalkOptions = {}): Result {
	const walks = new Walks(machine, options);
	walks.run();
	return walks.result();
}

/** As walk(), but timers, signals and messages are handled in between. */
export async function walkAsync(machine: Machine, options: WalkOptions = {}): Promise<Result> {
	const walks = new Walks(machine, options);
	await inSlices(walks);
	return walks.result();
}

class Walks {
	readonly #seed: number;
	readonly #walks: number;
	readonly #maxSteps: number;
	readonly #maxMs: number;
	readonly #predicates: boolean;
	readonly #startedAt = performance.now();
	#reportedAt = performance.now();
	readonly #initial: Int32Array;
	/** of the present walk */
	readonly #tasks: Uint8Array;
	readonly #choices: Uint8Array;
	readonly #able: Uint8Array;
	/** the next walk, -1 before the first */
	#index = -1;
	#done = false;
	#steps = 0;
	#transitions = 0;
	#states = 0;
	#depth = 0;
	#terminals = 0;
	#violations = 0;
	readonly #byProperty: Record<string, number> = {};
	#violation?: ViolationFound;
	#trace?: Step[];
	#reason?: Reason;

	constructor(
		readonly machine: Machine,
		readonly options: WalkOptions,
	) {
		checkLimits(machine);
		this.#seed = options.seed ?? 1;
		this.#walks = options.walks ?? 1000;
		this.#maxSteps = options.maxSteps ?? 10_000;
		this.#maxMs = (options.maxSeconds ?? Number.POSITIVE_INFINITY) * 1000;
		this.#predicates = options.predicates ?? true;
		this.#initial = new Int32Array(machine.words);
		this.#tasks = new Uint8Array(this.#maxSteps);
		this.#choices = new Uint8Array(this.#maxSteps);
		this.#able = new Uint8Array(machine.tasks.length);
	}

	/** Goes on for about so many milliseconds; true when the walks have ended. */
	run(milliseconds = Number.POSITIVE_INFINITY): boolean {
		const pauseAt = performance.now() + milliseconds;
		if (this.#index < 0) this.#begin();
		while (!this.#done && performance.now() < pauseAt) {
			if (this.#index === this.#walks) {
				if (!this.#violation) this.#reason ??= 'walks';
				this.#done = true;
			} else if (this.#walk(this.#index++)) this.#done = this.options.stopAtFirst ?? true;
			else this.#done = this.#reason !== undefined;
		}
		return this.#done;
	}

	#begin(): void {
		const { machine } = this;
		this.#index = 0;
		machine.setLogging(false);
		const bad =
			attempt(() => machine.reset(), 0) ??
			attempt(() => {
				machine.forget();
				this.#states = 1;
				if (this.#predicates) machine.check();
			}, 0);
		if (bad) {
			this.#report(bad);
			this.#done = true;
		} else this.#initial.set(machine.mem);
	}

	/** True if it found a violation. */
	#walk(index: number): boolean {
		const { machine } = this;
		const pick = random(this.#seed + Math.imul(index, 0x9e3779b1));
		const sticky = STICKINESS[index % STICKINESS.length];
		machine.mem.set(this.#initial);
		let last = -1;
		for (this.#steps = 0; this.#steps < this.#maxSteps; ) {
			if ((this.#transitions & 1023) === 0 && this.#look(index)) return false;
			const stay = last >= 0 && pick(sticky) !== 0 && machine.ready(last) > 0;
			const task = stay ? last : this.#pickTask(pick);
			if (task < 0) return this.#end();
			last = task;
			const choices = machine.ready(task);
			if (this.#step(task, choices > 1 ? pick(choices) : 0)) return true;
		}
		return false;
	}

	#pickTask(pick: (below: number) => number): number {
		const { machine } = this;
		const able = this.#able;
		let n = 0;
		for (let t = 0; t < able.length; t++) if (machine.ready(t) > 0) able[n++] = t;
		return n === 0 ? -1 : able[pick(n)];
	}

	#step(task: number, choice: number): boolean {
		const { machine } = this;
		this.#tasks[this.#steps] = task;
		this.#choices[this.#steps] = choice;
		this.#steps++;
		this.#transitions++;
		this.#states++;
		if (this.#steps > this.#depth) this.#depth = this.#steps;
		const bad = attempt(() => {
			machine.step(task, choice);
			if (this.#predicates) machine.check();
		}, this.#steps);
		machine.forget();
		if (bad) this.#report(bad);
		return bad !== undefined;
	}

	#end(): boolean {
		const wrong = deadlockIn(this.machine, this.#steps);
		if (wrong) {
			this.#report(wrong);
			return true;
		}
		this.#terminals++;
		const { machine, options } = this;
		options.onTerminal?.(machine, { depth: this.#steps, trace: () => this.#way() });
		const bad = options.checkTerminal?.(machine);
		if (bad) this.#report({ ...bad, step: this.#steps });
		return bad !== undefined;
	}

	#way(): Step[] {
		return Array.from({ length: this.#steps }, (_, i) => [this.#tasks[i], this.#choices[i]]);
	}

	#report(found: ViolationFound): void {
		this.#violations++;
		this.#byProperty[found.property] = (this.#byProperty[found.property] ?? 0) + 1;
		if (this.#violation) return;
		this.#violation = found;
		this.#trace = this.#way();
	}

	/** True if the walks must end. */
	#look(index: number): boolean {
		const { signal, onProgress } = this.options;
		const now = performance.now();
		if (signal?.aborted) this.#reason = 'signal';
		else if (now - this.#startedAt > this.#maxMs) this.#reason = 'seconds';
		if (onProgress && now - this.#reportedAt >= REPORT_MS) {
			this.#reportedAt = now;
			onProgress({
				states: this.#states,
				transitions: this.#transitions,
				queue: this.#walks - index,
				depth: this.#depth,
				seconds: (now - this.#startedAt) / 1000,
				bytes: 0,
			});
		}
		return this.#reason !== undefined;
	}

	result(): Result {
		return {
			verdict: this.#violation ? 'violated' : 'incomplete',
			...(this.#reason && { reason: this.#reason }),
			states: this.#states,
			transitions: this.#transitions,
			depth: this.#depth,
			terminals: this.#terminals,
			seconds: (performance.now() - this.#startedAt) / 1000,
			bytesPerState: 0,
			violations: this.#violations,
			byProperty: this.#byProperty,
			...(this.#violation && { violation: this.#violation, trace: this.#trace }),
			marks: this.machine.marks(),
			seed: this.#seed,
		};
	}
}
