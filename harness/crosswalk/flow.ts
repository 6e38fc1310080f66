// SPDX-License-Identifier: GPL-2.0-only
/**
 * The events of a C function, in the order in which they are written; a goto is followed.
 *
 * What stands behind a label can be compared in several places, and the port chose one of them
 * when it wrote the function without gotos. All of them say what the function does, so the caller
 * tries each (Place), and keeps what is nearest to the port:
 *
 *     each   at every goto: the port repeats it
 *     first  at the first goto; the others are early returns
 *     exit   where the label is; a goto is an early return
 *     skip   where the label is; a goto passes over what is between
 */
import { type Event, loopEvent, returnEvent } from './events.ts';
import { children, lineOf, type Node } from './grammar.ts';
import { type Item, labelOf, Reader, stops, within } from './read-c.ts';

export type Place = 'each' | 'first' | 'exit' | 'skip';
export const PLACES: readonly Place[] = ['each', 'first', 'exit', 'skip'];
export type Places = ReadonlyMap<string, Place>;

/** A label, and what runs from it on. */
export interface Label {
	from: number;
	/** behind the first statement that nothing runs on from, or behind the block */
	to: number;
	/** what stands before the label runs into it */
	runsInto: boolean;
	/** the end is the end of the function */
	ends: boolean;
	/** some goto is before it; otherwise it may be a loop */
	forward: boolean;
}

export interface Flow {
	items: Item[];
	labels: ReadonlyMap<string, Label>;
}

/** The label of a statement, and how far what stands behind it runs. */
function labelAt(labeled: Node, body: Node): Omit<Label, 'forward'> {
	const siblings = children(labeled.parent ?? body);
	const i = siblings.findIndex((s) => s.id === labeled.id);
	let last = i;
	while (last + 1 < siblings.length && !stops(siblings[last])) last++;
	return {
		from: labeled.startIndex,
		to: siblings[last].endIndex,
		runsInto: i <= 0 || !stops(siblings[i - 1]),
		ends: labeled.parent?.id === body.id && !stops(siblings[last]),
	};
}

/** Where what is behind each label is compared first. */
export function usualPlaces({ labels }: Flow): Map<string, Place> {
	const usual = ({ runsInto, forward }: Label): Place =>
		forward ? (runsInto ? 'exit' : 'each') : 'skip';
	return new Map([...labels].map(([name, label]) => [name, usual(label)]));
}

/** Ids of loops that a goto makes. */
const GOTO_LOOPS = 50_000;

/** A goto back makes a loop of what is from its label on. */
function addLoop(
	items: Item[],
	{ at, last, line }: { at: number; last: number; line: number },
	id: number,
): void {
	for (const item of items) {
		if (item.at < at || item.at > last) continue;
		const part = item.event ?? item;
		part.guards = [id, ...(part.guards ?? [])];
	}
	const next = items.findIndex((i) => i.at >= at);
	const loop: Item = { at, event: { ...loopEvent(line), id } };
	items.splice(next < 0 ? items.length : next, 0, loop);
}

/** Reads a function. */
export function flowOf(definition: Node): Flow {
	const body = definition.childForFieldName('body') ?? definition;
	const reader = new Reader(definition);
	reader.read(body);
	const { items } = reader;
	const labels = new Map<string, Label>();
	const loops: { at: number; last: number; line: number }[] = [];
	for (const labeled of within(body, 'labeled_statement')) {
		const name = labelOf(labeled);
		const gotos = items.filter((i) => i.goto === name);
		const forward = gotos.some((i) => i.at < labeled.startIndex);
		if (gotos.length > 0) labels.set(name, { ...labelAt(labeled, body), forward });
		const at = labeled.startIndex;
		const last = Math.max(-1, ...gotos.map((i) => i.at));
		if (last >= at) loops.push({ at, last, line: lineOf(labeled) });
	}
	for (const [i, loop] of loops.entries()) addLoop(items, loop, GOTO_LOOPS + i);
	return { items, labels };
}

/** The events of a function, its labels placed in this way. */
export function eventsOf({ items, labels }: Flow, places: Places): Event[] {
	const events: Event[] = [];
	const done = new Set<string>();
	const following = new Set<string>();
	const inside = (at: number, { from, to }: Label): boolean => at >= from && at < to;

	/** Is this written at the gotos, and not where it stands? */
	const moved = (at: number): boolean =>
		[...labels].some(([name, label]) => {
			const place = places.get(name);
			return (place === 'each' || place === 'first') && !label.runsInto && inside(at, label);
		});
	type Outer = { guards: readonly number[]; rest: readonly number[] };
	const write = (item: Item, outer: Outer): void => {
		const inner = item.event ?? item;
		const where = {
			guards: [...outer.guards, ...(inner.guards ?? [])],
			rest: [...outer.rest, ...(inner.rest ?? [])],
		};
		if (item.event) {
			events.push({ ...item.event, ...where });
			return;
		}
		const name = item.goto ?? '';
		const label = labels.get(name);
		const place = places.get(name);
		const back = label && item.at > label.from;
		if (!label || place === 'skip' || (back && place !== 'each')) return;
		const line = items.find((i) => i.at >= item.at && i.event)?.event?.line ?? 0;
		if (place === 'exit' || following.has(name) || (place === 'first' && done.has(name))) {
			events.push({ ...returnEvent(line), ...where });
			return;
		}
		done.add(name);
		following.add(name);
		for (const other of items) if (inside(other.at, label)) write(other, where);
		if (label.ends) events.push({ ...returnEvent(line), ...where });
		following.delete(name);
	};
	for (const item of items) if (!moved(item.at)) write(item, { guards: [], rest: [] });
	return events;
}
