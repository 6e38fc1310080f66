// SPDX-License-Identifier: GPL-2.0-only
/** One function of the port against the kernel's. */
import type { Entry } from './doc.ts';
import { type Event, earlyReturns, type Passed } from './events.ts';
import { isEverywhere } from './everywhere.ts';
import { eventsOf, type Flow, PLACES, type Place, type Places, usualPlaces } from './flow.ts';
import { callsOf, decide, type Item, type Symbols } from './port.ts';

/** A line of the result: what both have, or one. */
export interface Row {
	c?: Event;
	port?: Event;
	/** of what both have: in what they differ */
	other?: Other;
	/** the declared difference that this is */
	entry?: Entry;
}

/** How what both have differs: in the condition under which it runs, or in what is passed. */
export interface Other {
	/** `under pte_none`, or `with 0` */
	what: 'under' | 'with';
	c: string;
	port: string;
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

/**
 * What the port does under these symbols; parts of functions are where they are called. `all` has
 * what is not compared as well.
 */
export function portEvents(
	f: { name: string; items: readonly Item[] },
	symbols: Symbols,
	partOf: PartOf,
	known: ReadonlySet<string>,
): { events: Event[]; all: Event[] } {
	const events: Event[] = [];
	let parts = 0;
	/** true when nothing runs on behind them */
	const write = (list: readonly Item[], depth: number, returns: boolean, at: At): boolean => {
		for (const item of list) {
			if ('when' in item) {
				const value = decide(item.when, symbols);
				if (value !== 0) {
					const stopped = write(item.yes, depth, returns, at);
					if (value !== undefined && (stopped || item.yesStops)) return true;
				}
				if (!value) {
					const stopped = write(item.no, depth, returns, at);
					if (value !== undefined && (stopped || item.noStops)) return true;
				}
				continue;
			}
			const { tail } = item;
			const event = placed(item.event, at);
			const follow = event.kind === 'call' && depth < DEPTH && !isEverywhere(event.name, 'port');
			const part = follow ? partOf(event.name) : undefined;
			// the call itself, and returns that only leave a part, are not compared
			if (part || (event.kind === 'return' && !returns)) events.push({ ...event, kind: 'own' });
			if (part)
				write(part, depth + 1, returns && tail === true, {
					first: ++parts * IDS,
					guards: event.guards ?? [],
					rest: event.rest ?? [],
				});
			else if (event.kind !== 'return' || returns) events.push(event);
		}
		return false;
	};
	write(f.items, 0, true, { first: 0, guards: [], rest: [] });
	return { events: clean(events, 'port', f.name, known), all: events };
}

/** No function asks as much. */
const IDS = 100_000;

/** Where the body of a function is put: the first of its ids, and what it runs under. */
interface At {
	first: number;
	guards: readonly number[];
	rest: readonly number[];
}

function placed(event: Event, { first, guards, rest }: At): Event {
	if (first === 0) return event;
	const moved = (ids: readonly number[] | undefined) =>
		(ids ?? []).map((id) => (id < 0 ? id - first : id + first));
	return {
		...event,
		...(event.id !== undefined && { id: event.id + first }),
		guards: [...guards, ...moved(event.guards)],
		rest: [...rest, ...moved(event.rest)],
	};
}

/**
 * All calls of the port, under whatever symbols, as entries: what is under a symbol that is off may
 * be declared.
 */
export function portCalls(items: readonly Item[]): Set<string> {
	return new Set([...callsOf(items)].map((name) => `+ ${name}`));
}

/** Bits of a pte that are set or cleared in one step. */
const PTE_BIT = /^pte_(mk\w+|wrprotect)$/;

/**
 * Without what is no event anywhere; a function does not call itself, its flag's macro may. What a
 * condition or an assignment is about must have a name on the other side.
 */
function clean(
	events: readonly Event[],
	side: 'C' | 'port',
	name: string,
	known: ReadonlySet<string>,
): Event[] {
	const counts = (e: Event): boolean => {
		if (e.kind === 'own') return false;
		if (e.kind === 'if' || e.kind === 'set') return e.names!.every((n) => known.has(n));
		return e.kind !== 'call' || (e.name !== name && !isEverywhere(e.name, side));
	};
	const kept = events.filter(counts);
	// in whichever order they are written
	for (let i = 1; i < kept.length; i++)
		for (let j = i; j > 0; j--) {
			const [a, b] = [kept[j - 1], kept[j]];
			if (!PTE_BIT.test(a.name) || !PTE_BIT.test(b.name) || a.name <= b.name) break;
			[kept[j - 1], kept[j]] = [b, a];
		}
	return earlyReturns(kept);
}

/** The kernel's events, with the names that the port gives them. */
function kernelEvents(
	{ name, flow }: { name: string; flow: Flow },
	places: Places,
	entries: readonly Entry[],
	bodyOf: BodyOf,
	used: Set<string>,
	known: ReadonlySet<string>,
): Event[] {
	const expanded = new Set(entries.filter((e) => e.kind === '=').flatMap((e) => e.names));
	const renamed = new Map<string, string>();
	for (const { kind, names, other } of entries)
		if (kind === '->') for (const name of names) renamed.set(name, other ?? '');
	const events: Event[] = [];
	let parts = 0;
	const write = (list: readonly Event[], depth: number, at: At): void => {
		for (const inside of list) {
			const event = placed(inside, at);
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
					{ first: ++parts * IDS, guards: event.guards ?? [], rest: event.rest ?? [] },
				);
			} else if (other !== undefined) {
				events.push({ ...event, name: other });
				used.add(`-> ${event.name}`);
			} else events.push(event);
		}
	};
	write(eventsOf(flow, places), 0, { first: 0, guards: [], rest: [] });
	return clean(events, 'C', name, known);
}

