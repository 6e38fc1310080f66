// SPDX-License-Identifier: GPL-2.0-only
/**
 * What others make of the command's surroundings: readers that go away, disks that are full,
 * files that are none, names that move the cursor. The status says what it always says.
 */
import { spawnSync } from 'node:child_process';
import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { visible } from '../litmus/visible.ts';
import { quoted } from './advice.ts';

const command = fileURLToPath(new URL('../../dist/vfshook.js', import.meta.url));
const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

interface Ran {
	status: number | null;
	out: string;
	err: string;
}

/** Runs a line of bash in the folder; $V is the command. */
function bash(line: string): Ran {
	const env = { ...process.env, V: `${process.execPath} ${command}` };
	const ran = spawnSync('bash', ['-c', line], { cwd: dir, env, encoding: 'utf8', timeout: 60_000 });
	return { status: ran.status, out: ran.stdout, err: ran.stderr };
}

/** Violated, in a fraction of a second. */
const VIOLATED = '$V check S01 --without TRUNCATE_COUNT';
const STATUS = 'exit $PIPESTATUS';

test.serial('a reader that is gone changes no status', (t) => {
	for (const [line, status] of [
		[`${VIOLATED} | true`, 1],
		['$V check S01 | true', 0],
		['$V check nosuch 2>&1 >/dev/null | true', 2],
		['$V check nosuch 2>/dev/full', 2],
	] as const)
		t.is(bash(`${line}; ${STATUS}`).status, status, line);
});

test.serial('output that cannot be written is told, and is not "as expected"', (t) => {
	for (const [line, status] of [
		[`${VIOLATED} >/dev/full`, 1],
		['$V check S01 >/dev/full', 2],
	] as const) {
		const ran = bash(line);
		t.is(ran.status, status, line);
		t.is(ran.err, 'vfshook: the output cannot be written (ENOSPC)\n');
	}
});

test.serial('a trace that does not fit the disk: the report is there, and the old file', (t) => {
	t.is(bash(`${VIOLATED} --trace good.json`).status, 1);
	const before = readFileSync(path.join(dir, 'good.json'), 'utf8');
	const full = bash(`(ulimit -f 1; ${VIOLATED} --trace good.json | cat; ${STATUS})`);
	t.is(full.status, 1);
	t.regex(full.out, /VIOLATED/);
	t.regex(full.err, /good\.json: could not be written \(EFBIG\); what was there is unchanged/);
	t.is(readFileSync(path.join(dir, 'good.json'), 'utf8'), before);
	t.deepEqual(
		readdirSync(dir).filter((name) => name.endsWith('.part')),
		[],
	);
});

test.serial('files that are none, and names that name none: 2, told, and left alone', (t) => {
	writeFileSync(path.join(dir, 'victim.txt'), 'notes');
	symlinkSync('victim.txt', path.join(dir, 'link.json'));
	for (const [option, message] of [
		['--trace ""', /--trace needs the name of a file/],
		['--trace -', /standard output/],
		['--checkpoint ""', /--checkpoint needs the name of a file/],
		['--resume ""', /--resume needs the name of a file/],
		['--trace link.json', /symbolic link/],
		['--checkpoint link.json', /symbolic link/],
		['--trace victim.txt', /exists already, and is something else/],
		['--trace /dev/full', /not a regular file/],
		['--trace /proc/self/mem', /cannot be written/],
	] as const) {
		const ran = bash(`${VIOLATED} ${option}`);
		t.is(ran.status, 2, option);
		t.regex(ran.err, message);
	}
	t.is(readFileSync(path.join(dir, 'victim.txt'), 'utf8'), 'notes');
});

