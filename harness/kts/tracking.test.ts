// SPDX-License-Identifier: GPL-2.0-only
/** Who touches which word, as a machine notes that was made with `track`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readCheckpoint, writeCheckpoint } from '../engine/checkpoint.ts';
import { ACCESS, type Access, type Artifact, PREDICATES, SEVERAL } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { agree } from '../testing/agree.ts';
import { buildArtifact } from './artifact.ts';
import { DirectMachine } from './direct.ts';
import { instantiate, type NamedMachine } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const [PRODUCER, CONSUMER] = [0, 1];
let artifact: Artifact;
test.before(async () => {
	artifact = await buildArtifact(root, {}, ['harness/kts/fixtures/queue.ts']);
});
type Tracked = NamedMachine & { access: Access };
const made = (): Tracked => instantiate(artifact, { track: true }) as Tracked;

/** reader, writer, sender, receiver of the word at a path. */
function at(m: Tracked, where: string): number[] {
	const a = m.locate(where).address;
	return [m.access.reader[a], m.access.writer[a], m.access.sender[a], m.access.receiver[a]];
}
function run(m: Tracked): void {
	for (let n = 0; n < 40; n++)
		for (const task of [PRODUCER, CONSUMER]) if (m.ready(task) > 0) m.step(task, 0);
}

test('a checkpoint has what was touched: nothing of it is forgotten', (t) => {
	const [first, second, all] = [made(), made(), made()];
	for (const m of [first, all]) if (m.ready(PRODUCER) > 0) m.step(PRODUCER, 0);
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
	const file = path.join(dir, 'machine');
	writeCheckpoint(file, (to) => first.save(to));
	second.mem.set(first.mem);
	for (const m of [second, all]) {
		run(m);
		m.check();
	}
	const columns = ({ access: { reader, writer, sender, receiver } }: Tracked) =>
		[reader, writer, sender, receiver].map((column) => [...column]);
	t.notDeepEqual(columns(second), columns(all));
	readCheckpoint(file, (from) => second.restore(from));
	t.deepEqual(columns(second), columns(all));
	rmSync(dir, { recursive: true });
});

test('fields, and what is one end of a queue', (t) => {
	const m = made();
	run(m);
	const [p, c] = [1 + PRODUCER, 1 + CONSUMER];
	t.is(m.read('shared.taken'), 6);
	// written by the boot, which is over
	t.deepEqual(at(m, 'shared.up'), [SEVERAL, 0, 0, 0]);
	t.deepEqual(at(m, 'shared.produced'), [p, p, 0, 0]);
	// written, though it does not change
	t.deepEqual(at(m, 'shared.same'), [0, p, 0, 0]);
	// a condition's read, and what was read by it alone
	t.deepEqual(at(m, 'shared.gate'), [p, 0, 0, 0]);
	t.deepEqual(at(m, 'shared.taken'), [c, c, 0, 0]);
	t.deepEqual(at(m, 'shared.list[1]'), [p, p, 0, 0]);
	t.deepEqual(at(m, 'shared.list[0]'), [0, 0, 0, 0]);
	t.deepEqual(at(m, 'queue.nr'), [0, 0, p, c]);
	t.deepEqual(at(m, 'queue.word[0]'), [0, 0, p, c]);
	t.deepEqual(at(m, 'pool[0].value'), [0, c, 0, 0]);
	const used = m.locate('pool[0].value').address - 1;
	t.deepEqual([m.access.reader[used], m.access.writer[used]], [c, c]);
	m.check();
	t.deepEqual(at(m, 'shared.seen'), [PREDICATES, 0, 0, 0]);
	t.deepEqual(at(m, 'shared.taken'), [SEVERAL, c, 0, 0]);
	// a predicate that asks what is pending reads
	t.deepEqual(at(m, 'queue.nr'), [PREDICATES, 0, p, c]);
	t.true(m.finished());
	t.deepEqual(at(m, 'shared.unused'), [0, 0, 0, 0]);
	const { base, size } = m.tasks[0];
	for (const column of [m.access.reader, m.access.writer])
		t.true(column.slice(base, base + size).every((who) => who === 0));
	m.reset();
	t.deepEqual(at(m, 'shared.produced'), [p, p, 0, 0]);
	m.access.clear();
	t.deepEqual(at(m, 'shared.produced'), [0, 0, 0, 0]);
});

