// SPDX-License-Identifier: GPL-2.0-only
/**
 * What every lock module must do (harness/world/lm_clients.ts): no two nodes hold modes that
 * exclude each other; a mode that a node keeps is valid; a waiting request is granted once the
 * nodes in its way have given up, and these are called; a request can be cancelled; a try does not
 * wait; a lock of a dead node is withheld until its journal is replayed, and granted then. Over all
 * interleavings of a few requests of each kind.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type lock_module_name, lock_modules } from '../../ogfs/locking/modules.ts';
import { explore } from '../engine/explorer.ts';
import type { Machine } from '../engine/machine.ts';
import { cycleFault, type Goal } from '../engine/progress/lasso.ts';
import type { Result } from '../engine/result.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { DirectMachine } from '../kts/direct.ts';
import { instantiate } from '../kts/instantiate.ts';
import { evaluate } from '../kts/machine/layout.ts';
import { reach } from '../kts/machine/reach.ts';
import type { Plan } from '../kts/plan.ts';
import { MODULES } from '../litmus/header.ts';
import { agree } from '../testing/agree.ts';
import { LONG } from '../testing/daily.ts';
import { projectRoot } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot(), ['harness/world/lm_clients.ts']);

const names = Object.keys(lock_modules) as lock_module_name[];

test('a machine has the operations of its module, and of no other', (t) => {
	const plan = artifact.meta as Plan;
	const tables = plan.operations.map((o) => o.name);
	t.deepEqual(
		tables.filter((name) => name.startsWith('lm_')).sort(),
		names.map((name) => lock_modules[name].table).sort(),
	);
	for (const name of names) {
		const config = { LOCK_MODULE: lock_modules[name].number };
		const { tables: reached } = reach(plan, evaluate(plan, config).expressions);
		t.deepEqual(
			[...reached].map((id) => tables[id - 1]),
			[lock_modules[name].table],
		);
	}
});

test('the modules are numbered from 0, and the documents list them', (t) => {
	t.deepEqual(
		MODULES.map((name) => lock_modules[name as lock_module_name].number as number),
		MODULES.map((_, i) => i),
	);
	const page = readFileSync(path.join(projectRoot(), 'docs/locking.md'), 'utf8');
	for (const name of names)
		t.true(page.includes(`| \`${name}\` (${lock_modules[name].number}) |`), name);
});

function machineOf(module: string, config: Record<string, number>): Machine {
	const { alone } = lock_modules[module as lock_module_name];
	const nodes = alone ? { NR_NODES: 1 } : {};
	const LOCK_MODULE = MODULES.indexOf(module);
	const all = { NR_NODES: 2, OGFS_CONVERT: 1, ...config, LOCK_MODULE, ...nodes };
	return instantiate(artifact, { config: all, rom: [] });
}
const run = (module: string, config: Record<string, number>): Result =>
	explore(machineOf(module, config), { maxStates: 3_000_000 });

const text = ({ violation, verdict, states }: Result): string =>
	violation ? `${violation.property}: ${violation.message}` : `${verdict}, ${states} states`;

for (const module of MODULES) {
	test(`${module}: exclusion, callbacks, what may be kept`, (t) => {
		const result = run(module, { LM_OPS: 3 });
		t.is(result.verdict, 'complete', text(result));
		t.log(text(result));
	});
	test(`${module}: three nodes`, (t) => {
		const result = run(module, { NR_NODES: 3, LM_OPS: 1 });
		t.is(result.verdict, 'complete', text(result));
		t.log(text(result));
	});
	test(`${module}: direct I/O`, (t) => {
		const result = run(module, { LM_OPS: 3, LM_DEFERRED: 1 });
		t.is(result.verdict, 'complete', text(result));
		t.log(text(result));
	});
	test(`${module}: requests that are taken back`, (t) => {
		const result = run(module, { LM_OPS: 2, LM_CANCELS: 1 });
		t.is(result.verdict, 'complete', text(result));
		if (module !== 'nolock') t.true(result.marks.includes('lm: canceled'));
		t.log(text(result));
	});
	test(`${module}: requests that do not wait`, (t) => {
		const result = run(module, { LM_OPS: 2, LM_TRIES: 1 });
		t.is(result.verdict, 'complete', text(result));
		t.true(result.marks.includes('lm: a try succeeded'));
		if (module !== 'nolock') t.true(result.marks.includes('lm: a try failed'));
		t.log(text(result));
	});
	test(`${module}: both executors agree`, (t) => {
		const mortal: Record<string, number> = module === 'nolock' ? {} : { DEATHS: 1, MORTAL: 1 };
		const kinds = { LM_TRIES: 1, LM_CANCELS: 1, LM_DEFERRED: 1 };
		const machine = machineOf(module, { LM_OPS: 3, ...kinds, ...mortal });
		const direct = new DirectMachine(artifact, { config: machine.config, rom: [] });
		const result = agree(machine, direct, 30);
		t.true(result.steps > 100);
	});
}

// Three nodes that never have enough of EXCLUSIVE: how often are others served while one waits?
const GREEDY = { NR_NODES: 3, LM_OPS: 0 };

for (const [module, most, known] of [
	['central', 2, 0],
	['dlm', 2, 1],
] as const)
	test(`${module}: fair, others are served ${most} times at most while one waits`, (t) => {
		const within = run(module, { ...GREEDY, LM_OVERTAKES: most, LM_KNOWN: known });
		t.is(within.verdict, 'complete', text(within));
		const fewer = run(module, { ...GREEDY, LM_OVERTAKES: most - 1, LM_KNOWN: known });
		t.is(fewer.violation?.property, 'OVERTAKEN');
	});

test('dlm: a node that is new to a lock waits behind all conversions, for ever', (t) => {
	const result = run('dlm', { ...GREEDY, LM_OVERTAKES: 8 });
	t.is(result.violation?.property, 'OVERTAKEN');
});

test('memexp: not fair', (t) => {
	const result = run('memexp', { ...GREEDY, LM_OVERTAKES: 4 });
	t.is(result.violation?.property, 'OVERTAKEN');
});

/** Every execution in which each task goes on, as long as it can, is to serve each of the three. */
function servesAll(module: string, config: Record<string, number> = {}): [Machine, Goal[], Result] {
	const machine = machineOf(module, { ...GREEDY, ...config });
	const goals = [0, 1, 2].map((n) => {
		const { address } = machine.locate(`lm_clients[${n}].served`);
		return { name: `node ${n}`, reached: ({ mem }: Machine) => mem[address] !== 0 };
	});
	return [machine, goals, explore(machine, { goals, maxStates: 3_000_000 })];
}

