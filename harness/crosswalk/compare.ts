// SPDX-License-Identifier: GPL-2.0-only
/** One function of the port against the kernel's. */
import type { Entry } from './doc.ts';
import { type Event, earlyReturns } from './events.ts';
import { isEverywhere } from './everywhere.ts';
import { eventsOf, type Flow, PLACES, type Place, type Places, usualPlaces } from './flow.ts';
import { decide, type Item, type Symbols } from './port.ts';

/** A line of the result: what both have, or one. */
export interface Row {
	c?: Event;
	port?: Event;
	/** the declared difference that this is */
	entry?: Entry;
}

export interface Comparison {
	rows: Row[];
	used: Used;
	/** entries that gave a name or a body to something: `-> name`, `= name` */
	translated: ReadonlySet<string>;
}

/** Looks up a function that the port has and no kernel does; undefined for any other. */
export type PartOf = (name: string) => Item[] | undefined;
/** Looks up the body of a function of the kernel. */
export type BodyOf = (name: string) => Flow | undefined;

const DEPTH = 8;

/** What the port does under these symbols; parts of functions are where they are called. */
export function portEvents(
	f: { name: string; items: readonly Item[] },
	symbols: Symbols,
	partOf: PartOf,
): Event[] {
	const events: Event[] = [];
	/** true when nothing runs on behind them */
	const write = (list: readonly Item[], depth: number, returns: boolean): boolean => {
		for (const item of list) {
			if ('when' in item) {
				const value = decide(item.when, symbols);
				if (value !== 0) {
					const stopped = write(item.yes, depth, returns);
					if (value !== undefined && (stopped || item.yesStops)) return true;
				}
				if (!value) {
					const stopped = write(item.no, depth, returns);
					if (value !== undefined && (stopped || item.noStops)) return true;
				}
				continue;
			}
			const { event, tail } = item;
			const part = event.kind === 'call' && depth < DEPTH ? partOf(event.name) : undefined;
			if (part) write(part, depth + 1, returns && tail === true);
			else if (event.kind !== 'return' || returns) events.push(event);
		}
		return false;
	};
	write(f.items, 0, true);
	return clean(events, 'port', f.name);
}

/**
 * All calls of the port, under whatever symbols, as entries: what is under a symbol that is off may
 * be declared.
 */
export function portCalls(items: readonly Item[], found = new Set<string>()): Set<string> {
	for (const item of items) {
		if ('event' in item) found.add(`+ ${item.event.name}`);
		else for (const part of [item.yes, item.no]) portCalls(part, found);
	}
	return found;
}

/** Without what is no event anywhere; a function does not call itself, its flag's macro may. */
function clean(events: readonly Event[], side: 'C' | 'port', name: string): Event[] {
	const counts = (e: Event) =>
		e.kind !== 'call' || (e.name !== name && !isEverywhere(e.name, side));
	return earlyReturns(events.filter(counts));
}

/** The kernel's events, with the names that the port gives them. */
function kernelEvents(
	{ name, flow }: { name: string; flow: Flow },
	places: Places,
	entries: readonly Entry[],
	bodyOf: BodyOf,
	used: Set<string>,
): Event[] {
	const expanded = new Set(entries.filter((e) => e.kind === '=').flatMap((e) => e.names));
	const renamed = new Map<string, string>();
	for (const { kind, names, other } of entries)
		if (kind === '->') for (const name of names) renamed.set(name, other ?? '');
	const events: Event[] = [];
	const write = (list: readonly Event[], depth: number): void => {
		for (const event of list) {
			const expand = expanded.has(event.name) && depth < DEPTH;
			// a second call of it would only say the same again
			if (expand && used.has(`= ${event.name}`)) continue;
			const body = expand ? bodyOf(event.name) : undefined;
			const other = renamed.get(event.name);
			if (body) {
				used.add(`= ${event.name}`);
				const inner = eventsOf(body, usualPlaces(body)).filter((e) => e.kind !== 'return');
				// lines of another place would mislead
				write(
					inner.map((e) => ({ ...e, line: event.line })),
					depth + 1,
				);
			} else if (other !== undefined) {
				events.push({ ...event, name: other });
				used.add(`-> ${event.name}`);
			} else events.push(event);
		}
	};
	write(eventsOf(flow, places), 0);
	return clean(events, 'C', name);
}

/** How much it is worth that an event is found on both sides. */
function worth({ kind, name }: Event, declared: ReadonlySet<string>): number {
	return (kind === 'return' ? 2 : kind === 'lock' ? 9 : 8) - (declared.has(name) ? 1 : 0);
}

