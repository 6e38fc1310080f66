// SPDX-License-Identifier: GPL-2.0-only
/** The port beside the facts of the kernels that are checked in: no tree is needed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { crosswalk, type Report } from './crosswalk.ts';
import { readPort } from './extract.ts';
import { Facts, factsFile, factsText, loadFacts, Recorder } from './facts.ts';
import { formNames } from './forms.ts';
import { notationNames } from './notation.ts';
import { loadPins } from './pin.ts';
import { findingsOf, reportJson } from './report.ts';
import { BASE, isCompared, symbolsOf } from './symbols.ts';

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
		const report = crosswalk(kernel, port, symbolsOf(kernel.version), BASE, [], loadPins(root));
		t.deepEqual(findingsOf(report), [], `${kernel.version}: see docs/crosswalk.md`);
		t.true(report.results.filter((r) => r.kernel && !r.apart).length > 10);
	}
});

test('each kernel is compared with the port in its own form', (t) => {
	const [old, later] = kernels;
	const walk = (kernel: Facts, name: string) =>
		crosswalk(kernel, port, symbolsOf(kernel.version, `linux-${name}`), BASE);
	const compared = (report: Report) =>
		new Set(report.results.filter((r) => r.kernel).map(({ function: f }) => `${f.file} ${f.name}`));
	const all = compared(walk(old, old.version));
	const left = walk(old, later.version);
	const forms = walk(later, later.version);
	for (const report of [left, forms]) t.deepEqual(findingsOf(report), []);
	const changed = forms.results
		.filter((r) => r.form)
		.map((r) => `${r.function.file} ${r.function.name}`);
	t.deepEqual([...compared(left), ...changed].sort(), [...all].sort());
	t.deepEqual(changed.sort(), [...formNames()].sort(), 'forms.ts names each, and no other');
	t.false(isCompared(later.version, `linux-${old.version}`), 'it has no symbol of a later one');
});

test('a function that the facts lack: how to take it from a tree', (t) => {
	const [kernel] = kernels;
	const [like] = port.functions.filter((f) => f.name === 'vmtruncate');
	const added = { ...port, functions: [...port.functions, { ...like, name: 'sys_more' }] };
	const report = crosswalk(kernel, added, symbolsOf(kernel.version), BASE, [], loadPins(root));
	const told = findingsOf(report).filter(({ what }) => what.includes('sys_more()'));
	t.is(told[0]?.what, 'sys_more() is not in the facts of mm/memory.c of 2.4.22');
	t.regex(told[0].fix, /^take it from a tree \(--linux DIR --facts\), or name its file/);
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
	const first = crosswalk(recorder, port, symbolsOf(kernel.version), BASE);
	const again = new Facts(factsText(recorder));
	const second = crosswalk(again, port, symbolsOf(kernel.version), BASE);
	t.deepEqual(reportJson(second), reportJson(first));
	t.is(factsText(recorder), readFileSync(path.resolve(factsFile(root, kernel.version)), 'utf8'));
});
