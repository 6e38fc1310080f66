// SPDX-License-Identifier: GPL-2.0-only
/**
 * Each rule of structure.ts holds for the project, and is reported when something planted breaks
 * it: a rule that cannot fail is no rule.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { KconfigSymbol } from '../../vfs/Kconfig.ts';
import { glockPage } from '../conform/glock-page.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { symbolsPage } from '../conform/symbols-page.ts';
import { type RuleCase, testRules } from './rules.fixture.ts';
import {
	CODE_COLUMNS,
	checkedIn,
	described,
	docComments,
	FILE_LINES,
	fileLength,
	importCycles,
	LICENCE,
	leftovers,
	lineLength,
	marksExist,
	needsExist,
	ogfsImports,
	opening,
	PRELUDE,
	planted,
	scenarios,
	symbolsAreKnown,
	topLevel,
	vfsImports,
	waitsMightSleep,
} from './structure.ts';
import { reportCopiesNothing, reportReadsNoText } from './structure-report.ts';

// ---- the rules, and what breaks each --------------------------------------------------------

const HEAD = `${LICENCE}\n/** mm/x.c of 2.4.22. */\n`;
const DOC = '/**\n * f - does it\n * @a: which\n *\n * Return: it.\n * Context: any.\n */\n';
const symbol = (name: string, more: Partial<KconfigSymbol> = {}): KconfigSymbol => ({
	...{
		name,
		hook: 'H0',
		kind: 'interface' as const,
		side: 'VM' as const,
		title: '',
		help: '',
		files: [],
	},
	...{ history: '', fate: '' },
	...more,
});
const litmus = (fields: string): string =>
	`C T\n(*\n * A test.\n *\n${fields} *)\n{ int x = 0; }\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (x=1)\n`;

const CASES: RuleCase[] = [
	{
		title: 'vfs/ imports nothing above it but the prelude',
		rule: vfsImports,
		bad: [
			[
				planted({ 'vfs/mm/x.ts': `${HEAD}import { a } from '../../ogfs/fs/glock.ts';\n` }),
				['vfs/mm/x.ts:3'],
			],
			[
				planted({ 'vfs/mm/x.ts': `${HEAD}export { a } from '../../harness/engine/walk.ts';\n` }),
				['vfs/mm/x.ts:3'],
			],
		],
	},
	{
		title: 'ogfs/ sees headers, Kconfig and exported symbols only',
		rule: ogfsImports,
		bad: [
			[
				planted({
					'ogfs/fs/x.ts': `${HEAD}import { do_no_page } from '../../vfs/mm/memory.ts';\nimport { f } from '../../vfs/kernel/ksyms.ts';\n`,
				}),
				['ogfs/fs/x.ts:3'],
			],
		],
	},
	{
		title: 'imports between folders have no cycle',
		rule: importCycles,
		bad: [
			[
				planted({
					'harness/engine/a.ts': "import '../report/b.ts';\n",
					'harness/report/b.ts': "\nimport '../litmus/c.ts';\n",
					'harness/litmus/c.ts': "\n\nvoid import('../engine/a.ts');\n",
				}),
				['harness/engine/a.ts:1', 'harness/report/b.ts:2', 'harness/litmus/c.ts:3'],
			],
		],
	},
	{
		title: 'files open with the licence; vfs/ and ogfs/ name what they mirror',
		rule: opening,
		bad: [
			[planted({ 'harness/x.ts': 'export {};\n' }), ['harness/x.ts:1']],
			[
				planted({ 'vfs/mm/x.ts': `${LICENCE}\n/** Page faults of 2.4.22. */\n` }),
				['vfs/mm/x.ts:2'],
			],
			[planted({ 'vfs/mm/x.ts': `${LICENCE}\n/** mm/memory.c */\n` }), ['vfs/mm/x.ts:2']],
			[planted({ 'ogfs/fs/x.ts': `${LICENCE}\n/** Glocks. */\n` }), ['ogfs/fs/x.ts:2']],
		],
	},
	{
		title: 'functions of vfs/ and ogfs/ have a comment that says all',
		rule: docComments,
		bad: [
			[
				planted({
					'vfs/mm/x.ts': `${HEAD}const a = 1;\nexport function f(): void {}\n/** Has one. */\nexport function g(): void {}\n`,
				}),
				['vfs/mm/x.ts:4', 'vfs/mm/x.ts:6'],
			],
			[
				planted({
					'vfs/mm/x.ts': `${HEAD}${DOC}function* f(a: int): Sleeps<int> {}\n${DOC.replace(' * Return: it.\n', '')}function* f(a: int): Sleeps<int> {}\n`,
				}),
				['vfs/mm/x.ts:17'],
			],
			[
				planted({
					'vfs/mm/x.ts': `${HEAD}${DOC.replace('@a', '@b')}function f(a: int): int {}\n`,
				}),
				['vfs/mm/x.ts:10'],
			],
			[
				planted({
					'ogfs/fs/x.ts': `${HEAD}const a = 1;\nfunction f(): void {}\n/** Part of h. */\nfunction g(): void {}\n`,
				}),
				['ogfs/fs/x.ts:4'],
			],
			[
				planted({
					'vfs/mm/x.ts': `${HEAD}/**\n * Part of h.\n *\n * Source: none: it is\n */\nfunction f(a: int): int {}\n${DOC.replace('f -', 'other -')}function g(a: int): int {}\n`,
				}),
				['vfs/mm/x.ts:16'],
			],
		],
	},
	{
		title: `files have at most ${FILE_LINES} lines`,
		rule: fileLength,
		bad: [
			[planted({ 'harness/x.ts': '\n'.repeat(FILE_LINES) }), [`harness/x.ts:${FILE_LINES + 1}`]],
		],
	},
	{
		title: `lines have at most ${CODE_COLUMNS} columns`,
		rule: lineLength,
		bad: [
			[
				planted({
					'harness/x.ts': `const a = [${'1, '.repeat(40)}];\nconst b = '${'long'.repeat(40)}';\n`,
				}),
				['harness/x.ts:1'],
			],
			[planted({ 'harness/x.ts': `// ${'word '.repeat(30)}\n` }), ['harness/x.ts:1']],
		],
	},
	{
		title: 'nothing is left undone, no test is left out',
		rule: leftovers,
		bad: [
			[planted({ 'docs/x.md': 'One.\nTODO: two.\n' }), ['docs/x.md:2']],
			[
				planted({ 'harness/x.test.ts': "\ntest.serial.only('a', () => {});\n" }),
				['harness/x.test.ts:2'],
			],
			[planted({ 'harness/x.test.ts': "test.skip('a', () => {});\n" }), ['harness/x.test.ts:1']],
		],
	},
	{
		title: 'nothing unexpected at the top, or in harness/',
		rule: topLevel,
		bad: [
			[planted({ 'notes.txt': '', 'src/a.ts': '', 'src/b.ts': '' }), ['notes.txt:1', 'src/a.ts:1']],
			[planted({ 'harness/misc/a.ts': '' }), ['harness/misc/a.ts:1']],
		],
	},
	{
		title: 'docs/README.md describes every page and every folder',
		rule: described,
		bad: [
			[
				planted({
					'docs/README.md': '[a.md](a.md) and `vfs/mm/`',
					'docs/a.md': '',
					'docs/b.md': '',
					'vfs/mm/x.ts': '',
					'vfs/fs/x.ts': '',
				}),
				['docs/README.md:1', 'docs/README.md:1'],
			],
		],
	},
	{
		title: 'every CONFIG_ symbol is in a Kconfig table, and each of those is used',
		rule: symbolsAreKnown,
		bad: [
			[planted({ 'vfs/mm/x.ts': '\n/* CONFIG_NO_SUCH */\n' }), ['vfs/mm/x.ts:2']],
			[
				planted(
					{ 'vfs/Kconfig.ts': "export const CONFIG_A = 0;\nexport const t = [{ name: 'A' }];\n" },
					[symbol('A')],
				),
				['vfs/Kconfig.ts:2'],
			],
			[
				planted(
					{
						'vfs/Kconfig.ts': "\nexport const t = [{ name: 'A' }];\n",
						'vfs/x.ts': 'f(CONFIG_A);\n',
					},
					[symbol('A', { depends: ['B'], files: ['vfs/gone.ts'] })],
				),
				['vfs/Kconfig.ts:2', 'vfs/Kconfig.ts:2'],
			],
		],
	},
	{
		title: 'what a scenario exercises is a mark of the sources',
		rule: marksExist,
		bad: [
			[
				planted({
					'vfs/x.ts': "cover('fault: read');\n",
					'harness/scenarios/T.litmus': litmus(' * Exercises: fault: read; fault: tea\n'),
				}),
				['harness/scenarios/T.litmus:5'],
			],
		],
	},
	{
		title: 'a function that waits says that it might sleep',
		rule: waitsMightSleep,
		bad: [
			[
				planted({
					'vfs/mm/x.ts':
						'function* f(): Sleeps {\n\tmight_sleep();\n\tyield* wait_event(() => true);\n}\nfunction* g(): Sleeps {\n\tyield* wait_idle(() => true);\n}\n',
				}),
				['vfs/mm/x.ts:6'],
			],
		],
	},
	{
		title: 'the report reads no text',
		rule: reportReadsNoText,
		bad: [
			[
				planted({
					'harness/report/x.ts':
						"const a = /^node/.exec(m.text);\nconst b = s.replace(/x/, '');\nconst c = new RegExp(s);\n",
					'harness/report/layout.ts': 'const a = /^ */.exec(line);\n',
					'harness/report/x.test.ts': 't.regex(text, /x/);\n',
				}),
				['harness/report/x.ts:1', 'harness/report/x.ts:2', 'harness/report/x.ts:3'],
			],
		],
	},
	{
		title: 'the report copies no constant and no name of a function of the kernels',
		rule: reportCopiesNothing,
		bad: [
			[
				planted({
					'ogfs/x.ts':
						'export const LM_ST_SHARED: int = 3;\nexport const GLF_LOCK: int = 1;\nfunction ogfs_f(): void {}\n',
					'harness/report/x.ts':
						"const NAMES = { 3: 'SHARED' };\nconst LM_ST_SHARED = 3;\nconst f = has(stack, 'ogfs_f');\nconst bit = { PG_locked: 1 };\n",
					'harness/report/y.ts':
						'const { LM_ST_SHARED } = machine.constants;\nconst b = c.GLF_LOCK | LM_ST_SHARED;\n',
				}),
				[1, 2, 3, 4].map((n) => `harness/report/x.ts:${n}`),
			],
		],
	},
	{
		title: 'what a scenario needs is a symbol',
		rule: needsExist,
		bad: [
			[
				planted({ 'harness/scenarios/T.litmus': litmus(' * Needs: A|B\n') }, [symbol('A')]),
				['harness/scenarios/T.litmus:5'],
			],
		],
	},
];

const tree = checkedIn();

testRules(CASES);

test('the tree that the rules look at is the project', (t) => {
	for (const file of [PRELUDE, 'vfs/mm/memory.ts', 'ogfs/fs/glock.ts', 'harness/cli/main.ts'])
		t.true(tree.files.has(file), file);
	t.true([...scenarios(tree)].length > 10);
});

test('docs/glock.md is what the table of transitions says', (t) => {
	const page = readFileSync(path.join(projectRoot(), 'docs/glock.md'), 'utf8');
	t.is(page, glockPage(), 'run vfshook docs');
});

test('docs/symbols.md is what the tables say', (t) => {
	const page = readFileSync(path.join(projectRoot(), 'docs/symbols.md'), 'utf8');
	t.is(page, symbolsPage(), 'run vfshook docs');
});
