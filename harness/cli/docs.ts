// SPDX-License-Identifier: GPL-2.0-only
/** vfshook docs: the pages generated from the sources. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { glockPage } from '../conform/glock-page.ts';
import { lockdepPage } from '../conform/lockdep-page.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { scenariosPage } from '../conform/scenarios-page.ts';
import { symbolsPage } from '../conform/symbols-page.ts';
import { functionsPage } from '../crosswalk/functions-page.ts';
import { loadPort } from '../crosswalk/port-file.ts';
import { replaceFile, writeAll } from '../engine/files.ts';
import { EXIT_OK, EXIT_VIOLATED } from './output.ts';

const PAGES: Record<string, () => string | Promise<string>> = {
	'docs/functions.md': async () => functionsPage(await loadPort(projectRoot())),
	'docs/glock.md': glockPage,
	'docs/lockdep.md': lockdepPage,
	'docs/scenarios.md': scenariosPage,
	'docs/symbols.md': symbolsPage,
};

export async function docsCommand(options: { check?: boolean }): Promise<number> {
	let status = EXIT_OK;
	for (const [name, page] of Object.entries(PAGES)) {
		const file = path.join(projectRoot(), name);
		const text = await page();
		if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
		if (options.check) {
			process.stderr.write(`${name} is out of date: run vfshook docs\n`);
			status = EXIT_VIOLATED;
		} else {
			replaceFile(file, (fd) => writeAll(fd, Buffer.from(text)));
			process.stdout.write(`${name}\n`);
		}
	}
	if (options.check && status === EXIT_OK)
		process.stdout.write(`${Object.keys(PAGES).length} generated pages are up to date\n`);
	return status;
}
