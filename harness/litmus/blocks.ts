// SPDX-License-Identifier: GPL-2.0-only
/**
 * Conditions for a test that limits the blocks of the disk (`Bounds: NR_RGRP_BLOCKS=n`).
 *
 * Interface: checkBlocks
 */
import type { Test } from './ast.ts';
import { LitmusError, type Span } from './error.ts';
import type { Layout } from './layout.ts';

const BOUND = 'NR_RGRP_BLOCKS';

/** Throws a LitmusError for features that do not work with resource groups. */
export function checkBlocks(
	test: Test,
	layout: Layout,
	{ config, features }: Record<'config' | 'features', Record<string, number>>,
): void {
	const blocks = test.header.bounds[BOUND];
	if (!blocks) return;
	const refuse = (reason: string): never => {
		throw new LitmusError(test.source, boundIn(test), reason);
	};
	const pages = layout.files.reduce((sum, { values }) => sum + values.length, 0);
	const most = config.NR_FILES * config.NR_FILE_PAGES;
	if (blocks < pages) refuse(`the files begin with ${pages} pages: as many blocks are needed`);
	if (blocks > most) refuse(`the files can have ${most} pages: more blocks are never used`);
	if (config.LOCAL_FS) refuse('a local file system has no resource groups: not with LOCAL_FS');
	if (test.header.dies) refuse('the journal has no blocks of files: not with "Dies:"');
	if (features.DIRECT_IO)
		refuse('direct I/O knows fixed places of the disk only: not with O_DIRECT');
	if (features.REMAP_FILE_PAGES)
		refuse('remap_file_pages() does not fill holes: not with resource groups');
}

/** The place of the bound in the header. */
function boundIn({ source }: Test): Span {
	const offset = source.text.indexOf(BOUND);
	const before = source.text.slice(0, offset).split('\n');
	const line = before.length;
	const column = before[line - 1].length + 1;
	return {
		start: { offset, line, column },
		end: { offset: offset + BOUND.length, line, column: column + BOUND.length },
	};
}
