// SPDX-License-Identifier: GPL-2.0-only
/** What CONTRIBUTING.md and README.md name is there; each rule is broken once. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { JOBS, LONG_TESTS } from '../fuzz/nightly.ts';
import { enginesOf, NODE_VERSIONS } from '../fuzz/versions.ts';
import { type RuleCase, testRules } from '../testing/rules.fixture.ts';
import { checkedIn, planted } from '../testing/structure.ts';
import {
	environment,
	jobsExist,
	PAGE,
	pathsExist,
	rowsAreTrue,
	scriptsExist,
} from './contributing.fixture.ts';
import { projectRoot } from './scenarios.ts';

const tree = checkedIn();
const read = (file: string) => readFileSync(path.join(projectRoot(), file), 'utf8');
const { scripts, engines } = JSON.parse(read('package.json'));
const scriptNames = new Set(Object.keys(scripts));
const jobNames = new Set(JOBS.map(({ name }) => name));

const VARIABLES = '# Environment variables\n| variable |\n|---|\n';
const CASES: RuleCase[] = [
	{
		title: 'every environment variable that is read is described, and no other',
		rule: environment,
		bad: [
			[
				planted({
					[PAGE]: `${VARIABLES}| \`A\` |\n| \`B\` |\n# Other\n| \`C\` |\n`,
					'harness/a.ts': 'const a = process.env.A;\nconst c = process.env.C;\n',
					'harness/b.ts': "const e = { ...process.env };\nconst d = process.env['D'];\n",
				}),
				['harness/a.ts:2', 'harness/b.ts:2', `${PAGE}:5`],
			],
			[planted({ 'harness/a.ts': 'const { A } = process.env;\n' }), ['harness/a.ts:1']],
			[planted({ 'harness/a.ts': '\nconst { argv, env } = process;\n' }), ['harness/a.ts:2']],
		],
	},
	{
		title: 'every script that a page names is in package.json',
		rule: scriptsExist(scriptNames),
		bad: [
			[
				planted({
					'README.md': 'npm start\n`npm run nothing`\n',
					'docs/x.md': 'npm run tset -- x',
				}),
				['README.md:2', 'docs/x.md:1'],
			],
		],
	},
	{
		title: 'every job that is named is one',
		rule: jobsExist(jobNames),
		bad: [
			[
				planted({ [PAGE]: 'npm run nightly -- node-24\nnpm run nightly -- node-2\n' }),
				[`${PAGE}:2`],
			],
		],
	},
	{
		title: 'every file that is named is there',
		rule: pathsExist,
		bad: [
			[
				planted({
					[PAGE]:
						'`harness/a.ts` `harness/b.ts`\n[x](docs/y.md)\n    npx ava harness/c.test.ts\n`vfs/NAME.ts` `ogfs/NAME.ts`\n`harness/` `vfs/mm/`\n',
					'harness/a.ts': '',
					'vfs/x.ts': '',
				}),
				[1, 2, 3, 4, 5].map((line) => `${PAGE}:${line}`),
			],
		],
	},
	{
		title: 'what a row says to look for is there',
		rule: rowsAreTrue,
		bad: [
			[
				planted({
					[PAGE]: '| `a.ts` | `ONE`, `SYS_NAME` |\n| `a.ts` | `TWO` |\n| `a.ts` | `f()` |\n',
					'a.ts': 'ONE, TWOS, f',
				}),
				[`${PAGE}:2`],
			],
		],
	},
];

testRules(CASES);

test('the nightly jobs are all tests that explore more', (t) => {
	const long = [...tree.files]
		.filter(
			([file, text]) => file.endsWith('.test.ts') && /from '[./]+testing\/daily\.ts'/.test(text),
		)
		.map(([file]) => file);
	t.deepEqual([...LONG_TESTS].sort(), long.sort());
});

test('package.json and README.md say which versions of Node are tried', (t) => {
	t.is(engines.node, enginesOf(NODE_VERSIONS));
	const lines = NODE_VERSIONS.map((version) => version.split('.').slice(0, 2).join('.'));
	const said = `${lines.slice(0, -1).join(', ')} or ${lines.at(-1)}`;
	t.true(read('README.md').includes(`Node.js ${said}`), said);
});
