// SPDX-License-Identifier: GPL-2.0-only
/**
 * The suite's files, and finding what the command line names: `S01`, `S15-vogt-race`, `MP`, a
 * path.
 *
 * Interface: projectRoot suite findTests readTest
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from '../litmus/ast.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { suggestion, UsageError } from './config.ts';

/** The largest litmus file that is read. */
const SIZE_MAX = 1 << 20;

/** The folder that has vfs/, ogfs/ and harness/ in it: from the sources and from the bundle. */
export function projectRoot(): string {
	let dir = path.dirname(fileURLToPath(import.meta.url));
	while (!existsSync(path.join(dir, 'vfs/Kconfig.ts'))) {
		const up = path.dirname(dir);
		if (up === dir)
			throw new Error('the sources (vfs/, ogfs/, harness/) are not beside the command');
		dir = up;
	}
	return dir;
}

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
	let text: string;
	try {
		if (statSync(file).size > SIZE_MAX)
			throw new UsageError(`${file}: larger than 1 MiB, that is no litmus test`);
		text = readFileSync(file, 'utf8');
	} catch (e) {
		if (e instanceof UsageError) throw e;
		throw new UsageError(`${file}: cannot be read (${(e as NodeJS.ErrnoException).code ?? e})`);
	}
	const near = path.relative(process.cwd(), file);
	return parseLitmus(text, near.startsWith('..') ? file : near);
}