const WORTH: Readonly<Record<Event['kind'], number>> = {
	...{ lock: 18, call: 16, set: 8, if: 6, return: 4, loop: 4, own: 0 },
};

/** How much it is worth that an event is found on both sides. */
function worth({ kind, name }: Event, declared: ReadonlySet<string>): number {
	return WORTH[kind] - (declared.has(name) ? 1 : 0);
}

/** The longest sequence that both have, as rows; what is worth more is kept. */
function align(c: Event[], port: Event[], declared: ReadonlySet<string>): Row[] {
	const width = port.length + 1;
	const best = new Int32Array((c.length + 1) * width);
	// what is asked of a variable may be asked of one with another name, which is worth less
	const alike = (i: number, j: number): boolean =>
		c[i].like !== undefined && c[i].like === port[j].like;
	const same = (i: number, j: number) => c[i].name === port[j].name || alike(i, j);
	const value = (i: number, j: number) => (c[i].name === port[j].name ? worth(c[i], declared) : 1);
	for (let i = c.length - 1; i >= 0; i--)
		for (let j = port.length - 1; j >= 0; j--) {
			const apart = Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
			const both = same(i, j) ? best[(i + 1) * width + j + 1] + value(i, j) : 0;
			best[i * width + j] = Math.max(apart, both);
		}
	const rows: Row[] = [];
	let [i, j] = [0, 0];
	while (i < c.length || j < port.length) {
		const here = best[i * width + j];
		const both = i < c.length && j < port.length && same(i, j);
		if (both && here === best[(i + 1) * width + j + 1] + value(i, j))
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

/**
 * What is declared for a statement holds for what is about it alone: for a condition or a loop
 * under which only one side has something, and for the return behind such a condition.
 */
function inherit(rows: readonly (readonly [Row, Event])[], both: readonly Event[]): void {
	const common = new Set(both.flatMap((e) => (e.guards ?? []).map(Math.abs)));
	for (let changed = true; changed; ) {
		changed = false;
		const under = new Map<number, Entry>();
		const asked = new Map<number, Entry>();
		for (const [{ entry }, event] of rows) {
			if (!entry) continue;
			for (const id of event.guards ?? []) under.set(Math.abs(id), entry);
			if (event.id !== undefined) asked.set(event.id, entry);
		}
		for (const [row, { kind, id, guards }] of rows) {
			if (row.entry) continue;
			const alone = id !== undefined && !common.has(id);
			const last = Math.abs(guards?.at(-1) ?? 0);
			if (alone && kind !== 'call') row.entry = under.get(id);
			else if (kind === 'return') row.entry = asked.get(last);
			if (row.entry) changed = true;
		}
	}
}

/** In which sense each condition holds where an event runs: 1, -1, or 0 for both. */
function senses(e: Event): Map<number, number> {
	const found = new Map<number, number>();
	for (const id of [...(e.guards ?? []), ...(e.rest ?? [])]) {
		const [key, sign] = [Math.abs(id), Math.sign(id)];
		found.set(key, (found.get(key) ?? sign) === sign ? sign : 0);
	}
	return found;
}

/**
 * Compares the conditions under which what both have runs, as far as both have them: a
 * branch that is taken in the other sense, or that is none any more.
 */
function compareSenses(rows: readonly Row[]): void {
	const both = rows.filter((row) => row.c && row.port);
	const names = new Map<number, string>();
	const pairs: [c: number, port: number][] = [];
	for (const { c, port } of both) {
		if (c!.id === undefined || port!.id === undefined) continue;
		pairs.push([c!.id, port!.id]);
		names.set(c!.id, c!.name.replace(/^if /, ''));
	}
	for (const row of both) {
		const [inC, inPort] = [senses(row.c!), senses(row.port!)];
		for (const [id, sense] of inC) {
			const others = pairs.filter(([c]) => c === id).map(([, port]) => inPort.get(port));
			if (others.length === 0 || sense === 0) continue;
			if (others.some((s) => s === sense || s === 0)) continue;
			const text = (s: number | undefined): string =>
				s === undefined ? 'any' : `${s < 0 ? '!' : ''}${names.get(id)}`;
			row.other = { what: 'under', c: text(sense), port: text(others[0]) };
		}
	}
}

/**
 * Are these values the same, as far as can be told? A variable may have another name in the port,
 * unless the port has one of that name too.
 */
function sameValue(c: Passed, port: Passed, locals: ReadonlySet<string>): boolean {
	if (c.text === port.text) return true;
	return c.like === port.like && !c.locals.every((name) => locals.has(name));
}

/** Compares what is passed, assigned and returned, where both sides have as many values. */
function compareValues(rows: readonly Row[], locals: ReadonlySet<string>): void {
	for (const row of rows) {
		const [c, port] = [row.c?.args ?? [], row.port?.args ?? []];
		if (!row.c || !row.port || row.other || c.length !== port.length) continue;
		const i = c.findIndex((value, n) => !sameValue(value, port[n], locals));
		if (i >= 0) row.other = { what: 'with', c: c[i].text, port: port[i].text };
	}
}

/** Is this the same thing in another place: with values that look alike? */
function isMoved(c: Event, port: Event): boolean {
	if (c.name !== port.name) return false;
	const [mine, others] = [c.args ?? [], port.args ?? []];
	if (mine.length !== others.length) return true;
	return mine.every((value, i) => value.like === others[i].like);
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
 * beside as many as it says. Those of the file (`general`) are counted over all its functions;
 * `written` are those of written.ts.
 */
function explain(
	rows: Row[],
	entries: readonly Entry[],
	written: readonly Entry[],
	general: readonly Entry[],
): Used {
	const used: Used = new Map();
	const open = (list: readonly Entry[], kind: Entry['kind'], event: string) => {
		for (const entry of list) {
			if (entry.kind !== kind) continue;
			const name = entry.names.find((n) => means(n, event));
			if (name === undefined) continue;
			const left = entry.counts.get(name)! > timesUsed(used, entry, name);
			if (left || general.includes(entry)) return { entry, name };
		}
		return undefined;
	};
	let list: readonly Entry[] = [...entries, ...general];
	const beside = (row: Row, kind: Entry['kind'], event = (row.c ?? row.port)!.name): boolean => {
		const found = open(list, kind, event);
		if (!found) return false;
		row.entry = found.entry;
		use(used, found.entry, found.name);
		return true;
	};
	const onlyC = rows.filter((r) => !r.port);
	const onlyPort = rows.filter((r) => !r.c);
	for (const row of onlyC) {
		const other = onlyPort.find((r) => !r.entry && isMoved(row.c!, r.port!));
		if (other && beside(row, '~')) other.entry = row.entry;
	}
	const both = rows.filter((r) => r.c && r.port);
	// what is written in another way comes behind what a function declares, and what follows from it
	for (const stage of [list, written]) {
		list = stage;
		for (const row of onlyC) if (!row.entry) beside(row, '-');
		for (const row of onlyPort) if (!row.entry) beside(row, '+');
		for (const row of both)
			if (row.other && !row.entry && !beside(row, '@')) beside(row, '@', row.other.what);
		inherit(
			onlyC.map((row) => [row, row.c!]),
			both.map((r) => r.c!),
		);
		inherit(
			onlyPort.map((row) => [row, row.port!]),
			both.map((r) => r.port!),
		);
	}
	return used;
}

/** Fewer is nearer: what is not declared first, then all differences. */
function distance(rows: readonly Row[]): number {
	const apart = rows.filter((r) => !r.c || !r.port);
	const other = rows.filter((r) => r.other);
	const undeclared = [...apart, ...other].filter((r) => !r.entry);
	return undeclared.length * 1000 + apart.length + other.length;
}

/** An entry that stands for fewer rows than it says, or for none. */
export interface Stale {
	entry: Entry;
	name: string;
	/** of how many there are */
	rows: number;
}

const EXCUSES = new Set<Entry['kind']>(['-', '+', '~', '@']);

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
	written: readonly Entry[],
	general: readonly Entry[],
	bodyOf: BodyOf,
	known: ReadonlySet<string>,
	locals: ReadonlySet<string>,
): Comparison {
	const all = [...entries, ...written, ...general];
	const declared = new Set(all.flatMap((e) => (EXCUSES.has(e.kind) ? e.names : [])));
	const attempt = (places: Places) => {
		const translated = new Set<string>();
		const rows = align(
			kernelEvents(kernel, places, all, bodyOf, translated, known),
			[...port],
			declared,
		);
		compareSenses(rows);
		compareValues(rows, locals);
		const used = explain(rows, entries, written, general);
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
