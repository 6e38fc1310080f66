// SPDX-License-Identifier: GPL-2.0-only
/**
 * A test of the tables on states that were visited: real code on the machine inside must do in each
 * of them what the rows say, word by word.
 */
import { random } from '../random.ts';
import { violationIn } from '../result.ts';
import type { ComponentMachine } from './machine.ts';
import { wordName } from './partition.ts';

/** States that are compared, spread over those that were found. */
const SAMPLES = 200;

/** Why the tables are wrong; undefined: no state says so. Leaves mem undefined. */
export function auditComponents(
	machine: ComponentMachine,
	predicates: boolean,
	samples = SAMPLES,
): string | undefined {
	const { store } = machine;
	if (!store) return undefined;
	const pick = random(store.count);
	let wrong: string | undefined;
	for (let i = 0; i < samples && wrong === undefined; i++) {
		store.load(pick(store.count));
		wrong = new Sample(machine, predicates).wrong();
	}
	return wrong;
}

/** The state in mem. */
class Sample {
	readonly #machine: ComponentMachine;
	readonly #predicates: boolean;
	/** the image inside that it stands for */
	readonly #image: Int32Array;

	constructor(machine: ComponentMachine, predicates: boolean) {
		this.#machine = machine;
		this.#predicates = predicates;
		machine.unpack();
		this.#image = machine.inner.mem.slice();
	}

	wrong(): string | undefined {
		const { inner } = this.#machine;
		if (this.#machine.finished() !== this.#inside(() => inner.finished()))
			return 'only in one of them all programs have ended';
		if (this.#predicates) {
			const mine = violationIn(() => this.#machine.check())?.property;
			const real = this.#inside(() => violationIn(() => inner.check())?.property);
			if (mine !== real)
				return `check() finds ${mine ?? 'nothing'}, real code ${real ?? 'nothing'}`;
		}
		for (let task = 0; task < inner.tasks.length; task++) {
			const wrong = this.#wrongTask(task);
			if (wrong) return `${inner.tasks[task].name}: ${wrong}`;
		}
		return undefined;
	}

	#wrongTask(task: number): string | undefined {
		const machine = this.#machine;
		const { inner } = machine;
		const choices = machine.ready(task);
		const real = this.#inside(() => inner.ready(task));
		if (choices !== real) return `a row has ${choices} steps, real code ${real}`;
		for (let choice = 0; choice < choices; choice++) {
			const mine = violationIn(() => machine.step(task, choice))?.property;
			machine.unpack();
			const after = inner.mem.slice();
			machine.undo();
			let found: string | undefined;
			const outcome = this.#inside(() => {
				found = violationIn(() => inner.step(task, choice))?.property;
				const at = found === undefined ? inner.mem.findIndex((word, a) => word !== after[a]) : -1;
				inner.undo();
				return at;
			});
			if (mine !== found)
				return `a step of a row violates ${mine ?? 'nothing'}, of real code ${found ?? 'nothing'}`;
			if (outcome >= 0) return `after a step they differ in ${wordName(inner, outcome)}`;
		}
		return undefined;
	}

	/** Runs real code in the state. Rows are not made then: their accesses would not be noted. */
	#inside<R>(run: () => R): R {
		const { inner, learner } = this.#machine;
		inner.mem.set(this.#image);
		learner.forget();
		let result: R | undefined;
		inner.aside(() => {
			result = run();
		});
		return result as R;
	}
}
