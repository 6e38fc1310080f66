// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { compile } from './compile.ts';
import { LitmusError } from './error.ts';
import { parseLitmus } from './parser.ts';

const build = (header: string, init: string, body: string) =>
	compile(
		parseLitmus(
			`C t\n(*\n * ${header}\n *)\n{ ${init} }\nP0(file f) { ${body} }\nexists (0:r0=0)\n`,
			't.litmus',
		),
	);

test('blocks that can run out make holes', (t) => {
	const { config, features } = build(
		'Bounds: NR_RGRP_BLOCKS=1',
		'file f;',
		'int r0 = pwrite(f, &(int){7}, sizeof(int), 4096);',
	);
	t.is(config.NR_RGRP_BLOCKS, 1);
	t.is(features.TRUNCATES, 1);
});

const WRITE = 'int r0 = pwrite(f, &(int){7}, sizeof(int), 0);';
for (const [header, init, body, reason] of [
	['Bounds: NR_RGRP_BLOCKS=1', 'file f[2];', WRITE, /begin with 2 pages/],
	['Bounds: NR_RGRP_BLOCKS=3', 'file f[2];', WRITE, /can have 2 pages/],
	['Bounds: NR_RGRP_BLOCKS=1 LOCAL_FS=1', 'file f;', WRITE, /LOCAL_FS/],
	['Dies: N0\n * Bounds: NR_RGRP_BLOCKS=1', 'file f;', WRITE, /Dies:/],
	['Bounds: NR_RGRP_BLOCKS=1', 'file f;', 'int r0 = open("f", O_RDWR | O_DIRECT);', /O_DIRECT/],
] as const)
	test(`blocks: ${reason.source}`, (t) => {
		const error = t.throws(() => build(header, init, body), { instanceOf: LitmusError });
		t.regex(error!.reason, reason);
		t.is(error!.line, header.startsWith('Dies') ? 4 : 3);
	});
