// SPDX-License-Identifier: GPL-2.0-only
/**
 * docs/mail.md quotes the mail whole, says something of each quotation, names scenarios that exist,
 * and says of each `vfshook check` what comes out.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { claimsOf, differenceOf, mailRuns, quotationsOf, unanswered } from './mail.fixture.ts';
import { classics, findTests, projectRoot, readTest, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const read = (name: string) => readFileSync(path.join(projectRoot(), 'docs', name), 'utf8');
const mail = mailRuns(read('mail-2003-08-20.txt'));
const page = read('mail.md');
const quotations = quotationsOf(page);

test('the mail has both authors, and they take turns', (t) => {
	t.is(mail[0].by, 'Phillips');
	t.is(mail.length, 5);
	t.is(mail.flatMap(({ words }) => words).length, 1088);
});

test('the page quotes the mail whole, in order', (t) => {
	t.is(differenceOf(mail, quotations), undefined);
});

test('a quotation that is dropped, shortened, moved or given to another is found', (t) => {
	const [first, second, ...rest] = quotations;
	t.regex(differenceOf(mail, [first, ...rest]) as string, /the mail: .*The Phillips: object/);
	const short = { ...second, text: second.text.replace('in fact ', '') };
	t.regex(differenceOf(mail, [first, short, ...rest]) as string, /Phillips: fact/);
	t.truthy(differenceOf(mail, [second, first, ...rest]));
	t.truthy(differenceOf(mail, quotations.slice(0, -1)));
	t.truthy(differenceOf(mail, [...quotations, second]));
	const vogt = quotations.findIndex(({ by }) => by === 'Vogt');
	const stolen = quotations.map((q, i) => (i === vogt ? { ...q, by: 'Phillips' as const } : q));
	t.regex(differenceOf(mail, stolen) as string, /Vogt: How/);
});

test('each quotation has a mark behind it', (t) => {
	t.deepEqual(unanswered(quotations), []);
	const bare = page.replace('**True**, of a port.', 'Of a port.');
	t.is(unanswered(quotationsOf(bare)).length, 1, 'one that has none is found');
});

test('each scenario that it names exists, and each answer to Vogt has one', (t) => {
	const numbers = [...page.matchAll(/\bS[0-9]{2,3}(?:-[a-z][a-z-]*)?\b/g)].map(([name]) => name);
	for (const name of new Set(numbers)) t.true(findTests(name).length > 0, name);
	t.true(numbers.length > 60);
	const ids = new Set(classics().map(testId));
	for (const [, name] of page.matchAll(/`(?:classic\/)?([A-Z0-9]+\+[a-zA-Z+]+)`/g))
		t.true(ids.has(name), name);
	for (const { by, text, answer } of quotations)
		if (by === 'Vogt') t.regex(answer, /\bS[0-9]{2}/, text);
});

const claims = claimsOf(page);

test('it tells of runs', (t) => {
	t.true(claims.length >= 25);
});

for (const { test: name, options, verdict } of claims)
	test.serial(`vfshook check ${[name, ...options].join(' ')}: ${verdict}`, async (t) => {
		const of = (option: string) => options.filter((_, i) => options[i - 1] === option);
		const [profile] = of('--profile');
		const configuration = configure({ profile, with: of('--with'), without: of('--without') });
		const progress = options.includes('--progress');
		const known = ['--profile', '--with', '--without', '--progress'];
		const unknown = options.filter((o) => o.startsWith('--') && !known.includes(o));
		t.deepEqual(unknown, [], 'an option that this test does not pass on');
		for (const file of findTests(name)) {
			const report = await check(artifact, { test: readTest(file), configuration, progress });
			t.is(report.verdict as string, verdict, testId(file));
		}
	});
