// SPDX-License-Identifier: GPL-2.0-only
/** The table of properties, and the sources that assert them: neither can forget the other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import ts from 'typescript';
import { loadArtifact } from '../kts/artifact.ts';
import type { Plan } from '../kts/plan.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { PROPERTIES, propertyNames, propertyOf } from './properties.ts';
import { projectRoot } from './scenarios.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);
const { marks, traps } = artifact.meta as Plan;

test('the marks of the table are those of the sources', (t) => {
	const named = propertyNames.flatMap((name) => {
		const { exercised } = PROPERTIES[name];
		return typeof exercised === 'object' ? exercised.marks : [];
	});
	for (const mark of named) t.true(marks.includes(mark), mark);
	for (const mark of marks) if (mark.startsWith('property: ')) t.true(named.includes(mark), mark);
});

test('what the sources assert is in the table, as what it is', (t) => {
	for (const { property, file } of traps) {
		const { of } = propertyOf(property);
		const inPredicate = /^harness\/properties\/|^ogfs\/checks\.ts$/.test(file);
		if (property !== 'BUG') t.is(of, inPredicate ? 'state' : 'step', `${property} in ${file}`);
	}
	t.throws(() => propertyOf('I99'), { message: /no property is called 'I99'/ });
});

/** What the compiler says of two files of the project, one of them changed. */
function complaints(file: string, change: (text: string) => string): string[] {
	const options = { strict: true, noEmit: true, allowImportingTsExtensions: true };
	const target = ts.ScriptTarget.ES2022;
	const host = ts.createCompilerHost({ ...options, target });
	const at = path.join(root, file);
	const read = host.readFile.bind(host);
	const open = host.getSourceFile.bind(host);
	const text = change(readFileSync(at, 'utf8'));
	host.readFile = (name) => (name === at ? text : read(name));
	host.getSourceFile = (name, language) =>
		name === at ? ts.createSourceFile(name, text, target) : open(name, language);
	const program = ts.createProgram([at], { ...options, target, types: [] }, host);
	return program
		.getSemanticDiagnostics(program.getSourceFile(at))
		.map((d) => ts.flattenDiagnosticMessageText(d.messageText, ' '));
}

test('a property that is forgotten in the table does not compile', (t) => {
	const file = 'harness/conform/properties.ts';
	t.deepEqual(
		complaints(file, (text) => text),
		[],
	);
	const without = (text: string) => text.replace(/\tBLOCK: \{[\s\S]*?\n\t\},\n/, '');
	t.regex(complaints(file, without).join(), /'BLOCK' is missing/);
	const unsaid = (text: string) => text.replace("\t\tof: 'state',\n", '');
	t.regex(complaints(file, unsaid).join(), /'of' is missing/);
});

test('an assertion, or a mark, of no property of the table does not compile', (t) => {
	const file = 'harness/world/overtake.ts';
	const assertion = complaints(file, (text) =>
		text.replace("\t\t\t'OVERTAKEN',", "\t\t\t'OVERTOOK',"),
	);
	t.regex(assertion.join(), /'"OVERTOOK"' is not assignable/);
	const mark = complaints(file, (text) =>
		text.replace('property: OVERTAKEN', 'property: OVERTOOK'),
	);
	t.regex(mark.join(), /'"property: OVERTOOK"' is not assignable to parameter of type 'never'/);
});

test('a test in which nothing happens is vacuous', async (t) => {
	const text =
		'C nothing\n{ int x = 0; file f; }\nP0(file f)\n{\n\tint r0 = 1;\n}\n~exists (0:r0=2)\n';
	const request = { test: parseLitmus(text), configuration: configure({}) };
	const { verdict, reason, exercised } = await check(artifact, request);
	t.is(verdict, 'vacuous');
	t.is(reason, 'no property but I9 was exercised');
	t.deepEqual(exercised, ['I9']);
});

test('docs/machine.md states each property, with what it does not cover', (t) => {
	const page = readFileSync(path.join(root, 'docs/machine.md'), 'utf8');
	const rows = page.split('\n').filter((line) => line.startsWith('| '));
	for (const name of propertyNames) {
		const row = rows.find((line) => new RegExp(`^\\| ${name}[ (]`).test(line));
		t.truthy(row, name);
		for (const exemption of PROPERTIES[name].exemptions)
			t.true(page.includes(exemption), exemption);
	}
});
