// SPDX-License-Identifier: GPL-2.0-only
/**
 * Parts of a machine that a snapshot of files and locks does not have: registers of programs,
 * lengths of files, which nodes live. They are read before and after each step.
 *
 * Interface: ProgramReader finalsOf
 */
import type { Machine } from '../engine/machine.ts';
import type { Location, Proposition } from '../litmus/ast.ts';
import type { Program } from '../litmus/compile.ts';
import { ERRNO_NAMES, SIGNAL_NAMES } from '../litmus/constants.ts';
import { holds, locationName, valueText } from '../litmus/observe.ts';
import type { Final, Result, Surroundings } from './model.ts';

interface Word {
	process: string;
	name: string;
	address: number;
}

const STATUS = ['ALIVE', 'DEAD', 'FENCED', 'RELEASED'];

export class ProgramReader {
	readonly #words: Word[] = [];
	#values: number[];
	readonly #machine: Machine;

	constructor(machine: Machine, program: Program) {
		this.#machine = machine;
		program.processes.forEach(({ name, registers }, p) => {
			const add = (word: string, path: string) =>
				this.#words.push({
					process: name,
					name: word,
					address: machine.locate(`user_procs[${p}].${path}`).address,
				});
			registers.forEach((register, i) => {
				if (register) add(register, `regs[${i}]`);
			});
			for (const field of ['signal', 'ended']) add(field, field);
		});
		this.#values = this.#now();
	}

	#now(): number[] {
		return this.#words.map(({ address }) => this.#machine.mem[address]);
	}

	/** What has changed since the last call. */
	results(): Result[] {
		const before = this.#values;
		this.#values = this.#now();
		return this.#words.flatMap(({ process, name }, i) => {
			const value = this.#values[i];
			return value === before[i] ? [] : [{ process, name, value, text: textOf(name, value) }];
		});
	}

	surroundings(): Surroundings {
		const { constants } = this.#machine;
		const out: Surroundings = {};
		const each = (n: number, path: (i: number) => string): number[] =>
			Array.from({ length: n }, (_, i) => this.#machine.read(path(i)));
		const { NR_FILES: files, NR_NODES: nodes } = constants;
		if (constants.TRUNCATES) out.sizes = each(files, (f) => `coherence.size[${f}]`);
		if (constants.DEATHS)
			out.status = each(nodes, (n) => `cluster_nodes[${n}].status`).map(
				(value) => STATUS.find((name) => constants[name] === value) ?? String(value),
			);
		if (constants.NR_RGRP_BLOCKS)
			out.blocks = Array.from({ length: files }, (_, f) => {
				const there = this.#machine.read(`ogfs_dinodes[${f}].di_blocks`);
				return each(constants.NR_FILE_PAGES, (k) => `ogfs_dinodes[${f}].di_map[${k}]`).map(
					(block, k) => (there & (1 << k) ? block : -1),
				);
			});
		if (constants.OVERTAKEN)
			out.overtaken = each(constants.NR_PROCS, (p) => `overtakings[${p}].count`);
		if (constants.READ_ERRORS || constants.WRITE_ERRORS)
			out.refused =
				this.#machine.read('disk.read_errors') + this.#machine.read('disk.write_errors');
		return out;
	}

	/** For looking ahead: the result restores the present state. */
	save(): () => void {
		const values = this.#values;
		return () => {
			this.#values = values;
		};
	}
}

function textOf(name: string, value: number): string {
	if (name === 'errno') return ERRNO_NAMES.get(value) ?? String(value);
	if (name === 'signal') return SIGNAL_NAMES.get(value) ?? String(value);
	return String(value);
}

/** The places that the test observes, and which of them decide its condition. */
export function finalsOf(program: Program, values: readonly number[]): Final[] {
	const { test, observed } = program;
	const byName = new Map(observed.map((o, i) => [o.name, values[i]]));
	const value = (l: Location): number => byName.get(locationName(test, l)) ?? 0;
	const truth = holds(test, test.condition, value);
	const guilty = new Set(
		deciding(program, test.condition, value, truth).map((l) => locationName(test, l)),
	);
	return observed.map(({ name, location, place }, i) => ({
		name,
		value: values[i],
		text: valueText(location, values[i]),
		...(place.kind === 'page'
			? { file: place.file, index: place.page, word: place.word }
			: {
					process: program.processes[place.process].name,
					result: location.kind === 'register' ? location.name.name : place.kind,
				}),
		guilty: guilty.has(name),
	}));
}

/** The places that decide whether a proposition holds. */
function deciding(
	program: Program,
	p: Proposition,
	value: (l: Location) => number,
	truth: boolean,
): Location[] {
	const { test } = program;
	const same = (q: Proposition) => holds(test, q, value);
	switch (p.kind) {
		case 'constant':
			return [];
		case 'not':
			return deciding(program, p.operand, value, !truth);
		case 'implies':
			if (!truth)
				return [
					...deciding(program, p.left, value, true),
					...deciding(program, p.right, value, false),
				];
			return same(p.left)
				? deciding(program, p.right, value, true)
				: deciding(program, p.left, value, false);
		case 'and':
		case 'or': {
			// One false part of an "and" is enough, and one true part of an "or".
			const all = (p.kind === 'and') === truth;
			const parts = all ? p.operands : p.operands.filter((q) => same(q) === truth).slice(0, 1);
			return parts.flatMap((q) => deciding(program, q, value, truth));
		}
		case 'same':
			return [p.left, p.right];
		case 'atom':
			return [p.location];
	}
}
