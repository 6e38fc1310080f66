// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reads a C function: its events and its gotos, in the order in which they are written, each with
 * the conditions under which it runs.
 *
 * Interface: Item Reader within labelOf stops
 */
import {
	ASSERTIONS,
	callEvent,
	type Event,
	fixed,
	ifEvent,
	LOCKS,
	loopEvent,
	type Passed,
	READS,
	returnEvent,
	setEvent,
	WRITES,
} from './events.ts';
import { children, lineOf, type Node } from './grammar.ts';
import {
	atomsOf,
	called,
	named,
	namesIn,
	numbered,
	operation,
	passedOf,
	type Term,
	textOf,
} from './terms.ts';

/** An event or a goto, and where in the text it stands. */
export interface Item {
	at: number;
	event?: Event;
	goto?: string;
	/** of a goto: as of an event */
	guards?: readonly number[];
	rest?: readonly number[];
}

const JUMPS = new Set([
	...['return_statement', 'goto_statement', 'break_statement', 'continue_statement'],
]);

/** Macros whose arguments are evaluated and that are no event themselves. */
const TRANSPARENT = new Set(['likely', 'unlikely', '__builtin_expect']);

export function within(node: Node, type: string, found: Node[] = []): Node[] {
	for (const child of children(node)) {
		if (child.type === type) found.push(child);
		within(child, type, found);
	}
	return found;
}

export const labelOf = (node: Node): string => node.childForFieldName('label')?.text ?? '';

