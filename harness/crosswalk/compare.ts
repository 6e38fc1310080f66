// SPDX-License-Identifier: GPL-2.0-only
/** One function of the port against the kernel's. */
import type { Entry } from './doc.ts';
import { ASSERTIONS, type Event, earlyReturns } from './events.ts';
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
	/** entries that are no difference any more */
	stale: { entry: Entry; name: string }[];
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

/** All calls of the port, under whatever symbols, as entries. */
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

/** Puts the declared differences beside the rows that they are about. */
function explain(rows: Row[], entries: readonly Entry[], used: Set<string>): void {
	const find = (name: string, kind: Entry['kind']) =>
		entries.find((e) => e.kind === kind && e.names.some((n) => means(n, name)));
	const onlyC = new Set(rows.filter((r) => !r.port).map((r) => r.c!.name));
	const onlyPort = new Set(rows.filter((r) => !r.c).map((r) => r.port!.name));
	for (const row of rows) {
		if (row.c && row.port) continue;
		const { name } = (row.c ?? row.port)!;
		const moved = onlyC.has(name) && onlyPort.has(name) ? find(name, '~') : undefined;
		row.entry = moved ?? find(name, row.c ? '-' : '+');
		for (const n of row.entry?.names ?? []) if (means(n, name)) used.add(`${row.entry!.kind} ${n}`);
	}
}

/** Fewer is nearer: what nobody declared first, then all differences. */
function distance(rows: readonly Row[]): number {
	const apart = rows.filter((r) => !r.c || !r.port);
	return apart.filter((r) => !r.entry).length * 1000 + apart.length;
}

/**
 * Compares a function. `entries` are those of the function, `general` those of its file, which
 * need not be differences of each function. `hidden` has what the port does besides, under symbols
 * that are off and in functions of its own: that may be declared, and so may what is renamed,
 * written out or left out everywhere.
 */
export function compare(
	kernel: { name: string; flow: Flow },
	port: readonly Event[],
	entries: readonly Entry[],
	general: readonly Entry[],
	bodyOf: BodyOf,
	hidden: Set<string>,
): Comparison & { used: Set<string> } {
	const all = [...entries, ...general];
	const declared = new Set(all.flatMap((e) => ('-+~'.includes(e.kind) ? e.names : [])));
	const attempt = (places: Places) => {
		const used = new Set<string>();
		const rows = align(kernelEvents(kernel, places, all, bodyOf, used), [...port], declared);
		explain(rows, all, used);
		return { rows, used, far: distance(rows) };
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
	for (const e of eventsOf(kernel.flow, places)) hidden.add(`- ${e.name}`);
	for (const name of ASSERTIONS) hidden.add(`+ ${name}`).add(`- ${name}`);
	for (const { c, port: p } of best.rows) {
		if (c) hidden.delete(`- ${c.name}`);
		if (p) hidden.delete(`+ ${p.name}`);
	}
	for (const key of hidden) best.used.add(key);
	const stale = entries.flatMap((entry) =>
		entry.names
			.filter((name) => !best.used.has(`${entry.kind} ${name}`))
			.map((name) => ({ entry, name })),
	);
	return { rows: best.rows, stale, used: best.used };
}
