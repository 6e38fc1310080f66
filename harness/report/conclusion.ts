// SPDX-License-Identifier: GPL-2.0-only
/**
 * What went wrong and why, in one sentence, out of the steps of a trace: who, which page, which
 * steps, which symbol would have prevented it.
 *
 * Interface: conclude Conclusion
 */
import { blame, type Cause, REMEDIES } from './causes.ts';
import { deadlockSentence } from './deadlock.ts';
import { Facts, has, type Revoke } from './facts.ts';
import { outcome } from './outcome.ts';
import { capital, listed } from './prose.ts';
import type { MappingState } from './state.ts';
import type { Trace, TraceStep } from './trace.ts';
import { bits } from './wording.ts';

export interface Conclusion {
	cause: Cause;
	sentence: string;
	/** what is blamed: symbols that are off */
	symbols: string[];
}

export function conclude(trace: Trace): Conclusion {
	const { cause, because, therefore, remedies } = analyse(trace);
	const off = (remedies ?? REMEDIES[cause] ?? []).filter((s) => trace.config[s] === 0);
	const symbols = trace.missing ?? off;
	const text = therefore ? `${because}; therefore ${therefore}` : because;
	return {
		cause,
		symbols,
		sentence: `${capital(text)}${blame(symbols, trace.missing !== undefined)}.`,
	};
}

/**
 * A state is often wrong long before a program can tell. What went wrong is then to be found
 * before the first state that was wrong, and what it led to at the end.
 */
function analyse(trace: Trace): Told {
	const first = trace.steps.find((s) => s.broken);
	if (!first?.broken || first === trace.steps.at(-1)) return new Analysis(new Facts(trace)).run();
	const root = new Analysis(
		new Facts({
			...trace,
			steps: trace.steps.slice(0, first.step),
			violation: { ...first.broken, step: first.step },
			aftermath: undefined,
		}),
	).run();
	if (root.cause === 'other') return new Analysis(new Facts(trace)).run();
	return { ...root, therefore: outcome(new Facts(trace)) ?? root.therefore };
}

/** Nothing is wrong in any state: what is wrong is that it goes on. */
function endless({ violation, steps, cycleFrom = steps.length }: Trace): string {
	if (violation.property === 'I10')
		return `whatever is done after step ${steps.length}, some program never comes to an end`;
	const who = violation.message.replace(/^starvation: (.*) may go on .*$/, '$1');
	return (
		`steps ${cycleFrom + 1} to ${steps.length} lead back to the state before them, so that they ` +
		`can be taken again and again without an end of ${who}, and no task is left out that could ` +
		'go on all the while'
	);
}

interface Told {
	cause: Cause;
	because: string;
	therefore?: string;
	/** which symbols prevent it, where that depends on more than the cause */
	remedies?: string[];
}

class Analysis {
	constructor(private readonly facts: Facts) {}

	run(): Told {
		const { trace } = this.facts;
		const { property, message } = trace.violation;
		if (property === 'I9') return { cause: 'deadlock', because: deadlockSentence(trace) };
		if (property === 'STARVE' || property === 'I10')
			return { cause: 'endless', because: endless(trace) };
		return (
			this.privateCopy(message) ??
			this.dirtyPage(property) ??
			this.mapping(property, message) ??
			this.staleRead(property) ??
			this.other()
		);
	}

	// ---- ptes and TLB entries that should not be there
	// ------------------------------------------

	private mapping(property: string, message: string): Told | undefined {
		const wrong = ['I1', 'I2', 'I3', 'I4'].includes(property) || /has left the file/.test(message);
		if (!wrong) return undefined;
		const bad = this.facts.badMappings();
		const m = bad.find((x) => x.kind === 'pte') ?? bad[0];
		if (!m) return undefined;
		const installed = this.facts.installed(m);
		if (!installed) return undefined;
		const revoke = this.facts.revoke(m.node, m.file);
		if (m.kind === 'tlb') return this.staleTlb(m, revoke);
		const holds = (task: string) =>
			this.facts.find('holds', (x) => x.task === task && x.file === m.file, installed.step.step);
		const began = holds(installed.step.task)?.step.step ?? 0;
		const over = revoke.unlocked > 0 && began > revoke.unlocked;
		if (!revoke.called || over) return this.writableWhileShared(m, installed.step);
		if (!revoke.unmap) return this.notUnmapped(m, revoke, installed.step.step);
		if (installed.step.step > revoke.unmapEnd) return this.window(m, revoke, installed.step);
		return this.missed(m.node, m.file, revoke);
	}

