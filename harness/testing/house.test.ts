// SPDX-License-Identifier: GPL-2.0-only
/** Each rule of house.ts holds for the project, and is reported when it is broken on purpose. */
import { deadExports, fileCircles, privateMembers, testOnlyFiles } from './house.ts';
import { type RuleCase, testRules } from './rules.fixture.ts';
import { planted } from './structure.ts';

const CASES: RuleCase[] = [
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

testRules(CASES);