/** Does nothing run on from the end of this statement? */
export function stops(statement: Node | null | undefined): boolean {
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

/** The statement that a branch consists of, if it is one jump. */
function onlyJump(node: Node | null): Node | undefined {
	if (!node) return undefined;
	if (node.type === 'compound_statement') {
		const inside = children(node);
		return inside.length === 1 ? onlyJump(inside[0]) : undefined;
	}
	return /^(return|goto)_statement$/.test(node.type) ? node : undefined;
}

const bare = (node: Node): Node =>
	node.type === 'parenthesized_expression' && children(node).length === 1
		? bare(children(node)[0])
		: node;

const field = (node: Node, name: string): Node | undefined =>
	node.childForFieldName(name) ?? undefined;

const negated = (ids: readonly number[]): number[] => ids.map((id) => -id);

export class Reader {
	readonly items: Item[] = [];
	readonly #locals: ReadonlyMap<string, string>;
	/** labels that some goto leads to */
	readonly #targets: ReadonlySet<string>;
	#guards: readonly number[] = [];
	#rest: readonly number[] = [];
	#ids = 0;

	constructor(definition: Node) {
		this.#locals = locals(definition);
		this.#targets = new Set(within(definition, 'goto_statement').map(labelOf));
	}

	#add(node: Node, event: Event): void {
		this.items.push({ at: node.startIndex, event: { ...event, ...this.#where() } });
	}

	/** Under which conditions the reader is. */
	#where(): { guards?: readonly number[]; rest?: readonly number[] } {
		return {
			...(this.#guards.length > 0 && { guards: this.#guards }),
			...(this.#rest.length > 0 && { rest: this.#rest }),
		};
	}

	/** Runs a part under more conditions. */
	#under(ids: readonly number[], part: () => void): void {
		const before = this.#guards;
		this.#guards = [...before, ...ids];
		part();
		this.#guards = before;
	}

	/** An expression as a term. */
	#term(node: Node | null | undefined): Term {
		if (!node) return numbered(0);
		const part = (name: string) => this.#term(node.childForFieldName(name));
		switch (node.type) {
			case 'null':
			case 'false':
				return numbered(0);
			case 'true':
				return numbered(1);
			case 'identifier':
				return node.text === 'NULL' ? numbered(0) : named(this.#locals.get(node.text) ?? node.text);
			case 'number_literal':
				return numbered(Number.parseInt(node.text, node.text.startsWith('0x') ? 16 : 10));
			case 'field_expression':
				return named(field(node, 'field')?.text ?? '');
			case 'subscript_expression':
			case 'pointer_expression':
			case 'update_expression':
				return part('argument');
			case 'cast_expression':
				return part('value');
			case 'assignment_expression':
				return part('left');
			case 'call_expression': {
				const name = field(node, 'function')?.text ?? '';
				const args = field(node, 'arguments');
				const first = args ? children(args)[0] : undefined;
				if (name === 'page_count') return named('count');
				if (TRANSPARENT.has(name) || READS.has(name) || WRITES.has(name)) return this.#term(first);
				return called(lastName(field(node, 'function')) ?? '');
			}
			case 'binary_expression':
				return operation(field(node, 'operator')?.text ?? '', part('left'), part('right'));
			case 'unary_expression':
				return operation(field(node, 'operator')?.text ?? '', part('argument'));
			case 'conditional_expression':
				return operation('?', part('condition'), part('consequence'), part('alternative'));
			default: {
				const parts = children(node);
				return parts.length > 0 ? this.#term(parts.at(-1)) : named(node.text);
			}
		}
	}

	#passed(node: Node | undefined): Passed {
		return passedOf(this.#term(node), (name) => this.#locals.has(name));
	}

	#like(term: Term): string {
		return `if ${textOf(term, (name) => this.#locals.has(name))}`;
	}

	/** Names in a term that are no local variables. */
	#names(term: Term): string[] {
		return namesIn(term).filter((name) => !this.#locals.has(name));
	}

	/**
	 * Reads a condition. Returns what must hold if it is to hold, or is likelier to: the ids of what
	 * it asks.
	 */
	#condition(outer: Node, sense = true): number[] {
		const node = bare(outer);
		const signed = (id: number): number[] => [sense ? id : -id];
		const operator = field(node, 'operator')?.text ?? '';
		if (node.type === 'unary_expression' && operator === '!')
			return this.#condition(field(node, 'argument')!, !sense);
		if (node.type === 'binary_expression') {
			const [left, right] = [field(node, 'left')!, field(node, 'right')!];
			if (operator === '&&' || operator === '||') {
				const ids = this.#condition(left, sense);
				const more: number[] = [];
				const first = (operator === '&&') === sense ? ids : negated(ids);
				this.#under(first, () => more.push(...this.#condition(right, sense)));
				return [...ids, ...more];
			}
			const zero = (n: Node) => /^(NULL|0)$/.test(bare(n).text);
			if (/^[!=]=$/.test(operator) && zero(right))
				return this.#condition(left, (operator === '!=') === sense);
		}
		if (node.type === 'call_expression') {
			const name = field(node, 'function')?.text ?? '';
			const args = field(node, 'arguments');
			const first = args ? children(args)[0] : undefined;
			if (TRANSPARENT.has(name) && first) return this.#condition(first, sense);
			if (!READS.has(name) && !WRITES.has(name)) {
				const id = ++this.#ids;
				this.#call(node, id);
				return signed(id);
			}
			// what is left is a count that has come to nothing
			if (name === 'atomic_dec_and_test') sense = !sense;
		}
		this.read(node);
		return atomsOf(this.#term(node), sense).map(({ term, text, sense: holds }) => {
			const id = ++this.#ids;
			this.#add(node, {
				...ifEvent(text, this.#names(term), lineOf(node)),
				like: this.#like(term),
				id,
			});
			return holds ? id : -id;
		});
	}

	#call(node: Node, id?: number): void {
		const callee = node.childForFieldName('function');
		const args = node.childForFieldName('arguments');
		const list = args ? children(args) : [];
		const name = callee?.text ?? '';
		if (!callee || ASSERTIONS.has(name)) return;
		if (args) this.read(args);
		if (TRANSPARENT.has(name) || READS.has(name)) return;
		const line = lineOf(node);
		const passed = list.map((arg) => this.#passed(arg));
		if (/^list_for_each|^for_each_/.test(name)) {
			this.#add(node, loopEvent(line));
		} else if (WRITES.has(name)) {
			const value = WRITES.get(name)!;
			this.#add(
				node,
				setEvent(passed[0].text, value, value === '=' ? passed[1] : fixed('1'), line),
			);
		} else if (/^list_(add|del)/.test(name) && passed[0]?.text === 'list') {
			this.#add(node, setEvent('list', '=', passed[1] ?? fixed('LIST_NONE'), line));
		} else if (callee.type === 'identifier' && !this.#locals.has(name)) {
			const target = lastName(list[0]);
			const lock = LOCKS.has(name) && target ? (this.#locals.get(target) ?? target) : undefined;
			const what = lock ? [this.#object(list[0])] : passed;
			this.#add(node, { ...callEvent(name, lock, line), id, args: what });
		} else {
			const member = lastName(callee);
			if (member)
				this.#add(node, { ...callEvent(`->${member}`, undefined, line), id, args: passed });
		}
	}

	/** Of `&vma->vm_mm->page_table_lock`, vm_mm. */
	#object(node: Node): Passed {
		let inner: Node | undefined = node;
		while (inner && inner.type !== 'field_expression') inner = children(inner).at(-1);
		return inner ? this.#passed(field(inner, 'argument')) : fixed('');
	}

	#assign(node: Node, operator: string, value: Passed): void {
		let left = field(node, 'left') ?? field(node, 'argument');
		while (left && /^(subscript|parenthesized)_expression$/.test(left.type))
			left = field(left, 'argument') ?? children(left)[0];
		if (left?.type !== 'field_expression') return;
		this.#add(node, setEvent(textOf(this.#term(left)), operator, value, lineOf(node)));
	}

	/** Statements in a row: what stands behind one that goes away runs only if that did not. */
	#block(statements: readonly Node[]): void {
		const before = this.#rest;
		for (const statement of statements) {
			const label = statement.type === 'labeled_statement' ? labelOf(statement) : undefined;
			if (label !== undefined && this.#targets.has(label)) this.#rest = before;
			if (statement.type === 'if_statement') this.#rest = [...this.#rest, ...this.#if(statement)];
			else this.read(statement);
		}
		this.#rest = before;
	}

	/** Reads an `if`, and returns what holds behind it. */
	#if(node: Node): number[] {
		if (asserts(node)) return [];
		const condition = bare(field(node, 'condition')!);
		const [yes, no] = [field(node, 'consequence'), field(node, 'alternative')];
		const jump = no ? undefined : onlyJump(yes ?? null);
		if (jump && field(condition, 'operator')?.text === '||') return this.#jumps(condition, jump);
		const ids = this.#condition(condition);
		if (yes) this.#under(ids, () => this.#block(statementsOf(yes)));
		if (no) this.#under(negated(ids), () => this.#block(statementsOf(no)));
		if (stops(yes)) return negated(ids);
		return no && stops(no) ? ids : [];
	}

	/** `if (a || b) return` is `if (a) return; if (b) return`. */
	#jumps(outer: Node, jump: Node): number[] {
		const condition = bare(outer);
		if (field(condition, 'operator')?.text === '||') {
			const first = this.#jumps(field(condition, 'left')!, jump);
			const second: number[] = [];
			const before = this.#rest;
			this.#rest = [...before, ...first];
			second.push(...this.#jumps(field(condition, 'right')!, jump));
			this.#rest = before;
			return [...first, ...second];
		}
		const ids = this.#condition(condition);
		this.#under(ids, () => this.read(jump));
		return negated(ids);
	}

	#loop(node: Node): void {
		const part = (name: string) => field(node, name);
		if (part('initializer')) this.read(part('initializer')!);
		const once = node.type === 'do_statement' && /^\(?0\)?$/.test(part('condition')?.text ?? '');
		const loop = once ? [] : [++this.#ids];
		if (!once) this.#add(node, { ...loopEvent(lineOf(node)), id: this.#ids });
		const ids: number[] = [];
		const ask = () => {
			const condition = part('condition');
			if (condition) this.#under(loop, () => ids.push(...this.#condition(condition)));
		};
		const calls = within(node, 'call_expression').some(
			(call) => call.startIndex >= (part('condition')?.startIndex ?? node.endIndex),
		);
		// `do` asks behind its body; which of the two it is says nothing, unless something is called
		const behind = node.type === 'do_statement' && calls;
		if (!behind) ask();
		this.#under([...loop, ...ids], () => {
			if (part('body')) this.#block(statementsOf(part('body')!));
			if (part('update')) this.read(part('update')!);
		});
		if (behind) ask();
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
			case 'return_statement': {
				this.#parts(children(node));
				const [value] = children(node);
				const args = value ? [this.#passed(value)] : [];
				this.#add(node, { ...returnEvent(lineOf(node)), args });
				return;
			}
			case 'goto_statement':
				this.items.push({ at: node.startIndex, goto: labelOf(node), ...this.#where() });
				return;
			case 'if_statement':
				this.#if(node);
				return;
			case 'compound_statement':
			case 'case_statement':
				this.#block(children(node));
				return;
			case 'for_statement':
			case 'while_statement':
			case 'do_statement':
				this.#loop(node);
				return;
			case 'conditional_expression': {
				const ids = this.#condition(field(node, 'condition')!);
				const [yes, no] = [field(node, 'consequence'), field(node, 'alternative')];
				if (yes) this.#under(ids, () => this.read(yes));
				if (no) this.#under(negated(ids), () => this.read(no));
				return;
			}
			case 'binary_expression':
				if (/^(&&|\|\|)$/.test(field(node, 'operator')?.text ?? '')) this.#condition(node);
				else this.#parts(children(node));
				return;
			case 'assignment_expression': {
				const right = field(node, 'right');
				if (right) this.read(right);
				if (field(node, 'left')) this.read(field(node, 'left')!);
				this.#assign(node, field(node, 'operator')?.text ?? '=', this.#passed(right));
				return;
			}
			case 'update_expression':
				this.#parts(children(node));
				this.#assign(node, `${(field(node, 'operator')?.text ?? '+')[0]}=`, fixed('1'));
				return;
			default:
				this.#parts(children(node));
		}
	}
	#parts(parts: readonly Node[]): void {
		for (const part of parts) this.read(part);
	}
}

/** The statements of a branch. */
function statementsOf(node: Node): Node[] {
	if (node.type === 'else_clause') return children(node).flatMap(statementsOf);
	return node.type === 'compound_statement' ? children(node) : [node];
}
