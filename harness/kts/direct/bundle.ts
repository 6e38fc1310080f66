// SPDX-License-Identifier: GPL-2.0-only
/**
 * The sources as one script for the direct executor: the value of the script is an object with the
 * entry's exports, every module's storage, and the prelude's runtime.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { sourceFile } from '../lower/program.ts';
import { HELPERS, wrapSource } from './wrap.ts';

export interface BundleOptions {
	root: string;
	entries: string[];
	overrides?: Record<string, string>;
	/** all files of the program, relative to root: their storage is handed out */
	files: string[];
}

const PRELUDE = 'harness/kts/prelude.ts';
/** The script leaves its value in this variable. */
export const BUNDLE = 'KTS_PROGRAM';

export async function bundle(options: BundleOptions): Promise<string> {
	const out = await build({
		stdin: { contents: mainModule(options), resolveDir: options.root, sourcefile: 'main.js' },
		bundle: true,
		write: false,
		format: 'iife',
		globalName: BUNDLE,
		platform: 'neutral',
		target: 'es2022',
		sourcemap: 'inline',
		banner: { js: banner },
		absWorkingDir: options.root,
		outfile: path.join(options.root, 'direct.js'),
		logLevel: 'silent',
		// what a tsconfig.json or package.json above the sources says is none of its inputs
		tsconfigRaw: '{"compilerOptions":{"verbatimModuleSyntax":true}}',
		ignoreAnnotations: true,
		plugins: [sources(options)],
	});
	return out.outputFiles[0].text;
}

const banner = [
	`const ${HELPERS.index}=(a,i)=>{if(i<0||i>=a.length)throw new RangeError('index out of bounds');return i;};`,
	`const ${HELPERS.divide}=(a,b)=>{if(b===0)throw new RangeError('division by zero');return a/b|0;};`,
	`const ${HELPERS.remainder}=(a,b)=>{if(b===0)throw new RangeError('division by zero');return a%b|0;};`,
	`const ${HELPERS.freed}=new Map();`,
	`const ${HELPERS.live}=(x,a)=>{const s=${HELPERS.freed}.get(x);if(s!==undefined)throw new RangeError('use after free of '+s+': '+a);return x;};`,
	`const ${HELPERS.store}=(x,k,v,a)=>{${HELPERS.live}(x,a)[k]=v;return v;};`,
].join('');

function mainModule({ entries, files }: BundleOptions): string {
	const modules = files.map((f, i) => `import * as m${i} from './${f}';`);
	const storage = files.map((_, i) => `m${i}.${HELPERS.storage}()`);
	return [
		...entries.map((f, i) => `import * as e${i} from './${f}';`),
		...modules,
		`export {runtime,Violation} from './${PRELUDE}';`,
		`export const entry={${entries.map((_, i) => `...e${i}`).join(',')}};`,
		`export const storage=Object.assign({},${storage.join(',') || '{}'});`,
	].join('');
}

function sources({ root, overrides = {} }: BundleOptions): Plugin {
	const relative = (file: string): string => path.relative(root, file).split(path.sep).join('/');
	return {
		name: 'kernel TypeScript',
		setup(b) {
			b.onResolve({ filter: /^\.\.?\// }, ({ path: to, resolveDir }) => ({
				path: path.resolve(resolveDir, to),
			}));
			b.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
				const name = relative(file);
				const text = overrides[name] ?? (await readFile(file, 'utf8'));
				const contents = name === PRELUDE ? text : wrapSource(sourceFile(file, text));
				return { contents, loader: 'ts', resolveDir: path.dirname(file) };
			});
		},
	};
}