	/** A pte that was there before a revoke unmapped, and after it. */
	private missed(node: number, file: number, r: Revoke): Told | undefined {
		const end = this.facts.trace.steps[r.unmapEnd - 1];
		if (!r.unmap || !end) return undefined;
		const protects = this.facts.trace.steps.some(
			(s) => s.step >= r.unmap && s.node === node && s.moments.some((x) => x.kind === 'protect'),
		);
		const m = end.after.mappings.find(
			(x) =>
				x.node === node && x.kind === 'pte' && x.frame && x.file === file && (x.write || !protects),
		);
		const installed = m && this.facts.installed(m);
		if (!m || !installed || installed.step.step >= r.unmap) return undefined;
		const munmap = this.facts.trace.steps
			.filter((s) => s.step <= r.unmapEnd && s.node === node && has(s.stackAfter, 'sys_munmap'))
			.at(-1);
		const why = munmap
			? `, which the munmap of ${munmap.task} had taken off the share list (step ${munmap.step})`
			: '';
		return {
			cause: 'mapping-missed',
			because:
				`the revoke on node ${node} went through the mappings of ${this.facts.file(file)} ` +
				`(${steps(r.unmap, r.unmapEnd)}) and did not come to that of ${m.process}${why}: ` +
				`its pte of ${this.facts.page(m.file, m.index)} (${bits(m)} -> ${m.frame}) was still there ` +
				'when the lock was given up',
			therefore: outcome(this.facts) ?? this.consequence(m, r),
		};
	}

	private window(m: MappingState, r: Revoke, installed: TraceStep): Told {
		const { task } = installed;
		const what = this.facts.page(m.file, m.index);
		const n = installed.step;
		const found = this.facts.trace.steps.some(
			(s) =>
				s.node === m.node &&
				s.step >= r.unmap &&
				s.step <= r.unmapEnd &&
				s.moments.some((x) => x.kind === 'unmapped' || x.kind === 'wrprotect'),
		);
		const verb = r.target === 'UNLOCKED' ? 'take out' : 'write-protect';
		const work = found
			? `had gone through the ptes of the file to ${verb}`
			: `had looked for ptes of the file to ${verb}, and found none`;
		const late = r.blocked === 0 || r.blocked > r.unmapEnd;
		const began =
			this.facts.find('holds', (x) => x.task === task && x.file === m.file, n)?.step.step ?? 0;
		const end =
			`its pte of ${what} was installed in step ${n} (${bits(m)} -> ${m.frame}), ` +
			'after the revoke for ' +
			`${this.nodes(r.wantedBy)} ${work} (${steps(r.unmap, r.unmapEnd)})`;
		const therefore = this.consequence(m, r);
		if (late && began > r.unmap)
			return {
				cause: 'fault-not-blocked',
				because:
					`a fault of ${task} on node ${m.node} took the glock in step ${began}, ` +
					`when the revoke had begun to unmap but did not yet block faults ` +
					`(${r.blocked ? `only from step ${r.blocked} on` : 'it never did'}), and ${end}`,
				therefore,
			};
		const from =
			this.facts.left('ogfs_page_mkwrite', task, n) || this.facts.nopageReturned(task, n);
		const hook = this.facts.left('ogfs_page_mkwrite', task, n) ? '->page_mkwrite' : '->nopage';
		return {
			cause: 'window',
			because: `${task} on node ${m.node} had its page from ${hook} in step ${from}, but ${end}`,
			therefore,
		};
	}