for (const [module, known] of [
	['central', 0],
	['dlm', 1],
] as const)
	test(`${module}: no request waits for ever`, (t) => {
		const [, , result] = servesAll(module, { LM_KNOWN: known });
		t.is(result.verdict, 'complete', text(result));
		t.log(text(result));
	});

/** An execution goes round for ever and does not serve some node: step by step. */
function lasso(t: ExecutionContext, module: string): void {
	const [machine, goals, { violation, trace = [], ...result }] = servesAll(module);
	t.is(violation?.property, 'STARVE', text({ violation, trace, ...result }));
	const from = violation?.cycleFrom ?? 0;
	machine.reset();
	for (const [task, choice] of trace.slice(0, from)) {
		machine.step(task, choice);
		machine.forget();
	}
	const starved = goals.filter((goal) => !goal.reached(machine));
	t.is(cycleFault(machine, trace.slice(from), starved), undefined);
	t.log(`${from} steps, and ${trace.length - from} again and again: ${violation?.message}`);
}

test('memexp: one node takes it again and again, and the others look only while it is taken', (t) => {
	lasso(t, 'memexp');
});

test('dlm: two nodes that it knows take turns for ever, and a new one waits', (t) => {
	lasso(t, 'dlm');
});

/**
 * Deaths: of one of two nodes; of one of three; of one, and of the one that recovers it. With the
 * modules that are named, a million states and more: VFSHOOK_LONG=1 explores those.
 */
const DEATHS: [string, Record<string, number>, ...large: string[]][] = [
	['a node dies', { LM_OPS: 2, DEATHS: 1, MORTAL: 1 }],
	['a node dies, with direct I/O', { LM_OPS: 2, LM_DEFERRED: 1, DEATHS: 1, MORTAL: 1 }],
	['a node dies, with tries', { LM_OPS: 1, LM_TRIES: 1, DEATHS: 1, MORTAL: 1 }],
	[
		'a node dies, with requests that are taken back',
		{ LM_OPS: 2, LM_CANCELS: 1, DEATHS: 1, MORTAL: 1 },
	],
	['one of three dies', { NR_NODES: 3, LM_OPS: 1, DEATHS: 1, MORTAL: 1 }, 'memexp'],
	['two of three die', { NR_NODES: 3, LM_OPS: 1, DEATHS: 2, MORTAL: 3 }, 'memexp', 'dlm'],
];

for (const module of MODULES.filter((m) => m !== 'nolock')) {
	for (const [name, config, ...large] of DEATHS) {
		if (large.includes(module) && !LONG) continue;
		test(`${module}: recovery, ${name}`, (t) => {
			const result = run(module, { OGFS_RECOVERY_GATE: 1, ...config });
			t.is(result.verdict, 'complete', text(result));
			t.log(text(result));
			const marks = [
				'the holder',
				'a waiting node',
				'a called node',
				...(config.LM_OPS > 1 ? ['a converting node'] : []),
			];
			for (const who of marks) t.true(result.marks.includes(`lm: ${who} dies`), who);
			if (config.DEATHS > 1) t.true(result.marks.includes('lm: the recovering node dies'));
			t.true(result.marks.includes('lm: a journal is replayed'));
		});
	}
	test(`${module}: recovery, without the gate a dead node's lock is used too early`, (t) => {
		const result = run(module, { LM_OPS: 1, DEATHS: 1, MORTAL: 1, OGFS_RECOVERY_GATE: 0 });
		t.is(result.violation?.property, 'BUG', text(result));
		t.regex(result.violation?.message ?? '', /before its journal is replayed/);
	});
}
