// SPDX-License-Identifier: GPL-2.0-only
/** Stack traces of the bundled script, as positions in the TypeScript sources. */
import { SourceMap, type SourceMapPayload } from 'node:module';

export interface TraceFrame {
	function: string;
	file: string;
	line: number;
	column: number;
}

const COMMENT = '//# sourceMappingURL=data:application/json;base64,';

export class StackMapper {
	#map: SourceMap | undefined;
	readonly #script: string;
	readonly #name: string;

	/** `script` ends with its inline source map; its frames are those of the file `name`. */
	constructor(script: string, name: string) {
		this.#script = script;
		this.#name = name;
	}

	/** The frames in the sources, innermost first. */
	frames(error: Error): TraceFrame[] {
		const out: TraceFrame[] = [];
		for (const line of (error.stack ?? '').split('\n')) {
			const m = line.match(/^\s*at (?:(.*?) \()?([^()]*):(\d+):(\d+)\)?$/);
			if (!m || !m[2].endsWith(this.#name)) continue;
			const at = this.#position(Number(m[3]), Number(m[4]));
			const name = (m[1] ?? '').replace(/^Object\./, '').replace(/ .*/, '');
			if (at && !name.endsWith('.next')) out.push({ function: name, ...at });
		}
		return out;
	}

	#position(line: number, column: number): Omit<TraceFrame, 'function'> | undefined {
		this.#map ??= new SourceMap(this.#payload());
		const e = this.#map.findEntry(line - 1, column - 1);
		if (!('originalSource' in e) || !e.originalSource?.endsWith('.ts')) return undefined;
		const file = e.originalSource.replace(/^(\.\.?\/|\/)+/, '');
		return { file, line: e.originalLine + 1, column: e.originalColumn + 1 };
	}

	#payload(): SourceMapPayload {
		const at = this.#script.lastIndexOf(COMMENT) + COMMENT.length;
		const end = this.#script.indexOf('\n', at);
		const text = this.#script.slice(at, end < 0 ? undefined : end);
		return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
	}
}
