// SPDX-License-Identifier: GPL-2.0-only
/**
 * The sources with a cut wherever another processor could come in: before each statement of a
 * function that may be suspended, if the statement reads or writes what tasks share. Where a step
 * may end is then no argument of docs/machine.md but the sources themselves. What a `function` does
 * stays one step: in the kernel most of these run under a lock that is not modelled.
 *
 * Lines keep their numbers, so that a trace names the places of the sources.
 *
 * Interface: cutSources cutText CUT_FOLDERS SECTIONS ATOMIC
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ts } from 'ts-morph';

/** Kernel code that processors of a node share; a lock manager has one thread. */
export const CUT_FOLDERS = ['vfs', 'ogfs/fs'];

/** Calls that no task can see. */
const UNSEEN = new Set([
	...['printk', 'event', 'cover', 'cover_caller', 'BUG_ON', 'ASSERT', 'might_sleep'],
	...['lock_acquire', 'lock_acquired', 'lock_release', 'current', 'self', 'this_node', 'this_sbd'],
	...['pte_index', 'lock_order'],
]);
/** Where properties listen. */
const TRACES = new Set(['page_trace', 'inode_trace']);
/**
 * One access of a processor, or what waits and takes in one: no cut within. Most begin with one;
 * those that do not, get one before each call.
 */
export const ATOMIC: ReadonlySet<string> = new Set([
	...['spin_lock', 'spin_lock_nested', 'spin_while_gathering', 'lock_page'],
	...['__copy_to_user', '__copy_from_user', '__get_user', 'put_user', 'filldir', 'tlb_evict'],
	'file_read_actor',
	// the error code of an exception is that of the access that failed
	...['fault', 'fault_in_readable', 'fault_in_safe_writeable'],
	// what is chosen is an index, which holds in the step of the choice
	...['kswapd', 'kswapd_balance', 'try_to_free_pages_zone', 'shrink_caches'],
	// the zeros behind the end of a file and its new size are one step (pagecache_isize_extended())
	...['ext2_commit_write', 'ogfs_commit_write'],
]);
export const ATOMIC_UNCUT: ReadonlySet<string> = new Set([
	'down',
	'down_read',
	'down_write',
	'wait_on_page',
]);
/** The beginning of a section under pagecache_lock, which is no lock of the machine. */
const PAGECACHE_LOCK = 'pagecache_step';
/** What ends one: the page is referenced, or the task is suspended anyhow. */
const ENDS_SECTION = 'page_cache_get';

/**
 * What is one access in the kernel and several statements here, by function: no cut behind the
 * statement that begins with `from`, up to and with the one that begins with `to`.
 */
interface Section {
	from: string;
	to: string;
	why: string;
}
const XCHG = 'a pte is read and cleared by one locked access';
const UNIQUE = 'pagecache_lock: looked for once more, and added if it is not there';
export const SECTIONS: Record<string, Section> = {
	page_cache_read: { from: 'const page =', to: '__add_to_page_cache', why: UNIQUE },
	do_generic_file_read: {
		from: 'yield* pagecache_step',
		to: 'if (PAGE_WORDS',
		why: 'DATA compares what is read when it is copied: who changes the file in between may as well come after the read',
	},
	write_pages: {
		from: 'const page_fault',
		to: 'status =',
		why: 'the zeros behind the end of a file and its new size are one step',
	},
	__grab_cache_page: { from: 'const page =', to: 'if (!mapping.pages', why: UNIQUE },
	shrink_cache: {
		from: 'const page =',
		to: 'yield* pagecache_step',
		why: 'pagemap_lru_lock: who frees a page takes it off its list first, which waits',
	},
	brw_kiovec: { from: 'const rq', to: 'queue.nr++', why: 'io_request_lock' },
	tlb_remove_page: { from: 'const flags', to: 'pte_clear', why: XCHG },
	wrprotect_page_range: { from: 'const flags', to: 'set_pte', why: XCHG },
};

