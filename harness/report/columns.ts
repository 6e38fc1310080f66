// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample as text for a mail: a column for each node, time runs down. Steps of one task
 * that follow each other are one row; after steps that matter comes the state of the file.
 *
 * Interface: renderColumns ColumnOptions
 */
import { deadlockTable } from './deadlock.ts';
import { pad, wrap } from './layout.ts';
import { capital } from './prose.ts';
import { type Item, type Row, rowsOf } from './rows.ts';
import type { Snapshot } from './state.ts';
import { changedLines, clusterLine, type FileNames, nodeLines, wrongLines } from './summary.ts';
import type { Trace } from './trace.ts';

export interface ColumnOptions {
	/** characters in a line; 100 */
	width?: number;
	/** every step, every function, every state */
	full?: boolean;
	/** terminal colours */
	color?: boolean;
	/** end with the closing sentence (the default) */
	conclusion?: boolean;
}

export const MIN_WIDTH = 60;
const MARGIN = 8;
const GUTTER = ' | ';
const MANAGER = 24;
/** A node's column is at least this wide, or the lock manager loses its own. */
const ENOUGH = 38;

type Style = 'plain' | 'task' | 'dim' | 'bad';
interface Cell {
	text: string;
	style: Style;
}
const CODES: Record<Style, string> = { plain: '', task: '1', dim: '2', bad: '1;31' };

export function renderColumns(trace: Trace, options: ColumnOptions = {}): string {
	return new Page(trace, options).render();
}

class Page {
	readonly #width: number;
	readonly #column: number;
	/** width of the lock manager's column; 0: none */
	readonly #manager: number;
	readonly #lines: string[] = [];
	readonly #names: FileNames;
	#shown: Snapshot;
	readonly #trace: Trace;
	readonly #options: ColumnOptions;

