// SPDX-License-Identifier: GPL-2.0-only
/**
 * docs/mail.md beside the mail: the page quotes all of it, in order, and says something of each
 * quotation.
 *
 * Interface: mailRuns quotationsOf differenceOf unanswered claimsOf
 */

/** Words of one author, in a row. */
export interface Run {
	by: 'Phillips' | 'Vogt';
	words: string[];
}

/** Lines of the mail that say nothing: who wrote what, greetings. */
const FORMS = [
	/^On .* wrote:$/,
	/^Hi Everybody,$/,
	/^Regards,$/,
	/^Daniel$/,
	/^Bye$/,
	/^Dominik \^_\^ {2}\^_\^$/,
];

function append(runs: Run[], by: Run['by'], text: string): void {
	const words = text.split(/\s+/).filter((word) => word !== '');
	if (words.length === 0) return;
	const last = runs.at(-1);
	if (last?.by === by) last.words.push(...words);
	else runs.push({ by, words });
}

/** The mail, behind its head: quoted lines are Phillips's, the others Vogt's. */
export function mailRuns(text: string): Run[] {
	const runs: Run[] = [];
	const body = text.slice(text.indexOf('\n\n') + 2);
	for (const line of body.split('\n')) {
		const quoted = line.startsWith('>');
		const said = quoted ? line.slice(1).trim() : line.trim();
		if (FORMS.some((form) => form.test(said))) continue;
		append(runs, quoted ? 'Phillips' : 'Vogt', said);
	}
	return runs;
}

/** One block quote of the page, and what stands between it and the next one. */
export interface Quotation {
	by: Run['by'];
	text: string;
	answer: string;
}

const VOGT = '*Vogt:* ';

/** The block quotes before section 8, where the page takes them up again. */
export function quotationsOf(page: string): Quotation[] {
	const quotations: Quotation[] = [];
	let open: Quotation | undefined;
	let before = '';
	for (const line of page.slice(0, page.indexOf('\n## 8.')).split('\n')) {
		if (line.startsWith('> ')) {
			if (!before.startsWith('> ') || !open) {
				const by = line.startsWith(`> ${VOGT}`) ? 'Vogt' : 'Phillips';
				open = { by, text: '', answer: '' };
				quotations.push(open);
			}
			open.text += ` ${line.slice(2).replace(VOGT, '')}`;
		} else if (open && !line.startsWith('#')) open.answer += `${line}\n`;
		before = line;
	}
	return quotations;
}

/** Where the page stops quoting the mail whole and in order; nothing if it does not. */
export function differenceOf(mail: readonly Run[], page: readonly Quotation[]): string | undefined {
	const quoted: Run[] = [];
	for (const { by, text } of page) append(quoted, by, text);
	const flat = (runs: readonly Run[]) =>
		runs.flatMap(({ by, words }) => words.map((word) => `${by}: ${word}`));
	const [wanted, found] = [flat(mail), flat(quoted)];
	const at = wanted.findIndex((word, i) => word !== found[i]);
	if (at < 0 && wanted.length === found.length) return undefined;
	const here = at < 0 ? wanted.length : at;
	const near = (list: string[]) => list.slice(Math.max(0, here - 8), here + 8).join(' ');
	return `the mail: "${near(wanted)}"; the page: "${near(found)}"`;
}

const MARK = /\*\*(True|Refuted as it\s+stands|Answered|Not covered)\.?\*\*/;

/** Quotations without a mark behind them. */
export function unanswered(page: readonly Quotation[]): string[] {
	return page.filter(({ answer }) => !MARK.test(answer)).map(({ text }) => text.trim());
}

/** What the page says of one command. */
export interface Claim {
	test: string;
	options: string[];
	verdict: string;
}

/** Each `vfshook check ...`: verified or violated. */
export function claimsOf(page: string): Claim[] {
	const found = page.matchAll(/`vfshook\s+check\s+([^`]+)`:\s+(verified|violated)/g);
	return [...found].map(([, words, verdict]) => {
		const [test, ...options] = words.trim().split(/\s+/);
		return { test, options, verdict };
	});
}
