// SPDX-License-Identifier: GPL-2.0-only
/**
 * Claims in words. A sentence says what the fields of its claims say, and no more.
 *
 * Interface: say sentenceOf bitsText steps
 */
import type { At, Claim, ClaimKind, ClaimOf, Clause, Form } from './claims.ts';
import type { Trace } from './model.ts';
import { capital, listed } from './prose.ts';

const bitsText = (m: { write: boolean; dirty: boolean }): string =>
	(m.write ? 'rw' : 'ro') + (m.dirty ? ' dirty' : '');
const steps = (from: number, to: number): string =>
	from === to ? `step ${from}` : `steps ${from} to ${to}`;
const nodesText = (nodes: readonly number[]): string =>
	`node${nodes.length > 1 ? 's' : ''} ${listed(nodes.map(String))}`;

const SYSCALL = 'SYS_';
const callName = (call: string): string =>
	call.startsWith(SYSCALL) ? `${call.slice(SYSCALL.length)}()` : call;
const ordinal = (n: number): string => ['first', 'second', 'third'][n - 1] ?? `${n}th`;

/** Names of files, pages and ints. */
class Namer {
	readonly #trace: Pick<Trace, 'files' | 'lockStates'>;

	constructor(trace: Pick<Trace, 'files' | 'lockStates'>) {
		this.#trace = trace;
	}

	/** Does a state of a lock allow nothing? */
	isNothing(state: string): boolean {
		return this.#trace.lockStates[state] === 0;
	}
	file(file: number): string {
		return this.#trace.files[file]?.name ?? `lock ${file}`;
	}
	page({ file, index }: { file: number; index: number }): string {
		if (file < 0) return 'private memory';
		return this.#trace.files[file]?.pages[index] ?? `page ${index} of ${this.file(file)}`;
	}
	int(at: At): string {
		return this.#trace.files[at.file]?.ints?.[at.index]?.[at.word] ?? this.page(at);
	}
}

type Teller<K extends ClaimKind> = (c: ClaimOf<K>, n: Namer, form: Form) => string;
type Tellers = { [K in ClaimKind]: Teller<K> };

const who = (c: { task: string; node: number }): string =>
	c.node < 0 ? c.task : `${c.task} on node ${c.node}`;
const mapping = (m: { write: boolean; dirty: boolean; frame: string }): string =>
	`${bitsText(m)} -> ${m.frame}`;

