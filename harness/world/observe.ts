// SPDX-License-Identifier: GPL-2.0-only
/** Reads values of a machine from outside. Runs on the host, not in the machine. */
import type { Machine } from '../engine/machine.ts';

const PAGE_SIZE = 4096;

/** The addresses that finalPage() needs, found once for each machine and page. */
interface Place {
	nodes: { state: number; slot: number; inode: Metadata }[];
	/** what the disk has */
	disk: Metadata;
	/** its place on the disk; with resource groups that of the first block */
	sector: number;
	exclusive: number;
	flags: number;
	uptodate: number;
	data: number;
	/** bytes from the start of the file */
	offset: number;
	/** ints of a page */
	words: number;
	/** of the page, in the block bits; 0: no file has holes */
	block: number;
}
/** The addresses of the size of a file, and of the bits of its pages that have blocks. */
interface Metadata {
	size: number;
	blocks: number;
	/** of the number of the page's block; 0: it is at a fixed place */
	map: number;
}
const places = new WeakMap<Machine, Map<string, Place>>();

/** Where in its page an int is (page_word_offset() in vfs/include/asm/page.ts). */
export function offsetInPage(
	{ PAGE_WORDS, PAGE_TAIL }: Record<string, number>,
	word: number,
): number {
	const fromEnd = PAGE_WORDS - word;
	return fromEnd > PAGE_TAIL ? word * 4 : PAGE_SIZE - fromEnd * 4;
}

function placeOf(machine: Machine, file: number, page: number, word: number): Place {
	const known = places.get(machine) ?? new Map<string, Place>();
	places.set(machine, known);
	const key = `${file}/${page}/${word}`;
	const found = known.get(key);
	if (found) return found;
	const { constants } = machine;
	const at = (path: string) => machine.locate(path).address;
	const offset = (name: string) =>
		machine.structs.page.fields.find((f) => f.name === name)?.offset ?? 0;
	const moves = constants.NR_RGRP_BLOCKS > 0;
	const sectorOf = moves ? 0 : file * constants.NR_FILE_PAGES + page;
	const place: Place = {
		nodes: Array.from({ length: constants.NR_NODES }, (_, n) => ({
			state: at(`ogfs_sbs[${n}].sd_inodes[${file}].i_gl.gl_state`),
			slot: at(`nodes[${n}].inodes[${file}].i_data.pages[${page}]`),
			inode: {
				size: at(`nodes[${n}].inodes[${file}].i_size`),
				blocks: at(`nodes[${n}].inodes[${file}].i_blocks`),
				map: moves ? at(`nodes[${n}].inodes[${file}].i_map[${page}]`) : 0,
			},
		})),
		sector: at(`disk.sector[${sectorOf * constants.PAGE_WORDS + word}]`),
		disk: {
			size: at(`ogfs_dinodes[${file}].di_size`),
			blocks: at(`ogfs_dinodes[${file}].di_blocks`),
			map: moves ? at(`ogfs_dinodes[${file}].di_map[${page}]`) : 0,
		},
		// A local file system has no lock: the value of its one node is right.
		exclusive: constants.LOCAL_FS ? constants.LM_ST_UNLOCKED : constants.LM_ST_EXCLUSIVE,
		block: constants.TRUNCATES ? 1 << page : 0,
		flags: offset('flags'),
		uptodate: constants.PG_uptodate,
		data: offset('data') + word,
		offset: page * PAGE_SIZE + offsetInPage(constants, word),
		words: constants.PAGE_WORDS,
	};
	known.set(key, place);
	return place;
}

/**
 * An int of a page of a file, as the next reader on any node would get it: from the cache of the
 * node that has the file exclusively, else from the disk.
 */
export function finalPage(machine: Machine, file: number, page: number, word = 0): number {
	const { mem } = machine;
	const place = placeOf(machine, file, page, word);
	let metadata = place.disk;
	for (const node of place.nodes) {
		if (mem[node.state] !== place.exclusive) continue;
		metadata = node.inode;
		if (place.block && place.offset >= mem[metadata.size]) return 0;
		const cached = mem[node.slot];
		if (cached && mem[cached + place.flags] & place.uptodate) return mem[cached + place.data];
	}
	const hole = place.block && !(mem[metadata.blocks] & place.block);
	if (hole || (place.block && place.offset >= mem[metadata.size])) return 0;
	return mem[place.sector + (metadata.map ? mem[metadata.map] * place.words : 0)];
}