/** The texts of all sources that get cuts, by path relative to the root. */
export function cutSources(root: string, sections = SECTIONS): Record<string, string> {
	const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
	const files = CUT_FOLDERS.flatMap((folder) => sourcesIn(root, folder));
	return Object.fromEntries(files.map((f) => [f, cutText(f, read(f), sections)]));
}

function sourcesIn(root: string, folder: string): string[] {
	return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((e) => {
		const name = `${folder}/${e.name}`;
		if (e.isDirectory()) return sourcesIn(root, name);
		return e.name.endsWith('.ts') && !e.name.endsWith('.test.ts') ? [name] : [];
	});
}

interface Insertion {
	at: number;
	text: string;
}

/** One source with its cuts. */
export function cutText(file: string, text: string, sections = SECTIONS): string {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
	const insertions: Insertion[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isFunctionDeclaration(node) && node.asteriskToken && node.body && !isAtomic(node))
			new Cutter(insertions, sections[node.name?.text ?? '']).list(node.body.statements);
		else ts.forEachChild(node, visit);
	};
	visit(source);
	if (insertions.length === 0) return text;
	const imported = /import\s*\{[^}]*\bpreempt\b[^}]*\}\s*from/.test(text);
	const up = '../'.repeat(file.split('/').length - 1);
	const first = imported ? '' : `import { preempt } from '${up}harness/kts/prelude.ts'; `;
	return first + insert(text, insertions);
}

function insert(text: string, insertions: Insertion[]): string {
	let done = '';
	let from = 0;
	for (const { at, text: what } of insertions.sort((a, b) => a.at - b.at)) {
		done += text.slice(from, at) + what;
		from = at;
	}
	return done + text.slice(from);
}

const CUT = 'yield* preempt(); ';

/** Where there is no cut: under pagecache_lock, in one of SECTIONS. */
interface Quiet {
	locked: boolean;
	access: boolean;
}
const NOT_QUIET: Quiet = { locked: false, access: false };

class Cutter {
	readonly #insertions: Insertion[];
	readonly #section: Section | undefined;

	constructor(insertions: Insertion[], section?: Section) {
		this.#insertions = insertions;
		this.#section = section;
	}

	/** Cuts a list of statements. */
	list(statements: ts.NodeArray<ts.Statement>, quiet: Quiet = NOT_QUIET): void {
		let { locked: section } = quiet;
		let access = quiet.access;
		for (const s of statements) {
			if (!section && !access && needsCut(s)) this.#put(s.getStart(), CUT);
			this.#within(s, { locked: section, access });
			const text = s.getText();
			if (this.#section && text.startsWith(this.#section.from)) access = true;
			if (this.#section && text.startsWith(this.#section.to)) access = quiet.access;
			if (calls(s, PAGECACHE_LOCK)) section = true;
			else if (section && !leaves(s) && (calls(s, ENDS_SECTION) || suspends(s))) section = false;
		}
	}

	#put(at: number, text: string): void {
		this.#insertions.push({ at, text });
	}

	#within(s: ts.Statement, quiet: Quiet): void {
		if (ts.isBlock(s)) this.list(s.statements, quiet);
		else if (ts.isIfStatement(s) && isTrace(s.expression)) return;
		else if (ts.isIfStatement(s)) {
			this.#branch(s.thenStatement, quiet);
			if (s.elseStatement) this.#branch(s.elseStatement, quiet);
		} else if (ts.isForStatement(s) || ts.isWhileStatement(s) || ts.isDoStatement(s)) {
			this.#branch(s.statement, quiet);
		} else if (ts.isSwitchStatement(s)) {
			for (const c of s.caseBlock.clauses) this.list(c.statements, quiet);
		}
	}

