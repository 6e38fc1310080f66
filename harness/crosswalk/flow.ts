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
import { ASSERTIONS, callEvent, type Event, LOCKS, returnEvent } from './events.ts';
import { children, lineOf, type Node } from './grammar.ts';

export type Place = 'each' | 'first' | 'exit' | 'skip';
export const PLACES: readonly Place[] = ['each', 'first', 'exit', 'skip'];
export type Places = ReadonlyMap<string, Place>;

/** An event or a goto, and where in the text it stands. */
interface Item {
	at: number;
	event?: Event;
	goto?: string;
}

/** A label, and what runs from it on. */
interface Label {
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

const JUMPS = new Set([
	...['return_statement', 'goto_statement', 'break_statement', 'continue_statement'],
]);

/** Macros whose arguments are evaluated and that are no event themselves. */
const TRANSPARENT = new Set(['likely', 'unlikely', '__builtin_expect']);

function within(node: Node, type: string, found: Node[] = []): Node[] {
	for (const child of children(node)) {
		if (child.type === type) found.push(child);
		within(child, type, found);
	}
	return found;
}

const labelOf = (node: Node): string => node.childForFieldName('label')?.text ?? '';

/** Does nothing run on from the end of this statement? */
function stops(statement: Node | null | undefined): boolean {
	if (!statement) return false;
	if (JUMPS.has(statement.type)) return true;
	const part = (name: string) => statement.childForFieldName(name);
	switch (statement.type) {
		case 'compound_statement':
		case 'labeled_statement':
		case 'else_clause':
			return stops(children(statement).at(-1));
		case 'for_statement':
			return !part('condition') && within(statement, 'break_statement').length === 0;
		case 'if_statement':
			return stops(part('consequence')) && stops(part('alternative'));
		default:
			return false;
	}
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

/** The last name in an expression: of `&mm->page_table_lock`, page_table_lock. */
function lastName(node: Node | null | undefined): string | undefined {
	if (!node) return undefined;
	if (node.type === 'identifier' || node.type === 'field_identifier') return node.text;
	if (node.type === 'subscript_expression') return lastName(node.childForFieldName('argument'));
	if (node.type === 'call_expression') return lastName(node.childForFieldName('function'));
	return lastName(children(node).at(-1));
}

/** Is this `if` an assertion: does it lead to BUG() and to nothing else? */
function asserts(node: Node): boolean {
	if (node.type !== 'if_statement' || node.childForFieldName('alternative')) return false;
	let then = node.childForFieldName('consequence');
	while (then && then.type !== 'call_expression') {
		const inside = children(then);
		if (inside.length !== 1) return false;
		then = inside[0];
	}
	return /^(PAGE_)?BUG$/.test(then?.childForFieldName('function')?.text ?? '');
}

/** Names of parameters and local variables, each with what it is a pointer to, if that is said. */
function locals(node: Node, found = new Map<string, string>()): Map<string, string> {
	const declares = /^(parameter_)?declaration$/.test(node.type);
	for (const child of declares ? node.childrenForFieldName('declarator') : []) {
		let name: Node | null | undefined = child;
		while (name && name.type !== 'identifier')
			name = name.childForFieldName('declarator') ?? children(name)[0];
		const value = child.type === 'init_declarator' ? child.childForFieldName('value') : null;
		const target = value?.type === 'pointer_expression' ? lastName(value) : undefined;
		if (name) found.set(name.text, target ?? name.text);
	}
	for (const child of children(node)) locals(child, found);
	return found;
}

class Reader {
	readonly items: Item[] = [];
	readonly #locals: ReadonlyMap<string, string>;

	constructor(definition: Node) {
		this.#locals = locals(definition);
	}

	#add(node: Node, event: Event): void {
		this.items.push({ at: node.startIndex, event });
	}

	#call(node: Node): void {
		const callee = node.childForFieldName('function');
		const args = node.childForFieldName('arguments');
		const first = args ? children(args)[0] : undefined;
		const name = callee?.text ?? '';
		if (!callee || ASSERTIONS.has(name)) return;
		if (args) this.read(args);
		if (TRANSPARENT.has(name)) return;
		if (callee.type === 'identifier' && !this.#locals.has(name)) {
			const target = lastName(first);
			const lock = LOCKS.has(name) && target ? (this.#locals.get(target) ?? target) : undefined;
			this.#add(node, callEvent(name, lock, lineOf(node)));
			return;
		}
		const member = lastName(callee);
		if (member) this.#add(node, callEvent(`->${member}`, undefined, lineOf(node)));
	}

	/** Reads an expression or a statement in the order in which its parts run. */
	read(node: Node): void {
		switch (node.type) {
			case 'comment':
			case 'sizeof_expression':
			case 'preproc_def':
			case 'preproc_function_def':
			case 'gnu_asm_expression':
				return;
			case 'call_expression':
				this.#call(node);
				return;
			case 'return_statement':
				this.#parts(children(node));
				this.#add(node, returnEvent(lineOf(node)));
				return;
			case 'goto_statement':
				this.items.push({ at: node.startIndex, goto: labelOf(node) });
				return;
			case 'if_statement':
				if (!asserts(node)) this.#parts(children(node));
				return;
			case 'for_statement':
				this.#fields(node, 'initializer', 'condition', 'body', 'update');
				return;
			case 'assignment_expression':
				this.#fields(node, 'right', 'left');
				return;
			default:
				this.#parts(children(node));
		}
	}
	#parts(parts: readonly Node[]): void {
		for (const part of parts) this.read(part);
	}
	#fields(node: Node, ...names: string[]): void {
		for (const name of names) {
			const part = node.childForFieldName(name);
			if (part) this.read(part);
		}
	}
}

/** Reads a function. */
export function flowOf(definition: Node): Flow {
	const body = definition.childForFieldName('body') ?? definition;
	const reader = new Reader(definition);
	reader.read(body);
	const { items } = reader;
	const labels = new Map<string, Label>();
	for (const labeled of within(body, 'labeled_statement')) {
		const name = labelOf(labeled);
		const gotos = items.filter((i) => i.goto === name);
		const forward = gotos.some((i) => i.at < labeled.startIndex);
		if (gotos.length > 0) labels.set(name, { ...labelAt(labeled, body), forward });
	}
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
	const write = (item: Item): void => {
		if (item.event) {
			events.push(item.event);
			return;
		}
		const name = item.goto ?? '';
		const label = labels.get(name);
		const place = places.get(name);
		const back = label && item.at > label.from;
		if (!label || place === 'skip' || (back && place !== 'each')) return;
		const line = items.find((i) => i.at >= item.at && i.event)?.event?.line ?? 0;
		if (place === 'exit' || following.has(name) || (place === 'first' && done.has(name))) {
			events.push(returnEvent(line));
			return;
		}
		done.add(name);
		following.add(name);
		for (const other of items) if (inside(other.at, label)) write(other);
		if (label.ends) events.push(returnEvent(line));
		following.delete(name);
	};
	for (const item of items) if (!moved(item.at)) write(item);
	return events;
}
