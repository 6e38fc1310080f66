// SPDX-License-Identifier: GPL-2.0-only
/**
 * What stands between a kernel file and the grammar of C. Conditional parts are chosen by one
 * configuration, and what is not in it is made blank: every line stays where it was. Words that
 * the kernel puts before declarations and no compiler sees (`__user`) become blank as well.
 *
 * Macros are not expanded: a call of a macro is a call of its name, and a loop macro is one in
 * front of a block.
 */
import type { Parser } from 'web-tree-sitter';
import { children, type Node, parseC } from './grammar.ts';

/** The kernel that is read: a small i386 with several processors and with swap. */
const CONFIGURATION: Readonly<Record<string, number>> = {
	...{ __KERNEL__: 1, __i386__: 1, __GNUC__: 3, __GNUC_MINOR__: 3, BITS_PER_LONG: 32 },
	...{ CONFIG_X86: 1, CONFIG_MMU: 1, CONFIG_SMP: 1, CONFIG_SWAP: 1, CONFIG_NR_CPUS: 2 },
};

/** Words of the kernel that the grammar does not know, and that change nothing here. */
const ATTRIBUTES = new Set([
	...['asmlinkage', 'fastcall', 'noinline', 'always_inline', 'FASTCALL', '__always_inline'],
	...['NORET_TYPE', 'ATTRIB_NORET', 'notrace'],
	...['__init', '__initdata', '__exit', '__exitdata', '__devinit', '__cpuinit', '__meminit'],
	...['__user', '__force', '__iomem', '__kernel', '__safe', '__sched', '__read_mostly'],
	...['__cacheline_aligned', '__cacheline_aligned_in_smp', '____cacheline_aligned'],
	...['____cacheline_aligned_in_smp', '__must_check', '__deprecated', '__attribute_used__'],
]);

/** What may stand before the name of a type that is an argument. */
const TYPE_WORDS = new Set(['struct', 'union', 'const', 'unsigned']);

interface Level {
	/** the lines that follow are part of the program */
	on: boolean;
	/** one of the branches was */
	taken: boolean;
	/** what is outside is */
	outer: boolean;
}

/** A directive: `#name rest`, from its # to the end of its last line. */
interface Directive {
	name: string;
	rest: string;
	from: number;
	to: number;
	/** comments in it, where the grammar knows none */
	comments: [from: number, to: number][];
}

const BLANK = /\s/;
const WORD = /\w/;

/** The end of a comment, string or character that begins at `i`; `i` itself if none does. */
function skipped(text: string, i: number): number {
	if (text.startsWith('/*', i)) {
		const end = text.indexOf('*/', i + 2);
		return end < 0 ? text.length : end + 2;
	}
	if (text.startsWith('//', i)) {
		const end = text.indexOf('\n', i);
		return end < 0 ? text.length : end;
	}
	const quote = text[i];
	if (quote !== '"' && quote !== "'") return i;
	let j = i + 1;
	while (j < text.length && text[j] !== quote && text[j] !== '\n') j += text[j] === '\\' ? 2 : 1;
	return Math.min(text.length, j + 1);
}

/** The directive whose # is at `from`. Comments are taken out of it, lines joined. */
function readDirective(text: string, from: number): Directive {
	let line = '';
	const comments: Directive['comments'] = [];
	let i = from + 1;
	while (i < text.length && text[i] !== '\n') {
		if (text[i] === '\\' && text[i + 1] === '\n') {
			line += ' ';
			i += 2;
			continue;
		}
		const end = skipped(text, i);
		if (text[i] === '/' && end > i) {
			line += ' ';
			comments.push([i, end]);
		} else line += text.slice(i, Math.max(end, i + 1));
		i = Math.max(end, i + 1);
	}
	const trimmed = line.trim();
	let n = 0;
	while (n < trimmed.length && WORD.test(trimmed[n])) n++;
	return { name: trimmed.slice(0, n), rest: trimmed.slice(n).trim(), from, to: i, comments };
}

/** All directives of a text: phases 2 to 4 of translation, as far as they are needed. */
function* directives(text: string): Iterable<Directive> {
	let fresh = true;
	for (let i = 0; i < text.length; ) {
		if (fresh && text[i] === '#') {
			const found = readDirective(text, i);
			yield found;
			i = found.to;
			continue;
		}
		const end = skipped(text, i);
		if (end > i) {
			if (text[i] !== '/') fresh = false;
			i = end;
			continue;
		}
		if (text[i] === '\n') fresh = true;
		else if (!BLANK.test(text[i])) fresh = false;
		i++;
	}
}

