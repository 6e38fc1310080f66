#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
/**
 * Where the process begins; bundled into dist/vfshook.js. From the sources: tsx
 * harness/cli/vfshook.ts
 */
import { main } from './main.ts';
import { guardStreams } from './streams.ts';

const fromSources = import.meta.url.endsWith('.ts');
const worker = new URL(fromSources ? '../conform/worker.ts' : './worker.js', import.meta.url);

guardStreams();
process.exitCode = await main(process.argv.slice(2), worker);
