// SPDX-License-Identifier: GPL-2.0-only
/**
 * What kernel TypeScript refuses: one table of rules, and the list that a lowering collects.
 * docs/language.md lists every rule of this table; a test compares them.
 */

export interface Rule {
	title: string;
	/** why the language has the rule */
	why: string;
	/** a line that breaks it */
	bad: string;
	/** what to write instead; every message ends with it */
	fix: string;
}

export const RULES = {
	K001: {
		title: 'declaration that is not allowed at top level',
		why: 'a program is structs, functions and constants; code at top level would run outside any task',
		bad: 'let jiffies = 0;',
		fix: 'use a class, a function or a const; keep state in a struct',
	},
	K002: {
		title: 'statement outside the language',
		why: 'every statement must have a meaning as a piece of a state machine',
		bad: 'try { f(); } catch { }',
		fix: 'write it with if, while, do, for, switch, break, continue and return',
	},
	K003: {
		title: 'expression outside the language',
		why: 'every value is one word: an int, a bool, a pointer or an operations table',
		bad: "const s = 'ext' + 2;",
		fix: 'write it with ints, bools, pointers and calls',
	},
	K004: {
		title: 'type outside the language',
		why: 'a value of this type has no place in the machine image',
		bad: 'let x: any = 0;',
		fix: 'use int, bool, a struct class (or null) or an operations interface (or null)',
	},
	K005: {
		title: 'malformed struct',
		why: 'a struct is laid out as words: it has fields, and nothing else',
		bad: 'class page { get() { return 1; } }',
		fix: 'declare initialised fields only; embedded structs and arrays are readonly',
	},
	K006: {
		title: 'initial value or size that is no constant',
		why: 'the layout and the initial image must be known when a machine is made',
		bad: 'readonly slots = ints(f());',
		fix: 'use constants, config() and operators on them',
	},
	K007: {
		title: 'name declared twice',
		why: 'structs, globals and constants are named in traces and paths, as in C they are program-wide',
		bad: 'export const lm = new a();  // and in another file: const lm = new b();',
		fix: 'give one of them another name',
	},
	K008: {
		title: 'struct that contains itself',
		why: 'its size would be infinite',
		bad: 'class dentry { readonly d_parent = new dentry(); }',
		fix: 'use a pointer: T | null',
	},
	K009: {
		title: 'pointer to a different struct',
		why: 'TypeScript compares classes by shape, the image does not: offsets would be wrong',
		bad: 'const s: semaphore = spinlock;  // two classes of the same shape',
		fix: 'use the same class on both sides',
	},
	K010: {
		title: 'function used as a value',
		why: 'a word cannot hold a function; an operations table can be compared, stored and traced',
		bad: 'register(f);',
		fix: 'call it, spawn() it, or put it into an operations table',
	},
	K011: {
		title: 'malformed function',
		why: 'parameters are words, and the first line of a function must show whether it sleeps',
		bad: 'function f(n: int = 0): void {}',
		fix: 'use plain typed parameters and function or function*',
	},
	K012: {
		title: 'malformed operations interface or table',
		why: 'calls through a table are dispatched by its id, so tables must be complete and constant',
		bad: 'interface file_operations { open?: () => int }',
		fix: 'declare each member as a function, or as (function) | null, and list all of them in the table',
	},
	K013: {
		title: 'call of a sleeping function without yield*',
		why: 'yield* marks the calls that may sleep; without it nothing would run',
		bad: 'down(sem);',
		fix: 'write yield* in front of it, in a function*',
	},
	K014: {
		title: 'yield* of something that does not sleep',
		why: 'yield* marks the calls that may sleep, and only them',
		bad: 'yield* up(sem);',
		fix: 'call a function* or a suspension of the prelude',
	},
	K015: {
		title: 'yield* in the middle of an expression',
		why: 'what was evaluated before the call would have to be saved in the frame',
		bad: 'x = 1 + (yield* f());',
		fix: 'assign the result to a local first',
	},
	K016: {
		title: 'closure',
		why: 'a closure over locals would be a second place where state lives',
		bad: 'const f = () => 1;',
		fix: 'only the waits of the prelude take one: an arrow with an expression as its body',
	},
	K017: {
		title: 'wait condition with an effect',
		why: 'the explorer may evaluate it at any time, so it must change nothing',
		bad: 'yield* wait_event(() => x.n-- === 0);',
		fix: 'only read in the condition; do the rest after the wait',
	},
	K018: {
		title: 'sleeping functions that call each other in a circle',
		why: 'the stack of a task has a fixed size in the image',
		bad: 'function* f(): Sleeps { yield* f(); }',
		fix: 'use a loop',
	},
	K019: {
		title: 'assignment to something that is no variable',
		why: 'an embedded struct, or an element of an array, stays where it is; only words change',
		bad: 'pages[0] = p;  // pages = structs(page, 4)',
		fix: 'assign to its fields, or keep pointers: ptrs<T>(n)',
	},
	K020: {
		title: 'index into something that is no declared array',
		why: 'the length is checked at each access, so it must be known from the declaration',
		bad: 'const a = m.slots; a[0] = 1;',
		fix: 'index the field or the global itself',
	},
	K021: {
		title: 'misused call of the prelude',
		why: 'formats, marks, property names and pools are resolved when the program is lowered',
		bad: 'BUG_ON(x, message);',
		fix: 'pass literals, and pools that are a field or a global',
	},
	K022: {
		title: 'number that is no 32-bit integer',
		why: 'a word has 32 bits',
		bad: 'const x: int = 0.5;',
		fix: 'use an integer from -2147483648 to 4294967295 (wrapped to 32 bits)',
	},
	K023: {
		title: 'spawn() outside init()',
		why: 'the set of tasks is fixed when the machine is made',
		bad: 'function* user(): Sleeps { spawn(...); }',
		fix: 'call it from init(), or a plain function that only init() uses',
	},
	K024: {
		title: 'entry without init()',
		why: 'the machine is made by calling it',
		bad: 'function init(): void {}  // not exported',
		fix: 'export function init(): void; booted(), finished(), check_state() and check_end() likewise, all plain',
	},
	K025: {
		title: 'misused end of a queue',
		why: 'an empty queue may be filled at any time: only code that waits for a message may ask',
		bad: 'if (pending(q)) receive(q);  // with /** @fifo pending */ function pending(q: queue): bool',
		fix: 'mark plain functions as @fifo send, receive or pending; ask what is pending in a wait, and in an if directly after it',
	},
	K026: {
		title: 'misused event',
		why: 'an event is data for a trace: its kind declares its arguments, and they are evaluated only while a trace is made',
		bad: "event(EVENT_STORE, page, 1);  // const EVENT_STORE = event_kind('store', ['page', '*page'])",
		fix: 'declare a const EVENT_* = event_kind(...) of literals at top level; pass what it declares, and only read in the arguments',
	},
} as const satisfies Record<string, Rule>;

