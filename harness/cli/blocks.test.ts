// SPDX-License-Identifier: GPL-2.0-only
/**
 * README.md and docs/ show what is printed, and their figures are those that were counted.
 * UPDATE_GOLDEN=1 npx ava harness/cli/blocks.test.ts writes the blocks and fragments anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { check } from '../conform/check.ts';
import { configure } from '../conform/config.ts';
import { findTests, projectRoot, readTest } from '../conform/scenarios.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { type Block, blanked, blocksOf, cellsOf, expectedOf, unmarked } from './blocks.fixture.ts';
import { FIGURES, FRAGMENTS } from './figures.fixture.ts';
import { main } from './main.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);
const GENERATED = ['functions.md', 'glock.md', 'scenarios.md', 'symbols.md'];
/** Its blocks are compared with their sources by a test of its own. */
const ELSEWHERE = ['docs/litmus.md', 'docs/language.md'];
const PAGES = [
	'README.md',
	...['docs', 'docs/findings'].flatMap((dir) =>
		readdirSync(path.join(root, dir))
			.filter((name) => name.endsWith('.md') && !GENERATED.includes(name))
			.map((name) => `${dir}/${name}`),
	),
];
const read = (page: string) => readFileSync(path.join(root, page), 'utf8');
const renew = Boolean(process.env.UPDATE_GOLDEN);
const worker = new URL('../conform/worker.ts', import.meta.url);

/** All that a command line prints on standard output. */
async function printed(args: readonly string[]): Promise<string> {
	const { write } = process.stdout;
	let text = '';
	process.stdout.write = ((s: string) => (text += s) !== '') as typeof write;
	try {
		await main(args, worker);
	} finally {
		process.stdout.write = write;
	}
	return text;
}

function put(page: string, change: (text: string) => string): void {
	writeFileSync(path.join(root, page), change(read(page)));
}

/** The page with other lines in a block. */
function replaced(page: string, block: Block, lines: readonly string[]): void {
	put(page, (text) => {
		const now = blocksOf(page, text).find((b) => b.line === block.line) as Block;
		const all = text.split('\n');
		const first = now.at[0] + (now.prompt ? 1 : 0);
		const indented = lines.map((line) => (line === '' ? '' : now.indent + line));
		all.splice(first, now.at[1] - first, ...indented);
		return all.join('\n');
	});
}

test('each block says where it comes from', (t) => {
	const bare = PAGES.filter((page) => !ELSEWHERE.includes(page))
		.flatMap((page) => blocksOf(page, read(page)))
		.filter(unmarked);
	t.deepEqual(
		bare.map(({ page, line, text }) => `${page}:${line}: ${text[0]}`),
		[],
	);
});

// From the end of a page, so that what is written anew moves no block that is still to come.
for (const page of PAGES)
	for (const block of blocksOf(page, read(page)).reverse()) {
		const { source, line } = block;
		if (source?.kind === 'cells')
			for (const cell of cellsOf(block))
				test(`${page}: ${cell.symbol} in ${cell.profile}, ${cell.test}`, async (t) => {
					const { profile, symbol, steps } = cell;
					const configuration = configure({ profile, without: [symbol] });
					const runs = findTests(cell.test).map((file) =>
						check(artifact, { test: readTest(file), configuration }),
					);
					const lengths = (await Promise.all(runs)).map(
						({ harm, violation }) => (harm ?? violation)?.schedule.length,
					);
					t.true(lengths.includes(steps), `${lengths}`);
				});
		if (!source || source.kind === 'none' || source.kind === 'cells') continue;
		test.serial(`${page}:${line}: ${source.words}`, async (t) => {
			const whole =
				source.kind === 'file' ? read(source.words) : await printed(source.words.split(' '));
			const expected = expectedOf(block, whole);
			const found = block.text.slice(block.prompt ? 1 : 0);
			const same = found.map(blanked).join('\n') === expected.map(blanked).join('\n');
			if (renew && !same) replaced(page, block, expected);
			if (!renew) t.deepEqual(found.map(blanked), expected.map(blanked));
			t.true(expected.length > 0);
		});
	}

for (const { page, name, make } of FRAGMENTS)
	test.serial(`${page}: the fragment ${name}`, (t) => {
		const begin = `<!-- generated: ${name} -->\n`;
		const end = '\n<!-- end -->';
		const between = (text: string): [number, number] => {
			const at = text.indexOf(begin) + begin.length;
			return [at, text.indexOf(end, at)];
		};
		const text = read(page);
		t.true(text.includes(begin), `${page} has no ${begin}`);
		const [from, to] = between(text);
		if (renew) put(page, (all) => all.slice(0, from) + make() + all.slice(to));
		else t.is(text.slice(from, to), make());
	});

for (const { page, text } of FIGURES)
	test(`${page}: ${text}`, (t) => {
		t.true(read(page).replace(/\s+/g, ' ').includes(text), 'the figure has changed');
	});

test('every option that the pages name is one of its command', async (t) => {
	const helps = new Map<string, string>();
	for (const page of PAGES)
		for (const [, sub, rest] of read(page).matchAll(/\bvfshook ([a-z]+)((?: [^\s`]+)*)/g)) {
			if (!helps.has(sub)) helps.set(sub, await printed([sub, '--help']));
			for (const [option] of rest.matchAll(/--[a-z][a-z-]*/g))
				t.true((helps.get(sub) as string).includes(option), `${page}: vfshook ${sub} ${option}`);
		}
	t.true(helps.size >= 5);
});

test('a block that has drifted, and one that says nothing, are found', (t) => {
	const page = ['x', '', '<!-- $ vfshook list a from "b" to "c" from "e" to "e" -->', ''];
	const [block] = blocksOf('x.md', [...page, '    b', '    c', '    ...', '    e'].join('\n'));
	t.deepEqual(block.source, { kind: 'command', words: 'list a' });
	t.deepEqual(expectedOf(block, 'a\nb\nc\nd\ne\n'), ['b', 'c', '...', 'e']);
	t.throws(() => expectedOf(block, 'a\nb\nc\nd\n'), { message: /x.md:5: no line has "e"/ });
	t.is(blanked('3 states, 0.19 s'), blanked('3 states, 12.4 s'));
	t.not(blanked('3 states, 0.19 s'), blanked('4 states, 0.19 s'));
	t.is(blanked('Time SB 0.19'), 'Time SB #');
	t.true(unmarked(blocksOf('x.md', 'a\n\n    prints\n')[0]));
	t.false(unmarked(blocksOf('x.md', 'a\n\n    npx vfshook check S01\n')[0]));
	t.false(unmarked(blocksOf('x.md', '```c\nint x;\n```\n')[0]));
	t.true(unmarked(blocksOf('x.md', '```\nint x;\n```\n')[0]));
});