/** The longest sequence that both have, as rows; what is worth more is kept. */
function align(c: Event[], port: Event[], declared: ReadonlySet<string>): Row[] {
	const width = port.length + 1;
	const best = new Int32Array((c.length + 1) * width);
	const same = (i: number, j: number) => c[i].name === port[j].name;
	for (let i = c.length - 1; i >= 0; i--)
		for (let j = port.length - 1; j >= 0; j--) {
			const apart = Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
			const both = same(i, j) ? best[(i + 1) * width + j + 1] + worth(c[i], declared) : 0;
			best[i * width + j] = Math.max(apart, both);
		}
	const rows: Row[] = [];
	let [i, j] = [0, 0];
	while (i < c.length || j < port.length) {
		const here = best[i * width + j];
		const both = i < c.length && j < port.length && same(i, j);
		if (both && here === best[(i + 1) * width + j + 1] + worth(c[i], declared))
			rows.push({ c: c[i++], port: port[j++] });
		else if (j >= port.length || (i < c.length && best[(i + 1) * width + j] >= here))
			rows.push({ c: c[i++] });
		else rows.push({ port: port[j++] });
	}
	return rows;
}

/** Does a declared name stand for this event? `spin_lock` does for that of any lock. */
function means(declared: string, event: string): boolean {
	return declared === event || event.startsWith(`${declared} `);
}

/** How many rows each name of each entry stands for here. */
export type Used = Map<Entry, Map<string, number>>;

const timesUsed = (used: Used, entry: Entry, name: string): number =>
	used.get(entry)?.get(name) ?? 0;

function use(used: Used, entry: Entry, name: string): void {
	const names = used.get(entry) ?? new Map<string, number>();
	used.set(entry, names.set(name, (names.get(name) ?? 0) + 1));
}

/**
 * Puts the declared differences beside the rows that they are about: each entry of the function
 * beside as many as it says. Those of the file (`general`) are counted over all its functions.
 */
function explain(rows: Row[], entries: readonly Entry[], general: readonly Entry[]): Used {
	const used: Used = new Map();
	const open = (kind: Entry['kind'], event: string) => {
		for (const entry of [...entries, ...general]) {
			if (entry.kind !== kind) continue;
			const name = entry.names.find((n) => means(n, event));
			if (name === undefined) continue;
			const left = entry.counts.get(name)! > timesUsed(used, entry, name);
			if (left || general.includes(entry)) return { entry, name };
		}
		return undefined;
	};
	const beside = (row: Row, kind: Entry['kind']): boolean => {
		const found = open(kind, (row.c ?? row.port)!.name);
		if (!found) return false;
		row.entry = found.entry;
		use(used, found.entry, found.name);
		return true;
	};
	const onlyC = rows.filter((r) => !r.port);
	const onlyPort = rows.filter((r) => !r.c);
	for (const row of onlyC) {
		const other = onlyPort.find((r) => !r.entry && r.port!.name === row.c!.name);
		if (other && beside(row, '~')) other.entry = row.entry;
	}
	for (const row of onlyC) if (!row.entry) beside(row, '-');
	for (const row of onlyPort) if (!row.entry) beside(row, '+');
	return used;
}

/** Fewer is nearer: what nobody declared first, then all differences. */
function distance(rows: readonly Row[]): number {
	const apart = rows.filter((r) => !r.c || !r.port);
	return apart.filter((r) => !r.entry).length * 1000 + apart.length;
}

/** An entry that stands for fewer rows than it says, or for none. */
export interface Stale {
	entry: Entry;
	name: string;
	/** of how many there are */
	rows: number;
}

const EXCUSES = new Set<Entry['kind']>(['-', '+', '~']);

/** The names of entries that do not stand for as many rows as they say. */
export function staleOf(
	entries: readonly Entry[],
	used: Used,
	translated: ReadonlySet<string>,
	hidden: ReadonlySet<string>,
): Stale[] {
	return entries.flatMap((entry) =>
		entry.names.flatMap((name) => {
			const key = `${entry.kind} ${name}`;
			const rows = timesUsed(used, entry, name);
			if (!EXCUSES.has(entry.kind)) return translated.has(key) ? [] : [{ entry, name, rows }];
			const under = rows === 0 && hidden.has(key);
			return under || rows === entry.counts.get(name) ? [] : [{ entry, name, rows }];
		}),
	);
}

/**
 * Compares a function. `entries` are those of the function, `general` those of its file, which
 * need not be differences of each function.
 */
export function compare(
	kernel: { name: string; flow: Flow },
	port: readonly Event[],
	entries: readonly Entry[],
	general: readonly Entry[],
	bodyOf: BodyOf,
): Comparison {
	const all = [...entries, ...general];
	const declared = new Set(all.flatMap((e) => (EXCUSES.has(e.kind) ? e.names : [])));
	const attempt = (places: Places) => {
		const translated = new Set<string>();
		const rows = align(kernelEvents(kernel, places, all, bodyOf, translated), [...port], declared);
		const used = explain(rows, entries, general);
		return { rows, used, translated, far: distance(rows) };
	};
	const places = usualPlaces(kernel.flow);
	let best = attempt(places);
	for (let round = 0; round < 2; round++)
		for (const name of places.keys())
			for (const place of PLACES) {
				const before = places.get(name) as Place;
				const now = attempt(places.set(name, place));
				if (now.far < best.far) best = now;
				else places.set(name, before);
			}
	const { rows, used, translated } = best;
	return { rows, used, translated };
}
