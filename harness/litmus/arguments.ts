// SPDX-License-Identifier: GPL-2.0-only
/**
 * The arguments of calls: what each must be, beyond its type.
 *
 * Interface: ArgumentChecker
 */
import type { Expr, Test } from './ast.ts';
import { type ArgumentKind, type CallSignature, MEMORY_ORDERS } from './calls.ts';
import { CONSTANTS, INT_SIZE, PAGE_SIZE } from './constants.ts';
import { type Effects, none, type SymbolTable } from './effects.ts';
import { nearest } from './error.ts';
import { fold } from './fold.ts';
import { FILE_PAGES_MAX, type Layout, pagesOf, shortened } from './layout.ts';
import type { ExpressionChecker } from './types.ts';
import { WORDS_MAX } from './words.ts';

const O_DIRECT = CONSTANTS.get('O_DIRECT')!;
const OPEN_FLAGS = O_DIRECT | CONSTANTS.get('O_APPEND')! | CONSTANTS.get('O_SYNC')!;
const ACCESS_MODES = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'].map((name) => CONSTANTS.get(name)!);

/** `P1` */
export function processNumber(e: Expr): number | undefined {
	const match = e.kind === 'name' ? /^P([0-9]+)$/.exec(e.name) : null;
	return match === null ? undefined : Number(match[1]);
}

export class ArgumentChecker {
	readonly #test: Test;
	readonly #layout: Layout;
	readonly #symbols: SymbolTable;
	readonly #expressions: ExpressionChecker;

	constructor(test: Test, layout: Layout, symbols: SymbolTable, expressions: ExpressionChecker) {
		this.#test = test;
		this.#layout = layout;
		this.#symbols = symbols;
		this.#expressions = expressions;
	}