test.serial('a checkpoint does not touch FILE.part, and two at once do not meet', (t) => {
	writeFileSync(path.join(dir, 'a.ck.part'), 'notes');
	symlinkSync('victim.txt', path.join(dir, 'b.ck.part'));
	const line = (file: string) => `$V check MP --max-states 500 --checkpoint ${file}`;
	t.is(bash(line('a.ck')).status, 3);
	const both = bash(`${line('b.ck')} >1 & ${line('b.ck')} >2; wait; cat 1 2`);
	t.notRegex(both.out, /could not be written/);
	t.is(both.out.match(/checkpoint: b\.ck/g)?.length, 2);
	t.is(readFileSync(path.join(dir, 'a.ck.part'), 'utf8'), 'notes');
	t.is(readFileSync(path.join(dir, 'victim.txt'), 'utf8'), 'notes');
	t.true(lstatSync(path.join(dir, 'b.ck')).isFile());
	const resumed = bash('$V check MP --resume b.ck');
	t.is(resumed.status, 0);
	t.regex(resumed.out, /MP.*: VERIFIED, resumed from b\.ck, trusted$/m);
	const document = JSON.parse(bash('$V check MP --resume b.ck --json').out);
	t.is(document.resumed, 'resumed from b.ck, trusted');
});

test.serial('what has no end, or would be waited for, is not read', (t) => {
	bash('mkfifo fifo');
	for (const line of [
		'$V litmus /dev/zero',
		'$V explain /dev/zero',
		'$V litmus ./fifo',
		'$V explain ./fifo',
		'$V check MP --resume fifo',
		'$V litmus ./',
		'$V explain .',
	]) {
		const ran = bash(line);
		t.is(ran.status, 2, line);
		t.regex(ran.err, /is not a regular file\n$/, line);
	}
});

test.serial('a working directory that was removed', (t) => {
	mkdirSync(path.join(dir, 'gone'));
	const ran = bash('cd gone; rmdir ../gone; $V check S01');
	t.is(ran.status, 0, ran.err);
	t.regex(ran.out, /VERIFIED/);
});

const NASTY = 'a\u001b[2J\u009b31m\u202eb\nvfshook: VERIFIED\u2028';

test.serial('names and arguments do not move the cursor, in any command', (t) => {
	writeFileSync(path.join(dir, `${NASTY}.litmus`), `C ${NASTY}\n`);
	writeFileSync(
		path.join(dir, `${NASTY}.json`),
		JSON.stringify({ format: NASTY }).replace('\\u001b', '\u001b'),
	);
	const env = { ...process.env, COLUMNS: NASTY };
	for (const words of [
		['check', NASTY],
		['check', `./${NASTY}.litmus`],
		['litmus', `./${NASTY}.litmus`],
		['litmus', `./no${NASTY}.litmus`],
		['explain', `${NASTY}.json`],
		['replay', `${NASTY}.json`],
		['list', NASTY],
		['docs', NASTY],
		['crosswalk', '--linux', NASTY],
		['conform', '--profile', NASTY],
		['check', 'S01', '--set', NASTY],
		['check', 'S01', '--with', NASTY],
		['check', 'S01', '--max-states', NASTY],
		['check', 'S01', '--resume', NASTY],
		['check', 'S01', '--trace', `${NASTY}/x`],
		[NASTY],
		[`--${NASTY}`],
	]) {
		const args = [command, ...words];
		const ran = spawnSync(process.execPath, args, { cwd: dir, env, encoding: 'utf8' });
		const text = ran.stdout + ran.stderr;
		t.is(ran.status, 2, `${JSON.stringify(words)}: ${visible(text)}`);
		t.is(text, visible(text), visible(text));
		t.notRegex(text, /^vfshook: VERIFIED/m, visible(text));
	}
});

test('what is to be typed again is quoted so that a shell takes it', (t) => {
	for (const word of [NASTY, "it's", 'a b', "b\u001b'\\", 'plain']) {
		const said = spawnSync('bash', ['-c', `printf %s ${quoted(word)}`], {
			encoding: 'utf8',
			env: { ...process.env, LC_ALL: 'C.UTF-8' },
		});
		t.is(said.stdout, word);
		t.is(quoted(word), visible(quoted(word)));
	}
	t.true(existsSync(command));
});
