// SPDX-License-Identifier: GPL-2.0-only
/** What can be read off a machine from outside. Runs on the host, not in the machine. */
import type { Machine } from '../engine/machine.ts';

/** The addresses that finalPage() needs, found once for each machine and page. */
interface Place {
	nodes: { state: number; slot: number }[];
	sector: number;
	exclusive: number;
	flags: number;
	uptodate: number;
	data: number;
}
const places = new WeakMap<Machine, Map<string, Place>>();

function placeOf(machine: Machine, file: number, page: number): Place {
	const known = places.get(machine) ?? new Map<string, Place>();
	places.set(machine, known);
	const key = `${file}/${page}`;
	const found = known.get(key);
	if (found) return found;
	const { constants } = machine;
	const at = (path: string) => machine.locate(path).address;
	const offset = (name: string) =>
		machine.structs.page.fields.find((f) => f.name === name)?.offset ?? 0;
	const place: Place = {
		nodes: Array.from({ length: constants.NR_NODES }, (_, n) => ({
			state: at(`ogfs_sbs[${n}].sd_inodes[${file}].i_gl.gl_state`),
			slot: at(`nodes[${n}].inodes[${file}].i_data.pages[${page}]`),
		})),
		sector: at(`disk.sector[${file * constants.NR_FILE_PAGES + page}]`),
		exclusive: constants.LM_ST_EXCLUSIVE,
		flags: offset('flags'),
		uptodate: constants.PG_uptodate,
		data: offset('data'),
	};
	known.set(key, place);
	return place;
}

/**
 * The int at the start of a page of a file, as any node would read it next: what is cached by the
 * node that has the file exclusively, if one has, else what is on the disk.
 */
export function finalPage(machine: Machine, file: number, page: number): number {
	const { mem } = machine;
	const place = placeOf(machine, file, page);
	for (const node of place.nodes) {
		if (mem[node.state] !== place.exclusive) continue;
		const cached = mem[node.slot];
		if (cached && mem[cached + place.flags] & place.uptodate) return mem[cached + place.data];
	}
	return mem[place.sector];
}
