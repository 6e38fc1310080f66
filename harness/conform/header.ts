// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks that the names in the header of a test exist: profiles, symbols, bounds, marks, nodes. The
 * parser keeps the place of each word; here they are compared with the tables, as strictly as on
 * the command line.
 *
 * Interface: checkNames checkSizes checkMarks
 */
import type { Said, Test } from '../litmus/ast.ts';
import type { Program } from '../litmus/compile.ts';
import { LitmusError, nearest } from '../litmus/error.ts';
import { boundOf, outOfRange, settable } from './bounds.ts';
import { PROFILES, symbols, whereElse } from './config.ts';

function refuse({ source }: Test, { at }: Said, reason: string, help?: string): never {
	throw new LitmusError(source, at, reason, help);
}

/** `did you mean "X"?`, or else where to look. */
function hint(word: string, candidates: readonly string[], otherwise: string): string {
	const meant = nearest(word, candidates);
	return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}

const profileNames = PROFILES.map((p) => p.name);
const symbolNames = symbols.map((s) => s.name);

/** May the bound be set in a header, to this value? */
function checkBound(test: Test, word: Said): void {
	const { text: name, value = 0 } = word;
	const sizes = settable('Bounds:');
	if (symbolNames.includes(name))
		refuse(
			test,
			word,
			`${name} is a configuration symbol, and no bound`,
			`choose it on the command line: --with ${name}, --without ${name}`,
		);
	const bound = boundOf(name);
	if (!bound)
		refuse(test, word, `unknown bound ${name}`, hint(name, sizes, `bounds: ${sizes.join(', ')}`));
	if (!sizes.includes(name)) refuse(test, word, `${name} ${whereElse(bound)}`);
	const wrong = outOfRange(name, value);
	if (wrong) refuse(test, word, wrong);
}

/** Do profiles, symbols and bounds exist? Throws LitmusError. */
export function checkNames(test: Test): void {
	for (const word of test.said) {
		const { kind, text } = word;
		if (kind === 'profile' && !profileNames.includes(text)) {
			const help = hint(text, profileNames, `profiles: ${profileNames.join(', ')}`);
			refuse(test, word, `unknown profile "${text}"`, help);
		}
		if (kind === 'symbol' && !symbolNames.includes(text)) {
			const help = hint(text, symbolNames, 'vfshook list symbols');
			refuse(test, word, `unknown configuration symbol "${text}"`, help);
		}
		if (kind === 'bound') checkBound(test, word);
	}
}

/** Do bounds fit one another and the test, do nodes exist? Throws LitmusError. */
export function checkSizes(
	test: Test,
	{ config, needed }: Pick<Program, 'config' | 'needed'>,
): void {
	for (const word of test.said) {
		const { kind, text: name, value = 0 } = word;
		if (kind === 'node' && value >= config.NR_NODES)
			refuse(test, word, `there is no node ${value}: the test has ${config.NR_NODES}`);
		if (kind !== 'bound') continue;
		const least = name === 'PAGE_WORDS' || boundOf(name)?.scarce ? undefined : needed[name];
		if (least !== undefined && value < least)
			refuse(test, word, `${name}=${value}: the test needs ${least}`);
		const others = boundOf(name)?.with;
		if (others && !others.some((other) => isSaid(test, other, config)))
			refuse(test, word, `${name} means nothing without ${others.join(' or ')}`);
		if (name === 'LOCAL_FS' && value > 0) checkLocal(test, word, config);
		if (name === 'KSWAPD_NODES' && value > config.NR_NODES)
			refuse(test, word, `KSWAPD_NODES=${value}: the test has ${config.NR_NODES} nodes`);
		if (name === 'PAGE_TAIL' && value > config.PAGE_WORDS)
			refuse(test, word, `PAGE_TAIL=${value}: a page has ${config.PAGE_WORDS} ints here`);
		if (name === 'JDATA_FILES' && value >= 1 << config.NR_FILES)
			refuse(test, word, `JDATA_FILES=${value}: the test has ${config.NR_FILES} files`);
	}
}

/** Does the header set this bound, itself or by a field of its own? */
function isSaid({ header }: Test, name: string, config: Program['config']): boolean {
	if (boundOf(name)?.field) return config[name] > 0;
	return (header.bounds[name] ?? 0) > 0;
}

function checkLocal(test: Test, word: Said, config: Program['config']): void {
	if (config.NR_NODES > 1)
		refuse(
			test,
			word,
			`LOCAL_FS=1 is a local file system of one node: the test has ${config.NR_NODES}`,
			'put all programs on one: "P1 on 0;"',
		);
	if (config.DEATHS > 0)
		refuse(test, word, 'LOCAL_FS=1 is a local file system: no other node recovers ("Dies:")');
	if (config.LOCK_MODULE !== undefined)
		refuse(test, word, 'LOCAL_FS=1 is a local file system: it has no lock module ("Module:")');
}

/** Does each mark of `Exercises:` exist in a source? Throws LitmusError. */
export function checkMarks(test: Test, marks: Marks): void {
	for (const word of test.said) {
		if (word.kind !== 'mark' || marks.has(word.text)) continue;
		const help = hint(word.text, marks.names, 'the sources have it as a literal of cover()');
		refuse(test, word, `unknown coverage mark "${word.text}"`, help);
	}
}

/** The marks that the sources have. */
export interface Marks {
	names: readonly string[];
	has(mark: string): boolean;
}
