// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checkpoints that say something else than was written, with a checksum that is right: refused,
 * or gone on from to a verdict that says what it rests on. Never an error of our own, never a
 * search without an end.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CheckRequest, check, endsOf, prepare, subjectOf } from '../conform/check.ts';
import { type Choice, configure } from '../conform/config.ts';
import { needTracking } from '../conform/reductions.ts';
import { findTests, readTest } from '../conform/scenarios.ts';
import { type About, CheckpointError } from '../engine/checkpoint.ts';
import { explore, type Result } from '../engine/explorer.ts';
import type { Artifact } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { type Pick, seedOf } from './mutate.ts';
import { type Campaign, mustBeVisible } from './outcome.ts';

interface Base {
	test: string;
	choice?: Choice;
	request?: Partial<CheckRequest>;
}
/** Every way of keeping states, and all that a search may keep beside them. */
const BASES: Base[] = [
	{ test: 'CoRR', request: { limits: { visited: 'compact' } } },
	{ test: 'CoRR' },
	{ test: 'MP', request: { limits: { order: 'dfs' } } },
	{ test: 'S56', request: { progress: true } },
	{ test: 'S56', request: { canFinish: true, limits: { reductions: ['local'] } } },
	{ test: 'S15-vogt-race', choice: { set: ['NR_NODES=3'] }, request: { limits: {} } },
];
/** States that a base has; what a search that goes on may have. */
const CUT = 300;
const MOST = 3000;

const DIGEST = 32;

/** Where the items of a file begin, and how long each is: numbers, and arrays behind theirs. */
function itemsOf(bytes: Buffer): { at: number; length: number }[] {
	const items: { at: number; length: number }[] = [];
	const end = bytes.length - DIGEST;
	for (let at = bytes.indexOf('\n') + 1; at + 8 <= end; ) {
		items.push({ at, length: 8 });
		const length = bytes.readDoubleLE(at);
		at += 8;
		// an array, most likely: a number is not followed by so many bytes that end in another
		const array = Number.isInteger(length) && length > 8 && at + length <= end;
		if (!array) continue;
		items.push({ at, length });
		at += length;
	}
	return items;
}

function mutated(base: Buffer, pick: Pick): Buffer {
	const bytes = Buffer.from(base);
	const items = itemsOf(bytes).filter(({ length }) => length > 0);
	for (let n = 1 + pick(3); n > 0; n--) {
		const { at, length } = items[pick(items.length)];
		if (length === 8 && pick(2) === 0) {
			const old = bytes.readDoubleLE(at);
			bytes.writeDoubleLE([old + 1, old - 1, 0, old * 2, -1, 1e15][pick(6)], at);
			continue;
		}
		const place = at + pick(length);
		const word = at + 4 * pick(length >> 2);
		switch (pick(3)) {
			case 0:
				bytes[place] ^= 1 << pick(8);
				break;
			case 1:
				bytes[place] = pick(256);
				break;
			default:
				bytes.writeInt32LE([0, 1, -1, 2 ** 31 - 1, pick(1000)][pick(5)], word);
		}
	}
	return summed(bytes);
}

/** With the checksum that its contents have. */
function summed(bytes: Buffer): Buffer {
	const contents = bytes.subarray(0, bytes.length - DIGEST);
	return Buffer.concat([contents, createHash('sha256').update(contents).digest()]);
}

/**
 * The search itself, on a machine that is made once. Most files are refused there, and to make a
 * machine takes longer than that; those that are not are given to check() as well.
 */
function resuming(artifact: Artifact, bytes: Buffer, request: CheckRequest) {
	const { test, configuration, progress, canFinish, limits = {} } = request;
	const { reductions = [], ...rest } = limits;
	const prepared = prepare(artifact, test, configuration, {}, needTracking(reductions));
	const subject = subjectOf(prepared, request);
	const [first] = itemsOf(bytes).filter(({ length }) => length > 8);
	const about = JSON.parse(bytes.toString('utf8', first.at, first.at + first.length)) as About;
	return (file: string): Result =>
		explore(subject.machine, {
			...{ ...rest, maxStates: MOST, checkTerminal: subject.checkTerminal },
			checkpoint: { about, resume: file },
			livelock: progress || canFinish || false,
			...(progress && { goals: endsOf(prepared) }),
		});
}

export async function checkpointCampaign(artifact: Artifact): Promise<Campaign> {
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-fuzz-'));
	const bases: { bytes: Buffer; request: CheckRequest; resume(file: string): Result }[] = [];
	for (const [i, base] of BASES.entries()) {
		const save = path.join(dir, `base-${i}.ck`);
		const request: CheckRequest = {
			test: readTest(findTests(base.test)[0]),
			configuration: configure(base.choice ?? {}),
			harm: false,
			...base.request,
		};
		const limits = { ...request.limits, maxStates: CUT };
		const checkpoint = { save, everySeconds: 1e6 };
		const { verdict } = await check(artifact, { ...request, limits, checkpoint });
		if (verdict !== 'incomplete') throw new Error(`${base.test} ends within ${CUT} states`);
		const bytes = readFileSync(save);
		bases.push({ bytes, request, resume: resuming(artifact, bytes, request) });
	}
	// the first is as it was written: it must be resumed
	const input = (seed: number, n: number) => {
		const pick = random(seedOf(seed, n));
		const { bytes, ...base } = bases[pick(bases.length)];
		return { bytes: n === 0 ? bytes : mutated(bytes, pick), ...base };
	};
	const file = path.join(dir, 'mutant.ck');
	return {
		name: 'checkpoints',
		reproducer: (seed, n) => input(seed, n).bytes.toString('base64'),
		async run(seed, n) {
			const { bytes, request, resume } = input(seed, n);
			writeFileSync(file, bytes);
			const limits = { ...request.limits, maxStates: MOST };
			const checkpoint = { resume: file, everySeconds: 1e6 };
			try {
				resume(file);
				const report = await check(artifact, { ...request, limits, checkpoint });
				if (report.resumed !== file) throw new Error('it does not say that it was resumed');
				return `resumed, ${report.verdict}`;
			} catch (e) {
				if (!(e instanceof CheckpointError)) throw e;
				mustBeVisible(e.message);
				if (n === 0) throw new Error(`refused as it was written: ${e.message}`);
				return /does not fit: its states/.test(e.message) ? 'refused while going on' : 'refused';
			}
		},
		close: () => rmSync(dir, { recursive: true, force: true }),
	};
}
