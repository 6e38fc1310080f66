// SPDX-License-Identifier: GPL-2.0-only
/** Every name of the kernel that the port is about is in it, or is lacking for a reason. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { Project } from 'ts-morph';
import { allNames, LACKING, namesOf } from './names.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = new Project({ skipAddingFilesFromTsConfig: true, skipLoadingLibFiles: true });
const here = namesOf(project.addSourceFilesAtPaths(path.join(root, 'vfs/**/*.ts')));
const lacking = new Set(LACKING.flatMap(({ names }) => names));

test('each name is in vfs/, or on the list with a reason', (t) => {
	t.deepEqual(
		allNames().filter((name) => !here.has(name) && !lacking.has(name)),
		[],
	);
});

test('what is on the list is lacking, and is a name', (t) => {
	t.deepEqual(
		[...lacking].filter((name) => here.has(name) || !allNames().includes(name)),
		[],
	);
	t.true(LACKING.every(({ reason }) => reason.length > 10));
});

test('a name that is missing is noticed', (t) => {
	const memory = new Project({ useInMemoryFileSystem: true });
	const source = memory.createSourceFile(
		'/x.ts',
		'export class page { mapping = null; }\nexport function f() {}\nexport const PG_locked = 1;\ninterface o { open(): void; }',
	);
	t.deepEqual([...namesOf([source])].sort(), ['PG_locked', 'f', 'o.open', 'page.mapping']);
});
