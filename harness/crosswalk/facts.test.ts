// SPDX-License-Identifier: GPL-2.0-only
/** The port beside the facts of the kernels that are checked in: no tree is needed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { crosswalk } from './crosswalk.ts';
import { readPort } from './extract.ts';
import { Facts, factsFile, factsText, loadFacts, Recorder } from './facts.ts';
import { notationNames } from './notation.ts';
import { loadPins } from './pin.ts';
import { findingsOf, reportJson } from './report.ts';
import { symbolsOf } from './symbols.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = readPort(root);
const kernels = loadFacts(root);
const VERSIONS = ['2.4.22', '2.6.9'];

test('the port is as the kernels are, but for what is declared', (t) => {
	t.deepEqual(
		kernels.map((k) => k.version),
		VERSIONS,
	);
	for (const kernel of kernels) {
		const report = crosswalk(kernel, port, symbolsOf(kernel.version), [], loadPins(root));
		t.deepEqual(findingsOf(report), [], `${kernel.version}: see docs/crosswalk.md`);
		t.true(report.results.filter((r) => r.kernel && !r.apart).length > 10);
	}
});

test('written.ts names functions that are there', (t) => {
	const there = new Set(port.functions.map((f) => `${f.file} ${f.name}`));
	t.deepEqual(
		notationNames().filter((name) => !there.has(name)),
		[],
	);
});

test('facts are names, senses, places and hashes', (t) => {
	const word =
		/^(?:[-+*/|&^~!=<>$]*\w*|#[0-9a-f]{8}|->\w+|\w+ \w+|if (?:[-+*/|&^~!=<>$]*\w*|#[0-9a-f]{8}))$/;
	const where = /^(?:[\w./-]+\.[chS] )?\w+$/;
	const texts: string[] = [];
	const visit = (value: unknown): void => {
		if (typeof value === 'string') texts.push(value);
		else if (Array.isArray(value)) for (const part of value) visit(part);
		else if (value && typeof value === 'object')
			for (const [key, part] of Object.entries(value)) visit(key === 'at' ? undefined : part);
	};
	for (const version of VERSIONS) {
		const text = readFileSync(factsFile(root, version), 'utf8');
		const { functions, elsewhere } = JSON.parse(text);
		for (const key of [...Object.keys(functions), ...Object.keys(elsewhere)]) t.regex(key, where);
		visit([functions, elsewhere]);
		t.true(text.length < 400_000, 'a fact is short');
	}
	t.true(texts.length > 3000);
	t.deepEqual(
		texts.filter((text) => !word.test(text) || text.length > 60),
		[],
	);
});

test('facts that are written and read again say the same', (t) => {
	const [kernel] = kernels;
	const recorder = new Recorder(kernel);
	const first = crosswalk(recorder, port, symbolsOf(kernel.version));
	const again = new Facts(factsText(recorder));
	const second = crosswalk(again, port, symbolsOf(kernel.version));
	t.deepEqual(reportJson(second), reportJson(first));
	t.is(factsText(recorder), readFileSync(path.resolve(factsFile(root, kernel.version)), 'utf8'));
});
