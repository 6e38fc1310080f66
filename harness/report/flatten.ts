// SPDX-License-Identifier: GPL-2.0-only
/**
 * A snapshot leaf by leaf, so that two can be compared by paths: the `changes` of a step.
 *
 * Interface: flatten
 */
import type { Names } from './names.ts';
import type { Snapshot } from './state.ts';

/** Every leaf of a snapshot by its path, lists of one kind keyed by what they are about. */
export function flatten(s: Snapshot, names: Names): Map<string, string | number | boolean> {
	const out = new Map<string, string | number | boolean>();
	const put = (path: string, o: object, skip: string[]) => {
		for (const [key, value] of Object.entries(o))
			if (!skip.includes(key))
				out.set(`${path}.${key}`, typeof value === 'object' ? listText(value) : value);
	};
	const lock = (number: number) => names.clusterLock(names.lockOf(number));
	if (s.clustered) {
		for (const g of s.glocks)
			put(`node ${g.node}: glock ${lock(g.lock)}`, g, ['node', 'lock', 'file']);
		for (const m of s.manager) put(`lock manager: ${lock(m.lock)}`, m, ['lock', 'file']);
	}
	for (const p of s.pages) put(`node ${p.node}: ${p.frame}`, p, ['node', 'frame']);
	for (const m of s.mappings)
		put(`node ${m.node}: ${m.kind} ${m.vpage + 1} of ${m.process}`, m, [
			'node',
			'process',
			'kind',
			'vpage',
		]);
	for (const [key, table] of [
		['disk', s.disk],
		['latest', s.latest],
	] as const)
		for (const [f, pages] of table.entries())
			for (const [i, value] of pages.entries()) {
				const ints = s.ints?.[key][f][i];
				out.set(`${key}: ${names.page(f, i)}`, ints ? listText(ints) : value);
			}
	for (const [node, sizes] of s.sizes.entries())
		for (const [f, bytes] of sizes.entries())
			out.set(`node ${node}: i_size of ${names.file(f)}`, bytes);
	for (const [f, bytes] of s.diskSizes.entries()) out.set(`disk: size of ${names.file(f)}`, bytes);
	for (const p of s.programs) {
		put(p.name, p.registers, []);
		out.set(`${p.name}.signal`, p.signal);
	}
	for (const [path, value] of Object.entries(s.held)) out.set(names.lock(path), value);
	for (const [node, counts] of s.truncateCounts.entries())
		for (const [f, value] of counts.entries())
			out.set(`truncate_count of ${names.file(f)} on node ${node}`, value);
	return out;
}

function listText(value: unknown): string {
	if (!Array.isArray(value)) return JSON.stringify(value);
	return value
		.map((v) => (typeof v === 'object' && v !== null ? Object.values(v).join(' ') : String(v)))
		.join(', ');
}
