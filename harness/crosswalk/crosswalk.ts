// SPDX-License-Identifier: GPL-2.0-only
/** The whole port against one kernel tree. */
import {
	type BodyOf,
	compare,
	portCalls,
	portEvents,
	type Row,
	type Stale,
	staleOf,
	type Used,
} from './compare.ts';
import { type Entry, type Header, parseDoc, parseHeader } from './doc.ts';
import { CrosswalkError, MARKS } from './events.ts';
import { hashedEvent } from './facts.ts';
import type { Flow } from './flow.ts';
import { FORM_FILE, FORM_FROM, FORM_OF, type Form, formOf } from './forms.ts';
import type { Kernel, KernelFunction } from './kernel.ts';
import { NOTATION_FILE, notationOf } from './notation.ts';
import { type Pins, pinName, pinOf } from './pin.ts';
import type { Port, PortFunction, Symbols } from './port.ts';

/** Something that is wrong with the port or with what it declares. */
export interface Finding {
	file: string;
	line: number;
	what: string;
	/** what to write */
	fix: string;
	/** not a difference from C: a part that is not compared with C has changed */
	pin?: true;
}

export interface Result {
	function: PortFunction;
	/** where it is in the tree; undefined: nowhere, or it is not compared */
	kernel?: { name: string; file: string; line: number; macro: boolean };
	/** not compared, and why */
	apart?: string;
	rows: Row[];
	/** of what is not held against C: see pin.ts */
	pin?: string;
	/** compared in the form of a later kernel, which symbols give it */
	form?: Form;
	findings: Finding[];
}

export interface Report {
	version: string;
	results: Result[];
	/** of files, rather than of functions */
	findings: Finding[];
}

const number = (version: string): number =>
	version.split('.').reduce((n, part) => n * 1000 + Number(part), 0);

const between = (version: string, from: string, to: string): boolean =>
	number(version) >= number(from) && number(version) <= number(to);

/** Where a function of the port is in the kernel, and where it is if it is in none. */
interface Place {
	none?: string;
	files: string[];
	from?: string;
	to?: string;
	as: string;
	/** symbols make that of another version of it */
	form?: Form;
}

/** One kernel beside the port. */
export class Crosswalk {
	readonly #kernel: Kernel;
	readonly #port: Port;
	readonly #symbols: Symbols;
	readonly #headers = new Map<string, Header>();
	readonly #byName = new Map<string, PortFunction[]>();
	/** by file: how often functions needed the entries of its header */
	readonly #usedOfHeader = new Map<string, { rows: Used; translated: Set<string> }>();

	/** words that the port has */
	readonly #portNames: ReadonlySet<string>;
	/** names that a function of the kernel has which is compared */
	#names: ReadonlySet<string> | undefined;

	readonly #pins: Pins | undefined;
	readonly #base: Symbols;
	/** by file and function: where it is, in the form that it has in the port as it was read */
	readonly #places = new Map<string, Place>();

	/**
	 * `base` has the symbols of the version that the port is of: what others change is of a later
	 * one. Without `pins` nothing is said of what is not held against C.
	 */
	constructor(kernel: Kernel, port: Port, symbols: Symbols, base: Symbols, pins?: Pins) {
		this.#pins = pins;
		this.#kernel = kernel;
		this.#port = port;
		this.#symbols = symbols;
		this.#base = base;
		this.#portNames = new Set(port.names);
		for (const [file, { comment }] of Object.entries(port.headers))
			this.#headers.set(file, parseHeader(comment));
		for (const f of port.functions)
			this.#byName.set(f.name, [...(this.#byName.get(f.name) ?? []), f]);
	}