	constructor(trace: Trace, options: ColumnOptions) {
		this.#trace = trace;
		this.#options = options;
		this.#width = Math.max(MIN_WIDTH, options.width ?? 100);
		const room = this.#width - MARGIN - GUTTER.length * (trace.nodes - 1);
		const narrow = room - MANAGER - GUTTER.length;
		this.#manager = narrow >= ENOUGH * trace.nodes ? MANAGER : 0;
		this.#column = Math.floor((this.#manager ? narrow : room) / trace.nodes);
		this.#names = {
			file: (f) => trace.files[f]?.name ?? `file ${f}`,
			page: (f, i) => (f < 0 ? 'private memory' : (trace.files[f]?.pages[i] ?? `page ${i}`)),
			lockName: (lock) => trace.locks[lock].name,
			rank: (state) => trace.lockStates[state] ?? 0,
		};
		this.#shown = trace.initial;
	}

	render(): string {
		const trace = this.#trace;
		const { violation } = trace;
		const { cycleFrom } = trace;
		const length =
			cycleFrom === undefined
				? `after ${trace.steps.length} steps`
				: `by ${cycleFrom} steps and then ${trace.steps.length - cycleFrom} for ever`;
		this.#text(`${trace.name}: ${violation.property} is violated ${length}`);
		if (trace.missing?.length) this.#text(`without ${trace.missing.join(', ')}`);
		this.#lines.push('');
		this.#heading();
		let endless = cycleFrom === undefined;
		for (const row of rowsOf(trace, this.#options.full ?? false)) {
			if (!endless && row.from > (cycleFrom ?? 0)) {
				this.#lines.push('', ' from here for ever:', '');
				endless = true;
			}
			this.#row(row);
		}
		this.#lines.push('');
		const deadlock = violation.property === 'I9';
		const message = deadlock ? 'deadlock' : violation.message;
		this.#text(`${violation.property}: ${message}`, 'bad');
		if (deadlock) this.#lines.push('', ...deadlockTable(trace, this.#width));
		this.#aftermath();
		if (this.#options.conclusion !== false) {
			this.#lines.push('');
			this.#text(trace.conclusion);
		}
		return `${this.#lines.map((l) => l.trimEnd()).join('\n')}\n`;
	}

	#text(text: string, style: Style = 'plain'): void {
		for (const line of wrap(text, this.#width)) this.#lines.push(this.#painted(line, style));
	}
	#painted(text: string, style: Style): string {
		const code = this.#options.color ? CODES[style] : '';
		return code ? `\u001b[${code}m${text}\u001b[0m` : text;
	}

	#heading(): void {
		const titles = Array.from({ length: this.#trace.nodes }, (_, n) => `node ${n}`);
		if (this.#manager) titles.push('lock manager');
		this.#cells(
			'  step',
			titles.map((t) => [{ text: t, style: 'task' as const }]),
		);
		this.#cells(
			'',
			titles.map((t) => [{ text: '-'.repeat(t.length), style: 'plain' as const }]),
		);
	}

	/** Lines side by side, the first with the number of the step. */
	#cells(label: string, cells: readonly (readonly Cell[])[]): void {
		const height = Math.max(...cells.map((c) => c.length));
		for (let i = 0; i < height; i++) {
			const parts = cells.map((c, n) => {
				const cell = c[i] ?? { text: '', style: 'plain' };
				const wide = n < this.#trace.nodes ? this.#column : this.#manager;
				return this.#painted(pad(cell.text, wide), cell.style);
			});
			this.#lines.push(`${pad(i === 0 ? label : '', MARGIN)}${parts.join(GUTTER)}`);
		}
	}

	#row(row: Row): void {
		const label = row.from === row.to ? `${row.from}` : `${row.from}-${row.to}`;
		const lines = (wide: number) => row.items.flatMap((item) => this.#itemLines(item, wide));
		if (row.node < 0 && !this.#manager) {
			const text = row.items.map((i) => i.text).join('; ');
			const wide = this.#width - MARGIN;
			for (const [i, line] of wrap(`~~ ${row.who ?? 'lock manager'}: ${text}`, wide, 3).entries())
				this.#lines.push(`${pad(i === 0 ? ` ${label}` : '', MARGIN)}${line}`);
		} else {
			const at = row.node < 0 ? this.#trace.nodes : row.node;
			const count = this.#trace.nodes + (this.#manager ? 1 : 0);
			const cells = Array.from({ length: count }, (_, n) =>
				n === at ? lines(n < this.#trace.nodes ? this.#column : this.#manager) : [],
			);
			this.#cells(` ${label}`, cells);
		}
		if (row.state) this.#state(row.state, row.to);
	}

	#itemLines(item: Item, wide: number): Cell[] {
		const style: Style =
			item.kind === 'task'
				? 'task'
				: item.kind === 'broken'
					? 'bad'
					: item.kind === 'call'
						? 'dim'
						: 'plain';
		const indent = item.kind === 'task' ? '' : item.kind === 'call' ? '  ' : ' ';
		return wrap(indent + item.text, wide, 4).map((text) => ({ text, style }));
	}

	/** The state of the file on each node: what changed since it was last shown. */
	#state(now: Snapshot, step: number): void {
		const old = this.#shown;
		this.#shown = now;
		const cells = Array.from({ length: this.#trace.nodes }, (_, n): Cell[] => {
			const before = nodeLines(old, n, this.#names);
			const lines = nodeLines(now, n, this.#names).filter(
				(line) => this.#options.full || !line.endsWith(': none') || !before.includes(line),
			);
			lines.push(...changedLines(old, now, n, this.#names));
			if (!this.#options.full && lines.every((line) => before.includes(line))) return [];
			const wrong = wrongLines(now, n, this.#names);
			return lines.flatMap((line) =>
				wrap(` ${line}`, this.#column, 4).map((text) => ({
					text,
					style: wrong.includes(line) ? ('bad' as const) : ('plain' as const),
				})),
			);
		});
		const rule = (text: string) => `.. ${text} `.padEnd(this.#column, '.');
		const headed = cells.map((c, n): Cell[] =>
			c.length > 0 ? [{ text: rule(`node ${n} after ${step}`), style: 'dim' }, ...c] : [],
		);
		this.#cells('', headed);
		const after = clusterLine(now, this.#names);
		if (!this.#options.full && after === clusterLine(old, this.#names)) return;
		for (const line of wrap(`.. ${after}`, this.#width - MARGIN, 3))
			this.#lines.push(' '.repeat(MARGIN) + line);
	}

	#aftermath(): void {
		const text = aftermathText(this.#trace);
		if (text) this.#lines.push('');
		if (text) this.#text(text);
	}
}

/** What programs will see, if that was found. */
export function aftermathText(trace: Trace): string {
	const a = trace.aftermath;
	if (!a) return '';
	const when = `${a.steps} step${a.steps === 1 ? '' : 's'} later`;
	const who = `${a.task} on node ${a.node}`;
	return `If all tasks go on, ${when}, ${who}: ${a.event}. ${capital(a.message)}.`;
}