	check(e: Expr, kind: ArgumentKind, signature: CallSignature): Effects {
		const usage = `write "${signature.usage}"`;
		switch (kind) {
			case 'int':
				return this.#expressions.int(e).effects;
			case 'pointer': {
				const { effects } = this.#expressions.pointer(e);
				if (signature.action.kind !== 'system')
					this.#expressions.aligned({ kind: 'deref', pointer: e, at: e.at });
				return effects;
			}
			case 'place':
				if (e.kind !== 'deref' && e.kind !== 'index') {
					this.#expressions.fail(e.at, 'expected an access to memory, such as "*x"', usage);
				}
				return this.#expressions.access(e).address;
			case 'hint':
				return fold(e) === 0 ? none() : this.#expressions.pointer(e).effects;
			case 'length':
				return this.#length(e);
			case 'size':
				return this.#size(e, usage);
			case 'offset':
				return this.#offset(e);
			case 'position':
				return this.#position(e, signature.args.includes('output'));
			case 'end':
				return this.#end(e);
			case 'input':
			case 'output':
				return this.#buffer(e, kind, usage);
			case 'path':
				return this.#path(e);
			case 'entry':
				return this.#entry(e, usage);
			case 'process':
				return this.#process(e);
			case 'mode':
				if (ACCESS_MODES.includes((fold(e) ?? -1) & ~OPEN_FLAGS)) return none();
				return this.#expressions.fail(
					e.at,
					'expected O_RDONLY, O_WRONLY or O_RDWR',
					'files are there from the start: nothing is created',
				);
			case 'tracee':
				return this.#tracee(e, usage);
			case 'target':
				return this.#target(e, usage);
			case 'order':
				if (e.kind === 'name' && MEMORY_ORDERS.includes(e.name)) return none();
				return this.#expressions.fail(e.at, `expected a memory order, such as ${MEMORY_ORDERS[0]}`);
		}
	}

	#length(e: Expr): Effects {
		const { effects } = this.#expressions.int(e);
		const length = fold(e);
		if (length === undefined) {
			this.#expressions.fail(
				e.at,
				'the length of a mapping is a constant',
				'the page tables are made for it',
			);
		}
		if (length === 0) {
			const why = 'kernels differ in what it gives';
			this.#expressions.fail(e.at, 'a mapping of 0 bytes', why);
		}
		if (length < 0 || pagesOf(length) > FILE_PAGES_MAX) {
			const most = `at most ${FILE_PAGES_MAX} pages of ${PAGE_SIZE} bytes`;
			this.#expressions.fail(e.at, `a mapping of ${length} bytes: it can have ${most}`);
		}
		return effects;
	}

	/** Of a buffer: whole ints. */
	#size(e: Expr, usage: string): Effects {
		const size = fold(e) ?? 0;
		const ints = size / INT_SIZE;
		if (size === PAGE_SIZE || (Number.isInteger(ints) && ints > 0 && ints <= WORDS_MAX))
			return none();
		const most = `1 to ${WORDS_MAX} ints, or with O_DIRECT a page`;
		return this.#expressions.fail(e.at, `expected a constant number of bytes: ${most}`, usage);
	}

	/** Checks the size of a buffer: &r0 points to one int. */
	fits(buffer: Expr, size: Expr): void {
		if (buffer.kind !== 'address' && buffer.kind !== 'literal') return;
		if (fold(size) === INT_SIZE || fold(size) === PAGE_SIZE) return;
		const help = 'more than one int is read to, or written from, a mapping';
		this.#expressions.fail(size.at, 'the buffer is one int: expected sizeof(int)', help);
	}

	/** In a file that is mapped. */
	#offset(e: Expr): Effects {
		const { effects } = this.#expressions.int(e);
		const offset = fold(e);
		if (offset === undefined || offset % PAGE_SIZE === 0) return effects;
		return this.#expressions.fail(
			e.at,
			`the offset ${offset} is not the start of a page: mappings begin there`,
			`a page has ${PAGE_SIZE} bytes`,
		);
	}

	#position(e: Expr, writes: boolean): Effects {
		const { effects } = this.#expressions.int(e);
		const offset = fold(e);
		if (offset === undefined) {
			if (!writes || Object.hasOwn(this.#test.header.bounds, 'NR_FILE_PAGES')) return effects;
			this.#expressions.fail(
				e.at,
				'how long the file may become cannot be seen here',
				'say it in the header: "Bounds: NR_FILE_PAGES=2"',
			);
		}
		if (offset % INT_SIZE !== 0)
			this.#expressions.fail(e.at, `the offset ${offset} is not the start of an int`);
		if (writes && offset / PAGE_SIZE >= FILE_PAGES_MAX) {
			this.#expressions.fail(
				e.at,
				`a file has at most ${FILE_PAGES_MAX} pages of ${PAGE_SIZE} bytes`,
			);
		}
		return effects;
	}

	#end(e: Expr): Effects {
		const { effects } = this.#expressions.int(e);
		const end = fold(e);
		if (end === undefined) {
			if (Object.hasOwn(this.#test.header.bounds, 'NR_FILE_PAGES')) return effects;
			this.#expressions.fail(
				e.at,
				'how long the file may become cannot be seen here',
				'say it in the header: "Bounds: NR_FILE_PAGES=2"',
			);
		}
		if (end % INT_SIZE !== 0)
			this.#expressions.fail(e.at, `the length ${end} is not a whole number of ints`);
		if (end / PAGE_SIZE > FILE_PAGES_MAX)
			this.#expressions.fail(
				e.at,
				`a file has at most ${FILE_PAGES_MAX} pages of ${PAGE_SIZE} bytes`,
			);
		return effects;
	}

	#buffer(e: Expr, kind: 'input' | 'output', usage: string): Effects {
		if (e.kind === 'literal' && kind === 'output') return this.#expressions.int(e.value).effects;
		if (e.kind !== 'address' && e.kind !== 'literal') {
			const { type, effects } = this.#expressions.scalar(e);
			if (type === 'pointer') return effects;
		}
		if (e.kind !== 'address') {
			const found = e.kind === 'literal' ? 'would be lost' : 'is not supported as a buffer';
			this.#expressions.fail(
				e.at,
				`this ${found}: expected the address of a local int, such as "&r0"`,
				usage,
			);
		}
		const { name, at } = e.of;
		const symbol = this.#symbols.get(name);
		if (symbol === undefined) this.#expressions.unknownName(name, at);
		if (symbol.kind !== 'local' || symbol.pointer) {
			this.#expressions.fail(
				at,
				`expected a local int: "${name}" is ${symbol.kind === 'local' ? 'a pointer' : `a ${symbol.kind}`}`,
			);
		}
		const effects = none();
		effects.reads.add(name);
		return effects;
	}

	#process(e: Expr): Effects {
		const name = processNumber(e);
		if (name === undefined)
			this.#expressions.fail(e.at, 'expected a process, such as "P1"', 'write "fork(P1)"');
		const child = this.#layout.processes[name];
		const self = this.#expressions.processIndex;
		if (child === undefined || child.parent !== self) {
			this.#expressions.fail(
				e.at,
				`P${name} is no child of P${self}`,
				`say so in the init part: "P${name} child of P${self};"`,
			);
		}
		return none();
	}

	#tracee(e: Expr, usage: string): Effects {
		const index = processNumber(e);
		if (index === undefined) this.#expressions.fail(e.at, 'expected a process, such as P1', usage);
		if (index >= this.#layout.processes.length)
			this.#expressions.fail(e.at, `there is no P${index}`);
		const { processIndex } = this.#expressions;
		const [here, there] = [processIndex, index].map((p) => this.#layout.processes[p].node);
		if (here !== there)
			this.#expressions.fail(
				e.at,
				`P${index} is on node ${there}, and P${processIndex} on node ${here}: a kernel knows its own processes only`,
				`put them on one node: "P${index} on ${here};"`,
			);
		return none();
	}

	/** Not a child: it does not exist before the fork, and its number is not known. */
	#target(e: Expr, usage: string): Effects {
		const effects = this.#tracee(e, usage);
		const index = processNumber(e) as number;
		if (this.#layout.processes[index].parent !== null)
			this.#expressions.fail(e.at, `P${index} is there when it was forked, and not before`, usage);
		return effects;
	}

	/** A directory, and the name of a file in it: a file has its own name in every directory. */
	#entry(e: Expr, usage: string): Effects {
		if (e.kind !== 'string')
			this.#expressions.fail(
				e.at,
				'expected a name in a directory, such as "d/f" in quotes',
				usage,
			);
		const [directory, ...names] = e.text.split('/');
		if (!this.#isDirectory(directory)) {
			this.#expressions.fail(
				e.at,
				`the init part has no directory "${shortened(directory)}"`,
				'directories are made there: "dir d;"',
			);
		}
		if (names.length === 1 && this.#layout.fileIndex.has(names[0])) return none();
		return this.#expressions.fail(e.at, 'expected the name of a directory, and of a file', usage);
	}

	#isDirectory(name: string): boolean {
		const index = this.#layout.fileIndex.get(name);
		return index !== undefined && this.#layout.files[index].entries !== null;
	}

	/** link(): in a directory a file has the name that it has in the init part. */
	sameName(file: Expr, entry: Expr): void {
		if (file.kind !== 'string' || entry.kind !== 'string') return;
		if (entry.text.endsWith(`/${file.text}`)) return;
		const help = `write "${entry.text.split('/')[0]}/${file.text}"`;
		this.#expressions.fail(entry.at, 'a file has one name in a directory: its own', help);
	}

	#path(e: Expr): Effects {
		if (e.kind !== 'string')
			this.#expressions.fail(e.at, 'expected the name of a file, such as "f" in quotes');
		if (!this.#layout.fileIndex.has(e.text)) {
			const meant = nearest(e.text, this.#layout.fileIndex.keys());
			this.#expressions.fail(
				e.at,
				`the init part has no file "${shortened(e.text)}"`,
				meant === undefined ? 'files are made there: "file f[1];"' : `did you mean "${meant}"?`,
			);
		}
		return none();
	}
}