	private notUnmapped(m: MappingState, r: Revoke, installed: number): Told {
		const what = this.facts.page(m.file, m.index);
		return {
			cause: 'not-unmapped',
			because:
				`node ${m.node} gave the lock on ${this.facts.file(m.file)} up in step ` +
				`${r.unlocked} for ${this.nodes(r.wantedBy)} ` +
				`and took no pte out before: ${m.process}'s pte of ${what}, installed in step ` +
				`${installed}, is still there (${bits(m)} -> ${m.frame})`,
			therefore: this.consequence(m, r),
		};
	}

	private writableWhileShared(m: MappingState, installed: TraceStep): Told {
		const { task } = installed;
		const what = this.facts.page(m.file, m.index);
		const kind = m.dirty ? 'store' : 'load';
		return {
			cause: 'writable-while-shared',
			because:
				`node ${m.node} has the lock on ${this.facts.file(m.file)} SHARED, but the ` +
				`fault of ${task}'s ${kind} installed a writable pte of ` +
				`${what} in step ${installed.step} (${bits(m)} -> ${m.frame})`,
			therefore:
				this.aftermath() ??
				`${task} can store into ${what} without a fault, and no other node is told to ` +
					'give up what it has',
			remedies: m.dirty ? ['PAGE_MKWRITE'] : ['SHARED_PROT_RO'],
		};
	}

	private staleTlb(m: MappingState, r: Revoke): Told {
		const what = this.facts.page(m.file, m.index);
		return {
			cause: 'stale-tlb',
			because:
				`the revoke on node ${m.node} took the pte of ${what} out ` +
				`(${steps(r.unmap, r.unmapEnd)}), but the processor that runs ` +
				`${m.process} still has it in its TLB (${bits(m)} -> ${m.frame})`,
			therefore: this.consequence(m, r),
		};
	}

	/** What a mapping that should not be there leads to. */
	private consequence(m: MappingState, r: Revoke): string {
		const told = this.aftermath();
		if (told) return told;
		const { trace } = this.facts;
		const what = this.facts.page(m.file, m.index);
		if (trace.violation.property === 'DATA') return outcome(this.facts)!;
		const use = m.write ? 'loads and stores' : 'loads';
		const who = r.wantedBy.length > 0 ? this.nodes(r.wantedBy) : 'another node';
		return `${m.process} ${use} ${what} in ${m.frame} while ${who} changes the file elsewhere`;
	}

	private aftermath(): string | undefined {
		const a = this.facts.trace.aftermath;
		if (!a || a.file === undefined) return undefined;
		const what = this.facts.page(a.file, a.index!);
		if (a.kind === 'store')
			return /private/.test(a.message)
				? `${a.task}'s store of ${a.value} will go to a private copy of ${what}, and is lost`
				: `node ${a.node} drops the page that ${a.task} still maps, ` +
						`and ${a.task}'s store of ${a.value} to ${what} is lost`;
		const by = a.storedBy ? `, which ${a.storedBy} has stored by then` : '';
		return (
			`${a.task} on node ${a.node} can load ${a.value} from ${what} ` +
			`where it must load ${a.latest}${by}`
		);
	}

	// ---- stores that go elsewhere, or nowhere
	// ---------------------------------------------------

