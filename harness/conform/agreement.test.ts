// SPDX-License-Identifier: GPL-2.0-only
/**
 * Both executors, the same random schedules over all scenarios in all profiles: they agree on
 * every struct word after every step. Profiles that make the same machine of a test are compared
 * once. Daily one machine in four is compared; VFSHOOK_LONG=1 compares all, in 5,000 schedules.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { DirectMachine } from '../kts/direct.ts';
import { identityOf } from '../kts/identity.ts';
import { agree } from '../testing/agree.ts';
import { daily, LONG } from '../testing/daily.ts';
import { ingredients, prepare } from './check.ts';
import { configure, PROFILES } from './config.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const total = LONG ? 5000 : 200;
const machines = new Set<string>();
const distinct = suite()
	.flatMap((file) => PROFILES.map((p) => ({ file, profile: p.name })))
	.filter(({ file, profile }) => {
		const { config, program } = ingredients(readTest(file), configure({ profile }));
		const identity = identityOf(artifact, { config, rom: program.rom });
		return !machines.has(identity) && machines.add(identity);
	});
/** By the number of the machine: neighbours are of one test. */
const cases = daily('agreement', distinct, 4);
const each = Math.ceil(total / cases.length);
let schedules = 0;
let steps = 0;
let words = 0;

for (const [i, { file, profile }] of cases.entries()) {
	test(`agree: ${testId(file)}, ${profile}`, (t) => {
		const configuration = configure({ profile });
		const { machine, program } = prepare(artifact, readTest(file), configuration);
		const direct = new DirectMachine(artifact, { config: machine.config, rom: program.rom });
		const result = agree(machine, direct, each, i + 1);
		t.is(result.schedules, each);
		t.true(result.steps > each, 'something was compared');
		schedules += result.schedules;
		steps += result.steps;
		words += result.words;
	});
}

for (const number of ['S42-', 'S43-', 'S48-', 'S49-'])
	test(`agree: ${number}, with OGFS_WALK_VM instead of NOFAULT_COPY`, (t) => {
		const configuration = configure({ without: ['NOFAULT_COPY'], with: ['OGFS_WALK_VM'] });
		for (const file of suite().filter((f) => testId(f).startsWith(number))) {
			const { machine, program } = prepare(artifact, readTest(file), configuration);
			const direct = new DirectMachine(artifact, { config: machine.config, rom: program.rom });
			t.is(agree(machine, direct, 10, 1).schedules, 10);
		}
	});

test('agree: S92, where signals end waits', (t) => {
	const [s92] = suite().filter((f) => testId(f).startsWith('S92-'));
	const configuration = configure({
		without: ['OGFS_UNINTERRUPTIBLE'],
		with: ['OGFS_FAULT_BLOCKS_SIGNALS'],
	});
	const { machine, program } = prepare(artifact, readTest(s92), configuration);
	const direct = new DirectMachine(artifact, { config: machine.config, rom: program.rom });
	t.is(agree(machine, direct, 20, 1).schedules, 20);
});

test.after((t) => {
	t.log(`${schedules} schedules, ${steps} steps, ${words} words compared`);
});
