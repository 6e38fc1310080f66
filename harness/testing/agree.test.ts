// SPDX-License-Identifier: GPL-2.0-only
/** The executors on the kernel itself: two programs that map one page and store to it. */
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { DirectMachine } from '../kts/direct.ts';
import { instantiate, knownConfig } from '../kts/instantiate.ts';
import {
	FILE_DATA,
	FILE_SIZE,
	FILE_WORDS,
	OP_HALT,
	OP_LI,
	OP_LOAD,
	OP_MOV,
	OP_READY,
	OP_STORE,
	OP_SYS,
	PROC_ENTRY,
	PROC_MM,
	PROC_NODE,
	PROC_WORDS,
	ROM_FILES,
	ROM_NR_FILES,
	ROM_NR_PROCS,
	ROM_PROCS,
	SYS_mmap,
	SYS_open,
} from '../world/isa.ts';
import { agree } from './agree.ts';

const root = path.resolve(import.meta.dirname, '../..');
const PAGE = 4096;
const HEADER = 4;

/** open(file 0, O_RDWR); mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); store, load. */
const program = (value: number): number[] =>
	[
		...[OP_LI, 2, 0, 0, OP_LI, 3, 2, 0, OP_SYS, SYS_open, 1, 2],
		...[OP_LI, 2, 0, 0, OP_LI, 3, PAGE, 0, OP_LI, 4, 3, 0, OP_LI, 5, 1, 0],
		...[OP_MOV, 6, 1, 0, OP_LI, 7, 0, 0, OP_SYS, SYS_mmap, 1, 2, OP_READY, 0, 0, 0],
		...[OP_LI, 2, value, 0, OP_STORE, 2, 1, 0, OP_LOAD, 3, 1, 0, OP_STORE, 2, 1, 0],
		...[OP_LOAD, 3, 1, 0, OP_HALT, 0, 0, 0],
	].flat();

function romOf(programs: number[][]): number[] {
	const files = HEADER;
	const procs = files + FILE_WORDS;
	const data = procs + PROC_WORDS * programs.length;
	const rom = new Array<number>(data + 1).fill(0);
	rom[ROM_NR_FILES] = 1;
	rom[ROM_NR_PROCS] = programs.length;
	rom[ROM_FILES] = files;
	rom[ROM_PROCS] = procs;
	rom[files + FILE_SIZE] = PAGE;
	rom[files + FILE_DATA] = data;
	rom[data] = 7;
	programs.forEach((text, p) => {
		rom[procs + p * PROC_WORDS + PROC_NODE] = p;
		rom[procs + p * PROC_WORDS + PROC_MM] = p;
		rom[procs + p * PROC_WORDS + PROC_ENTRY] = rom.length;
		rom.push(...text);
	});
	return rom;
}

/** Bounds that go with tests of their own, which the scenarios are compared by. */
const APART = ['DEATHS', 'LOCAL_FS', 'NR_RGRP_BLOCKS', 'LOCK_MODULE'];

test('the executors agree on the kernel, with every change and with none', async (t) => {
	const artifact = await loadArtifact(root);
	const rom = romOf([program(5), program(6)]);
	const changes = knownConfig(artifact).filter((c) => c.default === 0 && !APART.includes(c.name));
	for (const value of [0, 1]) {
		const config = { NR_REGS: 8, ...Object.fromEntries(changes.map((c) => [c.name, value])) };
		const options = { rom, config };
		const m = instantiate(artifact, options);
		const counts = agree(m, new DirectMachine(artifact, options), 40, 11, { steps: 600 });
		t.true(counts.steps > 300 && counts.events > 100, JSON.stringify({ value, ...counts }));
	}
});
