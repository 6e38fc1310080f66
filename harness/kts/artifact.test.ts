// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { buildArtifact, hashOf, readArtifact, saveArtifact } from './artifact.ts';
import { instantiate } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ENTRY = 'harness/kts/fixtures/forms.ts';

test('what is saved is read back, unless it is damaged or of other sources', async (t) => {
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
	t.teardown(() => rmSync(dir, { recursive: true }));
	const file = path.join(dir, 'sub/kernel.json');
	const made = await buildArtifact(root, {}, [ENTRY]);
	t.is(made.hash, hashOf(root, [ENTRY]));
	saveArtifact(file, made);
	t.deepEqual(readArtifact(file, made.hash), made);
	t.is(readArtifact(file, 'another hash'), undefined);
	t.is(readArtifact(path.join(dir, 'absent.json'), made.hash), undefined);

	const text = readFileSync(file, 'utf8');
	writeFileSync(file, text.slice(0, -20));
	t.is(readArtifact(file, made.hash), undefined);
	writeFileSync(file, text.replace('stepNew(', 'stepOld('));
	t.is(readArtifact(file, made.hash), undefined);
	writeFileSync(file, 'null');
	t.is(readArtifact(file, made.hash), undefined);
});

test('an override changes both executors and the hash, and no file', async (t) => {
	const text = readFileSync(path.join(root, ENTRY), 'utf8');
	const overrides = { [ENTRY]: text.replace('result.value += n;', 'result.value -= n;') };
	const made = await buildArtifact(root, overrides, [ENTRY]);
	t.not(made.hash, hashOf(root, [ENTRY]));
	const m = instantiate(made, { rom: [0, 3] });
	while (m.ready(0) > 0) m.step(0, 0);
	t.is(m.read('result.value'), -604);
	t.regex(made.direct, /\(result, "write of \.value in .*\)\.value = .*\.value - n/);
});
