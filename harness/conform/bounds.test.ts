// SPDX-License-Identifier: GPL-2.0-only
/** The table of bounds has the names and the defaults that the sources declare. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { knownConfig } from '../kts/instantiate.ts';
import { fieldNames } from '../litmus/fields.ts';
import { BOUNDS, type Bound, settable } from './bounds.ts';
import { configure, symbols } from './config.ts';
import { projectRoot } from './scenarios.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);

test('names and defaults', (t) => {
	const isSymbol = (name: string) => symbols.some((s) => s.name === name);
	const declared = knownConfig(artifact).filter(({ name }) => !isSymbol(name));
	const listed = Object.entries(BOUNDS).map(([name, bound]) => ({ name, default: bound.default }));
	const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
	t.deepEqual(listed.sort(byName), declared.sort(byName));
});

test('a default is in its range', (t) => {
	for (const [name, { low, high, default: value }] of Object.entries<Bound>(BOUNDS))
		t.true(value >= low && value <= high, name);
});

test('--set takes what may be set there, within its range', (t) => {
	for (const name of settable('--set')) {
		const { low, high } = BOUNDS[name as keyof typeof BOUNDS];
		t.deepEqual(configure({ set: [`${name}=${low}`] }).bounds, { [name]: low });
		t.throws(() => configure({ set: [`${name}=${high + 1}`] }), { message: /out of range/ });
	}
	for (const [set, message] of [
		['KSWAPD=1', /in the header of the test, by "Bounds:"/],
		['DEATHS=1', /by "Dies:" in the header/],
		['NR_PROCS=3', /follows from the test/],
		['CHECK_DATA=0', /cannot be set/],
		['NR_NODS=3', /did you mean 'NR_NODES'/],
	] as const)
		t.throws(() => configure({ set: [set] }), { message });
});

test('docs/litmus.md describes each field, and each bound that a header may set', (t) => {
	const page = readFileSync(path.join(root, 'docs/litmus.md'), 'utf8');
	for (const name of fieldNames) t.true(page.includes(`\n| \`${name}:\` |`), name);
	const bounds = page.slice(page.indexOf('| `Bounds:` |'), page.indexOf('## Errors'));
	for (const name of settable('Bounds:')) t.regex(bounds, new RegExp(`\\b${name}\\b`), name);
});
