// SPDX-License-Identifier: GPL-2.0-only
/**
 * The identity of a machine, independent of its symbols. Most symbols decide code that the machine
 * of a test does not have: with and without them it is the same machine, with the same results.
 *
 * Interface: identityOf
 */
import { createHash } from 'node:crypto';
import type { Artifact } from '../engine/machine.ts';
import type { Options } from './instantiate.ts';
import { generate } from './machine/code.ts';
import { evaluate, isOfSymbols, Layout, type Values } from './machine/layout.ts';
import type { Plan } from './plan.ts';

/** Code that depends on some constant expressions, and on no others. */
interface Variant {
	read: number[];
	values: number[];
	identity: string;
}

/** By the constants that code outside the machine may read. */
type Variants = Map<string, Variant[]>;

const known = new WeakMap<Plan, Variants>();

/**
 * Two machines of one artifact with the same identity are the same, word for word: code, tables,
 * layout, programs and the constants that a machine exports. `fresh`: by its text alone, without
 * cached variants.
 */
export function identityOf(
	{ code, meta }: Pick<Artifact, 'code' | 'meta'>,
	{ config = {}, rom = [], track = false }: Options = {},
	fresh = false,
): string {
	const plan = meta as Plan;
	const values = evaluate(plan, config);
	const handedOut = Object.entries(values.constants).filter(([name]) => !isOfSymbols(plan, name));
	const constants = JSON.stringify([handedOut, track]);
	const variants: Variants = known.get(plan) ?? new Map();
	known.set(plan, variants);
	const list = variants.get(constants) ?? [];
	variants.set(constants, list);
	let found = fresh ? undefined : list.find((variant) => isOf(variant, values));
	if (!found) {
		found = variantOf(plan, code, values, constants, track);
		if (!fresh) list.push(found);
	}
	return sha256([found.identity, Array.from(rom).join()]);
}

/** Expressions with the same values make the same code. */
function isOf({ read, values }: Variant, { expressions }: Values): boolean {
	return read.every((index, i) => expressions[index] === values[i]);
}

function variantOf(
	plan: Plan,
	template: string,
	values: Values,
	constants: string,
	track: boolean,
): Variant {
	const read = new Set<number>();
	const expressions = new Proxy(values.expressions, {
		get: (target, name) => {
			if (typeof name === 'string' && /^[0-9]+$/.test(name)) read.add(Number(name));
			return Reflect.get(target, name);
		},
	});
	const layout = new Layout(plan, { ...values, expressions });
	const { code, sites, stackWords, depth, reached } = generate(plan, template, layout, track);
	const { structs, globals, end, guards } = layout;
	const tables = [sites, [...stackWords], depth, structs, globals, end, guards];
	// regions depend on which code assigns which fields
	const assigned = [reached.varying, reached.assigned].map((paths) => [...paths].sort());
	const identity = sha256([code, JSON.stringify([tables, assigned]), constants]);
	const indices = [...read].sort((a, b) => a - b);
	return { read: indices, values: indices.map((i) => values.expressions[i]), identity };
}

function sha256(parts: readonly string[]): string {
	const hash = createHash('sha256');
	for (const part of parts) hash.update(`${part.length}:`).update(part);
	return hash.digest('hex');
}
