// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import fc from 'fast-check';
import { explore } from './explorer.ts';
import { peterson, philosophers, toyMachine } from './toy.ts';
import { formatTrace, parseTrace, replaySchedule, TraceError, type TraceFile } from './trace.ts';

const sample: TraceFile = {
	program: { id: 'S01', text: 'P0 | P1\n' },
	profile: 'proposed',
	config: { NR_NODES: 2, CONFIG_SMP: 0, NR: -5 },
	hash: '0123abcd',
	schedule: [
		[0, 0],
		[3, 1],
		[63, 254],
	],
	violation: { property: 'I1', message: 'two "writers"', file: 'a.ts', line: 3, function: 'f' },
};
const text = formatTrace(sample);

test('what is written is read', (t) => {
	t.deepEqual(parseTrace(text), sample);
	const least = {
		program: { id: 'x' },
		profile: '',
		config: {},
		hash: '',
		schedule: [],
		violation: { property: 'I9', message: '' },
	};
	t.deepEqual(parseTrace(formatTrace(least)), least);
	t.regex(text, /^\t\t\[3, 1\],$/m);
});

function edited(edit: (json: Record<string, unknown>) => void): string {
	const json = JSON.parse(text);
	edit(json);
	return JSON.stringify(json);
}

const refused: [string, string, RegExp][] = [
	['empty', '', /^t\.json:1:1: no JSON/],
	['another file', '# a title\n\ntext\n', /^t\.json:1:1: no JSON: .*$/],
	['cut', text.slice(0, 90), /^t\.json:\d+:\d+: no JSON/],
	['a syntax error', '{\n\t"a": 1,,\n}', /^t\.json:2:9: no JSON/],
	['no object', '[]', /^t\.json: expected an object, found an array of 0$/],
	[
		'another format',
		edited((j) => (j.format = 'x')),
		/format: expected "vfshook-trace", found "x"/,
	],
	['another version', edited((j) => (j.version = 1)), /version: expected 2, .*found 1/],
	['a key too many', edited((j) => (j.extra = 1)), /expected only format, .*, found "extra"/],
	['a key missing', edited((j) => delete j.hash), /hash: expected a value, found nothing/],
	[
		'a task too high',
		edited((j) => (j.schedule = [[64, 0]])),
		/schedule\[0\]\[0\]: .* 63, found 64/,
	],
	['half a task', edited((j) => (j.schedule = [[0.5, 0]])), /found 0\.5/],
	['a choice too high', edited((j) => (j.schedule = [[0, 255]])), /schedule\[0\]\[1\]/],
	[
		'three to a step',
		edited((j) => (j.schedule = [[0, 0, 0]])),
		/\[task, choice\], found an array of 3/,
	],
	['no schedule', edited((j) => (j.schedule = null)), /schedule: .* found null/],
	['a bad symbol', edited((j) => (j.config = { 'a b': 1 })), /names of symbols, found "a b"/],
	['a bad value', edited((j) => (j.config = { A: true })), /config\.A: expected an integer/],
	['a long value', edited((j) => (j.config = { A: 'x'.repeat(99) })), /found "x{39}\.\.\.$/],
	['a bad program', edited((j) => (j.program = { id: 1 })), /program\.id: expected a string/],
	['a bad violation', edited((j) => (j.violation = {})), /violation\.property: expected a value/],
	['__proto__', text.replace('"NR"', '"__proto__"'), /names of symbols, found "__proto__"/],
];
for (const [name, input, message] of refused)
	test(`refused: ${name}`, (t) => {
		t.throws(() => parseTrace(input, 't.json'), { instanceOf: TraceError, message });
	});

test('nothing but a TraceError comes of a damaged file', (t) => {
	const readable = (input: string) => {
		try {
			parseTrace(input);
		} catch (e) {
			if (!(e instanceof TraceError)) throw e;
			if (e.message.length > 400) throw new Error(`too long: ${e.message}`);
		}
	};
	const cut = fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 5 }));
	fc.assert(
		fc.property(cut, ([a, b, put]) => {
			readable(text.slice(0, Math.min(a, b)) + put + text.slice(Math.max(a, b)));
		}),
		{ numRuns: 3000 },
	);
	fc.assert(fc.property(fc.json(), readable), { numRuns: 1000 });
	const keys = ['format', 'version', 'program', 'config', 'hash', 'schedule', 'violation'];
	fc.assert(
		fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
			readable(edited((j) => (j[key] = value)));
		}),
		{ numRuns: 2000 },
	);
	t.pass();
});

test('a replay stops after each step and ends in the violation', (t) => {
	const machine = toyMachine(peterson(2, true));
	const { trace, violation } = explore(machine);
	const steps = [...replaySchedule(machine, trace ?? [])];
	t.is(steps.length, 7);
	t.deepEqual(
		steps.map((s) => s.step),
		[0, 1, 2, 3, 4, 5, 6],
	);
	t.is(steps[0].task, -1);
	t.is(steps.filter((s) => s.violation).length, 1);
	t.deepEqual(steps[6].violation, violation);
	t.deepEqual([steps[6].task, steps[6].choice], trace?.at(-1));
});

test('a replay that ends in a deadlock says so', (t) => {
	const machine = toyMachine(philosophers(3));
	const { trace, violation } = explore(machine);
	t.deepEqual([...replaySchedule(machine, trace ?? [])].at(-1)?.violation, violation);
});

test('a schedule of another program is refused', (t) => {
	const machine = toyMachine(philosophers(3));
	const replay = (schedule: [number, number][]) => () => [...replaySchedule(machine, schedule)];
	t.throws(replay([[3, 0]]), { instanceOf: TraceError, message: /\[0\]: .* 0 to 2, found 3/ });
	t.throws(replay([[0, 1]]), { instanceOf: TraceError, message: /choice from 0 to 0/ });
	t.throws(
		replay([
			[0, 0],
			[2, 0],
			[1, 0],
			[1, 0],
		]),
		{ instanceOf: TraceError, message: /\[3\]: .*philosopher1, which cannot/ },
	);
});
