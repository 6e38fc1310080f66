// SPDX-License-Identifier: GPL-2.0-only
/**
 * Which edits of the compared functions the crosswalk reports, by the facts of the kernels.
 *
 * Interface: Measured Bench
 */
import path from 'node:path';
import { type FunctionDeclaration, type Node, Project, type SourceFile } from 'ts-morph';
import { Crosswalk, type Finding } from './crosswalk.ts';
import { type Edit, edited, editsOf } from './edits.ts';
import { constantsOf, portSources, readSources } from './extract.ts';
import type { Kernel } from './kernel.ts';
import type { Pins } from './pin.ts';
import { callsOf, type Port, type PortFunction, type Symbols } from './port.ts';
import { localsOf, Reader } from './read-port.ts';
import { BASE } from './symbols.ts';

export interface Measured {
	function: PortFunction;
	edit: Edit;
	/** what the crosswalk says */
	findings: Finding[];
}

export class Bench {
	readonly #walks: { walk: Crosswalk; compared: ReadonlySet<PortFunction> }[];
	readonly #constants: ReadonlyMap<string, Node>;
	readonly #project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
	readonly #sources = new Map<string, SourceFile>();
	readonly port: Port;

	constructor(
		root: string,
		kernels: readonly Kernel[],
		symbolsOf: (version: string) => Symbols,
		pins?: Pins,
	) {
		const sources = portSources(root);
		for (const source of sources)
			this.#sources.set(path.posix.relative(root, source.getFilePath()), source);
		this.#constants = constantsOf(sources);
		this.port = { hash: '', ...readSources(sources, root) };
		this.#walks = kernels.map((kernel) => {
			const walk = new Crosswalk(kernel, this.port, symbolsOf(kernel.version), BASE, pins);
			const results = this.port.functions.map((f) => walk.function(f));
			const compared = results.filter((r) => r.pin !== undefined).map((r) => r.function);
			return { walk, compared: new Set(compared) };
		});
	}

	/** Functions that are compared or pinned, or parts of such. */
	functions(): PortFunction[] {
		return this.port.functions.filter((f) => this.#about(f).some(({ about }) => about.length > 0));
	}

	/** The compared functions that a function is, or is a part of. */
	#about(f: PortFunction): { walk: Crosswalk; about: PortFunction[] }[] {
		return this.#walks.map(({ walk, compared }) => {
			if (compared.has(f)) return { walk, about: [f] };
			if (!walk.isPart(f)) return { walk, about: [] };
			const parts = new Set([f.name]);
			for (let n = 0; n !== parts.size; ) {
				n = parts.size;
				for (const g of this.port.functions)
					if (walk.isPart(g) && [...callsOf(g.items)].some((name) => parts.has(name)))
						parts.add(g.name);
			}
			const calls = (g: PortFunction) => [...callsOf(g.items)].some((name) => parts.has(name));
			return { walk, about: [...compared].filter(calls) };
		});
	}

	declaration(f: PortFunction): FunctionDeclaration {
		return this.source(f.file).getFunctionOrThrow(f.name);
	}

	source(file: string): SourceFile {
		return this.#sources.get(file)!;
	}

	/** Its file, with the edit. */
	fileWith(f: PortFunction, edit: Edit): string {
		const declaration = this.declaration(f);
		const text = this.source(f.file).getFullText();
		const body = edited(declaration.getText(), edit);
		return text.slice(0, declaration.getStart()) + body + text.slice(declaration.getEnd());
	}

	edits(f: PortFunction): Edit[] {
		return editsOf(this.declaration(f));
	}

	/** What is found when a function has this text. */
	findings(f: PortFunction, text: string): Finding[] {
		const source = this.#project.createSourceFile('/edit.ts', text, { overwrite: true });
		const declaration = source.getFunctions()[0];
		const body = declaration?.getBody();
		if (!body) return [];
		const items = new Reader(this.#constants, declaration).read(body);
		const now = { ...f, items, locals: [...localsOf(declaration).keys()] };
		return this.#about(f).flatMap(({ walk, about }) => walk.withFunction(now, about));
	}

	measure(f: PortFunction, edit: Edit): Measured {
		const text = edited(this.declaration(f).getText(), edit);
		return { function: f, edit, findings: this.findings(f, text) };
	}
}
