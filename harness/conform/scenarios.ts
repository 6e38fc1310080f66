// SPDX-License-Identifier: GPL-2.0-only
/**
 * The suite's files, and the search for those that the command line names: `S01`, `S15-vogt-race`,
 * `MP`, a path.
 *
 * Interface: projectRoot suite findTests readTest
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { FileError, readBounded } from '../engine/files.ts';
import { projectRoot } from '../kts/root.ts';
import type { Test } from '../litmus/ast.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { suggestion, UsageError } from './config.ts';
import { checkNames } from './header.ts';

export { projectRoot };

/** The largest litmus file that is read. */
const SIZE_MAX = 1 << 20;

function filesIn(folder: string): string[] {
	const dir = path.join(projectRoot(), 'harness/scenarios', folder);
	if (!existsSync(dir)) return [];
	return readdirSync(dir)
		.filter((f) => f.endsWith('.litmus'))
		.sort()
		.map((f) => path.join(dir, f));
}

/** The files of the conformance suite, in order. */
export function suite(): string[] {
	return filesIn('');
}
/** The classic shapes of memory models. */
export function classics(): string[] {
	return filesIn('classic');
}

/** `S15-vogt-race` from its path. */
export function testId(file: string): string {
	return path.basename(file, '.litmus');
}

/**
 * The files that a word of the command line names: a path, the name of a test, or its number,
 * which may name several; with words of the name behind the number, one of those.
 */
export function findTests(word: string): string[] {
	if (word.includes('/') || word.endsWith('.litmus')) {
		if (!existsSync(word)) throw new UsageError(`${word}: no such file`);
		return [word];
	}
	const all = [...suite(), ...classics()];
	const exact = all.filter((file) => testId(file) === word);
	if (exact.length > 0) return exact;
	const numbered = all.filter((file) => testId(file).startsWith(`${word}-`));
	if (/^S[0-9]+(-|$)/.test(word) && numbered.length > 0) return numbered;
	const names = new Set(all.flatMap((file) => [testId(file), testId(file).split('-')[0]]));
	throw new UsageError(
		`unknown scenario '${word}'${suggestion(word, names)} (vfshook list scenarios)`,
	);
}

/** Reads and parses a test. A LitmusError says what is wrong with it and where. */
export function readTest(file: string): Test {
	const text = readText(file, SIZE_MAX);
	const near = nearName(file);
	const test = parseLitmus(text, near.startsWith('..') ? file : near);
	checkNames(test);
	return test;
}

/** Reads a file that the command line names. Throws UsageError if it cannot be read. */
export function readText(file: string, most: number): string {
	try {
		return readBounded(file, most).toString('utf8');
	} catch (e) {
		if (e instanceof FileError) throw new UsageError(`${file}: ${e.message}`);
		throw e;
	}
}

/** From the working directory, if there still is one. */
function nearName(file: string): string {
	try {
		return path.relative(process.cwd(), file);
	} catch {
		return file;
	}
}
