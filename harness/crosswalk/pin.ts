// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a function of the port has that is not held against C, as a hash: what only the port has or
 * has otherwise, variables, jumps, values where C passes others, and where all of it stands. It was
 * looked at beside C in this form; in another it has to be looked at again.
 *
 * Interface: Pins pinName pinOf pinsText loadPins pinsFile
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Row } from './compare.ts';
import { type Event, MARKS, type Passed } from './events.ts';
import { hashedEvent } from './facts.ts';
import { FORM_OF } from './forms.ts';

/** By file and function. */
export type Pins = ReadonlyMap<string, string>;

/** By what a function is found, in one of its forms. */
export const pinName = (f: { file: string; name: string }, form: unknown): string =>
	`${f.file} ${f.name}${form ? `, ${FORM_OF}` : ''}`;

const same = (a: Passed | undefined, b: Passed): boolean => a?.text === b.text;

/** The hash of what is not held against C. */
export function pinOf(rows: readonly Row[], all: readonly Event[]): string {
	const compared = new Map<string, Row>();
	const keyOf = (e: Event) => JSON.stringify([e.name, e.line, e.id, e.guards, e.rest, e.args]);
	for (const row of rows) if (row.port) compared.set(keyOf(row.port), row);
	const names = new Map<number, string>();
	const known = new Set<number>();
	for (const raw of all) {
		const e = hashedEvent(raw);
		if (e.id === undefined) continue;
		names.set(e.id, e.name);
		const row = compared.get(keyOf(e)) ?? compared.get(keyOf(raw));
		if (row?.c && row.port) known.add(e.id);
	}
	const parts = all.flatMap((raw): unknown[] => {
		const e = hashedEvent(raw);
		if (MARKS.has(e.name)) return [];
		const row = compared.get(keyOf(e)) ?? compared.get(keyOf(raw));
		const c = row?.c && hashedEvent(row.c);
		const held = c !== undefined && row?.other === undefined;
		const under = [...(e.guards ?? []), ...(e.rest ?? [])]
			.filter((id) => !held || !known.has(Math.abs(id)))
			.map((id) => `${id < 0 ? '!' : ''}${names.get(Math.abs(id))}`);
		const args = (e.args ?? []).filter((arg, i) => !held || !same(c?.args?.[i], arg));
		const name = held && c.name === e.name ? '' : e.name;
		return [[name, under, args.map((arg) => arg.text)]];
	});
	return createHash('sha1').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** A function on each line. */
export function pinsText(pins: Pins): string {
	const lines = [...pins]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, pin]) => `\t${JSON.stringify(name)}: ${JSON.stringify(pin)}`);
	return `{\n${lines.join(',\n')}\n}\n`;
}

/** Where they are kept. */
export const pinsFile = (root: string): string =>
	path.join(root, 'harness/crosswalk/facts/pinned.json');

export function loadPins(root: string): Pins {
	const file = pinsFile(root);
	return new Map(
		Object.entries(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as [
			string,
			string,
		][],
	);
}
