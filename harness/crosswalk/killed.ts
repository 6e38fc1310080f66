// SPDX-License-Identifier: GPL-2.0-only
/**
 * Does the suite notice an edit? The machine is made anew with it, and the scenarios that execute
 * the edited function are run until one has another verdict. Another count of states is none.
 *
 * Interface: Suite Outcome OUTCOMES
 */
import path from 'node:path';
import { check } from '../conform/check.ts';
import { configure } from '../conform/config.ts';
import { statesOf } from '../conform/pins.ts';
import { readTest, suite } from '../conform/scenarios.ts';
import type { Artifact } from '../engine/machine.ts';
import { buildMutant } from '../kts/artifact.ts';
import { LoweringError } from '../kts/diagnostics.ts';
import type { Test } from '../litmus/ast.ts';
import type { Bench, Measured } from './measure.ts';
import type { PortFunction } from './port.ts';

export const OUTCOMES = [
	'killed',
	'refused',
	'executed by none',
	'not decided',
	'survived',
] as const;

export interface Outcome {
	what: (typeof OUTCOMES)[number];
	/** the scenario that has another verdict, or how many have not */
	by: string;
}

interface Scenario {
	test: Test;
	profile: string;
	/** by the pinned count */
	states: number;
	/** functions that it executes */
	executes: ReadonlySet<string>;
}

export interface SuiteOptions {
	profiles: readonly string[];
	/** only scenarios with so many states */
	maxStates: number;
	/** for each edit */
	maxSeconds: number;
	/** files; the whole suite by default */
	tests?: readonly string[];
}

const PRELUDE = 'harness/kts/prelude.ts';
const keyOf = (f: PortFunction): string => `${f.file} ${f.name}`;
const markOf = (f: PortFunction): string => `edited: ${keyOf(f)}`;

/** The sources with a mark at the head of each function. */
function marked(bench: Bench, functions: readonly PortFunction[]): Record<string, string> {
	const texts: Record<string, string> = {};
	for (const file of new Set(functions.map((f) => f.file))) {
		const there = functions.filter((f) => f.file === file);
		const bodies = there.map((f) => ({ f, at: bench.declaration(f).getBodyOrThrow().getStart() }));
		let text = bench.source(file).getFullText();
		for (const { f, at } of bodies.sort((a, b) => b.at - a.at))
			text = `${text.slice(0, at + 1)} cover('${markOf(f)}');${text.slice(at + 1)}`;
		const way = path.posix.relative(path.posix.dirname(file), PRELUDE);
		const imports = bench.source(file).getImportDeclarations();
		const has = imports.some((i) => i.getNamedImports().some((n) => n.getName() === 'cover'));
		texts[file] = has ? text : `import { cover } from '${way}';\n${text}`;
	}
	return texts;
}

export class Suite {
	readonly #root: string;
	readonly #bench: Bench;
	readonly #options: SuiteOptions;
	readonly #scenarios: Scenario[];

	private constructor(root: string, bench: Bench, options: SuiteOptions, scenarios: Scenario[]) {
		this.#root = root;
		this.#bench = bench;
		this.#options = options;
		this.#scenarios = scenarios;
	}

	/** Runs each scenario once, to see which of the functions it executes. */
	static async open(
		root: string,
		bench: Bench,
		functions: readonly PortFunction[],
		options: SuiteOptions,
	): Promise<Suite> {
		const artifact = await buildMutant(root, marked(bench, functions));
		const scenarios: Scenario[] = [];
		for (const file of options.tests ?? suite())
			for (const profile of options.profiles) {
				const states = statesOf(file, profile);
				if (states > options.maxStates) continue;
				const test = readTest(file);
				const exercises = [...test.header.exercises, ...functions.map(markOf)];
				const all = { ...test, header: { ...test.header, exercises } };
				const report = await check(artifact, {
					test: all,
					configuration: configure({ profile }),
					harm: false,
				});
				const not = new Set(report.unreached);
				const executed = functions.filter((f) => !not.has(markOf(f))).map(keyOf);
				scenarios.push({ test, profile, states, executes: new Set(executed) });
			}
		scenarios.sort((a, b) => a.states - b.states);
		return new Suite(root, bench, options, scenarios);
	}

	get size(): number {
		return this.#scenarios.length;
	}

	/** The scenarios that execute an edited function, the smallest first: no other can change. */
	async outcome({ function: f, edit }: Measured): Promise<Outcome> {
		const list = this.#scenarios.filter((s) => s.executes.has(keyOf(f)));
		if (list.length === 0) return { what: 'executed by none', by: '' };
		let artifact: Artifact;
		try {
			artifact = await buildMutant(this.#root, { [f.file]: this.#bench.fileWith(f, edit) });
		} catch (e) {
			if (e instanceof LoweringError) return { what: 'refused', by: 'the compiler' };
			throw e;
		}
		const until = Date.now() + this.#options.maxSeconds * 1000;
		for (const [n, scenario] of list.entries()) {
			if (Date.now() > until)
				return {
					what: 'not decided',
					by: `${n} of ${list.length} scenarios have the same verdict`,
				};
			if (await this.#differs(artifact, scenario))
				return { what: 'killed', by: `${scenario.test.name}, ${scenario.profile}` };
		}
		return { what: 'survived', by: `${list.length} scenarios have the same verdict` };
	}

	/** Is the verdict another? One that a limit of states keeps open is not. */
	async #differs(artifact: Artifact, { test, profile, states }: Scenario): Promise<boolean> {
		const { verdict, expected, limit } = await check(artifact, {
			test,
			configuration: configure({ profile }),
			harm: false,
			limits: { maxStates: 10 * states + 1000 },
		});
		return limit === undefined && verdict !== (expected ?? 'verified');
	}
}