	private privateCopy(message: string): Told | undefined {
		const { last } = this.facts;
		if (!/private copy/.test(message) || !last) return undefined;
		const store = last.moments.find((m) => m.kind === 'store');
		const cow = this.facts.find('private', (_, s) => s.task === last.task);
		if (!store || !cow) return undefined;
		const what = this.facts.page(store.file!, store.index!);
		const original = /private copy of (page#\d+)/.exec(cow.moment.text)?.[1] ?? 'the page';
		return {
			cause: 'private-copy',
			because:
				`${last.task} on node ${last.node} stores into a shared mapping of ${what} ` +
				'whose pte is read-only, ' +
				'and do_wp_page, which does not look at VM_SHARED, mapped a private copy ' +
				`(${store.frame}) of the file's ${original} in step ${cow.step.step}`,
			therefore:
				`the store of ${store.value} in step ${last.step} changes ${store.frame} ` +
				`alone: ${what} in the file stays ` +
				`${this.facts.end.latest[store.file!][store.index!]} for everybody else`,
		};
	}

	private dirtyPage(property: string): Told | undefined {
		const page = property === 'I3' || property === 'BUG' ? this.facts.dirtyPage() : undefined;
		if (!page) return undefined;
		const what = this.facts.page(page.file, page.index);
		const dirtied = this.facts.find(
			'page-dirty',
			(m) => m.node === page.node && m.frame === page.frame,
		);
		const r = this.facts.revoke(page.node, page.file);
		if (!dirtied || !r.called || !r.unlocked) return undefined;
		const then =
			r.target === 'UNLOCKED'
				? `${page.frame} is dropped`
				: `${page.frame} stays dirty under a shared lock`;
		const disk = this.facts.end.disk[page.file][page.index];
		const therefore = `${then}, and ${this.nodes(r.wantedBy)} will read ${disk} from the disk`;
		if (r.sync > 0 && r.unmap > 0 && r.unmap >= r.syncEnd && dirtied.step.step >= r.unmap)
			return {
				cause: 'written-before-unmapped',
				because:
					`the revoke on node ${page.node} wrote ${this.facts.file(page.file)} out first ` +
					`(${steps(r.sync, r.syncEnd)}) and then unmapped it ` +
					`(${steps(r.unmap, r.unmapEnd)}): the dirty bit of the pte of ${what} reached ` +
					`${page.frame} in step ${dirtied.step.step}, ` +
					`when nothing was written any more, and the lock was given up in step ${r.unlocked}`,
				therefore:
					'whatever is stored through the pte in between never gets to the disk: ' + `${therefore}`,
			};
		const writer = dirtied.step.task;
		if (!has(dirtied.step.stack, 'sys_msync')) return undefined;
		return {
			cause: 'acknowledged-before-written',
			because:
				`the msync of ${writer} on node ${page.node} made ${page.frame} (${what} = ` +
				`${page.data}) dirty in step ${dirtied.step.step} and took it off the ` +
				'dirty list before it locked or wrote it, so the write-out of the revoke found ' +
				'nothing to do, and the lock was given up to ' +
				`${this.nodes(r.wantedBy)} in step ${r.unlocked} while ${page.data} was not on the disk`,
			therefore,
		};
	}

	private staleRead(property: string): Told | undefined {
		const { last } = this.facts;
		if (property !== 'DATA' || !last) return undefined;
		const load = last.moments.find((m) => m.kind === 'load');
		const file = load?.file ?? 0;
		const index = load?.index ?? 0;
		const stored = this.facts.latestStore(file, index);
		if (!stored) return undefined;
		const latest = this.facts.end.latest[file][index];
		const what = this.facts.page(file, index);
		const got = load
			? `${last.task} on node ${last.node} loads ${load.value} from ${what} in step ${last.step}`
			: `${last.task}'s read() on node ${last.node} returns an old ${what} in step ${last.step}`;
		const late = stored.moments.find((m) => / a late write of node/.test(m.text));
		if (late)
			return {
				cause: 'late-write',
				because:
					`a page that a dead node had handed to the disk landed in step ${stored.step}, ` +
					'when others had its locks already',
				therefore: `${got} instead of ${latest}`,
			};
		const store = `${stored.task} on node ${stored.node} stored ${latest} in step ${stored.step}`;
		const r = this.facts.revoke(stored.node, file);
		const written = this.facts.reachedDisk(file, index, stored.step, latest);
		const between = this.removing(stored);
		if (between && !written)
			return {
				cause: 'dirty-bit-lost',
				because:
					`${store}, after the revoke had read the pte of ${what} in step ` +
					`${between.read} and before it cleared it in step ${between.cleared}: ` +
					'the dirty bit that the store set was cleared unseen, the lock was given up in ' +
					`step ${r.unlocked} without the page being written, and the disk still has ` +
					`${this.facts.end.disk[file][index]}`,
				therefore: `${got} instead of ${latest}, and the store is lost`,
			};
		const missed = r.unlocked ? this.missed(stored.node, file, r) : undefined;
		if (missed) return missed;
		const old = this.overwritten(stored, r);
		if (old && !written)
			return {
				cause: 'dirty-bit-overwritten',
				because:
					`${store}, and the fault of ${old.task} then wrote back the copy of the pte of ${what} ` +
					`that it had read before (step ${old.step}): the dirty bit that the store had set is gone, ` +
					`and the lock was given up in step ${r.unlocked} without the page being written`,
				therefore: `${got} instead of ${latest}`,
			};
		if (r.unlocked && !(written && written < r.unlocked))
			return {
				cause: 'acknowledged-before-written',
				because:
					`${store}, and the lock was given up in step ${r.unlocked} ` +
					(written ? `before the disk had it (step ${written})` : 'though the disk never got it'),
				therefore: `${got} instead of ${latest}`,
			};
		return {
			cause: 'stale-read',
			because: `${store}, and nothing made node ${last.node} let go of what it had`,
			therefore: `${got} instead of ${latest}`,
		};
	}

	/** A pte that lost its dirty bit after a store, and not to msync. */
	private overwritten(stored: TraceStep, r: Revoke): TraceStep | undefined {
		return this.facts.trace.steps.find(
			(s) =>
				s.step > stored.step &&
				s.step < r.unlocked &&
				s.node === stored.node &&
				!has(s.stack, 'filemap_sync') &&
				s.moments.some((m) => m.kind === 'pte-clean'),
		);
	}

	/** A store between the two accesses with which a revoke takes a pte out. */
	private removing(stored: TraceStep): { read: number; cleared: number } | undefined {
		const inside = (s: TraceStep) => s.node === stored.node && has(s.stackAfter, 'tlb_remove_page');
		const read = [...this.facts.trace.steps]
			.reverse()
			.find((s) => s.step < stored.step && inside(s));
		if (!read) return undefined;
		const cleared = this.facts.trace.steps.find((s) => s.step > read.step && s.task === read.task);
		return cleared && cleared.step > stored.step
			? { read: read.step, cleared: cleared.step }
			: undefined;
	}

	// ---- all else ------------------------------------------------------------------------------

	private other(): Told {
		const { property, message, step } = this.facts.trace.violation;
		const { last } = this.facts;
		if (property === 'BUG' && last && last.node >= 0)
			for (const file of this.facts.trace.files.keys()) {
				const told = this.missed(last.node, file, this.facts.revoke(last.node, file));
				if (told) return told;
			}
		if (property === 'COND') return { cause: 'condition', because: message.replace(/;$/, '') };
		if (property === 'I6')
			for (const p of this.facts.end.pages) {
				const disk = this.facts.end.disk[p.file]?.[p.index];
				if (
					!p.cached ||
					p.file < 0 ||
					disk === p.data ||
					this.facts.glock(p.node, p.file).state !== 'SHARED'
				)
					continue;
				return {
					cause: 'other',
					because:
						`node ${p.node} shares ${this.facts.page(p.file, p.index)} and has ${p.data} ` +
						`in its cache since step ${step}, but the disk has ${disk}`,
					therefore: `another node that shares it reads another value`,
				};
			}
		if (property === 'I5') {
			const p = this.facts.end.pages.find(
				(x) => x.cached && this.facts.glock(x.node, x.file).state === 'UNLOCKED',
			);
			if (p)
				return {
					cause: 'other',
					because:
						`node ${p.node} has given the lock on ${this.facts.file(p.file)} up and still ` +
						`has ${p.frame} (${this.facts.page(p.file, p.index)} = ${p.data}) in its cache ` +
						`after step ${step}`,
					therefore:
						'it will use it when it has the lock again, though others may have changed the file',
				};
		}
		const doing = last?.source
			? `executed ${last.source.text.replace(/;$/, '')}`
			: `was in ${last?.stackAfter.at(-1)?.function ?? 'its last step'}`;
		const where = last ? ` when ${last.task} on node ${last.node} ${doing}` : '';
		return { cause: 'other', because: `${message}, in step ${step}${where}` };
	}

	private nodes(nodes: readonly number[]): string {
		if (nodes.length === 0) return 'another node';
		return `node${nodes.length > 1 ? 's' : ''} ${listed(nodes.map(String))}`;
	}
}

function steps(from: number, to: number): string {
	return from === to ? `step ${from}` : `steps ${from} to ${to}`;
}
