// SPDX-License-Identifier: GPL-2.0-only
/**
 * Builds dist/: the command and its worker as one file each, the library, the lowered kernel, and
 * for crosswalk the grammar of C and what the functions of the port do. `npm ci` does it (prepare).
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../conform/scenarios.ts';
import { readPort } from '../crosswalk/extract.ts';
import { WASM } from '../crosswalk/grammar.ts';
import { savePort } from '../crosswalk/port-file.ts';
import { buildArtifact, saveArtifact } from '../kts/artifact.ts';
import { litmusGrammar } from '../litmus/peggy-plugin.ts';

const root = projectRoot();
const dist = path.join(root, 'dist');
const at = (file: string) => path.join(root, 'harness', file);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await build({
	entryPoints: {
		vfshook: at('cli/vfshook.ts'),
		worker: at('conform/worker.ts'),
		index: at('index.ts'),
	},
	outdir: dist,
	bundle: true,
	// what is imported when it is needed stays apart: the lowering and its compiler above all
	splitting: true,
	chunkNames: 'part-[hash]',
	platform: 'node',
	format: 'esm',
	target: 'node20',
	// only needed when the sources have changed, to lower them again
	external: ['ts-morph', 'esbuild', 'typescript'],
	plugins: [litmusGrammar()],
	// commander is CommonJS
	banner: {
		js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
	},
	logLevel: 'warning',
});
chmodSync(path.join(dist, 'vfshook.js'), 0o755);
saveArtifact(path.join(dist, 'kernel.json'), await buildArtifact(root));
savePort(path.join(dist, 'port.json'), readPort(root));
const resolve = createRequire(import.meta.url).resolve;
for (const [name, from] of Object.entries(WASM)) copyFileSync(resolve(from), path.join(dist, name));
