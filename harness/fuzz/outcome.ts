// SPDX-License-Identifier: GPL-2.0-only
/**
 * What may come of an input: a documented status, soon, and nothing raw on a terminal.
 *
 * Interface: Kind Campaign Failure outcomeOf runCampaign
 */
import { tellError } from '../cli/output.ts';
import { EXIT_INTERNAL } from '../cli/status.ts';
import { visible } from '../litmus/visible.ts';

/** One campaign: inputs by number, and what each comes to. */
export interface Campaign {
	name: string;
	/** The kind of outcome of input n, for the figures. Throws if it is none that is documented. */
	run(seed: number, n: number): Promise<string> | string;
	/** what input n is, to be run alone */
	reproducer(seed: number, n: number): string;
	close?(): void;
}

export interface Failure {
	n: number;
	why: string;
	reproducer: string;
}

export interface Figures {
	inputs: number;
	/** how many came to what */
	counts: Record<string, number>;
	failures: Failure[];
	slowestMs: number;
}

/** An input that takes longer is a failure. */
export const SLOW_MS = 60_000;

/** What a command says and how it ends; an error that is our own is thrown on. */
export async function outcomeOf(
	run: () => Promise<number> | number,
): Promise<{ status: number; said: string }> {
	let said = '';
	const { stdout, stderr } = process;
	const keep = [stdout.write, stderr.write] as const;
	const note = ((s: string) => {
		said += s;
		return true;
	}) as typeof stdout.write;
	stdout.write = note;
	stderr.write = note;
	let status: number;
	try {
		status = await run();
	} catch (e) {
		status = tellError(e);
		if (status === EXIT_INTERNAL) throw e;
	} finally {
		[stdout.write, stderr.write] = keep;
	}
	return { status, said };
}

/**
 * cli/streams.ts spells out control characters on their way to the terminal. The text of an error
 * must not rely on that.
 */
export function mustBeVisible(text: string): void {
	if (text !== visible(text)) throw new Error(`raw characters: ${visible(text).slice(0, 300)}`);
}

export const noFigures = (): Figures => ({ inputs: 0, counts: {}, failures: [], slowestMs: 0 });

/**
 * Runs the inputs up to number count - 1, from those on that `figures` has. `progress` is told
 * before each, and may end it there.
 */
export async function runCampaign(
	campaign: Campaign,
	seed: number,
	count: number,
	progress: (figures: Figures) => boolean = () => true,
	figures: Figures = noFigures(),
): Promise<Figures> {
	for (let n = figures.inputs; n < count && progress(figures); n++) {
		const start = performance.now();
		let kind: string;
		try {
			kind = await campaign.run(seed, n);
		} catch (e) {
			kind = 'FAILED';
			figures.failures.push({
				n,
				why: visible((e as Error)?.stack ?? String(e)).slice(0, 2000),
				reproducer: campaign.reproducer(seed, n),
			});
		}
		const ms = performance.now() - start;
		if (ms > SLOW_MS) {
			kind = 'FAILED';
			const reproducer = campaign.reproducer(seed, n);
			figures.failures.push({ n, why: `${Math.round(ms / 1000)} s`, reproducer });
		}
		figures.slowestMs = Math.max(figures.slowestMs, ms);
		figures.counts[kind] = (figures.counts[kind] ?? 0) + 1;
		figures.inputs = n + 1;
	}
	campaign.close?.();
	return figures;
}