/** The same text with blanks from one place to another; lines stay. */
function blanked(text: string, parts: readonly [from: number, to: number][]): string {
	let out = '';
	let at = 0;
	for (const [from, to] of parts) {
		out += text.slice(at, from);
		for (let i = from; i < to; i++) out += text[i] === '\n' ? '\n' : ' ';
		at = to;
	}
	return out + text.slice(at);
}

/** The value of the condition of an #if. What is not known is 0, as in C. */
function conditionValue(node: Node | null, defined: ReadonlyMap<string, string>): number {
	if (!node) return 0;
	const of = (field: string) => conditionValue(node.childForFieldName(field), defined);
	switch (node.type) {
		case 'number_literal':
			return Number.parseInt(node.text, node.text.startsWith('0x') ? 16 : 10) || 0;
		case 'identifier':
			return Number.parseInt(defined.get(node.text) ?? '0', 10) || 0;
		case 'preproc_defined':
			return children(node).some((c) => defined.has(c.text)) ? 1 : 0;
		case 'parenthesized_expression':
			return conditionValue(children(node)[0] ?? null, defined);
		case 'unary_expression':
			return node.childForFieldName('operator')?.text === '!'
				? Number(!of('argument'))
				: -of('argument');
		case 'binary_expression':
			return operate(node.childForFieldName('operator')?.text ?? '', of('left'), of('right'));
		default:
			return 0;
	}
}

function operate(operator: string, a: number, b: number): number {
	const by: Record<string, number | boolean> = {
		...{ '&&': a !== 0 && b !== 0, '||': a !== 0 || b !== 0, '==': a === b, '!=': a !== b },
		...{ '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '+': a + b, '-': a - b },
		...{ '*': a * b, '&': a & b, '|': a | b, '<<': a << b, '>>': a >> b },
	};
	return Number(by[operator] ?? 0);
}

function conditionHolds(parser: Parser, text: string, defined: Map<string, string>): boolean {
	const branch = children(parseC(parser, `#if ${text}\n#endif\n`))[0];
	return conditionValue(branch?.childForFieldName('condition') ?? null, defined) !== 0;
}

/** The text with what the configuration leaves out made blank, and the directives that chose. */
export function preprocess(parser: Parser, text: string): string {
	const defined = new Map(Object.entries(CONFIGURATION).map(([k, v]) => [k, String(v)]));
	const stack: Level[] = [{ on: true, taken: true, outer: true }];
	const parts: [number, number][] = [];
	let off: number | undefined;
	for (const { name, rest, from, to, comments } of directives(text)) {
		const top = stack[stack.length - 1];
		const chooses = /^(if|ifdef|ifndef|elif|else|endif)$/.test(name);
		if (!chooses) {
			const [word, ...value] = rest.split(/\s+/);
			if (top.on && name === 'define') defined.set(word.split('(')[0], value.join(' '));
			if (top.on && name === 'undef') defined.delete(word);
			if (top.on) parts.push(...comments);
			continue;
		}
		const was = top.on;
		if (name === 'endif') {
			if (stack.length > 1) stack.pop();
		} else if (name === 'else' || name === 'elif') {
			const holds = name === 'else' || conditionHolds(parser, rest, defined);
			top.on = top.outer && !top.taken && holds;
			top.taken ||= top.on;
		} else {
			const holds =
				name === 'if'
					? conditionHolds(parser, rest, defined)
					: defined.has(rest.split(/\s+/)[0]) === (name === 'ifdef');
			stack.push({ on: was && holds, taken: holds, outer: was });
		}
		const on = stack[stack.length - 1].on;
		if (was && !on) off = from;
		else if (on) parts.push([was ? from : (off ?? from), to]);
	}
	if (!stack[stack.length - 1].on) parts.push([off ?? text.length, text.length]);
	return blanked(text, parts);
}

/**
 * What is in the way of the grammar, by its own tokens: the kernel's words, and the `struct` of a
 * type that is the argument of a macro.
 */
function inTheWay(
	node: Node,
	found: [number, number][],
	parent: string = '',
	outer: string = '',
): void {
	const { type } = node;
	if (node.childCount > 0) {
		for (const child of node.children) if (child) inTheWay(child, found, type, parent);
		return;
	}
	const { text } = node;
	const argument = parent === 'argument_list' || (parent === 'ERROR' && outer === 'argument_list');
	if (ATTRIBUTES.has(text) || (argument && TYPE_WORDS.has(text)))
		found.push([node.startIndex, node.endIndex]);
}

/** Parses a kernel file as one configuration sees it. */
export function parseKernelC(parser: Parser, text: string): Node {
	let seen = preprocess(parser, text);
	for (let round = 0; ; round++) {
		const root = parseC(parser, seen);
		const found: [number, number][] = [];
		if (round < 4) inTheWay(root, found);
		if (found.length === 0) return root;
		seen = blanked(seen, found);
	}
}
