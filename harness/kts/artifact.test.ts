// SPDX-License-Identifier: GPL-2.0-only
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { explore } from '../engine/explorer.ts';
import type { Artifact } from '../engine/machine.ts';
import { buildArtifact, loadArtifact, readArtifact, saveArtifact } from './artifact.ts';
import { areUnchanged, type Inputs, toolsHere } from './inputs.ts';
import { instantiate } from './instantiate.ts';
import { PRELUDE } from './lower/program.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ENTRY = 'harness/kts/fixtures/forms.ts';

function scratch(t: ExecutionContext): string {
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
	t.teardown(() => rmSync(dir, { recursive: true }));
	return dir;
}

test('what is saved is read back, unless it is damaged or of other sources', async (t) => {
	const file = path.join(scratch(t), 'sub/kernel.json');
	const made = await buildArtifact(root, {}, [ENTRY]);
	saveArtifact(file, made);
	t.deepEqual(readArtifact(file, root), made);
	t.is(readArtifact(path.join(path.dirname(file), 'absent.json'), root), undefined);

	const text = readFileSync(file, 'utf8');
	writeFileSync(file, text.slice(0, -20));
	t.is(readArtifact(file, root), undefined);
	writeFileSync(file, text.replace('stepNew(', 'stepOld('));
	t.is(readArtifact(file, root), undefined);
	writeFileSync(file, 'null');
	t.is(readArtifact(file, root), undefined);
	saveArtifact(file, await buildArtifact(root, { [ENTRY]: `${read(ENTRY)}// more\n` }, [ENTRY]));
	t.is(readArtifact(file, root), undefined);
});

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

test('an override changes both executors and the hash, and no file', async (t) => {
	const overrides = { [ENTRY]: read(ENTRY).replace('result.value += n;', 'result.value -= n;') };
	const made = await buildArtifact(root, overrides, [ENTRY]);
	t.not(made.hash, (await buildArtifact(root, {}, [ENTRY])).hash);
	const m = instantiate(made, { rom: [0, 3] });
	while (m.ready(0) > 0) m.step(0, 0);
	t.is(m.read('result.value'), -604);
	t.regex(made.direct, /\(result, "write of \.value in .*\)\.value = .*\.value - n/);
});

// ---- a file system in a folder of its own, at the top --------------------------------------

const MACHINE = 'machine/index.ts';
const TOKFS = 'tokfs/revoke.ts';
const NODE = 'machine/node.ts';
const FILES: Record<string, string> = {
	[NODE]: `import type { int } from '../harness/kts/prelude.ts';

export class node_t {
	mapped: int = 0;
}
`,
	[MACHINE]: `import {
	ASSERT,
	type bool,
	type int,
	preempt,
	type Sleeps,
	spawn,
	structs,
} from '../harness/kts/prelude.ts';
import { revoke } from '../tokfs/revoke.ts';
import { node_t } from './node.ts';

export const NR: int = 2;
export const nodes = structs(node_t, NR);

function* node(n: int): Sleeps {
	yield* preempt();
	revoke(nodes[1 - n]);
	nodes[n].mapped = 1;
}
export function init(): void {
	for (let n = 0; n < 2; n++) spawn('node', n, node, n);
}
export function check_state(): void {
	const both: bool = nodes[0].mapped !== 0 && nodes[1].mapped !== 0;
	ASSERT('I1', !both, 'both nodes have it mapped');
}
`,
	[TOKFS]: `import type { node_t } from '../machine/node.ts';

/** Takes the translations of a node away. */
export function revoke(node: node_t): void {
	node.mapped = 0;
}
`,
};

/** A tree with the machine in it. */
function tree(t: ExecutionContext): string {
	const dir = scratch(t);
	mkdirSync(path.join(dir, path.dirname(PRELUDE)), { recursive: true });
	cpSync(path.join(root, PRELUDE), path.join(dir, PRELUDE));
	for (const [file, text] of Object.entries(FILES)) put(dir, file, text);
	return dir;
}
function put(dir: string, file: string, text: string): void {
	mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
	writeFileSync(path.join(dir, file), text);
}
const verdict = (a: Artifact): string => explore(instantiate(a)).violation?.property ?? 'verified';
const load = (dir: string): Promise<Artifact> => loadArtifact(dir, [MACHINE]);

test('a file is followed wherever it lies: a revoke that unmaps no more is noticed', async (t) => {
	const dir = tree(t);
	const first = await load(dir);
	t.is(verdict(first), 'verified');
	t.deepEqual(await load(dir), first);
	put(dir, TOKFS, FILES[TOKFS].replace('node.mapped = 0;', ''));
	t.is(verdict(await load(dir)), 'I1');
	put(dir, TOKFS, FILES[TOKFS]);
	t.is(verdict(await load(dir)), 'verified');
});

test('a comment, and a file that nothing follows, change no hash; a constant does', async (t) => {
	const dir = tree(t);
	const first = await load(dir);
	put(dir, 'tokfs/host.ts', 'export const host = 1;\n');
	t.deepEqual(await load(dir), first);
	const lines = '// what a node is\n\n';
	put(dir, MACHINE, FILES[MACHINE].replace('export const nodes', `${lines}export const nodes`));
	put(dir, TOKFS, FILES[TOKFS].replace('Takes the translations', 'Takes all translations'));
	const commented = await load(dir);
	t.is(commented.hash, first.hash);
	t.notDeepEqual(commented.inputs, first.inputs);
	put(dir, MACHINE, FILES[MACHINE].replace('.mapped = 1;', '.mapped = 2;'));
	t.not((await load(dir)).hash, first.hash);
	put(dir, MACHINE, FILES[MACHINE].replace('NR: int = 2', 'NR: int = 3'));
	t.not((await load(dir)).hash, first.hash);
});

test('the lowering, the compilers, Node, and files that would be read instead go in', async (t) => {
	const dir = tree(t);
	const inputs = (await load(dir)).inputs as Inputs;
	t.true(areUnchanged(dir, inputs));
	t.deepEqual(Object.keys(inputs.files), [PRELUDE, MACHINE, NODE, TOKFS]);
	t.deepEqual(Object.keys(toolsHere()), ['node', 'typescript', 'ts-morph', 'esbuild']);
	t.false(areUnchanged(dir, { ...inputs, lowering: 'another' }));
	for (const name of Object.keys(inputs.tools))
		t.false(areUnchanged(dir, { ...inputs, tools: { ...inputs.tools, [name]: '0.0.0' } }), name);
	const absent = ['tokfs/revoke.d.ts'];
	t.true(areUnchanged(dir, { ...inputs, absent }));
	put(dir, absent[0], 'export {};\n');
	t.false(areUnchanged(dir, { ...inputs, absent }));
	rmSync(path.join(dir, TOKFS));
	t.false(areUnchanged(dir, inputs));
});
