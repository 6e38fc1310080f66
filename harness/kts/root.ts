// SPDX-License-Identifier: GPL-2.0-only
/** The root of the project. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with vfs/, ogfs/ and harness/; works from the sources and from the bundle. */
export function projectRoot(): string {
	let dir = path.dirname(fileURLToPath(import.meta.url));
	while (!existsSync(path.join(dir, 'vfs/Kconfig.ts'))) {
		const up = path.dirname(dir);
		if (up === dir)
			throw new Error('the sources (vfs/, ogfs/, harness/) are not beside the command');
		dir = up;
	}
	return dir;
}
