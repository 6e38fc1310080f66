// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a comparison needs of a kernel, in a file: names, senses, places, and hashes of what is more
 * than a name. It has no line of the kernel and no comment, and is enough to compare the port
 * without a tree.
 *
 * Interface: Recorder Facts factsText hashedEvent
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CrosswalkError, type Event, type Passed } from './events.ts';
import type { Flow, Label } from './flow.ts';
import type { Kernel, KernelFunction } from './kernel.ts';
import type { Item } from './read-c.ts';

/** A word, with an operator or a sign before it. */
const PLAIN = /^[-+*/|&^~!=<>$]*\w*$/;

/** A text as it is in the file. */
const keyOf = (text: string): string =>
	text.startsWith('#') || PLAIN.test(text)
		? text
		: `#${createHash('sha1').update(text).digest('hex').slice(0, 8)}`;

const keyOfName = (name: string): string =>
	name.startsWith('if ') ? `if ${keyOf(name.slice(3))}` : name;

const hashedValue = ({ text, like, locals }: Passed): Passed => ({
	text: keyOf(text),
	like: keyOf(like),
	locals,
});

/** An event in the form that it has in the file. */
export function hashedEvent(e: Event): Event {
	return {
		...e,
		name: keyOfName(e.name),
		...(e.like !== undefined && { like: keyOfName(e.like) }),
		...(e.args && { args: e.args.map(hashedValue) }),
	};
}

/** A kernel of which is noted what is asked for. */
export class Recorder implements Kernel {
	readonly version: string;
	readonly hashed: boolean;
	readonly #kernel: Kernel;
	readonly found = new Map<string, KernelFunction>();
	readonly elsewhereFound = new Map<string, KernelFunction>();

	constructor(kernel: Kernel) {
		this.#kernel = kernel;
		this.version = kernel.version;
		this.hashed = kernel.hashed;
	}

	find(files: readonly string[], name: string): KernelFunction | undefined {
		const f = this.#kernel.find(files, name);
		if (f) this.found.set(`${f.file} ${name}`, f);
		return f;
	}

	elsewhere(files: readonly string[], name: string): KernelFunction | undefined {
		const f = this.#kernel.elsewhere(files, name);
		if (f) this.elsewhereFound.set(name, f);
		return f;
	}
}

const KINDS: readonly Event['kind'][] = ['call', 'lock', 'return', 'if', 'set', 'loop'];

type Value = string | [text: string, like: string, ...locals: string[]];
type Where = [guards: readonly number[], rest: readonly number[]];
/** A goto has its label where an event has its kind. */
type Line = [at: number, line: number, what: number | string, where: number, ...more: unknown[]];

interface Function {
	at: string;
	line: number;
	macro?: true;
	unread?: number[];
	/** conditions under which something runs */
	where: Where[];
	items: Line[];
	labels?: Record<string, Label>;
}

function packed({ file, name, line, macro, unread, flow }: KernelFunction): Function {
	const where: Where[] = [];
	const places = new Map<string, number>();
	const whereOf = (part: Pick<Event, 'guards' | 'rest'>): number => {
		const both: Where = [part.guards ?? [], part.rest ?? []];
		const key = JSON.stringify(both);
		if (!places.has(key)) places.set(key, where.push(both) - 1);
		return places.get(key)!;
	};
	const value = ({ text, like, locals }: Passed): Value =>
		text === like && locals.length === 0 ? text : [text, like, ...locals];
	const items = flow.items.map((item): Line => {
		if (!item.event) return [item.at, 0, item.goto ?? '', whereOf(item)];
		const e = hashedEvent(item.event);
		const more: unknown[] = [e.name, e.id ?? 0, e.args?.map(value) ?? 0, e.names ?? 0, e.like ?? 0];
		while (more.at(-1) === 0) more.pop();
		return [item.at, e.line - line, KINDS.indexOf(e.kind), whereOf(item.event), ...more];
	});
	return {
		at: `${file} ${name}`,
		line,
		...(macro && { macro: true as const }),
		...(unread.length > 0 && { unread }),
		where,
		items,
		...(flow.labels.size > 0 && { labels: Object.fromEntries(flow.labels) }),
	};
}

function unpacked(f: Function): KernelFunction {
	const [file, name] = f.at.split(' ');
	const value = (v: Value): Passed =>
		typeof v === 'string'
			? { text: v, like: v, locals: [] }
			: { text: v[0], like: v[1], locals: v.slice(2) };
	const items = f.items.map(([at, line, what, where, ...more]): Item => {
		const [guards, rest] = f.where[where];
		if (typeof what === 'string') return { at, goto: what, guards, rest };
		const [text, id, args, names, like] = more as [string, number, Value[], string[], string];
		const event: Event = {
			kind: KINDS[what],
			name: text,
			line: f.line + line,
			guards,
			rest,
			...(id && { id }),
			...(args && { args: args.map(value) }),
			...(names && { names }),
			...(like && { like }),
		};
		return { at, event };
	});
	const flow: Flow = { items, labels: new Map(Object.entries(f.labels ?? {})) };
	return {
		...{ name, file, line: f.line, macro: f.macro ?? false },
		...{ flow, unread: f.unread ?? [] },
	};
}

/** What was asked for of a kernel, a function on each line. */
export function factsText(recorder: Recorder): string {
	const lines = (of: ReadonlyMap<string, KernelFunction>): string =>
		[...of]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, f]) => `${JSON.stringify(key)}: ${JSON.stringify(packed(f))}`)
			.join(',\n');
	const { version, found, elsewhereFound } = recorder;
	return `{"version": "${version}",\n"functions": {\n${lines(found)}\n},\n"elsewhere": {\n${lines(elsewhereFound)}\n}}\n`;
}

/** A kernel of which only the facts are there. */
export class Facts implements Kernel {
	readonly version: string;
	readonly hashed = true;
	readonly #functions: ReadonlyMap<string, KernelFunction>;
	readonly #elsewhere: ReadonlyMap<string, KernelFunction>;

	constructor(text: string) {
		const { version, functions, elsewhere } = JSON.parse(text) as {
			version: string;
			functions: Record<string, Function>;
			elsewhere: Record<string, Function>;
		};
		this.version = version;
		const all = (of: Record<string, Function>) =>
			new Map(Object.entries(of).map(([key, f]) => [key, unpacked(f)]));
		this.#functions = all(functions);
		this.#elsewhere = all(elsewhere);
	}

	find(files: readonly string[], name: string): KernelFunction | undefined {
		for (const file of files) {
			const f = this.#functions.get(`${file} ${name}`);
			if (f) return f;
		}
		return undefined;
	}

	elsewhere(_files: readonly string[], name: string): KernelFunction | undefined {
		return this.#elsewhere.get(name);
	}
}

const FOLDER = 'harness/crosswalk/facts';

/** Where the facts of a version are. */
export const factsFile = (root: string, version: string): string =>
	path.join(root, FOLDER, `linux-${version}.json`);

/** All kernels whose facts are there. */
export function loadFacts(root: string): Facts[] {
	const folder = path.join(root, FOLDER);
	const all = existsSync(folder) ? readdirSync(folder).sort() : [];
	const files = all.filter((file) => file.startsWith('linux-'));
	if (files.length === 0) throw new CrosswalkError(`${folder}: no facts of any kernel`);
	return files.map((file) => new Facts(readFileSync(path.join(folder, file), 'utf8')));
}