export type Code = keyof typeof RULES;

export interface Diagnostic {
	file: string;
	line: number;
	column: number;
	/** K001.. or TS1234 */
	code: string;
	message: string;
	fix?: string;
}

function format(d: Diagnostic): string {
	return `${d.file}:${d.line}:${d.column} ${d.code}: ${d.message}${d.fix ? `; ${d.fix}` : ''}`;
}

/** The text of an error shows so many diagnostics; `diagnostics` has all of them. */
const SHOWN = 30;

/** The sources were refused. */
export class LoweringError extends Error {
	readonly #diagnostics: readonly Diagnostic[];

	constructor(diagnostics: readonly Diagnostic[]) {
		const more = diagnostics.length - SHOWN;
		const lines = diagnostics.slice(0, SHOWN).map(format);
		super([...lines, ...(more > 0 ? [`... and ${more} more`] : [])].join('\n'));
		this.name = 'LoweringError';
		this.#diagnostics = diagnostics;
	}
	get diagnostics(): readonly Diagnostic[] {
		return this.#diagnostics;
	}
}

/** The rules as docs/language.md lists them. */
export function rulesAsMarkdown(): string {
	const one = ([code, r]: [string, Rule]): string =>
		[
			`### ${code}: ${r.title}`,
			'',
			`    ${r.bad}`,
			'',
			`Why: ${r.why}.`,
			`Instead: ${r.fix}.`,
			'',
		].join('\n');
	return Object.entries(RULES).map(one).join('\n');
}
