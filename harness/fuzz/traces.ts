// SPDX-License-Identifier: GPL-2.0-only
/** Trace files with a fault: each is explained, replayed, or refused with the fault named. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkCommand } from '../cli/check.ts';
import { explainCommand, replayCommand } from '../cli/replay.ts';
import type { Artifact } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { mutatedText, type Pick, seedOf } from './mutate.ts';
import { type Campaign, outcomeOf } from './outcome.ts';

/** Counterexamples of several kinds. */
const BASES: { test: string; without?: string[]; profile?: string; set?: string[] }[] = [
	{ test: 'S01', without: ['TRUNCATE_COUNT'] },
	{ test: 'S02', without: ['INVALIDATE_MMAP_RANGE'] },
	{ test: 'S13', without: ['PAGE_MKWRITE'], profile: 'proposed-shared' },
	{ test: 'S43-two', without: ['NOFAULT_COPY'] },
	{ test: 'S01', without: ['TRUNCATE_COUNT'], set: ['READAHEAD=1'] },
];
/** One of so many is replayed as well. */
const REPLAYED = 8;
const HUGE = [-1, 0, 1, 63, 64, 255, 2 ** 31, 1e21, 0.5, null, '', [], {}, true, '\u001b[2J'];

/** A value somewhere in a document becomes another one. */
function mutatedJson(json: unknown, pick: Pick): unknown {
	const places: { at: Record<string, unknown>; key: string }[] = [];
	const visit = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		for (const key of Object.keys(value)) {
			places.push({ at: value as Record<string, unknown>, key });
			visit((value as Record<string, unknown>)[key]);
		}
	};
	visit(json);
	const { at, key } = places[pick(places.length)];
	const old = at[key];
	if (typeof old === 'string' && pick(2) === 0) at[key] = mutatedText(old, old, pick);
	else if (typeof old === 'number' && pick(2) === 0) at[key] = old + pick(5) - 2;
	else if (pick(4) === 0) delete at[key];
	else at[key] = HUGE[pick(HUGE.length)];
	return json;
}

export async function traceCampaign(artifact: Artifact): Promise<Campaign> {
	const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-fuzz-'));
	const bases: string[] = [];
	const worker = new URL('../conform/worker.ts', import.meta.url);
	for (const [i, { test, ...options }] of BASES.entries()) {
		const file = path.join(dir, `base-${i}.json`);
		await outcomeOf(() => checkCommand([test], { ...options, trace: file }, worker));
		bases.push(readFileSync(file, 'utf8'));
	}
	const input = (seed: number, n: number): string => {
		const pick = random(seedOf(seed, n));
		const text = bases[pick(bases.length)];
		if (pick(2) === 0) return mutatedText(text, bases[pick(bases.length)], pick);
		let json: unknown = JSON.parse(text);
		for (let k = 1 + pick(2); k > 0; k--) json = mutatedJson(json, pick);
		return JSON.stringify(json);
	};
	const file = path.join(dir, 'trace.json');
	return {
		name: 'traces',
		reproducer: input,
		async run(seed, n) {
			writeFileSync(file, input(seed, n));
			const explained = await outcomeOf(() => explainCommand(file, {}, artifact));
			const kind = explained.status === 0 ? 'explained' : 'refused';
			if (random(seedOf(seed, ~n))(REPLAYED) !== 0) return kind;
			const replayed = await outcomeOf(() => replayCommand(file, artifact));
			if ((replayed.status === 1) !== (explained.status === 0))
				throw new Error(`explain gives ${explained.status}, replay ${replayed.status}`);
			return kind;
		},
		close: () => rmSync(dir, { recursive: true, force: true }),
	};
}
