// SPDX-License-Identifier: GPL-2.0-only
/** Each rule of house.ts holds for the project, and is reported when it is broken on purpose. */
import test from 'ava';
import { deadExports, fileCircles, privateMembers, testOnlyFiles } from './house.ts';
import { checkedIn, type Finding, planted, type Rule, type Tree } from './structure.ts';

const CASES: { title: string; rule: Rule; bad: [tree: Tree, places: string[]][] }[] = [
	{
		title: 'no file imports itself by way of others',
		rule: fileCircles,
		bad: [
			[
				planted({
					'harness/a/a.ts': "import { b } from './b.ts';\n",
					'harness/a/b.ts': "\nimport { c } from './c.ts';\n",
					'harness/a/c.ts': "import { a } from './a.ts';\nimport type { B } from './b.ts';\n",
				}),
				['harness/a/a.ts:1', 'harness/a/b.ts:2', 'harness/a/c.ts:1'],
			],
			[
				planted({
					'harness/kts/lower/call.ts': "import { place } from './place.ts';\n",
					'harness/kts/lower/place.ts':
						"import { call } from './call.ts';\nimport { x } from '../x.ts';\n",
					'harness/kts/x.ts': "import { call } from './lower/call.ts';\n",
				}),
				['harness/kts/lower/place.ts:2', 'harness/kts/x.ts:1'],
			],
		],
	},
	{
		title: 'what only tests need is in harness/testing/',
		rule: testOnlyFiles,
		bad: [
			[
				planted({
					'harness/cli/vfshook.ts': "new URL('../a/worker.ts', import.meta.url);\n",
					'harness/a/worker.ts': '',
					'harness/a/b.ts': '',
					'harness/a/b.test.ts': "import { b } from './b.ts';\n",
					'harness/testing/c.ts': '',
				}),
				['harness/a/b.ts:1'],
			],
		],
	},
	{
		title: 'what is exported is imported',
		rule: deadExports,
		bad: [
			[
				planted({
					'harness/a.ts':
						'export const one = 1;\nexport function two() {}\nexport class Three {}\nexport type Four = 4;\n',
					'harness/b.ts': "import { one } from './a.ts';\n",
					'harness/b.test.ts': "import { Three } from './a.ts';\n",
				}),
				['harness/a.ts:2'],
			],
		],
	},
	{
		title: 'private members are #names',
		rule: privateMembers,
		bad: [
			[
				planted({
					'harness/a.ts': 'class A {\n\tconstructor(private readonly x: number) {}\n\t#y = 1;\n}\n',
				}),
				['harness/a.ts:2'],
			],
		],
	},
];

const printed = (findings: readonly Finding[]): string =>
	findings.map(({ file, line, what, fix }) => `${file}:${line}: ${what}; ${fix}`).join('\n');

const tree = checkedIn();

for (const { title, rule, bad } of CASES) {
	test(title, (t) => {
		t.is(printed(rule(tree)), '');
	});
	test(`reported when broken: ${title}`, (t) => {
		for (const [broken, places] of bad)
			t.deepEqual(
				rule(broken).map(({ file, line }) => `${file}:${line}`),
				places,
			);
	});
}
