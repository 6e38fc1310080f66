// SPDX-License-Identifier: GPL-2.0-only
/**
 * Runs the tests and the main command with other versions of Node. The npm package `node` brings
 * each. It is installed in a temporary folder; what runs is this tree as it is.
 *
 * Interface: NODE_VERSIONS enginesOf tryNode Tried
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Of each line that is tried the first version that may be used, which AVA sets for some. */
export const NODE_VERSIONS: readonly string[] = ['20.19.0', '22.20.0', '24.12.0', '26.0.0'];

/** What package.json says under `engines`. */
export const enginesOf = (versions: readonly string[]): string =>
	versions.map((version) => `^${version}`).join(' || ');

export interface Tried {
	/** the version that npm brought, as `node --version` prints it */
	node: string;
	passed: boolean;
	/** what each command printed, in order, until one failed */
	output: string;
}

/** The build, the tests and the main command; of a part the tests of the language and its users. */
const COMMANDS = {
	whole: [
		['--import=tsx', 'harness/cli/build.ts'],
		['node_modules/ava/entrypoints/cli.mjs'],
		['dist/vfshook.js', 'conform'],
	],
	part: [
		['--import=tsx', 'harness/cli/build.ts'],
		[
			'node_modules/ava/entrypoints/cli.mjs',
			...['kts', 'engine', 'litmus'].map((folder) => `harness/${folder}/**/*.test.ts`),
			'harness/cli/cli.test.ts',
		],
		['dist/vfshook.js', 'conform', 'S23', '--profile', 'proposed'],
	],
};

/** Fetches a Node of that line (`24`), and runs the commands with it in `root`. */
export function tryNode(root: string, line: string, how: keyof typeof COMMANDS): Tried {
	const place = mkdtempSync(path.join(tmpdir(), 'vfshook-node-'));
	try {
		const bin = path.join(place, 'node_modules/node/bin');
		const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
		const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
		const install = ['install', '--prefix', place, '--no-save', '--no-audit', '--no-fund'];
		const fetched = spawnSync('npm', [...install, `node@${line}`], { ...options, cwd: place });
		const node = path.join(bin, 'node');
		const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
		if (!version)
			return { node: line, passed: false, output: `${fetched.stdout}${fetched.stderr}` };
		let output = '';
		for (const args of COMMANDS[how]) {
			const { status, stdout, stderr } = spawnSync(node, args, options);
			output += `${stdout}${stderr}`;
			if (status !== 0) return { node: version, passed: false, output };
		}
		return { node: version, passed: true, output };
	} finally {
		rmSync(place, { recursive: true, force: true });
	}
}