const TELLERS: Tellers = {
	stored: (c, n, form) => {
		const verb = c.call ? 'wrote' : 'stored';
		if (form === 'past') return `which ${who(c)} ${verb} in step ${c.step}`;
		return `${who(c)} ${verb} ${c.value} to ${n.int(c.at)} in step ${c.step}`;
	},
	became: (c, n) => `${n.int(c.at)} must be read as ${c.value} from step ${c.step} on`,
	saw: (c, n, form) => {
		const get = c.call ? `reads ${c.value} from` : `loads ${c.value} from`;
		const whole = c.direct
			? `a read past the page cache gives node ${c.node} ${c.value} for ${n.int(c.at)} ` +
				`in step ${c.step}`
			: `${who(c)} ${get} ${n.int(c.at)} in step ${c.step}`;
		return form === 'short' ? whole : `${whole} instead of ${c.latest}`;
	},
	behind: (c, n) =>
		`${who(c)} ${c.store ? 'stores to' : 'loads from'} ${n.int(c.at)} in step ${c.step} without a ` +
		`fault, though the file ends after ${c.size} bytes`,
	lost: (c) =>
		`${c.task}'s store of ${c.value} in step ${c.step} went to ${c.frame}, which is ` +
		`${c.private ? 'a private copy' : 'no page of the file any more'}, and is lost`,
	filled: (c, n) =>
		c.by === 'disk'
			? `node ${c.node} read ${c.value} from the disk into ${c.frame} (${n.int(c.at)}) ` +
				`in step ${c.step}`
			: `${who(c)} made ${c.frame} (${n.int(c.at)}) ${c.value} in step ${c.step}`,
	cached: (c, n) =>
		`node ${c.node} had ${c.value} for ${n.int(c.at)} in its cache ` +
		`(${c.frame}, ${steps(c.from, c.to)})`,
	written: (c, n) => `the disk got ${c.value} for ${n.int(c.at)} in step ${c.step}`,
	late: (c, n) =>
		`a write of ${c.value} to ${n.int(c.at)} that node ${c.node} had handed to the disk before it ` +
		`died landed in step ${c.step}`,
	disk: (c, n) => `the disk had ${c.value} for ${n.int(c.at)} after step ${c.step}`,
	unwritten: (c, n) => `the disk never had ${c.value} for ${n.int(c.at)} (${steps(c.from, c.to)})`,
	full: (c, n) => `no block was free for ${n.file(c.file)} in step ${c.step} of ${who(c)}`,
	block: (c, n, form) =>
		form === 'short'
			? `the inode on the disk still has ${n.page(c)} there after step ${c.step}`
			: `the inode on the disk has ${n.page(c)} in block ${c.block} since step ${c.since}`,
	refused: (c) => `the disk refused a request in step ${c.step}`,
	installed: (c, n, form) => {
		const what = `${n.page(c)} was installed in step ${c.step} (${mapping(c)})`;
		if (form === 'past') return `its pte of ${what}`;
		if (form === 'short') return `installed in step ${c.step}`;
		return `${c.process}'s pte of ${what}`;
	},
	mapped: (c, n, form) => {
		if (form === 'short') return `is still there after step ${c.step}`;
		if (form === 'noun')
			return (
				`${c.process}'s ${c.of === 'pte' ? 'pte' : 'TLB entry'} of ${n.page(c)} ` +
				`(${mapping(c)}), which was there after step ${c.step}`
			);
		const what = c.of === 'pte' ? `${c.process}'s pte of` : `the TLB entry of ${c.process} for`;
		return `${what} ${n.page(c)} (${mapping(c)}) was there after step ${c.step}`;
	},
	unmapped: (c, n) =>
		`${who(c)} took ${c.process}'s pte of ${n.page(c)} out in step ${c.step} (${mapping(c)})`,
	cleaned: (c, n) =>
		`${who(c)} wrote ${c.process}'s pte of ${n.page(c)} back without its dirty bit in step ${c.step}`,
	spared: (c, n) =>
		`no pte of ${n.file(c.file)} was taken out on node ${c.node} (${steps(c.from, c.to)})`,
	dirtied: (c, n) =>
		`${who(c)} made ${c.frame} (${n.page(c)} = ${c.value}) dirty in step ${c.step}`,
	copied: (c) =>
		`${c.task} got a private copy (${c.frame}) of ${c.original} mapped in step ${c.step}`,
	dropped: (c, n) =>
		`${c.frame} (${n.page(c)} = ${c.value}${c.dirty ? ', dirty' : ''}) left the cache of node ` +
		`${c.node} in step ${c.step}`,
	returned: (c) => `${who(c)} got its page from ${c.hook} in step ${c.step}`,
	during: (c) => `${who(c)} was in ${callName(c.call)} in step ${c.step}`,
	wroteOut: (c, n) =>
		`the write-out of ${n.file(c.file)} on node ${c.node} (${steps(c.from, c.to)})`,
	walked: (c, n) => {
		const verb = c.protect ? 'write-protect' : 'take out';
		const whose = c.wanted.length > 0 ? ` for ${nodesText(c.wanted)}` : '';
		const revoke = `the revoke of ${n.file(c.file)} on node ${c.node}${whose}`;
		const range = steps(c.from, c.to);
		if (c.found === 0) return `${revoke} had looked for ptes to ${verb}, and found none (${range})`;
		const done = c.protect ? 'write-protected' : 'took out';
		return `${revoke} had gone through the ptes of the file (${range}: it ${done} ${c.found})`;
	},
	called: (c, n) =>
		`node ${c.node} was told in step ${c.step} to go down to ${c.state} on ${n.file(c.file)}`,
	wanted: (c, n, form) =>
		form === 'short'
			? `for ${nodesText(c.nodes)}`
			: `${nodesText(c.nodes)} waited for ${n.file(c.file)} or had it after step ${c.step}`,
	blocked: (c, n) =>
		`faults on node ${c.node} wait for the glock of ${n.file(c.file)} from step ${c.step} on`,
	unlocked: (c, n) => {
		const kept = n.isNothing(c.state) ? '' : `, but for ${c.state},`;
		return `node ${c.node} gave up the lock on ${n.file(c.file)}${kept} in step ${c.step}`;
	},
	has: (c, n) =>
		n.isNothing(c.state)
			? `node ${c.node} had no lock on ${n.file(c.file)} after step ${c.step}`
			: `node ${c.node} had the lock on ${n.file(c.file)} ${c.state} after step ${c.step}`,
	took: (c, n) => `${who(c)} got the glock of ${n.file(c.file)} in step ${c.step}`,
	withdrew: (c, n) =>
		`${who(c)} gave up waiting for the glock of ${n.file(c.file)} in step ${c.step}`,
	overtaken: (c) =>
		`node ${c.node} lost the lock in step ${c.step}, for the ${ordinal(c.count)} time since ` +
		`${c.process}'s access had faulted`,

	died: (c) => `node ${c.node} died in step ${c.step}`,

	result: (c) => {
		if (c.name === 'signal') return `${c.process} was ended by ${c.text} in step ${c.step}`;
		if (c.name === 'ended') return `${c.process} ended in step ${c.step}`;
		return `${c.name} of ${c.process} became ${c.text} in step ${c.step}`;
	},

	final: (c) => `${c.name} is ${c.text} in the end`,
	resized: (c, n) => `${who(c)} made ${n.file(c.file)} end after ${c.size} bytes in step ${c.step}`,
	length: (c, n) =>
		`${n.file(c.file)} had ${c.size} bytes on node ${c.node} after step ${c.step}, and ` +
		`${c.disk} on the disk`,
	sizes: (c, n) => {
		const where = c.node === 'disk' ? 'the disk' : `node ${c.node}`;
		return `${n.file(c.file)} has ${c.users} bytes after step ${c.step}, but ${c.size} on ${where}`;
	},
	waits: (c) => `${c.task} waits in ${c.function} for ${c.lock || 'something that never happens'}`,
	holds: (c) => {
		if (c.step === 0) return `which ${c.task} had before the first step and still has`;
		const where = c.function === '' ? '' : ` in ${c.function}`;
		return `which ${c.task} took in step ${c.step}${where} and still has`;
	},
	grip: (c) => {
		const holders = c.tasks.length > 0 ? `, held by ${listed(c.tasks)}` : '';
		return `node ${c.node} has it ${c.state}${holders}`;
	},
	broken: (c) =>
		`${c.message}, in step ${c.step} of ${who(c)}${c.function ? ` in ${c.function}` : ''}`,
	cycle: (c) =>
		`${steps(c.from, c.to)} lead back to the state before them, so they can be repeated for ever ` +
		`without an end of ${listed(c.starving)}`,
	endless: (c) => `whatever is done after step ${c.step}, some program never ends`,
	later: (c, n) => {
		const what = n.int(c.at);
		if (c.access === 'store')
			return c.private
				? `${c.task}'s store of ${c.value} will go to a private copy of ${what}, and is lost`
				: `node ${c.node} drops the page that ${c.task} still maps, and ${c.task}'s store of ` +
						`${c.value} to ${what} is lost`;
		const by = c.storedBy ? `, which ${c.storedBy} has stored by then` : '';
		const verb = c.access === 'load' ? 'load' : 'read';
		return (
			`${c.direct ? 'a read past the page cache' : c.task} on node ${c.node} can ${verb} ` +
			`${c.value} from ${what} where it must ${verb} ` +
			`${c.latest}${by}`
		);
	},
};

function say(
	trace: Pick<Trace, 'files' | 'lockStates'>,
	claim: Claim,
	form: Form = 'plain',
): string {
	const teller = TELLERS[claim.kind] as (c: Claim, n: Namer, form: Form) => string;
	return teller(claim, new Namer(trace), form);
}

/** Clauses joined into a sentence, with no blank before a comma or a colon. */
export function sentenceOf(
	trace: Pick<Trace, 'files' | 'lockStates'>,
	clauses: readonly Clause[],
): string {
	let text = '';
	for (const clause of clauses) {
		const piece =
			typeof clause === 'string'
				? clause
				: 'kind' in clause
					? say(trace, clause)
					: say(trace, clause.claim, clause.form);
		const close =
			text === '' || [',', ';', ':'].includes(piece[0]) || text.endsWith('(') || piece[0] === ')';
		text += close ? piece : ` ${piece}`;
	}
	return capital(text);
}
