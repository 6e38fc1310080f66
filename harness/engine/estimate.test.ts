// SPDX-License-Identifier: GPL-2.0-only
/** Estimates along recorded explorations: told late rather than wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { LevelEstimate } from './estimate.ts';
import { explore } from './explorer.ts';
import { counters, toyMachine } from './toy.ts';

/** States at each depth, as they were once. */
const RECORDED: Record<string, number[]> = {
	'S15-vogt-race, proposed-shared': [
		1, 3, 6, 10, 15, 21, 28, 36, 48, 64, 81, 99, 118, 140, 161, 184, 210, 240, 266, 290, 312, 330,
		356, 376, 412, 456, 518, 588, 666, 766, 881, 1029, 1174, 1340, 1514, 1676, 1854, 2059, 2334,
		2632, 2980, 3348, 3798, 4253, 4701, 5192, 5674, 6197, 6689, 7244, 7913, 8649, 9530, 10492,
		11727, 12993, 14490, 16145, 17802, 19378, 20731, 22040, 22956, 23685, 24173, 24562, 25080,
		25651, 26816, 28324, 30207, 32193, 34237, 35901, 36948, 37773, 38072, 38119, 37642, 37249,
		37109, 36768, 36711, 36908, 37114, 37245, 37297, 36972, 36199, 35210, 33953, 32437, 30773,
		29155, 27696, 26023, 24415, 22901, 21530, 20282, 19242, 18276, 17196, 16103, 14767, 13304,
		11850, 10540, 9425, 8382, 7395, 6408, 5529, 4726, 3943, 3196, 2569, 2109, 1753, 1530, 1358,
		1189, 1038, 883, 764, 644, 560, 476, 388, 342, 286, 252, 212, 176, 146, 136, 118, 96, 62, 44,
		34, 36, 38, 34, 26, 18, 12, 6, 2,
	],
	'S66, proposed: a curve with several humps': [
		1, 3, 6, 10, 16, 22, 32, 42, 59, 77, 103, 127, 150, 157, 159, 153, 150, 158, 186, 223, 283, 342,
		386, 431, 483, 560, 656, 758, 836, 867, 832, 759, 712, 705, 718, 741, 757, 760, 756, 756, 809,
		965, 1279, 1673, 2011, 2144, 2036, 1798, 1602, 1590, 1749, 2023, 2315, 2496, 2496, 2304, 1982,
		1600, 1290, 1037, 928, 915, 906, 904, 925, 940, 969, 1027, 1107, 1213, 1292, 1341, 1415, 1571,
		1874, 2198, 2475, 2540, 2427, 2239, 2108, 2097, 2275, 2628, 3089, 3361, 3250, 2684, 1909, 1187,
		735, 478, 402, 392, 390, 409, 429, 441, 484, 533, 571, 587, 572, 519, 483, 483, 525, 547, 563,
		548, 541, 545, 567, 627, 761, 917, 1030, 1026, 865, 579, 320, 127, 41, 20, 19, 22, 22, 26, 28,
		33, 39, 39, 37, 34, 31, 24, 18, 11, 4, 2,
	],
	'S01, proposed-shared': [
		1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 20, 19, 21, 19, 19, 17, 17, 17, 17, 20, 18, 20, 22,
		26, 34, 30, 33, 37, 36, 34, 35, 45, 47, 56, 69, 83, 96, 101, 113, 109, 109, 99, 93, 97, 103, 96,
		92, 106, 118, 118, 130, 141, 141, 124, 112, 121, 118, 112, 112, 112, 105, 92, 81, 63, 57, 57,
		66, 69, 74, 75, 73, 75, 77, 69, 64, 58, 52, 37, 23, 17, 12, 11, 12, 10, 9, 6, 4,
	],
	'polite philosophers': [
		1, 5, 14, 27, 40, 56, 88, 140, 190, 230, 300, 430, 560, 635, 737, 964, 1203, 1304, 1396, 1691,
		2028, 2126, 2146, 2432, 2800, 2846, 2737, 2916, 3211, 3167, 2927, 2947, 3096, 2960, 2641, 2516,
		2506, 2312, 1996, 1799, 1687, 1496, 1252, 1065, 930, 785, 635, 505, 402, 318, 248, 182, 128, 93,
		69, 45, 25, 15, 10, 5, 1,
	],
	counters: [
		1, 4, 10, 20, 35, 56, 84, 120, 165, 220, 286, 364, 455, 560, 680, 816, 969, 1140, 1330, 1540,
		1771, 2020, 2284, 2560, 2845, 3136, 3430, 3724, 4015, 4300, 4576, 4840, 5089, 5320, 5530, 5716,
		5875, 6004, 6100, 6160, 6181, 6160, 6100, 6004, 5875, 5716, 5530, 5320, 5089, 4840, 4576, 4300,
		4015, 3724, 3430, 3136, 2845, 2560, 2284, 2020, 1771, 1540, 1330, 1140, 969, 816, 680, 560, 455,
		364, 286, 220, 165, 120, 84, 56, 35, 20, 10, 4, 1,
	],
};

