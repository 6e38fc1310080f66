// SPDX-License-Identifier: GPL-2.0-only
/** What a frame has already is not saved again; what may have changed is. */
import test from 'ava';
import { fold } from './machine/liveness.ts';
import { resident } from './machine/resident.ts';
import type { Block, End, LocalPlan, Op } from './plan.ts';

const at = { file: 'here.ts', line: 1 };
const LOCALS: LocalPlan[] = ['a$0', 'b$1', 'c$2'].map((js) => ({ name: js[0], js, kind: 'int' }));
const [A, B, C] = [0, 1, 2];

const op = (js: string, reads: number[] = [], writes = -1): Op => ({ js, reads, writes });
const wait = (next: number, result = -1): End => {
	return { t: 'leaf', kind: 'wait', js: 'true', reads: [], result, next, at };
};
const call = (next: number, result = -1): End => {
	return { t: 'call', callee: '$f', before: '', args: '', reads: [], result, next, at };
};
const use = (...reads: number[]): End => {
	return { t: 'return', js: reads.map((l) => LOCALS[l].js).join('+'), reads };
};

/** The places that are good at the end of each block that suspends: [[block, [[local, place]]]]. */
function places(blocks: [Op[], End][]): unknown {
	const flow = {
		locals: LOCALS,
		params: 2,
		blocks: blocks.map(([ops, end]): Block => ({ ops, end })),
	};
	return [...resident(fold(flow, []))].map(([b, p]) => [b, [...p]]).sort();
}

test('the first frame is written whole, the next has it', (t) => {
	const blocks: [Op[], End][] = [
		[[], wait(1)],
		[[], wait(2)],
		[[], use(A, B)],
	];
	t.deepEqual(places(blocks), [
		[0, []],
		[
			1,
			[
				[A, 1],
				[B, 2],
			],
		],
	]);
});

test('what is assigned to on the way is saved again, also if that is not certain', (t) => {
	const after = (text: string) =>
		places([
			[[], wait(1)],
			[[op(text, [A])], wait(2)],
			[[], use(A, B)],
		]);
	t.deepEqual(after('if(a$0>0){b$1=1;}'), [
		[0, []],
		[1, [[A, 1]]],
	]);
	t.deepEqual(after('if(b$1===1){x();}'), [
		[0, []],
		[
			1,
			[
				[A, 1],
				[B, 2],
			],
		],
	]);
});

test('the value that a suspension ends with is saved', (t) => {
	const blocks: [Op[], End][] = [
		[[], wait(1)],
		[[], wait(2, B)],
		[[], wait(3)],
		[[], use(A, B)],
	];
	t.deepEqual(places(blocks), [
		[0, []],
		[1, [[A, 1]]],
		[2, [[A, 1]]],
	]);
});

test('where ways meet, both must have it, in one place', (t) => {
	// B moves up when A is not needed any more
	const blocks: [Op[], End][] = [
		[[], { t: 'branch', js: 'a$0', reads: [A], yes: 1, no: 2 }],
		[[], wait(3)],
		[[op('a$0=0;', [], A)], wait(3)],
		[[], wait(4)],
		[[], use(B)],
	];
	t.deepEqual(places(blocks), [
		[1, []],
		[2, []],
		[3, [[B, 1]]],
	]);
	const moved: [Op[], End][] = [
		[[], wait(1)],
		[[op('x(a$0);', [A])], wait(2)],
		[[], use(B)],
	];
	t.deepEqual(
		places(moved),
		[
			[0, []],
			[
				1,
				[
					[A, 1],
					[B, 2],
				],
			],
		],
		'B is at 2, and is to be at 1',
	);
});

test('behind the frame of a call that returned, a callee may have been', (t) => {
	const blocks: [Op[], End][] = [
		[[op('c$2=0;', [], C)], wait(1)],
		[[op('c$2=b$1;', [B], C)], call(2)],
		[[], wait(3)],
		[[], use(A, C)],
	];
	// frames: [A, B], [A, C], [A, C]: C comes from the call's frame only if the call was suspended
	t.deepEqual(places(blocks), [
		[0, []],
		[
			1,
			[
				[A, 1],
				[B, 2],
			],
		],
		[2, [[A, 1]]],
	]);
});
