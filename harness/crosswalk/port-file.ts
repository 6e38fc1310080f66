// SPDX-License-Identifier: GPL-2.0-only
/**
 * The port as it is in the sources, kept in a file: reading it out of them takes the compiler.
 *
 * Interface: savePort loadPort
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Port, portHash } from './port.ts';

export function savePort(file: string, port: Port): void {
	writeFileSync(file, JSON.stringify(port));
}

/** The port as it is in the sources: shipped, or read now. */
export async function loadPort(root: string): Promise<Port> {
	const hash = portHash(root);
	const shipped = path.join(root, 'dist/port.json');
	if (existsSync(shipped)) {
		const port = JSON.parse(readFileSync(shipped, 'utf8')) as Port;
		if (port.hash === hash) return port;
	}
	const { readPort } = await import('./extract.ts');
	return readPort(root);
}