interface Told {
	/** of all states, how much was known when it was told */
	known: number;
	/** what was told, of how many there were */
	told: number;
}

function estimates(sizes: readonly number[]): Told[] {
	const all = sizes.reduce((a, b) => a + b, 0);
	const estimate = new LevelEstimate();
	let known = 0;
	const out: Told[] = [];
	for (const size of sizes) {
		estimate.level(size);
		known += size;
		const total = estimate.total();
		if (total === undefined) continue;
		if (total < known) throw new Error('fewer than there are already');
		out.push({ known: known / all, told: total / all });
	}
	return out;
}

for (const [name, sizes] of Object.entries(RECORDED))
	test(`${name}: half as many to a quarter more, and better at the end`, (t) => {
		const all = estimates(sizes);
		t.true(all.length >= 10, 'something is told');
		for (const { known, told } of all) {
			t.true(told >= 0.5 && told <= 1.25, `${told} at ${known}`);
			if (known >= 0.75) t.true(told >= 0.85 && told <= 1.15, `${told} at ${known}`);
		}
	});

test('a bell is told of when little more than half of it is seen', (t) => {
	const [first] = estimates(RECORDED['S15-vogt-race, proposed-shared']);
	t.true(first.known < 0.55);
});

test('nothing is told of what grows, goes on level, or is new', (t) => {
	const levels = (n: number, size: (i: number) => number) =>
		estimates(Array.from({ length: n }, (_, i) => Math.round(size(i))));
	t.deepEqual(
		levels(60, (i) => 1.3 ** i),
		[],
	);
	t.deepEqual(
		levels(60, () => 1),
		[],
	);
	t.deepEqual(
		levels(60, () => 1000),
		[],
	);
	t.deepEqual(
		levels(60, (i) => 1 + i * i * i).filter((e) => e.told > 40),
		[],
	);
	t.deepEqual(
		levels(60, (i) => (i % 2 ? 1000 : 1)),
		[],
	);
	t.deepEqual(
		levels(11, (i) => 1000 - 90 * i),
		[],
	);
	t.deepEqual(
		levels(1, () => 1),
		[],
	);
});

test('a search tells it with its progress, at once when it was resumed', (t) => {
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
	const file = path.join(dir, 'search');
	const first: (number | undefined)[] = [];
	const machine = () => toyMachine(counters(4, 15));
	explore(machine(), { maxStates: 50_000, checkpoint: { about: {}, save: file } });
	const result = explore(machine(), {
		checkpoint: { about: {}, resume: file },
		onProgress: (p) => first.push(p.expected),
	});
	rmSync(dir, { recursive: true });
	t.is(result.states, 16 ** 4);
	const [told] = first;
	t.true(told !== undefined && told > 0.9 * result.states && told < 1.1 * result.states);
});
