#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
/**
 * Where the process begins; bundled into dist/vfshook.js. From the sources: tsx
 * harness/cli/vfshook.ts
 */
import { main } from './main.ts';
import { EXIT_INTERNAL } from './output.ts';

const fromSources = import.meta.url.endsWith('.ts');
const worker = new URL(fromSources ? '../conform/worker.ts' : './worker.js', import.meta.url);

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
	if (e.code === 'EPIPE') process.exit(0);
	process.stderr.write(`vfshook: the output cannot be written (${e.code ?? e.message})\n`);
	process.exit(EXIT_INTERNAL);
});

process.exitCode = await main(process.argv.slice(2), worker);