	#place(f: PortFunction): Place {
		const key = `${f.file} ${f.name}`;
		const known = this.#places.get(key);
		if (known) return known;
		const home = this.#home(f);
		const place = this.#isChanged(f, home) ? this.#later(f, home) : home;
		this.#places.set(key, place);
		return place;
	}

	/** Does it do something else than in the version that it is of? */
	#isChanged(f: PortFunction, { none, from, to }: Place): boolean {
		if (none !== undefined || from !== FORM_FROM || to !== FORM_FROM) return false;
		const with_ = (symbols: Symbols): string => {
			const { all } = portEvents(f, symbols, (name) => this.#partOf(f, name), new Set());
			const told = all.filter((e) => !MARKS.has(e.name));
			return JSON.stringify(told.map((e) => [e.kind, e.name, e.args?.map((arg) => arg.text)]));
		};
		return with_(this.#symbols) !== with_(this.#base);
	}

	#later(f: PortFunction, { files, as }: Place): Place {
		const form = formOf(f.file, f.name);
		return {
			...(form.none !== undefined && { none: form.none }),
			files: form.file ? [form.file] : files,
			...{ from: FORM_OF, to: FORM_OF, as: form.as ?? as, form },
		};
	}

	/** Where it is with the symbols of its version. */
	#home(f: PortFunction): Place {
		const header = this.#headers.get(f.file)!;
		const { source } = parseDoc(f.comment);
		if (source?.none !== undefined) return { none: source.none, files: [], as: f.name };
		if (header.none && !source) return { none: 'a file that no kernel has', files: [], as: f.name };
		const { from, to } = source?.from ? source : header;
		return {
			files: source?.file ? [source.file] : header.files,
			from,
			to,
			as: source?.as ?? f.name,
		};
	}

	#kernelNames(): ReadonlySet<string> {
		if (this.#names) return this.#names;
		const found = new Set<string>();
		const all = this.#port.functions.flatMap((f) =>
			[this.#home(f), this.#place(f)].map((place) => ({ f, place })),
		);
		for (const { f, place } of all) {
			if (!place.from || !place.to || !between(this.#kernel.version, place.from, place.to))
				continue;
			const bodyOf = this.#bodies(place.files);
			const there = this.#kernel.find(place.files, place.as);
			if (!there) continue;
			const helpers = this.#declared(f, place).filter((e) => e.kind === '=');
			for (const body of [there.flow, ...helpers.flatMap((e) => e.names.map(bodyOf))])
				for (const { event } of body?.items ?? [])
					for (const name of event ? [event.name, ...(event.names ?? [])] : []) found.add(name);
		}
		this.#names = found;
		return found;
	}

	#bodies(files: readonly string[]): BodyOf {
		return (name: string): Flow | undefined =>
			(this.#kernel.find(files, name) ?? this.#kernel.elsewhere(files, name))?.flow;
	}

	#missing(f: PortFunction, place: Place): Finding {
		const other = this.#kernel.elsewhere(place.files, place.as);
		const where = place.files.join(', ') || 'no kernel file';
		const { version, hashed } = this.#kernel;
		const facts = hashed ? 'the facts of ' : '';
		const newer = hashed ? 'take it from a tree (--linux DIR --facts), or ' : '';
		const what = `${place.as}() is not in ${facts}${where} of ${version}`;
		if (place.form)
			return {
				...{ file: f.file, line: f.line, what },
				fix: `${newer}say in ${FORM_FILE} where it is${other ? `: ${other.file}` : ', or "none"'}`,
			};
		return {
			...{ file: f.file, line: f.line, what },
			fix: other
				? `it is in ${other.file}: write "Source: ${other.file}" in its comment`
				: `${newer}name its file ("Source: mm/x.c, 2.6.9"), or say what it is for ("Source: none: part of f()")`,
		};
	}

	#problems(f: PortFunction): Finding[] {
		return parseDoc(f.comment).problems.map(({ line, what }) => ({
			file: f.file,
			line: f.commentLine + line,
			what,
			fix: 'docs/crosswalk.md has the notation',
		}));
	}

	/** The differences from the kernel that it is compared with. */
	#declared(f: PortFunction, place: Place): readonly Entry[] {
		const { differs } = parseDoc(f.comment);
		if (!place.form) return differs;
		return differs.some((e) => e.kind === '!') ? differs : place.form.differs;
	}

	function(f: PortFunction): Result {
		const place = this.#place(f);
		const { form } = place;
		const result: Result = { function: f, rows: [], findings: this.#problems(f), form };
		if (place.none !== undefined) return { ...result, apart: place.none };
		if (!place.from || !place.to) {
			const what = 'does not say of which kernel version it is';
			const fix = 'write "mm/x.c of 2.4.22" in its first lines';
			result.findings.push({ file: f.file, line: 2, what, fix });
			return result;
		}
		if (!between(this.#kernel.version, place.from, place.to)) {
			const span = place.from === place.to ? place.from : `${place.from} to ${place.to}`;
			return { ...result, apart: `of ${span}` };
		}
		const found = this.#kernel.find(place.files, place.as);
		if (!found) {
			result.findings.push(this.#missing(f, place));
			return result;
		}
		const { name, file, line, macro } = found;
		result.kernel = { name, file, line, macro };
		return this.#compare(f, found, place, result);
	}

	#compare(f: PortFunction, found: KernelFunction, place: Place, result: Result): Result {
		const declared = this.#declared(f, place);
		const written = place.form ? [] : notationOf(f.file, f.name);
		const whole = declared.find((e) => e.kind === '!');
		if (whole)
			return this.#another(f, found, place, { ...result, apart: `another body: ${whole.reason}` });
		for (const line of found.unread)
			result.findings.push({
				file: found.file,
				line,
				what: `the grammar makes nothing of this part of ${found.name}()`,
				fix: 'teach harness/crosswalk/preprocess.ts what is in its way, or write "! reason"',
			});
		const general = this.#headers.get(f.file)?.differs ?? [];
		const partOf = (name: string) => this.#partOf(f, name);
		const { events, all } = portEvents(f, this.#symbols, partOf, this.#kernelNames());
		const port = this.#kernel.hashed ? events.map(hashedEvent) : events;
		const { rows, used, translated } = compare(
			found,
			port,
			declared,
			written,
			general,
			this.#bodies(place.files),
			this.#portNames,
			new Set(f.locals),
		);
		this.#count(f.file, general, used, translated);
		// what is under a symbol that is off may be declared, of the form without symbols
		const hidden = place.form ? new Set<string>() : portCalls(f.items);
		const stale = staleOf(declared, used, translated, hidden);
		const otherwise = staleOf(written, used, translated, new Set());
		result.findings.push(...this.#stale(NOTATION_FILE, 1, `${f.name}()`, otherwise));
		result.rows = rows;
		result.pin = pinOf(rows, all);
		result.findings.push(...this.#pinned(f, found, place, result.pin));
		result.findings.push(...rows.flatMap((row) => this.#undeclared(f, found, place, row)));
		const at: [string, number] = place.form ? [FORM_FILE, 1] : [f.file, f.commentLine];
		result.findings.push(...this.#stale(...at, `${f.name}()`, stale));
		return result;
	}

	/** Nothing of a body with `!` is compared: all of it is pinned. */
	#another(f: PortFunction, found: KernelFunction, place: Place, result: Result): Result {
		const partOf = (name: string) => this.#partOf(f, name);
		const { all } = portEvents(f, this.#symbols, partOf, this.#kernelNames());
		const pin = pinOf([], all);
		return {
			...result,
			pin,
			findings: [...result.findings, ...this.#pinned(f, found, place, pin)],
		};
	}

	/** Is what is not held against C still as it was when somebody looked? */
	#pinned(f: PortFunction, found: KernelFunction, { form }: Place, pin: string): Finding[] {
		if (!this.#pins || this.#pins.get(pinName(f, form)) === pin) return [];
		return [
			{
				file: f.file,
				line: f.line,
				what: `${f.name}() has changed in what is not held against ${found.file}:${found.line}`,
				fix: 'compare it by hand, then run "vfshook crosswalk --pin"',
				pin: true,
			},
		];
	}

	/** Counts what the header of a file stands for. */
	#count(file: string, general: readonly Entry[], used: Used, translated: ReadonlySet<string>) {
		const all = this.#usedOfHeader.get(file) ?? { rows: new Map(), translated: new Set() };
		this.#usedOfHeader.set(file, all);
		for (const key of translated) all.translated.add(key);
		for (const entry of general) {
			const names = all.rows.get(entry) ?? new Map<string, number>();
			for (const [name, n] of used.get(entry) ?? []) names.set(name, (names.get(name) ?? 0) + n);
			all.rows.set(entry, names);
		}
	}

	#stale(file: string, first: number, where: string, stale: readonly Stale[]): Finding[] {
		return stale.map(({ entry, name, rows }) => {
			const says = entry.counts.get(name) ?? 1;
			const what = `'${entry.kind} ${name}' is declared`;
			return {
				file,
				line: first + entry.line,
				what:
					rows === 0
						? `${what}, and is no difference of ${where}`
						: `${what} for ${says} of ${where}, and there ${rows === 1 ? 'is' : 'are'} ${rows}`,
				fix: rows === 0 ? 'take it out' : `write "${rows === 1 ? name : `${name} x${rows}`}"`,
			};
		});
	}

	/** The body of a function that is in no kernel: it counts where it is called. */
	#partOf(caller: PortFunction, name: string) {
		const all = this.#byName.get(name) ?? [];
		const f = all.find((g) => g.file === caller.file) ?? all[0];
		return f && f !== caller && this.#home(f).none !== undefined ? f.items : undefined;
	}

	#undeclared(f: PortFunction, found: KernelFunction, { form }: Place, row: Row): Finding[] {
		const under = form ? `of ${f.name} in ${FORM_FILE}` : 'under Differs:';
		if (row.other && !row.entry) {
			const { what, c, port } = row.other;
			const { name } = row.c!;
			return [
				{
					file: f.file,
					line: row.port!.line,
					what: `${f.name}() has "${name}" ${what} ${port}, ${found.file}:${row.c!.line} ${what} ${c}`,
					fix: `do as C does, or write "@ ${name}: reason" ${under}`,
				},
			];
		}
		if ((row.c && row.port) || row.entry) return [];
		const event = (row.c ?? row.port)!;
		const sign = row.c ? '-' : '+';
		return [
			{
				file: f.file,
				line: row.port ? row.port.line : f.line,
				what: row.c
					? `${f.name}() lacks "${event.name}" of ${found.file}:${event.line}`
					: `${f.name}() has "${event.name}", ${found.file}:${found.line} has not`,
				fix: `do as C does, or write "${sign} ${event.name}: reason" ${under}`,
			},
		];
	}

	/** Is it a part of functions, and in no kernel? */
	isPart(f: PortFunction): boolean {
		return this.#home(f).none !== undefined;
	}

	/** Findings about some functions when one of the port is as given. */
	withFunction(f: PortFunction, about: readonly PortFunction[]): Finding[] {
		const before = this.#byName.get(f.name)!;
		const is = (other: PortFunction) => other.name === f.name && other.file === f.file;
		this.#byName.set(
			f.name,
			before.map((g) => (is(g) ? f : g)),
		);
		const findings = about.flatMap((g) => this.function(is(g) ? f : g).findings);
		this.#byName.set(f.name, before);
		return findings;
	}

	/** Entries of headers that none of the file's functions needs, and what cannot be read. */
	ofFiles(): Finding[] {
		// a header's entries are counted over all functions of the file
		const some = new Set(
			this.#port.functions.filter((f) => this.#place(f).form).map((f) => f.file),
		);
		return [...this.#headers].flatMap(([file, { from, to, differs, problems }]) => {
			const mine = from && to && between(this.#kernel.version, from, to) && !some.has(file);
			const used = mine ? this.#usedOfHeader.get(file) : undefined;
			const at = (line: number) => this.#port.headers[file].line + line;
			const unread = problems.map(({ line, what }) => ({
				file,
				line: at(line),
				what,
				fix: 'docs/crosswalk.md has the notation',
			}));
			if (!used) return unread;
			const stale = staleOf(differs, used.rows, used.translated, new Set());
			return [...unread, ...this.#stale(file, at(0), 'the functions of the file', stale)];
		});
	}
}

/**
 * Compares the functions of the port, or those that are named, with a tree. Throws
 * CrosswalkError when no function is of the tree's version, or a name is unknown.
 */
export function crosswalk(
	kernel: Kernel,
	port: Port,
	symbols: Symbols,
	base: Symbols,
	names: readonly string[] = [],
	pins?: Pins,
): Report {
	const walk = new Crosswalk(kernel, port, symbols, base, pins);
	for (const name of names)
		if (!port.functions.some((f) => f.name === name))
			throw new CrosswalkError(`unknown function '${name}': no function of vfs/ has that name`);
	const chosen = port.functions.filter((f) => names.length === 0 || names.includes(f.name));
	const results = chosen.map((f) => walk.function(f));
	const compared = results.some((r) => r.kernel || r.findings.length > 0);
	if (!compared && names.length === 0)
		throw new CrosswalkError(
			`this is ${kernel.version}, and no function of vfs/ is of that version`,
		);
	return { version: kernel.version, results, findings: names.length === 0 ? walk.ofFiles() : [] };
}
