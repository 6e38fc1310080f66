// SPDX-License-Identifier: GPL-2.0-only
/** Local steps, on the twin: a machine that has some, of which nothing in the kernel is known. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { TWIN, TWIN_SIZES } from '../bench/twin/sizes.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { buildArtifact, loadArtifact } from '../kts/artifact.ts';
import { instantiate } from '../kts/instantiate.ts';
import { explore } from './explorer.ts';
import { localSites, withLocalSteps } from './local.ts';
import type { Machine } from './machine.ts';
import { reductionsOf, unfolded } from './reduction.ts';
import { replaySchedule } from './trace.ts';

const { config, states } = TWIN_SIZES.S;
const artifact = await loadArtifact(projectRoot(), [TWIN]);
const twin = (from = artifact): Machine => instantiate(from, { config, track: true });

/** The twin's queues are what their comments say. */
const TRUST = { trustQueues: true };

/** In which functions sites are. */
const placesOf = (machine: Machine, sites: readonly number[]): string[] =>
	sites.map((site) => machine.sites[site].function);

test('what is learned to be local is, and fewer states are left', (t) => {
	const machine = twin();
	const sites = localSites(machine, TRUST);
	// the ends of two loops; the manager looks at what it alone knows, and sends
	t.deepEqual(placesOf(machine, sites), [
		...['glockd', 'glockd'],
		...['lock_manager', 'lock_manager', 'lock_manager'],
	]);
	const reduced = withLocalSteps(machine, sites, TRUST);
	t.deepEqual(reductionsOf(reduced), ['local steps at 5 places']);
	const result = explore(reduced);
	t.is(result.verdict, 'complete');
	t.is(result.states, 60_593);
	t.true(result.states < states);
	t.is(reduced.audit(), undefined);
	t.is(unfolded(reduced, result, {}).verdict, 'complete');
});

test('a claim that does not hold voids the result, which says what it was', (t) => {
	const machine = twin();
	const sites = localSites(machine, TRUST);
	const wrong = machine.sites.findIndex(
		({ function: name, kind }, site) =>
			name === 'glockd' && kind === 'preempt' && !sites.includes(site),
	);
	t.true(wrong > 0);
	const reduced = withLocalSteps(machine, [...sites, wrong], TRUST);
	const result = unfolded(reduced, explore(reduced), {});
	t.is(result.verdict, 'incomplete');
	t.is(result.reason, 'reduction');
	t.regex(result.detail ?? '', /the step from glockd \(.*twin\.ts:\d+\) is not local: .* word/);
});

test('every single wrong claim is caught', (t) => {
	const good = localSites(twin(), TRUST);
	const claims = twin().sites.flatMap(({ kind }, site) =>
		site > 0 && kind === 'preempt' && !good.includes(site) ? [site] : [],
	);
	t.true(claims.length >= 7);
	for (const site of claims) {
		const reduced = withLocalSteps(twin(), [site], TRUST);
		explore(reduced);
		t.truthy(reduced.audit(), `${reduced.sites[site].function}:${reduced.sites[site].line}`);
	}
});

/** Bugs: texts of the twin, and what takes their place. */
const BUGS = [
	['page.state === ABSENT || page.state === CLEAN, ', 'page.state !== LOCKED, '],
	['			nd.holders++;\n', ''],
	['if (mode === UNLOCKED) proc.pte[i] = NOT_PRESENT;', 'if (mode > EXCLUSIVE) return;'],
	['	file.disk[pg] = page.value;\n', ''],
] as const;

test('seeded bugs are found with local steps, by a way that the machine itself can go', async (t) => {
	const source = readFileSync(path.join(projectRoot(), TWIN), 'utf8');
	let violated = 0;
	for (const [text, other] of BUGS) {
		t.true(source.includes(text), text);
		const broken = await buildArtifact(
			projectRoot(),
			{ [TWIN]: source.replace(text, () => other) },
			[TWIN],
		);
		const plain = explore(twin(broken));
		const machine = twin(broken);
		const reduced = withLocalSteps(machine, localSites(machine, TRUST), TRUST);
		const result = unfolded(reduced, explore(reduced), {});
		t.is(result.verdict, plain.verdict, text);
		t.is(result.violation?.property, plain.violation?.property, text);
		if (!result.trace) continue;
		violated++;
		const last = [...replaySchedule(twin(broken), result.trace)].at(-1);
		const property = last?.violation?.property ?? result.violation?.property;
		t.is(property, plain.violation?.property, text);
	}
	t.true(violated >= 3);
});

test('a search goes on only with the local steps that it began with', (t) => {
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'vfshook-')), 'local.ck');
	const sites = localSites(twin(), TRUST);
	const run = (places: readonly number[], checkpoint: { save?: string; resume?: string }) =>
		explore(withLocalSteps(twin(), places, TRUST), {
			maxStates: 500,
			checkpoint: { about: {}, ...checkpoint },
		});
	run(sites.slice(1), { save: file });
	const others = [...sites.slice(2), sites[0]].sort((a, b) => a - b);
	t.throws(() => run(others, { resume: file }), { message: /local steps \(/ });
	t.notThrows(() => run(sites.slice(1), { resume: file }));
	rmSync(path.dirname(file), { recursive: true });
});

test('whose word is not taken for its queues has fewer local steps', (t) => {
	const machine = twin();
	const trusted = localSites(machine, TRUST);
	const sites = localSites(machine);
	t.deepEqual(placesOf(machine, sites), ['glockd', 'glockd', 'lock_manager']);
	// claims that rest on that word are refuted without it
	const reduced = withLocalSteps(machine, trusted);
	explore(reduced);
	t.regex(reduced.audit() ?? '', /lock_manager .* is not local: .* messages\[/);
});

test('a machine that does not note accesses is refused', (t) => {
	t.throws(() => localSites(instantiate(artifact, { config })), { message: /records accesses/ });
});
