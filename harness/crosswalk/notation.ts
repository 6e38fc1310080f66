// SPDX-License-Identifier: GPL-2.0-only
/**
 * The differences of written.ts as entries. They are of conditions, values, assignments and loops
 * that the port writes in another way than C; what a function does differently is declared in its
 * comment.
 */
import { type Entry, entryOf } from './doc.ts';
import { WRITTEN } from './written.ts';

export const NOTATION_FILE = 'harness/crosswalk/written.ts';

const entries = new Map<string, Entry[]>();
for (const { reason, rows } of WRITTEN)
	for (const [where, text] of Object.entries(rows))
		for (const part of text.split('; ')) {
			const entry = entryOf(`${part}: ${reason}`, 0);
			if (!entry) throw new Error(`${NOTATION_FILE}: '${part}' of ${where} declares nothing`);
			entries.set(where, [...(entries.get(where) ?? []), entry]);
		}

/** What a function of the port writes in another way. */
export const notationOf = (file: string, name: string): readonly Entry[] =>
	entries.get(`${file} ${name}`) ?? [];

/** All functions of which something is said. */
export const notationNames = (): readonly string[] => [...entries.keys()];