test('what a step touches', (t) => {
	const m = made();
	const note = new Uint8Array(m.words);
	const noted = (what: () => void): Record<string, number> => {
		note.fill(0);
		m.access.note = note;
		what();
		m.access.note = null;
		const paths = ['queue.nr', 'queue.word[0]', 'shared.gate', 'shared.produced', 'shared.taken'];
		const all = paths.map((p) => [p, note[m.locate(p).address]] as const);
		return Object.fromEntries(all.filter(([, bits]) => bits !== 0));
	};
	const { READ, WRITE, SEND, RECEIVE } = ACCESS;
	t.deepEqual(
		noted(() => m.step(PRODUCER, 0)),
		{},
	);
	t.deepEqual(
		noted(() => m.ready(PRODUCER)),
		{ 'shared.gate': READ },
	);
	t.deepEqual(
		noted(() => m.step(PRODUCER, 0)),
		{
			'queue.nr': SEND,
			'queue.word[0]': SEND,
			'shared.produced': READ | WRITE,
		},
	);
	m.step(CONSUMER, 0);
	t.deepEqual(
		noted(() => m.ready(CONSUMER)),
		{ 'queue.nr': RECEIVE },
	);
	t.deepEqual(
		noted(() => m.step(CONSUMER, 0)),
		{
			'queue.nr': RECEIVE,
			'queue.word[0]': RECEIVE,
			'shared.taken': READ | WRITE,
		},
	);
	t.is(noted(() => m.check())['shared.taken'], READ);
	// what the engine writes belongs to no task
	t.deepEqual(
		noted(() => m.write(m.locate('shared.taken').address, 3)),
		{},
	);
});

test('a step that is violated leaves no task at work', async (t) => {
	const forms = await buildArtifact(root, {}, ['harness/kts/fixtures/forms.ts']);
	const m = instantiate(forms, { rom: [11, 5], track: true }) as Tracked;
	m.step(0, 0);
	t.throws(() => m.step(0, 0), { message: 'five' });
	m.access.clear();
	m.write(m.locate('result.value').address, 9);
	t.true(m.access.writer.every((who) => who === 0));
});

test('tracking changes nothing else', async (t) => {
	for (const entry of ['forms', 'counter', 'named', 'queue']) {
		const built = await buildArtifact(root, {}, [`harness/kts/fixtures/${entry}.ts`]);
		const options = { rom: [7, 3] };
		const [plain, tracked] = [
			instantiate(built, options),
			instantiate(built, { ...options, track: true }),
		];
		t.is(plain.access, undefined);
		for (let seed = 1; seed <= 5; seed++) {
			const pick = random(seed);
			for (const m of [plain, tracked]) m.reset();
			for (let n = 0; n < 100; n++) {
				t.deepEqual(plain.mem, tracked.mem);
				const able = [...plain.tasks.keys()].filter((task) => plain.ready(task) > 0);
				if (able.length === 0) break;
				const task = able[pick(able.length)];
				const choice = pick(plain.ready(task));
				t.is(tracked.ready(task), plain.ready(task));
				const ends = [plain, tracked].map((m) => {
					try {
						m.step(task, choice);
						return '';
					} catch (e) {
						return String(e);
					} finally {
						m.forget();
					}
				});
				t.is(ends[0], ends[1]);
				if (ends[0]) break;
			}
		}
	}
});

test('the executors agree on it', (t) => {
	const options = { track: true };
	t.true(agree(instantiate(artifact, options), new DirectMachine(artifact), 20).steps > 100);
});
