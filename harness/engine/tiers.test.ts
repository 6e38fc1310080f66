// SPDX-License-Identifier: GPL-2.0-only
/** V8 knows the flags that it gets, whichever V8 it is. */
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { flagsOfV8 } from './tiers.ts';

/** What a process says on standard error in which these flags are set. */
function saidOf(flags: readonly string[]): string {
	const source = `for (const flag of ${JSON.stringify(flags)}) require('v8').setFlagsFromString(flag)`;
	return spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' }).stderr;
}

test('V8 knows the flags that are for it', (t) => {
	const flags = flagsOfV8(process.versions.v8);
	t.true(flags.length > 0);
	t.is(saidOf(flags), '');
});

test('it says so of a flag that it does not know', (t) => {
	t.regex(saidOf(['--no-such-flag=1']), /unrecognized flag/);
	t.notDeepEqual(flagsOfV8('11.3.244.8-node.33'), flagsOfV8('12.4.254.21-node.57'));
});
