// SPDX-License-Identifier: GPL-2.0-only
/** Tests of rules: each holds for the project, and is reported when it is broken on purpose. */
import test from 'ava';
import { checkedIn, type Finding, type Rule, type Tree } from './structure.ts';

export interface RuleCase {
	title: string;
	rule: Rule;
	/** planted violations, and where they are reported: `file:line` */
	bad: [tree: Tree, places: string[]][];
}

const printed = (findings: readonly Finding[]): string =>
	findings.map(({ file, line, what, fix }) => `${file}:${line}: ${what}; ${fix}`).join('\n');

export function testRules(cases: readonly RuleCase[], tree: Tree = checkedIn()): void {
	for (const { title, rule, bad } of cases) {
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
}
