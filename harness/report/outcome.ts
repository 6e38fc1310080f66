// SPDX-License-Identifier: GPL-2.0-only
/** What a violation comes to in the end, for whoever uses the file. Interface: outcome */
import type { Facts } from './facts.ts';

/** What the last step of a trace shows. */
export function outcome(facts: Facts): string | undefined {
	const { last, trace } = facts;
	const { property, message } = trace.violation;
	if (!last) return undefined;
	const access = last.moments.find((m) => m.kind === 'load' || m.kind === 'store');
	if (property === 'COND') return message.replace(/;$/, '');
	if (property !== 'DATA') {
		const doing = last.source ? `executes ${last.source.text.replace(/;$/, '')}` : 'goes on';
		const who = `${last.task} on node ${last.node}`;
		return `${who} finds, when it ${doing} in step ${last.step}: ${message}`;
	}
	if (access?.kind === 'store') {
		const where = /private/.test(message) ? 'a private copy' : 'no page of the file any more';
		return (
			`${last.task}'s store of ${access.value} in step ${last.step} went to ${access.frame}, ` +
			`which is ${where}, and is lost`
		);
	}
	const [file, index] = [access?.file ?? 0, access?.index ?? 0];
	const stored = facts.latestStore(file, index);
	const latest = facts.end.latest[file][index];
	const by = stored
		? `, which ${stored.task} on node ${stored.node} stored in step ${stored.step}`
		: '';
	const what = access
		? `loads ${access.value} from ${facts.page(file, index)}`
		: `reads an old ${facts.page(file, index)}`;
	return `${last.task} on node ${last.node} ${what} in step ${last.step} instead of ${latest}${by}`;
}
