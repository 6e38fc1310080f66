// SPDX-License-Identifier: GPL-2.0-only
/** docs/lockdep.md: orders of locks that contradict others, from the list of inversions.ts. */
import { type Cause, INVERSIONS } from './inversions.ts';

const HEAD = `# Known inversions of locks

Generated from \`harness/conform/inversions.ts\` by \`vfshook docs\`; do not edit.

lockdep ([machine.md](machine.md)) reports a circle in the order of locks, whether or not any run
deadlocks. The orders below close circles, and are known. They are violations like any other, except
in the tests named here: those are about something else, and take the locks in this order on their
way. Their verdicts say "known lock inversions seen, not counted". Your own tests have no such
exemption.`;

const code = (text: string): string => `\`${text}\``;

function section(held: string, taken: string, cause: Cause): string {
	const { off, feature, exempt, shown, reason } = cause;
	const where = off
		? `without ${code(off)}, which removes this order`
		: `in tests with ${code(feature ?? '')}; no symbol removes it yet`;
	return [
		`### ${held}, then ${taken}: ${off ?? feature}`,
		'',
		`- Why: ${reason}.`,
		`- Taken in this order: ${where}.`,
		`- Shown by: ${shown}.`,
		exempt.length > 0
			? `- Not counted in: ${exempt.map(code).join(', ')}.`
			: '- Counted in every test.',
	].join('\n');
}

/** The page, whole. */
export function lockdepPage(): string {
	const parts = INVERSIONS.flatMap(({ held, taken, causes }) =>
		causes.map((cause) => section(held, taken, cause)),
	);
	return `${[HEAD, ...parts].join('\n\n')}\n`;
}