	/** A branch without braces gets them, if it gets a cut. */
	#branch(s: ts.Statement, quiet: Quiet): void {
		if (ts.isBlock(s)) {
			this.list(s.statements, quiet);
			return;
		}
		if (!quiet.locked && !quiet.access && needsCut(s)) {
			this.#put(s.getStart(), `{ ${CUT}`);
			this.#within(s, quiet);
			this.#put(s.getEnd(), ' }');
		} else {
			this.#within(s, quiet);
		}
	}
}

function isAtomic({ name }: ts.FunctionDeclaration): boolean {
	return name !== undefined && (ATOMIC.has(name.text) || ATOMIC_UNCUT.has(name.text));
}

/** Is it there for the properties only? Then it belongs to the statement before it. */
function isTrace(e: ts.Expression): boolean {
	const { expression: of } = ts.isPropertyAccessExpression(e) ? e : { expression: e };
	return ts.isIdentifier(of) && TRACES.has(of.text);
}

/** Does a statement itself, not one within it, read or write what tasks share? */
function needsCut(s: ts.Statement): boolean {
	if (ts.isExpressionStatement(s)) return isSeen(s.expression);
	if (ts.isVariableStatement(s))
		return s.declarationList.declarations.some((d) => d.initializer && isSeen(d.initializer));
	if (ts.isIfStatement(s) || ts.isWhileStatement(s))
		return !isTrace(s.expression) && touches(s.expression);
	if (ts.isForStatement(s)) return s.initializer !== undefined && touches(s.initializer);
	if (ts.isReturnStatement(s)) return s.expression !== undefined && isSeen(s.expression);
	return false;
}

/** The same of an expression; one that only calls a function with its own cuts needs none. */
function isSeen(e: ts.Expression): boolean {
	const value = ts.isBinaryExpression(e) && isLocal(e.left) && isAssignment(e) ? e.right : e;
	if (ts.isYieldExpression(value) && value.expression && ts.isCallExpression(value.expression)) {
		const { expression, arguments: given } = value.expression;
		return (
			!given.every(isPlain) || (ts.isIdentifier(expression) && ATOMIC_UNCUT.has(expression.text))
		);
	}
	return touches(e);
}

const isAssignment = (e: ts.BinaryExpression): boolean =>
	e.operatorToken.kind === ts.SyntaxKind.EqualsToken;
const isLocal = (e: ts.Expression): boolean => ts.isIdentifier(e);

/** An argument whose value does not change while the function runs. */
function isPlain(e: ts.Expression): boolean {
	if (ts.isNonNullExpression(e)) return isPlain(e.expression);
	if (ts.isPropertyAccessExpression(e)) return isPlain(e.expression);
	if (ts.isArrowFunction(e)) return true;
	return !touches(e);
}

function touches(node: ts.Node): boolean {
	if (ts.isArrowFunction(node)) return false;
	if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return true;
	if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
		if (!UNSEEN.has(node.expression.text)) return true;
		// what an assertion looks at is no part of the kernel
		return false;
	}
	return ts.forEachChild(node, (child) => touches(child) || undefined) ?? false;
}

/** Is a statement a call of this function, or does one stand anywhere in it? */
function calls(s: ts.Node, name: string): boolean {
	if (ts.isCallExpression(s) && ts.isIdentifier(s.expression) && s.expression.text === name)
		return true;
	return ts.forEachChild(s, (child) => calls(child, name) || undefined) ?? false;
}

/** A branch behind which the code does not go on with what follows. */
function leaves(s: ts.Statement): boolean {
	if (!ts.isIfStatement(s) || s.elseStatement) return false;
	const { thenStatement: then } = s;
	const last = ts.isBlock(then) ? then.statements.at(-1) : then;
	return last !== undefined && (ts.isContinueStatement(last) || ts.isReturnStatement(last));
}

function suspends(s: ts.Node): boolean {
	if (ts.isYieldExpression(s)) return true;
	return ts.forEachChild(s, (child) => suspends(child) || undefined) ?? false;
}
